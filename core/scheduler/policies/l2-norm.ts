/**
 * L2 norm: the node whose remainder, as a vector of cpu and GPU (or memory), is the shortest.
 *
 * Source: norm-based greedy of "Heuristics for Vector Bin Packing" (Panigrahy, Talwar, Uyeda, Wieder; Microsoft Research 2011):
 * the least Σ (free − request)², each resource as a share of the largest node. Unlike best fit's sum, the square prefers a
 * remainder that lies in both resources over the same amount of one alone.
 */
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugin.ts';
import { freeCpuMilli, NodeScale } from './node-scale.ts';

/** Scores 0 … 100: trunc(100 (1 − √½ ‖remainder‖)). */
export class L2NormPolicy implements ScorePlugin {
  readonly name = 'L2Norm';
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
      const cpuLeft = (freeCpuMilli(nodes, slot) - cpu) / cpuMax;
      const otherLeft = (scale.otherFree(nodes, slot) - other) / otherMax;
      out[i] = Math.max(0, Math.trunc(100 * (1 - Math.sqrt((cpuLeft * cpuLeft + otherLeft * otherLeft) / 2))));
    }
  }
}
