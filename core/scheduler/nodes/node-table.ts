/**
 * What the scheduler knows about nodes, in columns.
 *
 * A node has a *slot*; every column is a typed array indexed by slot. A slot exists as soon as a node object or an assigned
 * pod names the node, and is reused when both are gone; only slots with a node object (*live*) are in the search order.
 * Requested sums are integers in the units of `resource-names.ts`, `nonZero…` are the sums with kube-scheduler's scoring
 * defaults. Arrays are replaced when the table grows: read them afresh in each call. Cost: O(1) a pod added or removed.
 */

import { assert } from '../../base/assert.ts';
import { NameIndex } from '../../base/name-index.ts';
import type { Node, Taint } from '../../types/node.ts';
import type { StringMap } from '../../types/object.ts';
import { amountOf } from '../../types/quantity.ts';
import type { DeviceStock } from '../devices/device-stock.ts';
import { GpuColumns } from '../devices/gpu-columns.ts';
import { ChangeLog } from './change-log.ts';
import { NodeOrder, type NodeOrderRule, zoneOf } from './node-order.ts';
import { CPU, EPHEMERAL_STORAGE, FIRST_EXTENDED, MEMORY, PODS, type ResourceNames } from './resource-names.ts';
import type { ResourceVector } from './resource-vector.ts';
import { StringIds } from './string-ids.ts';
import { TaintSets } from './taint-sets.ts';
import { TopologyColumn } from './topology-columns.ts';

/** At most so many nodes in one scheduler. */
const MAX_NODES = 1 << 20;

const NO_LABELS: StringMap = Object.freeze({});

/** Numbers in a slot's row. */
export const ROW = 16;
/** Non-zero sums (scoring defaults included) and 1 ÷ allocatable (0 for 0) within a row. */
export const NON_ZERO_CPU = 4;
export const NON_ZERO_MEMORY = 5;
const INVERSE_CPU = 6;
const INVERSE_MEMORY = 7;
/** Allocatable of resource number r is at CAPACITY + r. */
export const CAPACITY = 8;

/** Fixed-point shares of the capacity in {@link NodeTable.shares}: 20 bits behind the point, off by less than a unit. */
export const SHARE_BITS = 20;
/** A slot's shares begin at slot << {@link SHARES_SHIFT}: 100 × non-zero free ÷ capacity, what cpu has over memory in 50 × really requested ÷ capacity, capacity class. */
export const SHARES_SHIFT = 2;
const SHARES = 1 << SHARES_SHIFT;
export const FREE_CPU_SHARE = 0;
export const FREE_MEMORY_SHARE = 1;
export const USED_DIFFERENCE = 2;
export const CAPACITY_CLASS = 3;
const SHARE_MAX = 1 << 30;

/** Slots with room at first: V8 keeps columns of up to 64 bytes in its own heap, others cost a few times as much to make. */
const SLOTS_MIN = 16;

/** Columns of all nodes. */
export class NodeTable {
  readonly resources: ResourceNames;
  readonly taints = new TaintSets();
  readonly order: NodeOrder;
  /** Devices one by one, for shares of a GPU. */
  readonly gpus = new GpuColumns();
  /** Changes of any kind: usage or description. */
  readonly changes = new ChangeLog();
  /** Grows with each change of a node's own description: labels, taints, cordon, allocatable, coming and going. */
  specVersion = 0;
  /** Slots in use or free lie below this. */
  slotCount = 0;
  /** Rows filtered or scored for a pod so far: the work of the search. */
  evaluations = 0;
  /** Node name by slot. */
  readonly names: string[] = [];
  /** Node object by slot, `null` when only pods name the node. */
  readonly nodes: (Node | null)[] = [];
  /** Labels by slot. */
  readonly labels: StringMap[] = [];
  /** 1 when the slot has a node object. */
  live = new Uint8Array(SLOTS_MIN);
  /** `spec.unschedulable` by slot. */
  unschedulable = new Uint8Array(SLOTS_MIN);
  /** Id of the taint list by slot. */
  taintSet = new Int32Array(SLOTS_MIN);
  /**
   * One row of {@link ROW} numbers a slot for the resources every node has: requested sums at the resource's number (pods:
   * how many), allocatable at {@link CAPACITY} + number, then the figures of scoring. Two cache lines a node.
   */
  rows = new Float64Array(SLOTS_MIN * ROW);
  /** {@link SHARES} integers a slot for quick estimates; a node without cpu, memory or a place for a pod has the lowest free share. */
  shares = new Int32Array(SLOTS_MIN * SHARES);
  /** Cpu and memory capacity of each class of equal nodes. */
  readonly classCpu: number[] = [];
  readonly classMemory: number[] = [];
  readonly #classes = new StringIds();
  readonly #extendedRequested: Float64Array<ArrayBuffer>[] = [];
  readonly #extendedAllocatable: Float64Array<ArrayBuffer>[] = [];
  readonly #holders: Set<number>[] = [];
  /** Number of the slot's last entry in the log of changes. */
  lastChange = new Int32Array(SLOTS_MIN);
  /** First pod row of the slot in the pod table's lists, −1 for none. */
  firstPod = new Int32Array(SLOTS_MIN).fill(-1);
  #deviceStock: DeviceStock | null = null;
  readonly #slots = new NameIndex(this.names);
  readonly #free: number[] = [];
  readonly #topology = new Map<string, TopologyColumn>();
  #capacity = SLOTS_MIN;

  constructor(resources: ResourceNames, orderRule: NodeOrderRule) {
    this.resources = resources;
    this.order = new NodeOrder(orderRule);
    this.reserveResources();
  }

  /** Number of live nodes. */
  get nodeCount(): number {
    return this.order.count;
  }

  /** Devices that stand for extended resources, by number of the resource; `null` where none do. */
  get deviceStock(): DeviceStock | null {
    return this.#deviceStock;
  }

  /** The slot of a name, −1 when there is none. */
  find(name: string): number {
    return this.#slots.find(name);
  }

  /** What devices and volumes are matched with on a slot. */
  identityOf(slot: number): { readonly name: string; readonly labels: StringMap } {
    return { name: this.names[slot] as string, labels: this.labels[slot] as StringMap };
  }

  /** The slot of a name, a new one when there is none. */
  slotFor(name: string): number {
    const known = this.#slots.find(name);
    if (known >= 0) return known;
    const slot = this.#free.pop() ?? this.slotCount++;
    assert(slot < MAX_NODES, `more than ${MAX_NODES} nodes in one scheduler`);
    if (slot >= this.#capacity) this.#grow(slot + 1);
    this.names[slot] = name;
    this.#slots.add(slot);
    this.nodes[slot] = null;
    this.labels[slot] = NO_LABELS;
    return slot;
  }

  /** Adds or replaces a node object; returns its slot. A version that differs in nothing the scheduler reads costs little. */
  putNode(node: Node): number {
    const slot = this.slotFor(node.metadata.name);
    const before = this.nodes[slot] ?? null;
    this.nodes[slot] = node;
    if (before !== null && sameToScheduler(before, node)) return slot;
    this.labels[slot] = node.metadata.labels ?? NO_LABELS;
    this.live[slot] = 1;
    this.unschedulable[slot] = node.spec?.unschedulable === true ? 1 : 0;
    this.taintSet[slot] = this.taints.intern(node.spec?.taints);
    this.#putAllocatable(slot, node);
    this.gpus.put(slot, node);
    for (const column of this.#topology.values()) column.set(slot, this.labels[slot]);
    this.order.put(slot, node.metadata.name, zoneOf(this.labels[slot] as StringMap));
    this.specVersion++;
    return slot;
  }

  /** Takes the node object away; the slot stays while pods are on it. A name that is not known is ignored. */
  removeNode(name: string): void {
    const slot = this.find(name);
    if (slot < 0 || this.live[slot] === 0) return;
    this.nodes[slot] = null;
    this.labels[slot] = NO_LABELS;
    this.live[slot] = 0;
    this.unschedulable[slot] = 0;
    this.taintSet[slot] = 0;
    this.#clearAllocatable(slot);
    this.gpus.clear(slot);
    for (const column of this.#topology.values()) column.set(slot, undefined);
    this.order.remove(slot);
    this.specVersion++;
    this.releaseIfEmpty(slot);
  }

  /** Frees the slot when neither a node object nor a pod holds it. */
  releaseIfEmpty(slot: number): void {
    if (this.live[slot] === 1 || this.rows[slot * ROW + PODS] !== 0) return;
    const name = this.names[slot];
    if (name === undefined || this.#slots.find(name) !== slot) return;
    this.#slots.remove(slot);
    this.#free.push(slot);
  }

  /** Requested sum of a resource number on a slot. */
  requestedOf(slot: number, resource: number): number {
    if (resource < FIRST_EXTENDED) return this.rows[slot * ROW + resource] as number;
    return this.#extendedRequested[resource - FIRST_EXTENDED]?.[slot] ?? 0;
  }

  /** Allocatable amount of a resource number on a slot, 0 when the node does not name it. */
  allocatableOf(slot: number, resource: number): number {
    if (resource < FIRST_EXTENDED) return this.rows[slot * ROW + CAPACITY + resource] as number;
    return this.#extendedAllocatable[resource - FIRST_EXTENDED]?.[slot] ?? 0;
  }

  /** Whether a slot lacks an amount of a resource. One that it does not have at all and devices may stand for is not its business. */
  lacks(slot: number, resource: number, amount: number): boolean {
    const allocatable = this.allocatableOf(slot, resource);
    if (amount <= allocatable - this.requestedOf(slot, resource)) return false;
    return allocatable > 0 || this.#deviceStock?.standsFor(resource) !== true;
  }

  /** Whether a slot's node has any of a resource itself. */
  has(slot: number, resource: string): boolean {
    return this.allocatableOf(slot, this.resources.intern(resource)) > 0;
  }

  /** Other resources may have devices now: what caches know of the nodes is out of date. */
  setDeviceStock(stock: DeviceStock): void {
    this.#deviceStock = stock;
    this.specVersion++;
  }

  /** Adds a pod's requests to a slot, `sign` 1, or takes them off, `sign` −1. */
  charge(slot: number, vector: ResourceVector, sign: 1 | -1): void {
    this.borrow(slot, vector, sign);
    this.touch(slot);
  }

  /** The same for a moment: caches do not get to know of it, so it has to be given back before they are used. */
  borrow(slot: number, vector: ResourceVector, sign: 1 | -1): void {
    const rows = this.rows;
    const at = slot * ROW;
    rows[at] = (rows[at] as number) + sign * vector.cpu;
    rows[at + MEMORY] = (rows[at + MEMORY] as number) + sign * vector.memory;
    rows[at + EPHEMERAL_STORAGE] = (rows[at + EPHEMERAL_STORAGE] as number) + sign * vector.ephemeralStorage;
    rows[at + PODS] = (rows[at + PODS] as number) + sign;
    rows[at + NON_ZERO_CPU] = (rows[at + NON_ZERO_CPU] as number) + sign * vector.nodeCpu;
    rows[at + NON_ZERO_MEMORY] = (rows[at + NON_ZERO_MEMORY] as number) + sign * vector.nodeMemory;
    this.#setShares(slot);
    if (vector.hasExtended) this.#chargeExtended(slot, vector, sign);
  }

  /** Notes that what caches know about a slot is out of date. */
  touch(slot: number): void {
    const position = this.order.positionHint(slot);
    if (position < 0) return;
    this.lastChange[slot] = this.changes.head;
    this.changes.touch(slot, position);
  }

  /** The column of a topology key, made at the first use. */
  topology(key: string): TopologyColumn {
    let column = this.#topology.get(key);
    if (column === undefined) {
      column = new TopologyColumn(key, this.#capacity);
      for (let slot = 0; slot < this.slotCount; slot++) {
        if (this.live[slot] === 1) column.set(slot, this.labels[slot]);
      }
      this.#topology.set(key, column);
    }
    return column;
  }

  /** Slots whose nodes have some of an extended resource. */
  holdersOf(resource: number): ReadonlySet<number> {
    return this.#holders[resource - FIRST_EXTENDED] as ReadonlySet<number>;
  }

  /** Makes a pair of columns for every extended resource that has a number. */
  reserveResources(): void {
    while (this.#extendedRequested.length < this.resources.count - FIRST_EXTENDED) {
      this.#extendedRequested.push(new Float64Array(this.#capacity));
      this.#extendedAllocatable.push(new Float64Array(this.#capacity));
      this.#holders.push(new Set());
    }
  }

  #setShares(slot: number): void {
    const rows = this.rows;
    const shares = this.shares;
    const from = slot * ROW;
    const to = slot * SHARES;
    const cpu = (rows[from + INVERSE_CPU] as number) * (1 << SHARE_BITS);
    const memory = (rows[from + INVERSE_MEMORY] as number) * (1 << SHARE_BITS);
    const freeCpu = (rows[from + CAPACITY + CPU] as number) - (rows[from + NON_ZERO_CPU] as number);
    const freeMemory = (rows[from + CAPACITY + MEMORY] as number) - (rows[from + NON_ZERO_MEMORY] as number);
    const isFull = (rows[from + PODS] as number) >= (rows[from + CAPACITY + PODS] as number);
    shares[to + FREE_CPU_SHARE] = cpu === 0 || isFull ? -SHARE_MAX : toShare(freeCpu * 100 * cpu);
    shares[to + FREE_MEMORY_SHARE] = memory === 0 ? -SHARE_MAX : toShare(freeMemory * 100 * memory);
    shares[to + USED_DIFFERENCE] =
      toShare((rows[from + CPU] as number) * 50 * cpu) - toShare((rows[from + MEMORY] as number) * 50 * memory);
  }

  #setCapacityClass(slot: number): void {
    const cpu = this.rows[slot * ROW + CAPACITY + CPU] as number;
    const memory = this.rows[slot * ROW + CAPACITY + MEMORY] as number;
    const id = this.#classes.intern(`${cpu} ${memory}`);
    this.classCpu[id] = cpu;
    this.classMemory[id] = memory;
    this.shares[slot * SHARES + CAPACITY_CLASS] = id;
  }

  #chargeExtended(slot: number, vector: ResourceVector, sign: 1 | -1): void {
    for (let i = 0; i < vector.amounts.length; i++) {
      const resource = vector.resources[i] as number;
      if (resource < FIRST_EXTENDED) continue;
      const column = this.#extendedRequested[resource - FIRST_EXTENDED] as Float64Array;
      column[slot] = (column[slot] as number) + sign * (vector.amounts[i] as number);
    }
  }

  #clearAllocatable(slot: number): void {
    const at = slot * ROW;
    this.rows.fill(0, at + CAPACITY, at + ROW);
    this.rows[at + INVERSE_CPU] = 0;
    this.rows[at + INVERSE_MEMORY] = 0;
    this.#setShares(slot);
    for (let i = 0; i < this.#extendedAllocatable.length; i++) {
      const column = this.#extendedAllocatable[i] as Float64Array;
      if (column[slot] === 0) continue;
      column[slot] = 0;
      this.#holders[i]?.delete(slot);
    }
  }

  #putAllocatable(slot: number, node: Node): void {
    this.#clearAllocatable(slot);
    const list = node.status?.allocatable ?? {};
    const at = slot * ROW;
    for (const name of Object.keys(list)) {
      const id = this.resources.intern(name);
      const amount = amountOf(name, list[name] as string | number);
      if (id < FIRST_EXTENDED) this.rows[at + CAPACITY + id] = amount;
      else {
        this.reserveResources();
        (this.#extendedAllocatable[id - FIRST_EXTENDED] as Float64Array)[slot] = amount;
        if (amount > 0) this.#holders[id - FIRST_EXTENDED]?.add(slot);
      }
    }
    this.rows[at + INVERSE_CPU] = inverse(this.rows[at + CAPACITY + CPU] as number);
    this.rows[at + INVERSE_MEMORY] = inverse(this.rows[at + CAPACITY + MEMORY] as number);
    this.#setCapacityClass(slot);
    this.#setShares(slot);
  }

  #grow(slots: number): void {
    // A row is long: from some thousands on a quarter more is enough.
    const capacity = Math.max(
      slots,
      this.#capacity + (this.#capacity < DOUBLING_MAX ? this.#capacity : this.#capacity >>> 2),
    );
    this.#capacity = capacity;
    for (const columns of [this.#extendedRequested, this.#extendedAllocatable]) {
      for (let id = 0; id < columns.length; id++) columns[id] = grownFloats(columns[id] as Float64Array, capacity);
    }
    this.rows = grownFloats(this.rows, capacity * ROW);
    this.shares = grownInts(this.shares, capacity * SHARES, 0);
    this.live = grownBytes(this.live, capacity);
    this.unschedulable = grownBytes(this.unschedulable, capacity);
    this.taintSet = grownInts(this.taintSet, capacity, 0);
    this.lastChange = grownInts(this.lastChange, capacity, 0);
    this.firstPod = grownInts(this.firstPod, capacity, -1);
  }
}

/** Slots up to which the columns double when they grow. */
const DOUBLING_MAX = 4096;

function sameToScheduler(a: Node, b: Node): boolean {
  return (
    (a.spec?.unschedulable === true) === (b.spec?.unschedulable === true) &&
    sameEntries(a.metadata.labels, b.metadata.labels) &&
    sameEntries(a.status?.allocatable, b.status?.allocatable) &&
    sameTaints(a.spec?.taints ?? [], b.spec?.taints ?? [])
  );
}

function sameEntries(a: object | undefined, b: object | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  const left = Object.entries(a);
  if (left.length !== Object.keys(b).length) return false;
  return left.every(([key, value]) => (b as Record<string, unknown>)[key] === value);
}

function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every((taint, i) => {
    const other = b[i] as Taint;
    return taint.key === other.key && taint.effect === other.effect && (taint.value ?? '') === (other.value ?? '');
  });
}

/** Cuts to a fixed-point share, off by less than a unit; what no share can be is cut off. Plain comparisons: this runs for each pod that comes or goes. */
export function toShare(value: number): number {
  if (value > SHARE_MAX) return SHARE_MAX;
  return value < -SHARE_MAX ? -SHARE_MAX : value | 0;
}

function inverse(value: number): number {
  return value > 0 ? 1 / value : 0;
}

function grownFloats(old: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const array = new Float64Array(length);
  array.set(old);
  return array;
}

function grownInts(old: Int32Array, length: number, fill: number): Int32Array<ArrayBuffer> {
  const array = new Int32Array(length).fill(fill);
  array.set(old);
  return array;
}

function grownBytes(old: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const array = new Uint8Array(length);
  array.set(old);
  return array;
}
