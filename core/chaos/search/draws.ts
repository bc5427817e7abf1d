/**
 * Draws for plans: everything comes from (seed of the search, number of the case), so that a case can be made again alone.
 */
import { Sfc32, seedOf } from '../../base/random.ts';

export class Draws {
  readonly #stream: Sfc32;

  /** `purpose`: a stream of its own, whose draws change no others. */
  constructor(seed: number, caseNumber: number, purpose = 'search') {
    this.#stream = Sfc32.named(seedOf(seed), `case-${caseNumber}`, purpose);
  }

  /** An integer from `low` to `high`, both included. */
  range(low: number, high: number): number {
    return this.#stream.range(low, high);
  }

  /** true in `percent` of all cases. */
  chance(percent: number): boolean {
    return this.#stream.below(100) < percent;
  }

  /** One of the items, all equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[this.#stream.below(items.length)] as T;
  }

  /** One of the items; item i with a share of `weights[i]`, integers of which one is above 0. */
  pickWeighted<T>(items: readonly T[], weights: readonly number[]): T {
    let left = this.#stream.below(weights.reduce((sum, weight) => sum + weight, 0));
    for (let i = 0; i < items.length; i++) {
      left -= weights[i] as number;
      if (left < 0) return items[i] as T;
    }
    return items.at(-1) as T;
  }
}
