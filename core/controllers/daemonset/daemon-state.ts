/**
 * What the controller knows of one DaemonSet, node by node, kept by events: a sync looks only at nodes where something changed.
 *
 * Per node: whether a pod belongs there, which of the set's pods are there, and what the node adds to each count of the status.
 */
import type { Informer } from '../../client/informer.ts';
import type { DaemonSet } from '../../types/daemon-set.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { ResourceKeys } from '../../types/names.ts';
import type { Node } from '../../types/node.ts';
import { isTerminating } from '../../types/object.ts';
import type { Pod, PodTemplateSpec, Toleration } from '../../types/pod.ts';
import { isPodActive, isPodAvailable, isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import {
  daemonTolerations,
  HASH_LABEL,
  isUpdated,
  placementOn,
  SHOULD_RUN,
  targetNodeOf,
  templateGeneration,
} from './placement.ts';

const DESIRED = 1;
const CURRENT = 2;
const MISSCHEDULED = 4;
const READY = 8;
const AVAILABLE = 16;
const UPDATED = 32;

/** Counts of the status. */
export interface DaemonCounts {
  desired: number;
  current: number;
  misscheduled: number;
  ready: number;
  available: number;
  updated: number;
}

const NO_PODS: readonly number[] = [];

export class DaemonState {
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #keys: ResourceKeys;
  readonly counts: DaemonCounts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  /** Nodes that may need a pod created or deleted. */
  readonly pending = new Set<number>();
  /** Ids of nodes that have pods of the set, existing nodes or not. */
  readonly #podsOn = new Map<number, number[]>();
  readonly #targets = new Map<number, number>();
  readonly #dirty = new Set<number>();
  readonly #waitingForTime = new Set<number>();
  #shares = new Uint8Array(64);
  #template: PodTemplateSpec | null = null;
  #tolerations: readonly Toleration[] = [];
  #hash = '';
  #generation = '';
  #minReadySeconds = 0;

  constructor(nodes: Informer<Node>, pods: Informer<Pod>, podIds: readonly number[]) {
    this.#nodes = nodes;
    this.#pods = pods;
    this.#keys = nodes.keys;
    for (const id of podIds) this.podChanged(id, pods.get(id) as Pod);
    nodes.forEach((_node, id) => this.#dirty.add(id));
  }

  /** A pod of the set came or changed. */
  podChanged(id: number, pod: Pod): void {
    const name = targetNodeOf(pod);
    // One that belongs to no node is nobody's.
    if (name === '') {
      this.podGone(id);
      return;
    }
    const node = this.#keys.intern('', name);
    const before = this.#targets.get(id);
    if (before !== node) {
      if (before !== undefined) this.#take(id, before);
      this.#targets.set(id, node);
      const there = this.#podsOn.get(node);
      if (there === undefined) this.#podsOn.set(node, [id]);
      else there.push(id);
    }
    this.#dirty.add(node);
  }

  /** A pod left the set. */
  podGone(id: number): void {
    const node = this.#targets.get(id);
    if (node === undefined) return;
    this.#take(id, node);
    this.#targets.delete(id);
    this.#dirty.add(node);
  }

  /** A node came, went, or changed labels or taints. */
  nodeChanged(id: number): void {
    this.#dirty.add(id);
  }

  /** Whether a node should run a pod, by the last {@link refresh}'s template. */
  placement(node: Node): number {
    return this.#template === null ? 0 : placementOn(node, this.#template.spec, this.#tolerations);
  }

  /** Brings counts and pending nodes up to date. O(changed nodes); all nodes when template, hash or minReadySeconds changed. */
  refresh(set: DaemonSet, hash: string, wallUs: number): void {
    const { template, minReadySeconds = 0 } = set.spec;
    const generation = templateGeneration(set);
    const sameTemplate =
      this.#template !== null && (this.#template === template || jsonEqual(this.#template, template));
    const same = sameTemplate && hash === this.#hash && generation === this.#generation;
    if (!sameTemplate) this.#tolerations = daemonTolerations(template.spec);
    this.#template = template;
    this.#hash = hash;
    this.#generation = generation;
    if (!same || minReadySeconds !== this.#minReadySeconds) {
      this.#minReadySeconds = minReadySeconds;
      this.#nodes.forEach((_node, id) => this.#dirty.add(id));
      for (const id of this.#podsOn.keys()) this.#dirty.add(id);
    }
    for (const id of this.#waitingForTime) this.#dirty.add(id);
    for (const id of this.#dirty) this.#evaluate(id, wallUs);
    this.#dirty.clear();
  }

  /** The set's pods on a node, those left out that have ended and are terminating. */
  podsOn(node: number): Pod[] {
    const pods: Pod[] = [];
    for (const id of this.#podsOn.get(node) ?? NO_PODS) {
      const pod = this.#pods.get(id);
      if (pod !== undefined && !(isPodTerminal(pod) && isTerminating(pod))) pods.push(pod);
    }
    return pods;
  }

  /** Nodes that have pods of the set. */
  nodesWithPods(): IterableIterator<number> {
    return this.#podsOn.keys();
  }

  /** The local id of a pod of this set. */
  idOf(pod: Pod): number {
    return this.#pods.keys.find(pod.metadata.namespace ?? '', pod.metadata.name);
  }

  isAvailable(pod: Pod, wallUs: number): boolean {
    return isPodAvailable(pod, this.#minReadySeconds, wallUs);
  }

  /** Whether the pod is of the present template, by hash or by generation. */
  isUpdated(pod: Pod): boolean {
    return isUpdated(pod, this.#hash, this.#generation);
  }

  /** Whether the pod carries the hash of the present template. */
  hasHash(pod: Pod): boolean {
    return pod.metadata.labels?.[HASH_LABEL] === this.#hash;
  }

  /** A node by its local id; undefined when it is gone. */
  node(id: number): Node | undefined {
    return this.#nodes.get(id);
  }

  nodeName(id: number): string {
    return this.#keys.nameOf(id);
  }

  #evaluate(id: number, wallUs: number): void {
    if (id >= this.#shares.length) this.#grow(id);
    const node = this.#nodes.get(id);
    const pods = this.podsOn(id);
    const shouldRun = node !== undefined && (this.placement(node) & SHOULD_RUN) !== 0;
    let share = 0;
    if (shouldRun) {
      share = DESIRED;
      const oldest = pods.length === 0 ? undefined : pods.reduce((a, b) => (compareDaemonPods(a, b) <= 0 ? a : b));
      if (oldest !== undefined) share |= CURRENT | this.#stateShare(oldest, wallUs);
    } else if (node !== undefined && pods.length > 0) share = MISSCHEDULED;
    this.#waitingForTime.delete(id);
    if ((share & (READY | AVAILABLE)) === READY) this.#waitingForTime.add(id);
    this.#count(this.#shares[id] as number, -1);
    this.#count(share, 1);
    this.#shares[id] = share;
    const one = pods.length === 1 ? (pods[0] as Pod) : undefined;
    const settled = shouldRun ? one !== undefined && isPodActive(one) : pods.length === 0;
    if (settled) this.pending.delete(id);
    else this.pending.add(id);
    if (pods.length === 0 && node === undefined) this.pending.delete(id);
  }

  #stateShare(pod: Pod, wallUs: number): number {
    let share = this.isUpdated(pod) ? UPDATED : 0;
    if (isPodReady(pod)) share |= this.isAvailable(pod, wallUs) ? READY | AVAILABLE : READY;
    return share;
  }

  #count(share: number, sign: number): void {
    const { counts } = this;
    if ((share & DESIRED) !== 0) counts.desired += sign;
    if ((share & CURRENT) !== 0) counts.current += sign;
    if ((share & MISSCHEDULED) !== 0) counts.misscheduled += sign;
    if ((share & READY) !== 0) counts.ready += sign;
    if ((share & AVAILABLE) !== 0) counts.available += sign;
    if ((share & UPDATED) !== 0) counts.updated += sign;
  }

  #take(id: number, node: number): void {
    const there = this.#podsOn.get(node) as number[];
    const at = there.indexOf(id);
    if (at >= 0) there.splice(at, 1);
    if (there.length === 0) this.#podsOn.delete(node);
    this.#dirty.add(node);
  }

  #grow(id: number): void {
    let size = this.#shares.length;
    while (size <= id) size *= 2;
    const shares = new Uint8Array(size);
    shares.set(this.#shares);
    this.#shares = shares;
  }
}

/** Those on a node first, then the older, then by name. */
export function compareDaemonPods(a: Pod, b: Pod): number {
  const boundA = (a.spec.nodeName ?? '') !== '';
  const boundB = (b.spec.nodeName ?? '') !== '';
  if (boundA !== boundB) return boundA ? -1 : 1;
  const timeA = a.metadata.creationTimestamp ?? '';
  const timeB = b.metadata.creationTimestamp ?? '';
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}
