/**
 * The largest node of a cluster: what packing policies divide by, so that resources of different units can be added.
 *
 * The artifact of the FGD paper writes the largest node of its cluster as constants (128 cores, 8 GPUs); taken from the table,
 * the rule is the same there and has a meaning elsewhere. Where no node has a GPU, memory takes its place.
 */

import { DEVICE_MILLI } from '../devices/gpu-demand.ts';
import { CAPACITY, type NodeTable, ROW } from '../nodes/node-table.ts';
import { CPU, MEMORY } from '../nodes/resource-names.ts';
import type { PodShape } from '../pods/pod-shape.ts';

/** Two resources of a cluster: cpu, and GPU or memory. */
export class NodeScale {
  /** Largest allocatable cpu of a node, millicores; 1 without nodes. */
  cpuMax = 1;
  /** Largest amount of the second resource: thousandths of devices, or bytes. */
  otherMax = 1;
  /** Whether the second resource is the GPU. */
  usesGpu = false;
  #seen = -1;

  /** Looks at the nodes again when they changed. */
  update(nodes: NodeTable): void {
    if (this.#seen === nodes.specVersion) return;
    this.#seen = nodes.specVersion;
    this.usesGpu = nodes.gpus.deviceCount > 0;
    this.cpuMax = 1;
    this.otherMax = 1;
    for (let slot = 0; slot < nodes.slotCount; slot++) {
      if (nodes.live[slot] === 0) continue;
      const at = slot * ROW + CAPACITY;
      this.cpuMax = Math.max(this.cpuMax, nodes.rows[at + CPU] as number);
      const other = this.usesGpu
        ? (nodes.gpus.devices[slot] as number) * DEVICE_MILLI
        : (nodes.rows[at + MEMORY] as number);
      this.otherMax = Math.max(this.otherMax, other);
    }
  }

  /** What is left of the second resource on a slot. */
  otherFree(nodes: NodeTable, slot: number): number {
    if (this.usesGpu) return nodes.gpus.freeTotal[slot] as number;
    const at = slot * ROW;
    return (nodes.rows[at + CAPACITY + MEMORY] as number) - (nodes.rows[at + MEMORY] as number);
  }

  /** What a pod asks of the second resource. */
  otherOf(shape: PodShape): number {
    return this.usesGpu ? (shape.gpu?.totalMilli ?? 0) : shape.vector.memory;
  }
}

/** Free cpu of a slot, millicores. */
export function freeCpuMilli(nodes: NodeTable, slot: number): number {
  const at = slot * ROW;
  return (nodes.rows[at + CAPACITY + CPU] as number) - (nodes.rows[at + CPU] as number);
}
