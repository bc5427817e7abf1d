/**
 * Replays a recorded timeline on a whole cluster: its requests are sent by a client of their own, in the order and
 * after the waits of the recording, and everything the store commits is kept for comparison.
 *
 * The nodes of the recording belong to the fleet. Their machines are off until the recorded request has created the Node object, as with
 * fake kubelets that take over nodes made by a client; the label `reference.example/stopped` stops a kubelet.
 */
import { Jury } from '../../../../core/chaos/jury.ts';
import type { Commit } from '../../../../core/chaos/world.ts';
import { Client } from '../../../../core/client/client.ts';
import { Dispatcher } from '../../../../core/client/dispatcher.ts';
import { Cluster } from '../../../../core/cluster/cluster.ts';
import type { ClusterSettings, NodeGroup } from '../../../../core/cluster/description.ts';
import type { Context } from '../../../../core/sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../../../core/sim/process.ts';
import type { Wait } from '../../../../core/sim/task.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import { StatusError } from '../../../../core/types/status-error.ts';
import { VERB } from '../../../../core/types/wire.ts';
import type { Step } from '../recording.ts';
import type { Difference } from './line-difference.ts';
import { RecordedNames } from './recorded-names.ts';
import { deleteOptions, requestedPatchType, requestedPlace, requestedVerb } from './recorded-requests.ts';
import { conditionHolds, WAIT_KINDS_QUIET } from './recorded-waits.ts';
import type { Recording } from './whole-recording.ts';

const STEP_US = 2_000;
const WAIT_MAX_US = 180_000_000;
/** Times below that mean little: the recorded machine was busy (the recordings' README). */
const AHEAD_MAX_US = 50_000;
const STOPPED_LABEL = 'reference.example/stopped';
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
  /** Answers that differ from the recorded ones, and a wait that never came true: with it the replay ended. */
  readonly surprises: Difference[] = [];
  /** Those that the recorded requests created. */
  readonly namespaces: ReadonlySet<string>;
  /** When each step was taken, ms since the first one. */
  readonly stepsMs: number[] = [];
  /** When the first step was taken, µs. */
  startUs = 0;
  #requester!: Requester;
  #lastRequestUs = 0;
  #lastChangeUs = 0;
  readonly #stopped = new Set<number>();
  /** Uids of what was there before the first step. */
  readonly #former = new Set<string>();

  constructor(recording: Recording, seed: number, settings: ClusterSettings = {}) {
    this.recording = recording;
    this.namespaces = namespacesOf(recording);
    const nodes = nodesOf(recording);
    const costs = { processStartUs: 20_000 };
    this.cluster = new Cluster({ nodes, settings: { ...settingsOf(recording), ...settings }, costs }, { seed });
    this.jury = new Jury(this.cluster.sim, [], this.cluster.truth);
    this.names = new RecordedNames(recording);
    this.jury.onCommit.push((commit) => this.#committed(commit));
    this.cluster.sim.addProcess('recorder', 'user', (ctx) => {
      this.#requester = new Requester(ctx, this.cluster.instancesOf('apiserver'), this.cluster.names.names);
      return this.#requester;
    });
    this.cluster.description.nodes.forEach((_, node) => this.cluster.powerOff(node));
  }

  /** Takes every step up to a wait that does not come true. */
  run(): void {
    const { sim } = this.cluster;
    sim.run(5_000_000);
    this.startUs = sim.now;
    for (const { object } of this.commits) if (object !== null) this.#former.add(object.metadata.uid ?? '');
    this.commits.length = 0;
    let hasWaited = true;
    let zeroUs = 0;
    for (const step of this.recording.steps) {
      // What was waited for comes when it comes; from then on the user keeps the recorded one's pace.
      if (hasWaited) zeroUs = sim.now - step.ms * 1000;
      const aheadUs = zeroUs + step.ms * 1000 - sim.now;
      if (aheadUs > AHEAD_MAX_US) this.#advance(aheadUs);
      this.stepsMs.push(this.endMs);
      hasWaited = step.do === 'wait';
      if (step.do === 'request') this.#request(step);
      else if (step.do === 'sleep') this.#advance((step.for ?? 0) * 1000);
      else if (step.do === 'wait' && !this.#wait(step)) return;
    }
  }

  /** When the last step was done, since the first one. */
  get endMs(): number {
    return (this.cluster.sim.now - this.startUs) / 1000;
  }

  /** The live objects of a kind that the timeline made, in order of creation. */
  objects(kind: string): KubeObject[] {
    return [...this.jury.world.of(kind).values()].filter(({ metadata }) => !this.#former.has(metadata.uid ?? ''));
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
    const place = requestedPlace(step);
    const verb = requestedVerb(step);
    const type = cluster.names.types.all.find(({ plural, group }) => plural === place?.plural && group === place.group);
    if (place === null || type === undefined || verb === undefined)
      throw new Error(`cannot send ${step.method} ${step.path}`);
    this.names.pair(place.name, this.jury.world);
    const body = this.names.toOurs(step.body, this.jury.world);
    const { connection } = this.#requester.client;
    const { namespace, subresource } = place;
    const name =
      place.name === ''
        ? ((body as Partial<KubeObject> | null | undefined)?.metadata?.name ?? '')
        : this.names.original(place.name);
    const patchType = requestedPatchType(step) ?? '';
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
    if (!agrees) this.#surprised('answers', `${step.method} ${step.path}: recorded ${recorded}, replayed ${code}`);
    this.#lastRequestUs = cluster.sim.now;
  }

  // ---- waits -----------------------------------------------------------------------------------------------------

  /** Whether all that is waited for came true. */
  #wait(step: Step): boolean {
    const { sim } = this.cluster;
    const deadline = sim.now + WAIT_MAX_US;
    for (const condition of step.until ?? []) {
      while (!this.#holds(condition)) {
        if (sim.now >= deadline) {
          this.#surprised('waits', `waited in vain for ${JSON.stringify(condition)}`);
          return false;
        }
        this.#advance(STEP_US);
      }
    }
    return true;
  }

  #surprised(what: string, text: string): void {
    this.surprises.push({ ms: this.endMs, what, text });
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
    const { metadata, status } = (body ?? {}) as Partial<KubeObject> & { status?: Partial<NodeGroup> };
    const name = metadata?.name ?? '';
    const { capacity = {}, allocatable = {} } = status ?? {};
    groups.set(name, { count: 1, names: [name], capacity, allocatable });
  }
  return [...groups.values()];
}

/** Namespaces whose objects the timeline is about. */
function namespacesOf({ steps }: Recording): ReadonlySet<string> {
  const created = steps.filter(({ method, path }) => method === 'POST' && path === '/api/v1/namespaces');
  return new Set(created.map(({ body }) => (body as Partial<KubeObject> | null | undefined)?.metadata?.name ?? ''));
}

/** Folders `*-strict` were recorded with the scheduler's gate SchedulerPopFromBackoffQ off (the recordings' README). */
function settingsOf({ scenario }: Recording): ClusterSettings {
  return { ...RECORDED_SETTINGS, schedulerPopsBackoff: !scenario.endsWith('-strict') };
}
