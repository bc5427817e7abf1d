/**
 * Nodes that are alike to a class of pods but for their own total: the same domains, the same pods of interest, the same raw scores.
 *
 * A group is found by its components (small integers whose meaning is the caller's). It knows how many of its nodes are feasible, and by a
 * histogram of their totals the best and how many have it; so a verdict or a score of the group holds for thousands of nodes at once. A group
 * without nodes is used again. Cost: O(components) to find a group, O(1) to move a node.
 */
import { growInt32 } from '../../base/grow.ts';

/** More groups than this are no gain over looking at each node. */
export const GROUPS_MAX = 2048;

const NONE = -1;

/** All groups of one class. */
export class NodeGroups {
  /** Numbers that tell groups apart. */
  readonly width: number;
  /** Ids in use lie below this; some of them may be empty. */
  count = 0;
  /** {@link width} numbers a group. */
  components: Int32Array<ArrayBuffer>;
  /** Feasible nodes by group. */
  feasible: Int32Array<ArrayBuffer> = new Int32Array(16);
  /** Largest total of a feasible node by group, −1 without one. */
  best: Int32Array<ArrayBuffer> = new Int32Array(16);
  readonly #totalMax: number;
  readonly #histograms: Int32Array[] = [];
  /** Nodes by group, feasible or not. */
  #sizes: Int32Array<ArrayBuffer> = new Int32Array(16);
  readonly #firstByHash = new Map<number, number>();
  #nextInChain: Int32Array<ArrayBuffer> = new Int32Array(16);
  readonly #free: number[] = [];

  /** `totalMax` is the largest total that a node can have. */
  constructor(width: number, totalMax: number) {
    this.width = width;
    this.#totalMax = totalMax;
    this.components = new Int32Array(16 * width);
  }

  /** Feasible nodes of a group with this total. */
  withTotal(group: number, total: number): number {
    return (this.#histograms[group] as Int32Array)[total] as number;
  }

  /** The group with these components, a new one if there is none; −1 when there are too many groups. */
  find(wanted: Int32Array): number {
    const hash = this.#hashOf(wanted, 0);
    const first = this.#firstByHash.get(hash) ?? NONE;
    for (let group = first; group !== NONE; group = this.#nextInChain[group] as number) {
      if (this.has(group, wanted)) return group;
    }
    const group = this.#free.pop() ?? this.count;
    if (group >= GROUPS_MAX) return NONE;
    if (group === this.count) this.#append();
    this.components.set(wanted, group * this.width);
    this.#nextInChain[group] = first;
    this.#firstByHash.set(hash, group);
    return group;
  }

  /** Whether a group has these components. */
  has(group: number, wanted: Int32Array): boolean {
    const from = group * this.width;
    for (let i = 0; i < this.width; i++) if (this.components[from + i] !== wanted[i]) return false;
    return true;
  }

  /** A node comes to a group with its total, −1 = infeasible. */
  enter(group: number, total: number): void {
    this.#sizes[group] = (this.#sizes[group] as number) + 1;
    this.#count(group, total);
  }

  /** A node of a group has another total. */
  change(group: number, before: number, after: number): void {
    this.#discount(group, before);
    this.#count(group, after);
  }

  /** A node leaves a group. */
  leave(group: number, total: number): void {
    this.#discount(group, total);
    const size = (this.#sizes[group] as number) - 1;
    this.#sizes[group] = size;
    if (size === 0) this.#release(group);
  }

  #count(group: number, total: number): void {
    if (total < 0) return;
    const histogram = this.#histograms[group] as Int32Array;
    histogram[total] = (histogram[total] as number) + 1;
    this.feasible[group] = (this.feasible[group] as number) + 1;
    if (total > (this.best[group] as number)) this.best[group] = total;
  }

  #discount(group: number, total: number): void {
    if (total < 0) return;
    const histogram = this.#histograms[group] as Int32Array;
    const left = (histogram[total] as number) - 1;
    histogram[total] = left;
    this.feasible[group] = (this.feasible[group] as number) - 1;
    if (left > 0 || total < (this.best[group] as number)) return;
    let best = total - 1;
    if (this.feasible[group] === 0) best = -1;
    while (best >= 0 && histogram[best] === 0) best--;
    this.best[group] = best;
  }

  #append(): void {
    const group = this.count++;
    if (group >= this.feasible.length) {
      const length = this.feasible.length * 2;
      this.feasible = growInt32(this.feasible, length);
      this.best = growInt32(this.best, length);
      this.#sizes = growInt32(this.#sizes, length);
      this.#nextInChain = growInt32(this.#nextInChain, length);
      this.components = growInt32(this.components, length * this.width);
    }
    this.best[group] = -1;
    this.#histograms.push(new Int32Array(this.#totalMax + 1));
  }

  /** An empty group leaves its chain; its id is given again. */
  #release(group: number): void {
    const hash = this.#hashOf(this.components, group * this.width);
    const next = this.#nextInChain[group] as number;
    const first = this.#firstByHash.get(hash) as number;
    if (first === group) {
      if (next === NONE) this.#firstByHash.delete(hash);
      else this.#firstByHash.set(hash, next);
    } else {
      let before = first;
      while (this.#nextInChain[before] !== group) before = this.#nextInChain[before] as number;
      this.#nextInChain[before] = next;
    }
    this.#free.push(group);
  }

  #hashOf(numbers: Int32Array, from: number): number {
    let hash = 17;
    for (let i = 0; i < this.width; i++) hash = (Math.imul(hash, 0x9e3779b1) ^ (numbers[from + i] as number)) | 0;
    return hash;
  }
}
