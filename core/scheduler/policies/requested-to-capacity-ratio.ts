/**
 * Requested to capacity ratio: bin packing by a line from 0 (empty) to 10 (full), with the GPU as a weighted resource.
 *
 * Source: NodeResourcesFit with scoringStrategy RequestedToCapacityRatio and the shape {0: 0, 100: 10} (Kubernetes 1.34; the
 * documentation's bin-packing example weighs extended resources 3 to 1). Unlike upstream, the GPU counts by thousandths.
 */

import { DEVICE_MILLI } from '../devices/gpu-demand.ts';
import { CAPACITY, ROW } from '../nodes/node-table.ts';
import { CPU, MEMORY } from '../nodes/resource-names.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';

const GPU_WEIGHT = 3;
/** Points of the shape's upper end (10) in scores 0 … 100. */
const MAX_SCORE = 100;

/** Scores 0 … 100, more on fuller nodes. */
export class RequestedToCapacityRatioPolicy implements ScorePlugin {
  readonly name = 'RequestedToCapacityRatio';
  readonly normalizer: Normalizer = 'none';

  prepare(): boolean {
    return true;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const { vector, gpu } = request.podClass.shape;
    const rows = nodes.rows;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const at = slot * ROW;
      let sum = ratio((rows[at + CPU] as number) + vector.cpu, rows[at + CAPACITY + CPU] as number);
      sum += ratio((rows[at + MEMORY] as number) + vector.memory, rows[at + CAPACITY + MEMORY] as number);
      let weights = 2;
      if (gpu !== null) {
        const capacity = (nodes.gpus.devices[slot] as number) * DEVICE_MILLI;
        sum += GPU_WEIGHT * ratio(capacity - (nodes.gpus.freeTotal[slot] as number) + gpu.totalMilli, capacity);
        weights += GPU_WEIGHT;
      }
      out[i] = Math.round(sum / weights);
    }
  }
}

/** A resource's point on the line, whole as upstream's. */
function ratio(requested: number, capacity: number): number {
  if (capacity <= 0 || requested > capacity) return MAX_SCORE;
  return Math.trunc((requested * MAX_SCORE) / capacity);
}
