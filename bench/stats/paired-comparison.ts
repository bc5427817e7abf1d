/**
 * Two treatments on the same seeds: everything a reader needs to judge the difference, never a p-value alone.
 *
 * Estimate and interval are Hodges-Lehmann's, the test is the signed rank, both without random numbers. The smallest
 * difference says what this number of seeds could have found at all, so that "no difference" cannot hide a blunt instrument.
 */
import { hodgesLehmann, locationInterval } from './hodges-lehmann.ts';
import { normalQuantile } from './normal.ts';
import { criticalRankSum, signedRankTest } from './signed-rank.ts';

/** Chance of finding it that {@link smallestDifference} promises. */
const POWER = 0.8;
/** Root of the signed rank's efficiency against the t-test on normal data, 3 / π; on heavier tails it is better. */
const RANK_EFFICIENCY_ROOT = Math.sqrt(3 / Math.PI);

/** How often the candidate was better, equal, worse. */
export interface WinTieLoss {
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
}

/** One metric of two treatments over paired seeds; differences are candidate − baseline, in the metric's unit. */
export interface PairedComparison extends WinTieLoss {
  readonly n: number;
  readonly estimate: number;
  /** null when so few pairs give no interval at this confidence. */
  readonly low: number | null;
  readonly high: number | null;
  /** Confidence asked for. */
  readonly confidence: number;
  /** Two-sided signed-rank p, before any correction for several metrics. */
  readonly p: number;
  /** Smallest true difference found with 80 % chance; null when so few pairs can find none at this confidence. */
  readonly smallestDifference: number | null;
}

/** Compares over paired differences. `better`: which direction is good. @throws RangeError for a bad sample. */
export function comparePaired(
  differences: readonly number[],
  options: { readonly better: 'lower' | 'higher'; readonly confidence: number },
): PairedComparison {
  const { better, confidence } = options;
  const interval = locationInterval(differences, confidence);
  return {
    n: differences.length,
    estimate: interval?.estimate ?? hodgesLehmann(differences),
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    confidence,
    p: signedRankTest(differences).pTwoSided,
    smallestDifference: smallestDifference(differences, confidence),
    ...winTieLoss(differences, better),
  };
}

/** Counts signs of candidate − baseline. */
export function winTieLoss(differences: readonly number[], better: 'lower' | 'higher'): WinTieLoss {
  const above = differences.filter((difference) => difference > 0).length;
  const below = differences.filter((difference) => difference < 0).length;
  const [wins, losses] = better === 'higher' ? [above, below] : [below, above];
  return { wins, ties: differences.length - above - below, losses };
}

/**
 * The smallest true difference that these pairs would find with 80 % chance in a two-sided signed-rank test, in the
 * differences' unit: (z(1 − α/2) + z(0.8)) · s / √(n · 3/π), the usual large-sample formula. null when n is too small
 * for the level whatever the data.
 */
export function smallestDifference(differences: readonly number[], confidence: number): number | null {
  const n = differences.length;
  const tail = (1 - confidence) / 2;
  if (n < 2 || criticalRankSum(n, tail) < 0) return null;
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const quantiles = normalQuantile(1 - tail) + normalQuantile(POWER);
  return (quantiles * Math.sqrt(variance / n)) / RANK_EFFICIENCY_ROOT;
}

/** Fewest pairs with which a two-sided signed-rank test can reach 5 %: 2 / 2⁶. */
export const SEEDS_MIN = 6;

/**
 * About how many pairs find a difference with 80 % chance of which `n` pairs find `smallest`: it falls with the root of their number. Two digits,
 * upwards.
 */
export function seedsToFind(n: number, smallest: number, difference: number): number {
  const pairs = Math.max(SEEDS_MIN, n * (smallest / difference) ** 2);
  const step = 10 ** Math.max(0, Math.floor(Math.log10(pairs)) - 1);
  return Math.ceil(pairs / step) * step;
}
