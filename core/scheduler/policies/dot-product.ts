/**
 * Dot product: the node whose free resources point in the direction of the pod's needs, and of these the fullest.
 *
 * Source: DotProd of the FGD paper's artifact, after Tetris (SIGCOMM'14): d = Σ free ÷ largest × request ÷ largest over cpu and
 * GPU (or memory), score trunc(100 (1 − d ÷ 2)).
 */
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';
import { freeCpuMilli, NodeScale } from './node-scale.ts';

/** Scores 0 … 100, more where the product is smaller. */
export class DotProductPolicy implements ScorePlugin {
  readonly name = 'DotProduct';
  readonly normalizer: Normalizer = 'none';
  readonly #scale = new NodeScale();

  prepare(_request: PodRequest, { nodes }: Snapshot): boolean {
    this.#scale.update(nodes);
    return true;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const scale = this.#scale;
    const { shape } = request.podClass;
    const { cpuMax, otherMax } = scale;
    const cpu = shape.vector.cpu / cpuMax;
    const other = scale.otherOf(shape) / otherMax;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const product = (freeCpuMilli(nodes, slot) / cpuMax) * cpu + (scale.otherFree(nodes, slot) / otherMax) * other;
      out[i] = Math.max(0, Math.trunc(100 * (1 - product / 2)));
    }
  }
}
