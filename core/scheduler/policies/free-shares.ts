/**
 * What is free on a node, as shares of the node itself: cpu, memory, and GPU where the node has devices.
 *
 * For policies that weigh a node's resources against each other (stranding, opportunity cost); policies that compare nodes
 * of different size divide by the largest one instead (`node-scale.ts`).
 */
import { DEVICE_MILLI } from '../devices/gpu-demand.ts';
import { CAPACITY, type NodeTable, ROW } from '../nodes/node-table.ts';
import { CPU, MEMORY } from '../nodes/resource-names.ts';
import type { PodShape } from '../pods/pod-shape.ts';

/** Most resources that {@link freeShares} writes. */
export const SHARES_MAX = 3;

/**
 * Writes the free share of each resource that a slot has into `free`, and what is left with a pod of `shape` on it into
 * `left`; returns how many there are. Shares lie in 0 … 1 where the pod fits.
 */
export function freeShares(
  nodes: NodeTable,
  slot: number,
  shape: PodShape,
  free: Float64Array,
  left: Float64Array,
): number {
  const at = slot * ROW;
  const { rows, gpus } = nodes;
  let count = 0;
  const add = (used: number, capacity: number, request: number): void => {
    if (capacity <= 0) return;
    free[count] = 1 - used / capacity;
    left[count++] = 1 - (used + request) / capacity;
  };
  add(rows[at + CPU] as number, rows[at + CAPACITY + CPU] as number, shape.vector.cpu);
  add(rows[at + MEMORY] as number, rows[at + CAPACITY + MEMORY] as number, shape.vector.memory);
  const gpuMilli = (gpus.devices[slot] as number) * DEVICE_MILLI;
  if (gpuMilli > 0) add(gpuMilli - (gpus.freeTotal[slot] as number), gpuMilli, shape.gpu?.totalMilli ?? 0);
  return count;
}
