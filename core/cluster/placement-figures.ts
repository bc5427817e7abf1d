/**
 * How good a placement is: what is allocated, what is fragmented or stranded, how evenly nodes are filled.
 *
 * Everything is read from the scheduler's node table at the moment of the call; the fragmentation of each node is brought up
 * to date by whoever places and removes pods.
 */
import type { GpuColumns } from '../scheduler/devices/gpu-columns.ts';
import { DEVICE_MILLI } from '../scheduler/devices/gpu-demand.ts';
import { CAPACITY, type NodeTable, ROW } from '../scheduler/nodes/node-table.ts';
import { CPU, MEMORY, PODS } from '../scheduler/nodes/resource-names.ts';
import { nearness } from '../scheduler/policies/data-local.ts';
import { Fragmentation } from '../scheduler/policies/fragmentation.ts';
import { CPU_USAGE_LABEL, slotUsageMilli } from '../scheduler/policies/load-aware.ts';
import { freeCpuMilli } from '../scheduler/policies/node-scale.ts';
import type { TypicalPod } from '../scheduler/policies/typical-pods.ts';
import type { Placement } from './placement.ts';

/** GPU figures of a placement, brought up to date node by node. */
export class GpuMeter {
  readonly #placement: Placement;
  readonly #gpus: GpuColumns;
  readonly #fragmentation: Fragmentation;
  readonly #byNode: Float64Array;

  constructor(placement: Placement, typical: readonly TypicalPod[]) {
    this.#placement = placement;
    this.#gpus = placement.core.nodes.gpus;
    this.#fragmentation = new Fragmentation(this.#gpus, typical);
    this.#byNode = new Float64Array(placement.core.nodes.slotCount);
    for (let node = 0; node < this.#byNode.length; node++) this.update(node);
  }

  /** A pod came to a node or left it. */
  update(node: number): void {
    const { nodes } = this.#placement.core;
    this.#byNode[node] = this.#fragmentation.of(node, freeCpuMilli(nodes, node));
  }

  /** Fragmentation of all nodes, thousandths of a device; added in the order of the nodes. */
  fragmentMilli(): number {
    const byNode = this.#byNode;
    let sum = 0;
    for (let i = 0; i < byNode.length; i++) sum += byNode[i] as number;
    return sum;
  }

  /** Idle thousandths of all nodes. */
  idleMilli(): number {
    const free = this.#gpus.freeTotal;
    let sum = 0;
    for (let i = 0; i < this.#byNode.length; i++) sum += free[i] as number;
    return sum;
  }
}

/** Sums over all nodes: allocatable and requested. */
export interface Totals {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly gpuMilli: number;
}

/** Allocatable of all nodes. */
export function capacityOf({ core: { nodes } }: Placement): Totals {
  let cpuMilli = 0;
  let memoryBytes = 0;
  for (let node = 0; node < nodes.slotCount; node++) {
    cpuMilli += nodes.rows[node * ROW + CAPACITY + CPU] as number;
    memoryBytes += nodes.rows[node * ROW + CAPACITY + MEMORY] as number;
  }
  return { cpuMilli, memoryBytes, gpuMilli: nodes.gpus.deviceCount * DEVICE_MILLI };
}

/** Places for pods on all nodes. */
export function podSlots({ core: { nodes } }: Placement): number {
  let slots = 0;
  for (let node = 0; node < nodes.slotCount; node++) slots += nodes.rows[node * ROW + CAPACITY + PODS] as number;
  return slots;
}

/** Nodes with at least one pod. */
export function nodesUsed({ core: { nodes } }: Placement): number {
  let used = 0;
  for (let node = 0; node < nodes.slotCount; node++) if ((nodes.rows[node * ROW + PODS] as number) > 0) used++;
  return used;
}

/** What is free on nodes where no pod of the workload that asks for it fits any more. */
export function strandedOf(placement: Placement, kindCount: number): Totals {
  const { nodes } = placement.core;
  const demands = Array.from({ length: kindCount }, (_, kind) => placement.demandOf(kind));
  let cpuMilli = 0;
  let memoryBytes = 0;
  let gpuMilli = 0;
  for (let node = 0; node < nodes.slotCount; node++) {
    let cpuUsable = false;
    let gpuUsable = false;
    for (let kind = 0; kind < kindCount && !(cpuUsable && gpuUsable); kind++) {
      const asksGpu = (demands[kind]?.gpuMilli ?? 0) > 0;
      if ((cpuUsable && !asksGpu) || !placement.hasRoom(kind, node)) continue;
      cpuUsable = true;
      gpuUsable ||= asksGpu;
    }
    const at = node * ROW;
    if (!cpuUsable) {
      cpuMilli += freeCpuMilli(nodes, node);
      memoryBytes += (nodes.rows[at + CAPACITY + MEMORY] as number) - (nodes.rows[at + MEMORY] as number);
    }
    if (!gpuUsable) gpuMilli += Math.max(0, nodes.gpus.freeTotal[node] ?? 0);
  }
  return { cpuMilli, memoryBytes, gpuMilli };
}

/** The fullest resource of each node (cpu, memory, GPU), as a share from 0 to 1. */
export function dominantShares({ core: { nodes } }: Placement): Float64Array {
  return Float64Array.from({ length: nodes.slotCount }, (_, node) => dominantShare(nodes, node));
}

function dominantShare(nodes: NodeTable, node: number): number {
  const at = node * ROW;
  const share = (resource: number): number => {
    const capacity = nodes.rows[at + CAPACITY + resource] as number;
    return capacity === 0 ? 0 : (nodes.rows[at + resource] as number) / capacity;
  };
  const gpuMilli = (nodes.gpus.devices[node] as number) * DEVICE_MILLI;
  const gpu = gpuMilli === 0 ? 0 : 1 - (nodes.gpus.freeTotal[node] as number) / gpuMilli;
  return Math.max(share(CPU), share(MEMORY), gpu);
}

/** A node is hot above this share of its cpu. */
const HOT_SHARE = 0.8;

/** Measured cpu of all nodes; null where no pod has a measurement. */
export interface CpuUse {
  readonly usedMilli: number;
  /** Nodes that use more than 80 % of their cpu. */
  readonly hotNodes: number;
  readonly pods: number;
  /** Pods on nodes whose pods want more cpu than there is. */
  readonly contendedPods: number;
}

/** What the placed pods really use. */
export function cpuUse({ core: { nodes, pods, snapshot } }: Placement): CpuUse | null {
  let usedMilli = 0;
  let hotNodes = 0;
  let podCount = 0;
  let contendedPods = 0;
  let measured = false;
  for (let node = 0; node < nodes.slotCount; node++) {
    const used = slotUsageMilli(snapshot, node);
    const capacity = nodes.rows[node * ROW + CAPACITY + CPU] as number;
    const count = nodes.rows[node * ROW + PODS] as number;
    for (let row = nodes.firstPod[node] as number; row >= 0 && !measured; row = pods.nextOf(row)) {
      measured = CPU_USAGE_LABEL in pods.classOf(row).group.labels;
    }
    usedMilli += Math.min(used, capacity);
    podCount += count;
    if (used > HOT_SHARE * capacity) hotNodes++;
    if (used > capacity) contendedPods += count;
  }
  return measured ? { usedMilli, hotNodes, pods: podCount, contendedPods } : null;
}

/** Pods whose data lie somewhere, and how many are there; null where no pod has data. */
export interface DataNearness {
  readonly pods: number;
  readonly onNode: number;
  /** In the zone of the data, but not on their node. */
  readonly inZone: number;
}

/** How near placed pods are to their data. */
export function dataNearness({ core: { nodes, pods } }: Placement): DataNearness | null {
  const counts = [0, 0, 0];
  for (let node = 0; node < nodes.slotCount; node++) {
    for (let row = nodes.firstPod[node] as number; row >= 0; row = pods.nextOf(row)) {
      const near = nearness(nodes, node, pods.classOf(row).group.labels);
      if (near >= 0) counts[near] = (counts[near] as number) + 1;
    }
  }
  const [elsewhere = 0, inZone = 0, onNode = 0] = counts;
  const all = elsewhere + inZone + onNode;
  return all === 0 ? null : { pods: all, onNode, inZone };
}
