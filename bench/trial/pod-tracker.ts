/**
 * Follows committed pods and endpoint slices: how many of each workload are Ready, and on which nodes its pods are.
 *
 * A workload behind Services counts the ready endpoints of the Service that has fewest of its pods; others count Ready pods. Pods that are being
 * deleted count in neither. Cost: a few Map look-ups a commit of a pod, one pass over a slice's endpoints.
 */
import type { Commit } from '../../core/chaos/world.ts';
import {
  controllerOf,
  type EndpointSlice,
  findCondition,
  isPodReady,
  isPodTerminal,
  type KubeObject,
  type Pod,
} from '../../core/cluster/vocabulary.ts';
import type { Workload } from './workload.ts';

/** A pod as the tracker knows it. */
export interface TrackedPod {
  readonly workload: number;
  readonly name: string;
  readonly node: string;
  readonly ready: boolean;
  /** Neither ended nor being deleted. */
  readonly live: boolean;
  /** What the scheduler says while it finds no node; '' otherwise. */
  readonly unschedulable: string;
  /** Since when it says so, µs. */
  readonly unschedulableSinceUs: number;
}

interface TrackedSlice {
  readonly service: string;
  readonly counts: ReadonlyMap<number, number>;
}

export class PodTracker {
  readonly #workloads: readonly Workload[];
  readonly #byId = new Map<string, number>();
  readonly #byReplicaSet = new Map<string, number>();
  readonly #byPodName = new Map<string, number>();
  readonly #slices = new Map<number, TrackedSlice>();
  readonly #readyPods: number[];
  /** Ready endpoints by workload, then by Service. */
  readonly #endpoints: Map<string, number>[];
  /** Pods by store key id. */
  readonly pods = new Map<number, TrackedPod>();

  constructor(workloads: readonly Workload[]) {
    this.#workloads = workloads;
    workloads.forEach(({ id }, index) => {
      this.#byId.set(id, index);
    });
    this.#readyPods = workloads.map(() => 0);
    this.#endpoints = workloads.map(({ services }) => new Map(services.map((service) => [service, 0])));
  }

  /** Takes a commit in; true if it may have changed a count or a pod. */
  apply(commit: Commit): boolean {
    if (commit.kind === 'Pod') return this.#pod(commit);
    if (commit.kind === 'EndpointSlice') return this.#slice(commit);
    if (commit.kind === 'ReplicaSet' && commit.object !== null) this.#replicaSet(commit.object);
    return false;
  }

  /** Ready pods, or ready endpoints, of a workload now. */
  readyOf(workload: number): number {
    const counts = this.#endpoints[workload] as Map<string, number>;
    if (counts.size === 0) return this.#readyPods[workload] as number;
    let fewest = Number.POSITIVE_INFINITY;
    for (const count of counts.values()) fewest = Math.min(fewest, count);
    return fewest;
  }

  /** Live pods of a workload on nodes that `chosen` names. */
  liveOn(workload: number, chosen: (node: string) => boolean): number {
    let count = 0;
    for (const pod of this.pods.values()) if (pod.workload === workload && pod.live && chosen(pod.node)) count++;
    return count;
  }

  #replicaSet(object: KubeObject): void {
    const uid = object.metadata.uid ?? '';
    if (this.#byReplicaSet.has(uid)) return;
    const owner = this.#ownerOf(object);
    if (owner >= 0) this.#byReplicaSet.set(uid, owner);
  }

  /** The workload that an object belongs to: by its controller, or itself; −1 = none. */
  #ownerOf(object: KubeObject): number {
    const { namespace = '', name } = object.metadata;
    const owner = controllerOf(object);
    if (owner === undefined) return this.#byId.get(`${object.kind}/${namespace}/${name}`) ?? -1;
    if (owner.kind === 'ReplicaSet') {
      const known = this.#byReplicaSet.get(owner.uid);
      if (known !== undefined) return known;
    }
    return this.#byId.get(`${owner.kind}/${namespace}/${owner.name}`) ?? -1;
  }

  #pod({ keyId, object, timeUs }: Commit): boolean {
    const old = this.pods.get(keyId);
    if (old?.ready === true) (this.#readyPods[old.workload] as number)--;
    if (object === null) {
      if (old === undefined) return false;
      this.pods.delete(keyId);
      return true;
    }
    const workload = old?.workload ?? this.#ownerOf(object);
    if (workload < 0) return false;
    const pod = trackedPod(object as Pod, workload, old, timeUs);
    if (pod.ready) (this.#readyPods[workload] as number)++;
    this.pods.set(keyId, pod);
    this.#byPodName.set(`${object.metadata.namespace}/${object.metadata.name}`, workload);
    return true;
  }

  #slice({ keyId, object }: Commit): boolean {
    const old = this.#slices.get(keyId);
    if (old !== undefined) this.#count(old, -1);
    this.#slices.delete(keyId);
    if (object === null) return old !== undefined;
    const service = object.metadata.labels?.['kubernetes.io/service-name'] ?? '';
    const namespace = object.metadata.namespace ?? '';
    const counts = new Map<number, number>();
    for (const endpoint of (object as EndpointSlice).endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue;
      const workload = this.#byPodName.get(`${namespace}/${endpoint.targetRef?.name ?? ''}`);
      if (workload === undefined || this.#workloads[workload]?.services.includes(service) !== true) continue;
      counts.set(workload, (counts.get(workload) ?? 0) + 1);
    }
    const slice = { service, counts };
    this.#slices.set(keyId, slice);
    this.#count(slice, 1);
    return true;
  }

  #count(slice: TrackedSlice, sign: 1 | -1): void {
    for (const [workload, count] of slice.counts) {
      const counts = this.#endpoints[workload] as Map<string, number>;
      counts.set(slice.service, (counts.get(slice.service) ?? 0) + sign * count);
    }
  }
}

function trackedPod(pod: Pod, workload: number, old: TrackedPod | undefined, timeUs: number): TrackedPod {
  const live = pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod);
  const scheduled = findCondition(pod.status?.conditions, 'PodScheduled');
  const waits = live && scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
  return {
    workload,
    name: pod.metadata.name,
    node: pod.spec.nodeName ?? '',
    ready: live && isPodReady(pod),
    live,
    unschedulable: waits ? (scheduled.message ?? 'no node fits') : '',
    unschedulableSinceUs: waits && old !== undefined && old.unschedulable !== '' ? old.unschedulableSinceUs : timeUs,
  };
}
