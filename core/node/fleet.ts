/**
 * All kubelets of a cluster: one behaviour that serves a process a node (`kubelet-<node>`) and one of its own (`node-fleet`).
 *
 * State lives in columns; a process that crashes loses its timers, connections and client, its node's containers go on unless the machine
 * lost power (`powerOff`). The fleet's own process carries what is done for many nodes at once: batches of lease renewals and one watch
 * on Nodes, whose news reach a kubelet only while it is running and connected. Cost of an idle node: about 3 kB and, in the cohort,
 * no event of its own.
 */
import { flatString } from '../base/flat-string.ts';
import { type ClientSettings, ConnectionClient } from '../client/connection-client.ts';
import { OP_CLIENT_END, OP_CLIENT_FIRST, OP_RECORDER_NEXT, OP_REFLECTOR_BACKOFF } from '../client/ops.ts';
import { Reflector, type ReflectorSource, type ReflectorTarget } from '../client/reflector.ts';
import { BucketRate } from '../client/token-bucket.ts';
import { Transport, type TransportSettings } from '../client/transport.ts';
import type { Context } from '../sim/context.ts';
import { OP_CONN_CLOSED } from '../sim/ops.ts';
import { type Behaviour, type Conn, type Payload, type Pid, PROCESS_RUNNING } from '../sim/process.ts';
import type { Simulation } from '../sim/simulation.ts';
import { OP_LEASE_BATCH_RESULT } from '../types/lease-batch.ts';
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';
import type { Pod } from '../types/pod.ts';
import { NODES, PODS, type ResourceType } from '../types/resource-type.ts';
import { KUBELET_USER, NODE_FLEET_USER } from '../types/user-names.ts';
import { DELETED, type WatchEvent } from '../types/wire.ts';
import { RESYNC_US_MAX } from './back-off.ts';
import { FleetState, INDEX_CLIENT, INDEX_NODE, INDEX_PODS, INDEX_RECORDER } from './fleet-state.ts';
import { Heartbeats } from './heartbeats.ts';
import { LeaseCohort } from './lease-cohort.ts';
import { BUG_FORGETS_PODS, type RunningPod } from './marks.ts';
import { NODE_DOWN } from './node-columns.ts';
import {
  OP_COHORT_TICK,
  OP_LEASE_RETRY,
  OP_NODE_REGISTER,
  OP_NODE_TICK,
  OP_POD_STEP,
  OP_POD_WRITE,
  OP_PROXY_SYNC,
} from './ops.ts';
import type { FleetOptions } from './options.ts';
import { PHASE } from './pod-table.ts';
import { PodWorker } from './pod-worker.ts';
import { Proxies } from './proxy.ts';
import { Registration } from './registration.ts';

const REQUEST_TIMEOUT_US = 60_000_000;
const DRAW_START = 0x57a27;
/** Kubelets start within this, µs: at most 5 s, 100 µs a node. */
const START_SPREAD_US_MAX = 5_000_000;

/** Room left for processes and connections of other components when the fleet reserves its own. */
const OTHERS = 16;

export class Fleet implements Behaviour {
  readonly state: FleetState;
  /** Process ids of the kubelets, by node index. */
  readonly pids: readonly Pid[];
  /** The fleet's own process. */
  readonly ownPid: Pid;
  readonly heartbeats: Heartbeats;
  readonly worker: PodWorker;
  /** null where the description has no proxies. */
  readonly proxies: Proxies | null;
  readonly #registration: Registration;
  readonly #transportSettings: TransportSettings;
  readonly #clientSettings: ClientSettings;
  #cohort: LeaseCohort | null = null;
  #ownClient: ConnectionClient | null = null;
  #ownReflector: Reflector | null = null;

  /** Adds its processes to `sim`. Each node is a machine of its own, named like the node. */
  constructor(sim: Simulation, options: FleetOptions) {
    this.state = new FleetState(sim, options);
    const state = this.state;
    this.worker = new PodWorker(state);
    this.#registration = new Registration(state, (node, existed) => this.#registered(node, existed));
    this.heartbeats = new Heartbeats(state, (node) => this.#registration.beginLease(node));
    const mode = options.proxyMode === undefined ? 'default' : options.proxyMode;
    this.proxies = mode === null ? null : new Proxies(state, mode, (node) => this.heartbeats.reachable(node));
    this.#transportSettings = { balancer: options.balancer, sweeps: false };
    const rate = new BucketRate(options.qps ?? 50, options.burst ?? 100);
    this.#clientSettings = { rate, timeoutUs: REQUEST_TIMEOUT_US };
    const factory = (): Fleet => this;
    const { processes, network } = sim;
    processes.reserve(processes.count + options.nodes.length + OTHERS);
    // A kubelet keeps one connection.
    network.connections.reserve(network.connections.count + options.nodes.length + OTHERS);
    const { startUs } = options;
    this.ownPid = sim.addProcess('node-fleet', 'node-fleet', factory, startUs);
    state.ownPid = this.ownPid;
    this.pids = options.nodes.map(({ name }, node) => {
      const pid = sim.addProcess(`kubelet-${name}`, name, factory, startUs);
      state.nodes.setPid(node, pid);
      return pid;
    });
  }

  // ---- node ground truth -----------------------------------------------------------------------------------------

  /** What really runs on the node with this index, whatever the API says. */
  runningContainers(node: number): readonly RunningPod[] {
    return this.worker.running(node);
  }

  /** Endpoint addresses that the node's proxy sends to for a service, as programmed now. */
  rulesOf(node: number, namespace: string, service: string): readonly string[] {
    return this.proxies?.rulesOf(node, namespace, service) ?? [];
  }

  /** Nodes whose renewals go with the cohort at present. */
  get cohortSize(): number {
    return this.#cohort?.size ?? 0;
  }

  /** Index of a node name, −1 for an unknown one. */
  nodeIndex(name: string): number {
    return this.state.nodes.indexOf(name);
  }

  /** Longest time until a kubelet tries again what has failed of some pod, µs. */
  largestBackOffUs(): number {
    const { pods } = this.state;
    let largest = 0;
    for (let row = 0; row < pods.count; row++) {
      let untilUs = pods.phase[row] === PHASE.imageWait ? (pods.backOffUntilUs[row] as number) : -1;
      if (this.worker.isUp(row))
        for (const run of pods.runs[row] ?? []) if (run.dueUs >= 0) untilUs = Math.max(untilUs, run.backOffUntilUs);
      if (untilUs < 0) continue;
      const leftUs = untilUs - this.state.contextOf(pods.node[row] as number).now();
      largest = Math.max(largest, leftUs + RESYNC_US_MAX);
    }
    return largest;
  }

  /** The container of this name, '' for the first, of the pods meant is killed, as the kernel does for want of memory; returns how many pods it hit. */
  killContainers(node: number, isMeant: (pod: Pod) => boolean, container = ''): number {
    const { pods } = this.state;
    const hit: [number, number][] = [];
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
      const pod = pods.pod[row] as Pod;
      const index = container === '' ? 0 : pod.spec.containers.findIndex(({ name }) => name === container);
      if (index >= 0 && this.worker.isUp(row, index) && isMeant(pod)) hit.push([row, index]);
    }
    for (const [row, index] of hit) this.worker.kill(row, index);
    return hit.length;
  }

  /** The kubelet of a node no longer hears what becomes of its containers (1), or does again (−1): then it tells what it has missed. */
  stallRuntime(node: number, by: 1 | -1): void {
    if (this.state.stalls.change(node, by, this.state.sim.now)) this.worker.writer.tellHeld(node);
  }

  /** Pulls that begin on the node take so much longer, µs; as much less again ends it. */
  slowPulls(node: number, byUs: number): void {
    this.worker.slowPulls(node, byUs);
  }

  /** The machine loses power: kubelet and containers are gone, nobody is told. */
  powerOff(node: number): void {
    const { sim, nodes } = this.state;
    sim.network.deadMachines.add(nodes.nameOf(node));
    sim.crash(nodes.pid[node] as Pid, { silent: true });
    this.#down(node);
    this.worker.machineStopped(node);
    this.proxies?.machineStopped(node);
  }

  /** The machine boots again: the kubelet starts, containers that are still wanted are started anew. */
  powerOn(node: number): void {
    const { sim, nodes } = this.state;
    sim.network.deadMachines.delete(nodes.nameOf(node));
    if (sim.processes.state[nodes.pid[node] as Pid] !== PROCESS_RUNNING) sim.restart(nodes.pid[node] as Pid);
  }

  // ---- processes -------------------------------------------------------------------------------------------------

  start(pid: Pid): void {
    const node = this.state.nodes.ofPid(pid);
    if (node < 0) this.#startOwn();
    else this.#startKubelet(node, this.state.sim.contextOf(pid));
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn, pid: Pid): void {
    const node = this.state.nodes.ofPid(pid);
    if (node < 0) {
      this.#receiveOwn(op, from, a, b, payload, conn);
      return;
    }
    switch (op) {
      case OP_POD_STEP:
        this.worker.step(a, b);
        return;
      case OP_POD_WRITE:
        this.worker.writer.retry(a, b);
        return;
      case OP_NODE_TICK:
        this.heartbeats.tick(node);
        return;
      case OP_LEASE_RETRY:
        this.heartbeats.readLease(node);
        return;
      case OP_NODE_REGISTER:
        this.#registration.step(node, a, b);
        return;
      default:
        this.#receiveClient(node, op, from, a, b, payload, conn);
    }
  }

  #receiveClient(node: number, op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    const { nodes } = this.state;
    if (op === OP_RECORDER_NEXT && b === INDEX_RECORDER) nodes.recorder[node]?.receive(op, from, a, b, payload, conn);
    else if (op === OP_REFLECTOR_BACKOFF && b === INDEX_PODS) {
      if (this.state.contextOf(node).bug(BUG_FORGETS_PODS)) this.worker.onPods(node, [], []);
      nodes.podReflector[node]?.onBackoffOver(a);
    } else if (op === OP_REFLECTOR_BACKOFF && b === INDEX_NODE) nodes.nodeReflector[node]?.onBackoffOver(a);
    else if (op < OP_CLIENT_FIRST || op < OP_CLIENT_END)
      this.state.clientOf(node).receive(op, from, a, b, payload, conn);
  }

  #startKubelet(node: number, ctx: Context): void {
    const { nodes, options, sim } = this.state;
    this.#down(node);
    const client = new ConnectionClient(
      ctx,
      new Transport(ctx, this.#transportSettings, null, INDEX_CLIENT),
      flatString(KUBELET_USER, nodes.nameOf(node)),
      this.#clientSettings,
      null,
      INDEX_CLIENT,
    );
    nodes.client[node] = client;
    nodes.recorder[node] = null;
    const pods = new NodePods(this.state, this.worker, node);
    nodes.podReflector[node] = new Reflector(client, pods, pods, INDEX_PODS);
    if (options.cohorts === false) {
      const own = { type: NODES, namespace: '', fieldSelector: `metadata.name=${nodes.nameOf(node)}` };
      nodes.nodeReflector[node] = new Reflector(client, own, new NodeNews(this.state, this.heartbeats), INDEX_NODE);
    }
    this.worker.kubeletStarted(node);
    const spread = Math.min(START_SPREAD_US_MAX, nodes.count * 100);
    const first = sim.processes.incarnation[nodes.pid[node] as Pid] === 0;
    const delay = first ? this.state.draw(nodes.nameOf(node), DRAW_START, spread) : 0;
    this.#registration.begin(node, delay);
  }

  #registered(node: number, existed: boolean): void {
    const { nodes } = this.state;
    const ctx = this.state.contextOf(node);
    nodes.statusSentUs[node] = ctx.now();
    this.heartbeats.stale[node] = 0;
    nodes.podReflector[node]?.start();
    nodes.nodeReflector[node]?.start();
    this.heartbeats.begin(node);
    if (!existed) return;
    this.heartbeats.writeStatus(node, true);
    this.heartbeats.renew(node);
  }

  #down(node: number): void {
    this.state.nodes.state[node] = NODE_DOWN;
    this.heartbeats.end(node);
  }

  #startOwn(): void {
    const { options, sim } = this.state;
    const ctx = sim.contextOf(this.ownPid);
    const transportSettings = { balancer: options.balancer, sweeps: true };
    const settings = { rate: new BucketRate(0, 1), timeoutUs: REQUEST_TIMEOUT_US };
    const client = new ConnectionClient(
      ctx,
      new Transport(ctx, transportSettings, null, INDEX_CLIENT),
      NODE_FLEET_USER,
      settings,
      null,
      INDEX_CLIENT,
    );
    this.#ownClient = client;
    this.proxies?.start(client);
    if (options.cohorts === false) return;
    this.#cohort = new LeaseCohort(this.state, this.heartbeats, ctx);
    this.heartbeats.cohort = this.#cohort;
    this.#ownReflector = new Reflector(
      client,
      { type: NODES, namespace: '' },
      new NodeNews(this.state, this.heartbeats),
      INDEX_NODE,
    );
    this.#ownReflector.start();
  }

  #receiveOwn(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    if (op === OP_COHORT_TICK) this.#cohort?.tick();
    else if (op === OP_LEASE_BATCH_RESULT) this.#cohort?.onResult(conn, a, payload);
    else if (op === OP_PROXY_SYNC) this.proxies?.sync();
    else if (op === OP_REFLECTOR_BACKOFF) {
      if (this.proxies?.onBackoffOver(b, a) !== true) this.#ownReflector?.onBackoffOver(a);
    } else {
      if (op === OP_CONN_CLOSED) this.#cohort?.onClosed(conn);
      this.#ownClient?.receive(op, from, a, b, payload, conn);
    }
  }
}

/** The pods of one node, as its kubelet's watch tells. The selector is made when it is sent: a node keeps no text of its own for it. */
class NodePods implements ReflectorSource, ReflectorTarget {
  readonly #state: FleetState;
  readonly #worker: PodWorker;
  readonly #node: number;

  constructor(state: FleetState, worker: PodWorker, node: number) {
    this.#state = state;
    this.#worker = worker;
    this.#node = node;
  }

  get type(): ResourceType {
    return PODS;
  }

  get namespace(): string {
    return '';
  }

  get fieldSelector(): string {
    return flatString('spec.nodeName=', this.#state.nodes.nameOf(this.#node));
  }

  onReplace(items: readonly KubeObject[], ids: Int32Array | readonly number[]): void {
    this.#worker.onPods(this.#node, items as readonly Pod[], ids);
  }

  onEvent(event: WatchEvent): void {
    if (event.type === DELETED) this.#worker.onPodGone(this.#node, event.keyId, event.object.metadata.uid ?? '');
    else this.#worker.onPod(this.#node, event.keyId, event.object as Pod);
  }
}

/** News about Nodes: each reaches the kubelet it is about, unless that one is away and has to ask later. */
class NodeNews implements ReflectorTarget {
  readonly #state: FleetState;
  readonly #heartbeats: Heartbeats;

  constructor(state: FleetState, heartbeats: Heartbeats) {
    this.#state = state;
    this.#heartbeats = heartbeats;
  }

  onReplace(items: readonly KubeObject[]): void {
    for (const item of items) this.#tell(item as Node, false);
  }

  onEvent(event: WatchEvent): void {
    this.#tell(event.object as Node, event.type === DELETED);
  }

  #tell(object: Node, deleted: boolean): void {
    const { nodes } = this.#state;
    const node = nodes.indexOf(object.metadata.name);
    if (node < 0) return;
    if (!this.#heartbeats.reachable(node)) this.#heartbeats.stale[node] = 1;
    else nodes.object[node] = deleted ? null : object;
  }
}
