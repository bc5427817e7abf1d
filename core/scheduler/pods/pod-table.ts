/**
 * Pods on nodes, in columns: class, slot and whether it is being deleted; the pods of one node form a list.
 *
 * Adding or removing a pod charges the node, the counters that select it and the pod terms that it carries; nothing else in
 * the scheduler changes those figures. Rows are reused. Cost: O(1) and no allocation for pods without pod terms.
 */
import { assert } from '../../base/assert.ts';
import type { Pod } from '../../types/pod.ts';
import type { NodeTable } from '../nodes/node-table.ts';
import type { Snapshot } from '../plugins/plugin.ts';
import type { PodCounts } from './pod-counts.ts';
import type { PodClass } from './pod-shape.ts';

type CarriedOf = Pick<Snapshot, 'carried' | 'carriedAffinity' | 'carriedPreferred'>;

/** At most so many pods on nodes at one time. */
const MAX_POD_ROWS = 1 << 24;

/** Rows with room at first. */
const ROWS_MIN = 16;

const TERMINATING = 1;

/** Columns of all pods that count on a node. */
export class PodTable {
  readonly #nodes: NodeTable;
  readonly #counts: PodCounts;
  readonly #carried: CarriedOf;
  #objects: (Pod | undefined)[] = [];
  #classes: (PodClass | null)[] = [];
  #slots = new Int32Array(ROWS_MIN).fill(-1);
  #next = new Int32Array(ROWS_MIN);
  #previous = new Int32Array(ROWS_MIN);
  #flags = new Uint8Array(ROWS_MIN);
  readonly #free: number[] = [];
  #rowCount = 0;
  #count = 0;
  /** Pods that are remembered as objects, see {@link setObject}. */
  objectCount = 0;
  /** By slot: grows when a pod came or went, or one got another priority or start. */
  versions = new Uint32Array(16);
  /** Slots whose pods have new versions that no column shows; a reader sets it to get to know them. */
  staleSlots: Set<number> | null = null;

  constructor(nodes: NodeTable, counts: PodCounts, carried: CarriedOf) {
    this.#nodes = nodes;
    this.#counts = counts;
    this.#carried = carried;
  }

  /** Number of pods on nodes. */
  get count(): number {
    return this.#count;
  }

  /** Puts a pod on a slot; returns its row. */
  add(slot: number, podClass: PodClass, terminating: boolean): number {
    const row = this.#free.pop() ?? this.#rowCount++;
    assert(row < MAX_POD_ROWS, `more than ${MAX_POD_ROWS} pods on nodes`);
    if (row >= this.#slots.length) this.#grow();
    const first = this.#nodes.firstPod[slot] as number;
    this.#classes[row] = podClass;
    this.#slots[row] = slot;
    this.#flags[row] = terminating ? TERMINATING : 0;
    this.#next[row] = first;
    this.#previous[row] = -1;
    if (first >= 0) this.#previous[first] = row;
    this.#nodes.firstPod[slot] = row;
    this.#count++;
    this.#charge(slot, podClass, terminating, 1);
    return row;
  }

  /** Takes a pod off its node and frees the row. */
  remove(row: number): void {
    const slot = this.#slots[row] as number;
    assert(slot >= 0, 'pod table: the row is in use');
    const podClass = this.#classes[row] as PodClass;
    const next = this.#next[row] as number;
    const previous = this.#previous[row] as number;
    if (previous >= 0) this.#next[previous] = next;
    else this.#nodes.firstPod[slot] = next;
    if (next >= 0) this.#previous[next] = previous;
    this.#charge(slot, podClass, this.#flags[row] === TERMINATING, -1);
    this.#slots[row] = -1;
    this.#classes[row] = null;
    if (this.objectOf(row) !== undefined) {
      this.#objects[row] = undefined;
      this.objectCount--;
    }
    this.#free.push(row);
    this.#count--;
    this.#nodes.releaseIfEmpty(slot);
  }

  /** The pod got a deletion timestamp: it keeps its resources, but topology spread no longer counts it. */
  setTerminating(row: number): void {
    if (this.#flags[row] === TERMINATING) return;
    this.#flags[row] = TERMINATING;
    this.#counts.becomeTerminating(this.slotOf(row), this.classOf(row).group);
    this.#nodes.touch(this.slotOf(row));
  }

  /** Remembers the pod itself, for what no class holds (priority, claims, times); nothing else depends on it. */
  setObject(row: number, pod: Pod): void {
    const before = this.#objects[row];
    if (before === pod) return;
    if (before?.status?.startTime !== pod.status?.startTime || before?.spec.priority !== pod.spec.priority) {
      this.#renew(this.slotOf(row));
    }
    if (before === undefined) this.objectCount++;
    while (this.#objects.length < row) this.#objects.push(undefined);
    this.#objects[row] = pod;
    if (this.staleSlots !== null) this.staleSlots.add(this.slotOf(row));
  }

  /** The pod of a row, undefined when it is its class and nothing more. */
  objectOf(row: number): Pod | undefined {
    return this.#objects[row];
  }

  /** The node slot of a row. */
  slotOf(row: number): number {
    return this.#slots[row] as number;
  }

  /** The class of a row. */
  classOf(row: number): PodClass {
    return this.#classes[row] as PodClass;
  }

  /** Whether the pod of a row is being deleted. */
  isTerminating(row: number): boolean {
    return this.#flags[row] === TERMINATING;
  }

  /** The next row of the same node, −1 at the end; start with `nodes.firstPod[slot]`. */
  nextOf(row: number): number {
    return this.#next[row] as number;
  }

  /** Counts every pod into one counter that was just made. */
  fillCounter(counter: number): void {
    const skips = this.#counts.skipsTerminating(counter);
    this.#counts.reserve(this.#nodes.slotCount);
    for (let row = 0; row < this.#rowCount; row++) {
      const podClass = this.#classes[row];
      if (podClass === null || podClass === undefined || (skips && this.isTerminating(row))) continue;
      if (this.#counts.selects(counter, podClass.group)) this.#counts.changeOne(counter, this.slotOf(row), 1);
    }
  }

  /** Gives pods that are known as objects the class that `classOf` gives them now, and counts all anew. Shape and terms stay. */
  reclassify(classOf: (pod: Pod) => PodClass): void {
    for (let row = 0; row < this.#rowCount; row++) {
      const pod = this.#classes[row] === null ? undefined : this.#objects[row];
      if (pod !== undefined) this.#classes[row] = classOf(pod);
    }
    this.recount();
  }

  /** Counts all pods anew in all counters. */
  recount(): void {
    this.#counts.reset();
    for (let row = 0; row < this.#rowCount; row++) {
      const podClass = this.#classes[row];
      if (podClass === null || podClass === undefined) continue;
      this.#counts.change(this.slotOf(row), podClass.group, this.isTerminating(row), 1);
    }
  }

  #renew(slot: number): void {
    if (slot >= this.versions.length) {
      const versions = new Uint32Array(Math.max(slot + 1, this.versions.length * 2));
      versions.set(this.versions);
      this.versions = versions;
    }
    this.versions[slot] = (this.versions[slot] as number) + 1;
  }

  #charge(slot: number, podClass: PodClass, terminating: boolean, sign: 1 | -1): void {
    this.#nodes.charge(slot, podClass.shape.vector, sign);
    this.#renew(slot);
    this.#counts.change(slot, podClass.group, terminating, sign);
    const { terms } = podClass;
    if (terms === null) return;
    this.#carried.carried.change(slot, terms.carried, sign);
    this.#carried.carriedAffinity.change(slot, terms.carriedAffinity, sign);
    this.#carried.carriedPreferred.change(slot, terms.carriedPreferred, sign);
  }

  #grow(): void {
    const length = this.#slots.length * 2;
    const grown = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(length);
      array.set(old);
      return array;
    };
    this.#slots = grown(this.#slots);
    this.#next = grown(this.#next);
    this.#previous = grown(this.#previous);
    const flags = new Uint8Array(length);
    flags.set(this.#flags);
    this.#flags = flags;
  }
}
