/**
 * Why every node rejects a shape, kept from one failed cycle to the next: only nodes that changed in between are asked again.
 *
 * For pods that no filter on other pods judges. It is the plain path's diagnosis but for the order of its records. Cost: O(changes since the
 * last failed cycle of the shape) × filters.
 */

import { InterPodAffinityPlugin } from '../plugins/inter-pod-affinity-plugin.ts';
import type { FilterPlugin, PodRequest, Snapshot } from '../plugins/plugin.ts';
import { PodTopologySpreadPlugin } from '../plugins/pod-topology-spread-plugin.ts';
import type { Waiting } from '../preemption/waiting-room.ts';
import { Diagnosis, type ReasonSets } from './diagnosis.ts';

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
  /** Slots whose records are those beside waiting pods. */
  readonly #awaited: number[] = [];
  /** Slots of nodes that let the pod pass. */
  readonly #open = new Set<number>();
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

  /**
   * Catches up; false when filters on other pods judge this pod, or a node does not reject it. A node that others wait for is asked as it will be
   * with them, and again without them in the next cycle.
   */
  update(request: PodRequest, waiting: readonly Waiting[]): boolean {
    if (!this.#prepare(request)) return false;
    const { nodes } = this.#snapshot;
    const { positions } = nodes.order;
    this.#open.clear();
    this.#catchUp(request);
    for (const { slot, vectors } of waiting) {
      if (positions[slot] === -1) continue;
      for (const vector of vectors) nodes.borrow(slot, vector, 1);
      this.#ask(request, slot, positions[slot] as number);
      for (const vector of vectors) nodes.borrow(slot, vector, -1);
      this.#awaited.push(slot);
    }
    // Records of nodes that let the pod pass are those of another time.
    if (this.#open.size > 0) this.#orderSeen = -1;
    return this.#open.size === 0;
  }

  #catchUp(request: PodRequest): void {
    const { nodes } = this.#snapshot;
    const { changes, lastChange } = nodes;
    const behind = changes.head - this.#seen;
    const knows = this.#orderSeen === nodes.order.version && this.#specSeen === nodes.specVersion;
    if (!knows || behind > Math.min(changes.size, nodes.nodeCount)) this.#rebuild(request);
    else {
      for (const slot of this.#awaited.splice(0)) this.#ask(request, slot, nodes.order.positions[slot] as number);
      for (let entry = this.#seen; entry < changes.head; entry++) {
        const at = entry & changes.mask;
        const slot = changes.slots[at] as number;
        // A node that changes again is asked once.
        if (lastChange[slot] === entry) this.#ask(request, slot, changes.positions[at] as number);
      }
    }
    this.#seen = changes.head;
  }

  #rebuild(request: PodRequest): void {
    const { nodes } = this.#snapshot;
    const { list } = nodes.order;
    this.#awaited.length = 0;
    this.diagnosis.reset(nodes.nodeCount);
    for (let position = 0; position < nodes.nodeCount; position++) {
      this.diagnosis.reject(list[position] as number, 0, 0, this.diagnosis.reasonSet([]));
      this.#ask(request, list[position] as number, position);
    }
    this.#orderSeen = nodes.order.version;
    this.#specSeen = nodes.specVersion;
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

  /** Asks the filters about one node and keeps the answer. */
  #ask(request: PodRequest, slot: number, position: number): void {
    this.#single.reset(1);
    this.#slot[0] = slot;
    this.#open.delete(slot);
    for (const i of this.#active) {
      const filter = this.#filters[i] as FilterPlugin;
      if (filter.filter(request, this.#snapshot, this.#slot, 1, this.#single, i) > 0) continue;
      this.diagnosis.replace(position, this.#single);
      return;
    }
    this.#open.add(slot);
  }
}
