/**
 * What really is inside the processes of a cluster, for predicates that compare it with the store.
 *
 * Plain functions over live components: nothing is kept, so nothing can be out of date.
 */
import type { Informer } from '../client/informer.ts';
import type { Pid } from '../sim/process.ts';
import type { KubeObject } from '../types/object.ts';
import type { Cluster } from './cluster.ts';

/** One informer's copy of all objects of a kind. */
export interface CacheTruth {
  readonly process: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly synced: boolean;
  readonly size: number;
  find(namespace: string, name: string): KubeObject | undefined;
}

/** One scheduler's queue. */
export interface QueueTruth {
  readonly process: string;
  /** What is wrong with pods that wait: a text each. */
  readonly lost: readonly string[];
}

export class ClusterTruth {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Nodes whose kubelet runs and is connected now. */
  connectedNodes(): { readonly index: number; readonly name: string; readonly zone: string }[] {
    const { fleet, description } = this.#cluster;
    const found = [];
    for (let index = 0; index < description.nodes.length; index++) {
      const node = description.nodes[index];
      if (node !== undefined && fleet.heartbeats.reachable(index))
        found.push({ index, name: node.name, zone: node.zone });
    }
    return found;
  }

  /** Which endpoints the proxies prefer. */
  get proxyMode(): 'default' | 'same-node' | 'same-zone' {
    return this.#cluster.description.settings.proxyMode;
  }

  /** How many requests of each class an API server may serve at one time. */
  get requestSeats(): { readonly read: number; readonly write: number } {
    const { readsInFlight, writesInFlight } = this.#cluster.description.settings;
    return { read: readsInFlight, write: writesInFlight };
  }

  /** How long the node lifecycle controller waits for a heartbeat, µs. */
  get nodeMonitorGraceUs(): number {
    return this.#cluster.description.settings.nodeMonitorGraceS * 1_000_000;
  }

  get kubelet(): 'real' | 'recorded' {
    return this.#cluster.description.settings.kubelet;
  }

  /** Whether the cluster has a controller of that name. */
  runsController(name: string): boolean {
    const { controlPlane, settings } = this.#cluster.description;
    const { controllers } = settings;
    return controlPlane.controllerManagers > 0 && (controllers.length === 0 || controllers.includes(name));
  }

  /** What the cloud says of a node's instance; null where it knows none. */
  instanceState(node: string): 'running' | 'stopped' | 'removed' | null {
    return this.#cluster.instanceState(node);
  }

  /** Endpoint addresses that the node's proxy sends to for a service, as programmed now. */
  rulesOf(node: number, namespace: string, service: string): readonly string[] {
    return this.#cluster.fleet.rulesOf(node, namespace, service);
  }

  /** The caches of all running controller managers and schedulers. */
  *caches(): Generator<CacheTruth, void, unknown> {
    for (const [pid, manager] of this.#cluster.controllerManagers) yield* this.#cachesOf(pid, manager.informers);
    for (const [pid, scheduler] of this.#cluster.schedulers) yield* this.#cachesOf(pid, scheduler.informers);
  }

  /** The queues of all running schedulers that schedule. */
  *queues(): Generator<QueueTruth, void, unknown> {
    const { sim } = this.#cluster;
    for (const [pid, scheduler] of this.#cluster.schedulers) {
      if (!sim.isRunning(pid) || !scheduler.active) continue;
      yield { process: sim.processes.names[pid] as string, lost: scheduler.lostPods() };
    }
  }

  *#cachesOf(pid: Pid, informers: readonly Informer<KubeObject>[]): Generator<CacheTruth, void, unknown> {
    const { sim } = this.#cluster;
    if (!sim.isRunning(pid)) return;
    const process = sim.processes.names[pid] as string;
    for (const informer of informers) {
      yield {
        process,
        apiVersion: informer.type.apiVersion,
        kind: informer.type.kind,
        synced: informer.synced,
        size: informer.size,
        find: (namespace, name) => informer.find(namespace, name),
      };
    }
  }
}
