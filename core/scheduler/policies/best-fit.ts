/**
 * Best fit: the node on which least is left, cpu and GPU (or memory) weighing the same.
 *
 * Source: BestFit of the FGD paper's artifact: x = ½ (free cpu after) ÷ largest cpu + ½ (free GPU after) ÷ largest GPU, score
 * trunc(100 (1 − x)).
 */
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugin.ts';
import { freeCpuMilli, NodeScale } from './node-scale.ts';

/** Scores 0 … 100, more on fuller nodes. */
export class BestFitPolicy implements ScorePlugin {
  readonly name = 'BestFit';
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
    const cpu = shape.vector.cpu;
    const other = scale.otherOf(shape);
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const left =
        ((freeCpuMilli(nodes, slot) - cpu) / cpuMax) * 0.5 + ((scale.otherFree(nodes, slot) - other) / otherMax) * 0.5;
      out[i] = Math.max(0, Math.trunc((1 - left) * 100));
    }
  }
}
