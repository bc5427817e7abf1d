/**
 * Best fit: the node on which least is left, cpu and GPU (or memory) weighing the same.
 *
 * Source: BestFit of the FGD paper's artifact: x = ½ (free cpu after) ÷ largest cpu + ½ (free GPU after) ÷ largest GPU, score
 * trunc(100 (1 − x)).
 */
import { RemainderPolicy } from './remainder-policy.ts';

/** Scores 0 … 100, more on fuller nodes. */
export class BestFitPolicy extends RemainderPolicy {
  readonly name = 'BestFit';

  protected scoreOf(cpuLeft: number, otherLeft: number): number {
    return (1 - (cpuLeft * 0.5 + otherLeft * 0.5)) * 100;
  }
}
