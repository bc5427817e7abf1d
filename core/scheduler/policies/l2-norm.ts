/**
 * L2 norm: the node whose remainder, as a vector of cpu and GPU (or memory), is the shortest.
 *
 * Source: norm-based greedy of "Heuristics for Vector Bin Packing" (Panigrahy, Talwar, Uyeda, Wieder; Microsoft Research 2011):
 * the least Σ (free − request)², each resource as a share of the largest node. Unlike best fit's sum, the square prefers a
 * remainder that lies in both resources over the same amount of one alone.
 */
import { RemainderPolicy } from './remainder-policy.ts';

/** Scores 0 … 100: trunc(100 (1 − √½ ‖remainder‖)). */
export class L2NormPolicy extends RemainderPolicy {
  readonly name = 'L2Norm';

  protected scoreOf(cpuLeft: number, otherLeft: number): number {
    return 100 * (1 - Math.sqrt((cpuLeft * cpuLeft + otherLeft * otherLeft) / 2));
  }
}
