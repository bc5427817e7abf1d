/**
 * Worst fit: the node on which most is left, cpu and GPU (or memory) weighing the same. The mirror image of best fit.
 *
 * Always: score trunc(100 x), x as {@link BestFitPolicy} has it, so the two orders are opposite but for what truncation joins.
 */
import { RemainderPolicy } from './remainder-policy.ts';

/** Scores 0 … 100, more on emptier nodes. */
export class WorstFitPolicy extends RemainderPolicy {
  readonly name = 'WorstFit';

  protected scoreOf(cpuLeft: number, otherLeft: number): number {
    return 50 * (cpuLeft + otherLeft);
  }
}
