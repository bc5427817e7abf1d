/**
 * Replays a recorded timeline (data/controlplane) on a whole cluster: its requests are sent by a client of their own, in the order and
 * after the waits of the recording, and everything the store commits is kept for comparison.
 *
 * The nodes of the recording belong to the fleet. Their machines are off until the recorded request has created the Node object, as with
 * fake kubelets that take over nodes made by a client; the label `reference.example/stopped` stops a kubelet.
 */
import { Jury } from '../../core/chaos/jury.ts';
import type { Commit } from '../../core/chaos/world.ts';
import { Client } from '../../core/client/client.ts';
import { Dispatcher } from '../../core/client/dispatcher.ts';
import { Cluster } from '../../core/cluster/cluster.ts';
import type { ClusterSettings, NodeGroup } from '../../core/cluster/description.ts';
import type { Context } from '../../core/sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../core/sim/process.ts';
import type { Wait } from '../../core/sim/task.ts';
import type { KubeObject } from '../../core/types/object.ts';
import { StatusError } from '../../core/types/status-error.ts';
import { type PatchType, type RequestOptions, type Subresource, VERB } from '../../core/types/wire.ts';
import { RecordedNames } from './recorded-names.ts';
import { conditionHolds, WAIT_KINDS_QUIET } from './recorded-waits.ts';
import type { Recording, Step } from './recording.ts';

const STEP_US = 2_000;
const WAIT_MAX_US = 180_000_000;
const STOPPED_LABEL = 'reference.example/stopped';
const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/json-patch+json': 'json',
};
const VERBS = { POST: VERB.create, PATCH: VERB.patch, PUT: VERB.update, DELETE: VERB.delete } as const;

/** Settings of the recorded cluster (the folder's README, Versions and settings). */
const RECORDED_SETTINGS: ClusterSettings = {
  kubelet: 'recorded',
  serviceAccountVolumes: true,
  controllerQps: 5000,
  controllerBurst: 5000,
  schedulerQps: 5000,
  schedulerBurst: 5000,
  nodeMonitorGraceS: 20,
};

interface Place {
  readonly group: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: Subresource;
}

/** Sends single requests as tasks and keeps the answers. */
class Requester implements Behaviour {
  readonly ctx: Context;
  readonly library: Dispatcher;
  readonly client: Client;
  answered = true;
  code = 0;

  constructor(ctx: Context, servers: readonly Pid[], names: Cluster['names']['names']) {
    this.ctx = ctx;
    this.library = new Dispatcher(ctx);
    this.client = new Client(this.library, { servers, user: 'recorder', qps: 0, burst: 0, names });
  }

  start(): void {}

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    this.library.receive(op, from, a, b, payload, conn);
  }

  send(request: ReturnType<Client['connection']['request']>): void {
    this.answered = false;
    this.ctx.startTask('recorder', request.name, this.#perform(request));
  }

  *#perform(request: ReturnType<Client['connection']['request']>): Generator<Wait, void, unknown> {
    try {
      this.code = (yield* this.client.perform(request)).code;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.code = error.code;
    }
    this.answered = true;
  }
}

export class TimelineReplay {
  readonly recording: Recording;
  readonly cluster: Cluster;
  readonly jury: Jury;
  readonly names: RecordedNames;
  /** Everything that was committed since the cluster was up, in order. */
  readonly commits: Commit[] = [];
  /** Answers that differ from the recorded ones: `METHOD path: code, recorded code`. */
  readonly surprises: string[] = [];
  /** When the first step was taken, µs. */
  startUs = 0;
  #requester!: Requester;
  #lastRequestUs = 0;
  #lastChangeUs = 0;
  readonly #stopped = new Set<number>();

  constructor(recording: Recording, seed: number, settings: ClusterSettings = {}) {
    this.recording = recording;
    const nodes = nodesOf(recording);
    const costs = { processStartUs: 20_000 };
    this.cluster = new Cluster({ nodes, settings: { ...RECORDED_SETTINGS, ...settings }, costs }, { seed });
    this.jury = new Jury(this.cluster.sim, []);
    this.names = new RecordedNames(recording);
    this.jury.onCommit.push((commit) => this.#committed(commit));
    this.cluster.sim.addProcess('recorder', 'user', (ctx) => {
      this.#requester = new Requester(ctx, this.cluster.instancesOf('apiserver'), this.cluster.names.names);
      return this.#requester;
    });
    this.cluster.description.nodes.forEach((_, node) => this.cluster.powerOff(node));
  }

  /** Takes every step; throws where a wait does not come true. */
  run(): void {
    const { sim } = this.cluster;
    sim.run(5_000_000);
    this.startUs = sim.now;
    this.commits.length = 0;
    for (const step of this.recording.steps) {
      if (step.do === 'request') this.#request(step);
      else if (step.do === 'sleep') this.#advance((step.for ?? 0) * 1000);
      else if (step.do === 'wait') this.#wait(step);
      else if (step.do === 'process') this.#process(step);
      else if (step.do !== 'exit') throw new Error(`no step ${step.do}`);
    }
  }

  /** The live objects of a kind in the namespaces of the recording, in order of creation. */
  objects(kind: string): KubeObject[] {
    return [...this.jury.world.of(kind).values()];
  }

  #advance(us: number): void {
    const { sim } = this.cluster;
    sim.run(sim.now + us);
  }

  #committed(commit: Commit): void {
    this.commits.push(commit);
    this.names.learn(commit);
    if (WAIT_KINDS_QUIET.has(commit.kind)) this.#lastChangeUs = commit.timeUs;
    if (commit.kind === 'Node') this.#nodeChanged(commit);
  }

  /** Machines follow their Node objects. */
  #nodeChanged(commit: Commit): void {
    const { cluster } = this;
    const name = (commit.object ?? commit.previous)?.metadata.name ?? '';
    const node = cluster.nodeIndex(name);
    if (node < 0) return;
    const later = (what: string, act: () => void): void => {
      cluster.sim.at(cluster.sim.now, `${what} ${name}`, act);
    };
    const stopped = commit.object?.metadata.labels?.[STOPPED_LABEL] !== undefined;
    if (commit.object === null) later('machine off', () => cluster.powerOff(node));
    else if (commit.previous === null && !stopped) later('machine on', () => cluster.powerOn(node));
    else if (stopped !== this.#stopped.has(node)) {
      const pid = cluster.kubelets[node] as Pid;
      if (stopped) later('kubelet stops', () => cluster.supervisor.takeDown(pid));
      else later('kubelet starts', () => cluster.supervisor.letUp(pid));
    }
    if (stopped) this.#stopped.add(node);
    else this.#stopped.delete(node);
  }

  // ---- requests --------------------------------------------------------------------------------------------------

  #request(step: Step): void {
    const { cluster } = this;
    const place = placeOf(step.path ?? '');
    const type = cluster.names.types.all.find((known) => known.plural === place.plural && known.group === place.group);
    const verb = VERBS[step.method as keyof typeof VERBS];
    if (type === undefined || verb === undefined) throw new Error(`cannot send ${step.method} ${step.path}`);
    const body = this.names.toOurs(step.body, this.jury.world);
    const { connection } = this.#requester.client;
    const { namespace, subresource } = place;
    const name = place.name === '' ? ((body as KubeObject).metadata.name ?? '') : this.names.original(place.name);
    const patchType = PATCH_TYPES[step.contentType ?? ''] ?? '';
    const request =
      verb === VERB.patch
        ? connection.patchRequest(type, namespace, name, subresource, body, patchType, {})
        : verb === VERB.delete
          ? connection.request(verb, type, namespace, name, deleteOptions(body))
          : connection.writeRequest(verb, type, namespace, name, subresource, body as KubeObject, {});
    this.#requester.send(request);
    while (!this.#requester.answered) this.#advance(STEP_US / 4);
    const { code } = this.#requester;
    const recorded = step.status ?? 200;
    const agrees = recorded < 400 ? code < 400 : code === recorded;
    if (!agrees) this.surprises.push(`${step.method} ${step.path}: ${code}, recorded ${recorded}`);
    this.#lastRequestUs = cluster.sim.now;
  }

  /** A signal to the one instance of a component, or its start. */
  #process({ component = '', action = '' }: Step): void {
    const { supervisor } = this.cluster;
    const [pid] = this.cluster.instancesOf(component.replace('kube-', ''));
    if (pid === undefined) throw new Error(`no component ${component}`);
    if (action === 'start') supervisor.letUp(pid);
    else if (action === 'SIGSTOP') supervisor.pause(pid);
    else if (action === 'SIGCONT') supervisor.unpause(pid);
    else supervisor.takeDown(pid);
  }

  // ---- waits -----------------------------------------------------------------------------------------------------

  #wait(step: Step): void {
    const { sim } = this.cluster;
    const deadline = sim.now + WAIT_MAX_US;
    for (const condition of step.until ?? []) {
      while (!this.#holds(condition)) {
        if (sim.now >= deadline)
          throw new Error(`${this.recording.scenario}: never came true: ${JSON.stringify(condition)}`);
        this.#advance(STEP_US);
      }
    }
  }

  #holds(condition: Parameters<typeof conditionHolds>[2]): boolean {
    if (condition.quiet !== undefined) {
      const since = Math.max(this.#lastChangeUs, this.#lastRequestUs);
      return this.cluster.sim.now - since >= condition.quiet * 1000;
    }
    return conditionHolds(this.jury.world, this.names, condition);
  }
}

/** A node group for each Node that the recording creates. */
function nodesOf(recording: Recording): NodeGroup[] {
  const groups = new Map<string, NodeGroup>();
  for (const { method, path, body } of recording.steps) {
    if (method !== 'POST' || path !== '/api/v1/nodes') continue;
    const node = body as KubeObject & {
      status: { capacity: NodeGroup['capacity']; allocatable: NodeGroup['capacity'] };
    };
    const { name } = node.metadata;
    const { capacity = {}, allocatable = {} } = node.status;
    groups.set(name, { count: 1, names: [name], capacity, allocatable });
  }
  return [...groups.values()];
}

function placeOf(url: string): Place {
  const match =
    /^\/apis?\/(?:([^/]+)\/)?v\d[^/]*\/(?:namespaces\/([^/]+)\/)?([^/?]+)(?:\/([^/?]+))?(?:\/([^/?]+))?(?:\?.*)?$/.exec(
      url,
    );
  if (match === null) throw new Error(`cannot read ${url}`);
  const [, group = '', namespace = '', plural = '', name = '', subresource = ''] = match;
  return { group, namespace, plural, name, subresource: subresource as Subresource };
}

function deleteOptions(body: unknown): RequestOptions {
  const { gracePeriodSeconds, propagationPolicy, preconditions } = (body ?? {}) as RequestOptions;
  return { gracePeriodSeconds, propagationPolicy, preconditions };
}
