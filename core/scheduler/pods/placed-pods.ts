/**
 * Which pods have a node in the scheduler's view, by local id: assumed by itself, or seen as assigned.
 *
 * A pod is charged to at most one node. An assumed pod stays charged until it is forgotten (the binding failed) or seen
 * (kube-scheduler 1.34 never lets an assumption expire). Cost: its class is looked up for the usual confirmation.
 */
import { assert } from '../../base/assert.ts';
import type { Pod } from '../../types/pod.ts';
import type { SchedulingCore } from '../choice/scheduling-core.ts';
import type { Uncounted } from '../points.ts';
import type { PodClass } from './pod-shape.ts';

const NONE = 0;
const ASSUMED = 1;
const ASSIGNED = 2;

/** What a seen assignment meant for the view. */
export type Seen = 'new' | 'confirmed' | 'moved' | 'changed' | 'same';

/** Pods with a node. */
export class PlacedPods {
  readonly #core: SchedulingCore;
  /** Pods that are assumed but not charged, by id: only under the bug that ignores assumed pods. */
  readonly uncounted = new Map<number, Uncounted>();
  /** How many pods have which priority. */
  readonly #priorities = new Map<number, number>();
  #rows = new Int32Array(64);
  #states = new Uint8Array(64);
  #assumed = 0;

  constructor(core: SchedulingCore) {
    this.#core = core;
  }

  /** Pods assumed and not yet seen as assigned. */
  get assumedCount(): number {
    return this.#assumed;
  }

  /** The lowest priority of a pod with a node; Infinity without any. */
  get leastPriority(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const priority of this.#priorities.keys()) least = Math.min(least, priority);
    return least;
  }

  /** Whether the pod has a node here. */
  has(id: number): boolean {
    return id < this.#states.length && this.#states[id] !== NONE;
  }

  /** Whether the pod is assumed and not seen yet. */
  isAssumed(id: number): boolean {
    return id < this.#states.length && this.#states[id] === ASSUMED;
  }

  /** The slot that a pod is charged to, −1 without. */
  slotOf(id: number): number {
    const row = this.has(id) ? (this.#rows[id] as number) : -1;
    return row < 0 ? -1 : this.#core.pods.slotOf(row);
  }

  /** Charges a pod that has none to a slot. With `count` false the node does not get to know it (a planted bug). */
  assume(id: number, slot: number, podClass: PodClass, count: boolean, pod: Pod): void {
    this.#reserve(id);
    assert(this.#states[id] === NONE, 'placed pods: an assumed pod had no node');
    if (count) this.#rows[id] = this.#counted(this.#core.assume(slot, podClass), pod);
    else {
      this.#rows[id] = -1;
      this.uncounted.set(id, { slot, podClass });
    }
    this.#states[id] = ASSUMED;
    this.#assumed++;
  }

  /** The pod is seen with a node. What it is counted by may have changed while it was assumed (kube-scheduler 1.34, cache.AddPod). */
  see(id: number, pod: Pod, old: Pod | undefined): Seen {
    this.#reserve(id);
    const nodeName = pod.spec.nodeName as string;
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    const state = this.#states[id];
    if (state === NONE) {
      this.#add(id, pod, nodeName, terminating);
      return 'new';
    }
    const rowBefore = this.#rows[id] as number;
    if (state === ASSIGNED && rowBefore >= 0) this.#core.pods.setObject(rowBefore, pod);
    if (state === ASSIGNED && old !== undefined && sameToScheduler(old, pod)) return 'same';
    if (state === ASSUMED) this.#assumed--;
    this.#states[id] = ASSIGNED;
    const row = this.#rows[id] as number;
    const sameNode = row >= 0 && this.#core.nodes.names[this.#core.pods.slotOf(row)] === nodeName;
    if (sameNode && this.#core.classOf(pod) === this.#core.pods.classOf(row)) {
      this.#core.pods.setObject(row, pod);
      if (terminating) this.#core.pods.setTerminating(row);
      return state === ASSUMED ? 'confirmed' : 'same';
    }
    this.#release(id);
    this.#add(id, pod, nodeName, terminating);
    if (sameNode) return state === ASSUMED ? 'confirmed' : 'changed';
    return row < 0 ? 'confirmed' : 'moved';
  }

  /** Takes the pod off its node; false if it had none. */
  remove(id: number): boolean {
    if (!this.has(id)) return false;
    if (this.#states[id] === ASSUMED) this.#assumed--;
    this.#release(id);
    this.#states[id] = NONE;
    return true;
  }

  #add(id: number, pod: Pod, nodeName: string, terminating: boolean): void {
    this.#rows[id] = this.#counted(this.#core.addPod(nodeName, this.#core.classOf(pod), terminating), pod);
    this.#states[id] = ASSIGNED;
  }

  /** Remembers the pod of a new row. */
  #counted(row: number, pod: Pod): number {
    this.#core.pods.setObject(row, pod);
    const priority = pod.spec.priority ?? 0;
    this.#priorities.set(priority, (this.#priorities.get(priority) ?? 0) + 1);
    return row;
  }

  #release(id: number): void {
    const row = this.#rows[id] as number;
    if (row >= 0) this.#discount(row);
    else this.uncounted.delete(id);
  }

  #discount(row: number): void {
    const priority = this.#core.pods.objectOf(row)?.spec.priority ?? 0;
    const left = (this.#priorities.get(priority) ?? 1) - 1;
    if (left === 0) this.#priorities.delete(priority);
    else this.#priorities.set(priority, left);
    this.#core.removePod(row);
  }

  #reserve(id: number): void {
    if (id < this.#rows.length) return;
    const length = Math.max(id + 1, this.#rows.length * 2);
    const rows = new Int32Array(length);
    rows.set(this.#rows);
    this.#rows = rows;
    const states = new Uint8Array(length);
    states.set(this.#states);
    this.#states = states;
  }
}

/** Whether nothing that a placed pod is counted by differs; versions share what did not change. */
function sameToScheduler(a: Pod, b: Pod): boolean {
  return (
    a.spec === b.spec &&
    a.metadata.labels === b.metadata.labels &&
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp
  );
}
