/**
 * GPU clustering: pods of one kind (shares, one device, two devices …) gather on the same nodes.
 *
 * Source: GpuClustering of the FGD paper's artifact, after Gandiva (OSDI'18).
 */
import { CLASSES } from '../devices/gpu-columns.ts';
import { DEVICE_MILLI } from '../devices/gpu-demand.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';

/** The part of the score that says how full the node is. */
const FILL_POINTS = 25;
/** Points by what lies on the node besides: only this class, this one among others, nothing; only others: 0. */
const ONLY_THIS = 75;
const AMONG_OTHERS = 50;
const EMPTY = 25;

/** Scores 0 … 100. */
export class GpuClusteringPolicy implements ScorePlugin {
  readonly name = 'GpuClustering';
  readonly normalizer: Normalizer = 'none';

  prepare(): boolean {
    return true;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const { gpu } = request.podClass.shape;
    if (gpu === null) {
      out.fill(0, 0, count);
      return;
    }
    const { gpus } = nodes;
    const most = Math.max(DEVICE_MILLI, gpus.devicesMax * DEVICE_MILLI);
    const own = Math.min(gpu.class, CLASSES - 1);
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const fill = Math.trunc((FILL_POINTS * (most - (gpus.freeTotal[slot] as number))) / most);
      let others = 0;
      for (let c = 0; c < CLASSES; c++) if (c !== own) others += gpus.classes[slot * CLASSES + c] as number;
      const same = (gpus.classes[slot * CLASSES + own] as number) > 0;
      out[i] = fill + (same ? (others > 0 ? AMONG_OTHERS : ONLY_THIS) : others > 0 ? 0 : EMPTY);
    }
  }
}
