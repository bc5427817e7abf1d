/**
 * Why every node rejects a shape, kept from one failed cycle to the next: only nodes that changed in between are asked again.
 *
 * For pods that no filter on other pods judges. It is the plain path's diagnosis but for the order of its records. Cost: O(changes since the
 * last failed cycle of the shape) × filters.
 */
import { CHANGE_LOG_MASK, CHANGE_LOG_SIZE } from './change-log.ts';
import { Diagnosis, type ReasonSets } from './diagnosis.ts';
import type { FilterPlugin, PodRequest, Snapshot } from './plugin.ts';
import { InterPodAffinityPlugin } from './plugins/inter-pod-affinity-plugin.ts';
import { PodTopologySpreadPlugin } from './plugins/pod-topology-spread-plugin.ts';

/** Rejections of one shape. */
export class RejectionIndex {
  /** Running number of the last use, for eviction. */
  lastUse = 0;
  /** One record a node, in search order. */
  readonly diagnosis: Diagnosis;
  readonly #snapshot: Snapshot;
  readonly #filters: readonly FilterPlugin[];
  /** Holds one record at a time. */
  readonly #single: Diagnosis;
  readonly #slot = new Int32Array(1);
  #active: number[] = [];
  #seen = 0;
  #orderSeen = -1;
  #specSeen = -1;

  constructor(snapshot: Snapshot, filters: readonly FilterPlugin[], sets: ReasonSets) {
    this.#snapshot = snapshot;
    this.#filters = filters;
    this.diagnosis = new Diagnosis(sets);
    this.#single = new Diagnosis(sets);
  }

  /** Catches up; false when filters on other pods judge this pod, or a node does not reject it. */
  update(request: PodRequest): boolean {
    if (!this.#prepare(request)) return false;
    const { nodes } = this.#snapshot;
    const behind = nodes.changes.head - this.#seen;
    const knows = this.#orderSeen === nodes.order.version && this.#specSeen === nodes.specVersion;
    if (!knows || behind > Math.min(CHANGE_LOG_SIZE, nodes.nodeCount)) return this.#rebuild(request);
    const { slots, positions } = nodes.changes;
    for (let entry = this.#seen; entry < nodes.changes.head; entry++) {
      const at = entry & CHANGE_LOG_MASK;
      if (!this.#ask(request, slots[at] as number)) return false;
      this.diagnosis.replace(positions[at] as number, this.#single);
    }
    this.#seen = nodes.changes.head;
    return true;
  }

  #rebuild(request: PodRequest): boolean {
    const { nodes } = this.#snapshot;
    const { list } = nodes.order;
    const { diagnosis } = this;
    this.#orderSeen = -1;
    diagnosis.reset(nodes.nodeCount);
    for (let position = 0; position < nodes.nodeCount; position++) {
      const slot = list[position] as number;
      if (!this.#ask(request, slot)) return false;
      const { rejectedBy, codes, reasonSets } = this.#single;
      diagnosis.reject(slot, rejectedBy[0] as number, codes[0] as number, reasonSets[0] as number);
    }
    this.#seen = nodes.changes.head;
    this.#orderSeen = nodes.order.version;
    this.#specSeen = nodes.specVersion;
    return true;
  }

  /** Finds the filters that have something to do. */
  #prepare(request: PodRequest): boolean {
    this.#active.length = 0;
    this.#single.reset(1);
    for (let i = 0; i < this.#filters.length; i++) {
      const filter = this.#filters[i] as FilterPlugin;
      if (!filter.prepare(request, this.#snapshot, this.#single, i)) continue;
      if (filter instanceof InterPodAffinityPlugin || filter instanceof PodTopologySpreadPlugin) return false;
      this.#active.push(i);
    }
    return this.#single.preFilterMessage === '';
  }

  /** Asks the filters about one node; false when all let it pass. Its record is in the single diagnosis then. */
  #ask(request: PodRequest, slot: number): boolean {
    this.#single.reset(1);
    this.#slot[0] = slot;
    for (const i of this.#active) {
      const filter = this.#filters[i] as FilterPlugin;
      if (filter.filter(request, this.#snapshot, this.#slot, 1, this.#single, i) === 0) return true;
    }
    return false;
  }
}
