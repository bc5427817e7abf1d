/**
 * Worst fit: the node on which most is left, cpu and GPU (or memory) weighing the same. The mirror image of best fit.
 *
 * Always: score trunc(100 x), x as {@link BestFitPolicy} has it, so the two orders are opposite but for what truncation joins.
 */
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugin.ts';
import { freeCpuMilli, NodeScale } from './node-scale.ts';

/** Scores 0 … 100, more on emptier nodes. */
export class WorstFitPolicy implements ScorePlugin {
  readonly name = 'WorstFit';
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
      const left = (freeCpuMilli(nodes, slot) - cpu) / cpuMax + (scale.otherFree(nodes, slot) - other) / otherMax;
      out[i] = Math.max(0, Math.trunc(50 * left));
    }
  }
}
