/**
 * Scheduler and kubelets for tests of controllers, as simple as those of the recordings: pods are bound to the emptiest node that
 * fits, turn ready at once or as their annotations say, and go when they are deleted.
 *
 * Annotations (data/controlplane/README.md): ready-after, never-ready, run-for, exit, stop-after, all below `reference.example/`.
 */
import { Client } from '../../core/client/client.ts';
import { Dispatcher } from '../../core/client/dispatcher.ts';
import { Informer } from '../../core/client/informer.ts';
import type { Context } from '../../core/sim/context.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../core/sim/process.ts';
import type { Wait } from '../../core/sim/task.ts';
import type { NameTable } from '../../core/types/names.ts';
import type { Node } from '../../core/types/node.ts';
import { fitsNodeAffinity } from '../../core/types/node-affinity.ts';
import { controllerOf } from '../../core/types/owner-references.ts';
import type { Pod } from '../../core/types/pod.ts';
import { NODES, PODS } from '../../core/types/resource-type.ts';
import { StatusError } from '../../core/types/status-error.ts';
import { formatTime } from '../../core/types/time.ts';

const BIND_US = 10_000;
const START_US = 12_000;
const STOP_US = 5_000;

export interface FakeNodesOptions {
  readonly server: Pid;
  readonly names: NameTable;
  /** true: everything at once, without delays of its own. */
  readonly immediate?: boolean;
}

export class FakeNodes implements Behaviour {
  readonly ctx: Context;
  readonly library: Dispatcher;
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly #immediate: boolean;
  readonly #perNode = new Map<string, number>();
  readonly #busy = new Set<string>();
  #ips = 0;

  constructor(ctx: Context, options: FakeNodesOptions) {
    this.ctx = ctx;
    this.#immediate = options.immediate === true;
    this.library = new Dispatcher(ctx);
    const { server, names } = options;
    this.client = new Client(this.library, { servers: [server], user: 'fake-nodes', qps: 0, burst: 1, names });
    this.pods = new Informer<Pod>(this.client, PODS);
    this.nodes = new Informer<Node>(this.client, NODES);
    this.pods.addHandler({
      onAdd: (_id, pod) => this.#look(pod),
      onUpdate: (_id, _old, pod) => this.#look(pod),
      onDelete: (_id, pod) => this.#leave(pod),
    });
    this.nodes.addHandler({
      onAdd: (_id, node) => {
        this.#start(this.#initialise(node));
        this.pods.forEach((pod) => this.#look(pod));
      },
      onUpdate: () => this.pods.forEach((pod) => this.#look(pod)),
    });
  }

  start(): void {
    this.pods.start();
    this.nodes.start();
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    this.library.receive(op, from, a, b, payload, conn);
  }

  #start(body: Generator<Wait, void, unknown>): void {
    this.ctx.startTask('fake-nodes', '', body);
  }

  /** Once for each (pod, step). */
  #once(pod: Pod, step: string): boolean {
    const key = `${pod.metadata.uid} ${step}`;
    if (this.#busy.has(key)) return false;
    this.#busy.add(key);
    return true;
  }

  #look(pod: Pod): void {
    const phase = pod.status?.phase;
    const ended = phase === 'Succeeded' || phase === 'Failed';
    if ((pod.spec.nodeName ?? '') === '') {
      if (!ended && pod.metadata.deletionTimestamp === undefined) this.#schedule(pod);
      return;
    }
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (this.#once(pod, 'stop')) this.#start(this.#stop(pod));
    } else if (!ended && this.#once(pod, 'run')) this.#start(this.#run(pod));
  }

  #leave(pod: Pod): void {
    const { nodeName } = pod.spec;
    if (nodeName !== undefined) this.#perNode.set(nodeName, (this.#perNode.get(nodeName) ?? 1) - 1);
  }

  #schedule(pod: Pod): void {
    let best: Node | undefined;
    let least = Number.POSITIVE_INFINITY;
    this.nodes.forEach((node) => {
      if (node.spec?.unschedulable === true && controllerOf(pod)?.kind !== 'DaemonSet') return;
      if (!fitsNodeAffinity(pod.spec, node)) return;
      const load = this.#perNode.get(node.metadata.name) ?? 0;
      if (load < least) {
        best = node;
        least = load;
      }
    });
    if (best === undefined || !this.#once(pod, 'bind')) return;
    const { name } = best.metadata;
    this.#perNode.set(name, least + 1);
    this.#start(this.#bind(pod, name));
  }

  *#bind(pod: Pod, nodeName: string): Generator<Wait, void, unknown> {
    if (!this.#immediate) yield* this.ctx.sleep(BIND_US);
    const { namespace = '', name, uid = '' } = pod.metadata;
    yield* quietly(this.client.bind(namespace, name, nodeName, uid));
  }

  *#run(pod: Pod): Generator<Wait, void, unknown> {
    const annotations = pod.metadata.annotations ?? {};
    if (annotations['reference.example/never-ready'] === 'true') return;
    const readyUs = durationUs(annotations['reference.example/ready-after']);
    if (readyUs + (this.#immediate ? 0 : START_US) > 0)
      yield* this.ctx.sleep(readyUs + (this.#immediate ? 0 : START_US));
    this.#ips++;
    const podIP = `10.1.${this.#ips >> 8}.${this.#ips & 255}`;
    const ready = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], startTime: formatTime(this.ctx.wallUs()) };
    yield* this.#writeStatus(pod, { ...ready, conditions: this.#conditions('True') });
    if (controllerOf(pod)?.kind !== 'Job') return;
    const exit = annotations['reference.example/exit'];
    if (exit === 'never') return;
    yield* this.ctx.sleep(durationUs(annotations['reference.example/run-for']) + START_US);
    const phase = exit === 'error' ? 'Failed' : 'Succeeded';
    const terminated = { exitCode: exit === 'error' ? 1 : 0, finishedAt: formatTime(this.ctx.wallUs()) };
    const containerStatuses = pod.spec.containers.map(({ name, image }) => {
      return { name, image: image ?? '', imageID: '', ready: false, restartCount: 0, state: { terminated } };
    });
    yield* this.#writeStatus(pod, { ...ready, phase, containerStatuses, conditions: this.#conditions('False') });
  }

  #conditions(ready: string): readonly Record<string, string>[] {
    const lastTransitionTime = formatTime(this.ctx.wallUs());
    return [
      { type: 'Initialized', status: 'True', lastTransitionTime },
      { type: 'Ready', status: ready, lastTransitionTime },
      { type: 'ContainersReady', status: ready, lastTransitionTime },
      { type: 'PodScheduled', status: 'True', lastTransitionTime },
    ];
  }

  *#writeStatus(pod: Pod, status: Readonly<Record<string, unknown>>): Generator<Wait, void, unknown> {
    const { namespace = '', name, uid } = pod.metadata;
    yield* quietly(this.client.patch(PODS, namespace, name, { metadata: { uid }, status }, 'strategic', 'status'));
  }

  *#stop(pod: Pod): Generator<Wait, void, unknown> {
    yield* this.ctx.sleep(durationUs(pod.metadata.annotations?.['reference.example/stop-after']) + STOP_US);
    const { namespace = '', name, uid } = pod.metadata;
    const preconditions = { uid };
    yield* quietly(this.client.delete(PODS, namespace, name, { gracePeriodSeconds: 0, preconditions }));
  }

  /** Makes a new node ready and takes the taint off that admission gave it. */
  *#initialise(node: Node): Generator<Wait, void, unknown> {
    const { name } = node.metadata;
    const condition = { type: 'Ready', status: 'True', lastTransitionTime: formatTime(this.ctx.wallUs()) };
    yield* quietly(this.client.patch(NODES, '', name, { status: { conditions: [condition] } }, 'strategic', 'status'));
    yield* quietly(this.client.patch(NODES, '', name, { spec: { taints: null } }, 'merge'));
  }
}

function* quietly(call: Generator<Wait, unknown, unknown>): Generator<Wait, void, unknown> {
  try {
    yield* call;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
}

function durationUs(text: string | undefined): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text ?? '');
  if (match === null) return 0;
  return Math.round(Number(match[1]) * { ms: 1_000, s: 1_000_000, m: 60_000_000 }[match[2] as 'ms' | 's' | 'm']);
}
