import { Sfc32, seedOf } from '../../core/base/random.ts';

/** Plain data of a case. */
export type Json = Record<string, unknown>;

/** What cases are drawn with; the same seed draws the same. */
export class Dice {
  readonly #stream: Sfc32;

  constructor(seed: number, subject: string) {
    this.#stream = Sfc32.named(seedOf(seed), 'oracle', subject);
  }

  /** True with probability `share`. */
  chance(share: number): boolean {
    return this.#stream.below(1_000_000) < share * 1_000_000;
  }

  /** An integer from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + this.#stream.below(high - low + 1);
  }

  /** One of the values. */
  of<T>(...values: readonly T[]): T {
    return values[this.#stream.below(values.length)] as T;
  }

  /** `make()` with probability `share`, otherwise undefined. */
  maybe<T>(share: number, make: () => T): T | undefined {
    return this.chance(share) ? make() : undefined;
  }

  /** `count` values. */
  list<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }

  /** Those of the values that a coin of `share` keeps. */
  some<T>(values: readonly T[], share: number): T[] {
    return values.filter(() => this.chance(share));
  }

  /** An instant some tens of seconds ago, as `@seconds`. */
  age(): string {
    return `@${this.of(0, 10, 20, 30, 40, 50, 60, 80, 100, 130, 270, 500, 1000)}`;
  }
}
