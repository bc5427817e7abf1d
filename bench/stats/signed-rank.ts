/**
 * Wilcoxon's signed-rank statistic: its exact distribution, critical values and test.
 *
 * Always: no random numbers, so the same data give the same answer. Exact up to {@link EXACT_MAX} pairs (cost n³, about 10 ms
 * at the limit), normal with continuity correction beyond. Zero differences are ranked and then left out (Pratt 1959), equal
 * ones share their ranks, and the distribution is the one given those ranks.
 */
import { normalCdf, normalQuantile } from './normal.ts';
import { doubledRanks, tieCorrection } from './ranks.ts';
import { checkSample, SAMPLE_MAX } from './sample.ts';

/** Most pairs whose distribution is counted exactly. */
export const EXACT_MAX = 200;

/** Room for the rounding of sums of probabilities, which is about 1e-15. */
const ROUNDING = 1e-12;

/** Answer of a signed-rank test. */
export interface SignedRankTest {
  /** Sum of the ranks of positive differences. */
  readonly statistic: number;
  /** Chance, if nothing differed, of a sum as large or larger. */
  readonly pGreater: number;
  /** Chance of a sum as small or smaller. */
  readonly pLess: number;
  /** Twice the smaller of both, at most 1. */
  readonly pTwoSided: number;
  readonly exact: boolean;
}

/** P(W = w) for w = 0 … n(n+1)/2, W = sum of the ranks of positive differences of n pairs without ties or zeros. */
export function signedRankDistribution(n: number): Float64Array {
  checkPairCount(n);
  return subsetSums(Array.from({ length: n }, (_, index) => index + 1));
}

/**
 * The critical value: the largest k with P(W ≤ k) ≤ `alpha` for n pairs, or -1 when even W = 0 is not that rare
 * (n pairs are too few for this alpha). The (k+1)-th smallest Walsh average is then a lower bound at 1 − alpha.
 */
export function criticalRankSum(n: number, alpha: number): number {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`signed rank: alpha is ${alpha}, expected 0 < alpha < 1`);
  if (n > EXACT_MAX) return normalCriticalRankSum(n, alpha);
  const probabilities = signedRankDistribution(n);
  let sum = 0;
  let k = -1;
  for (const probability of probabilities) {
    sum += probability;
    if (sum > alpha + ROUNDING) return k;
    k++;
  }
  return k;
}

/** P(W ≤ k) for n pairs: the chance that a bound at the (k+1)-th Walsh average misses. */
export function rankSumTail(n: number, k: number): number {
  if (n > EXACT_MAX) return normalCdf((k + 0.5 - meanOf(n)) / deviationOf(n));
  let sum = 0;
  for (const probability of signedRankDistribution(n).subarray(0, k + 1)) sum += probability;
  return sum;
}

/** Tests whether paired differences lie around zero. All zero: every p is 1. @throws RangeError for a bad sample. */
export function signedRankTest(differences: readonly number[]): SignedRankTest {
  checkSample('signed rank', differences, SAMPLE_MAX);
  const sizes = differences.map(Math.abs);
  const ranks = doubledRanks(sizes).filter((_, index) => sizes[index] !== 0);
  const kept = differences.filter((difference) => difference !== 0);
  const doubled = ranks.reduce((sum, rank, index) => sum + ((kept[index] as number) > 0 ? rank : 0), 0);
  const exact = differences.length <= EXACT_MAX;
  const [pLess, pGreater] = exact ? exactTails(ranks, doubled) : normalTails(sizes, doubled / 2);
  return { statistic: doubled / 2, pGreater, pLess, pTwoSided: Math.min(1, 2 * Math.min(pLess, pGreater)), exact };
}

function exactTails(doubled: readonly number[], statistic: number): [less: number, greater: number] {
  const probabilities = subsetSums(doubled);
  let less = 0;
  let greater = 0;
  probabilities.forEach((probability, sum) => {
    if (sum <= statistic) less += probability;
    if (sum >= statistic) greater += probability;
  });
  return [Math.min(1, less), Math.min(1, greater)];
}

/** Mean and variance under Pratt's ranks, with the correction for equal sizes. */
function normalTails(sizes: readonly number[], statistic: number): [less: number, greater: number] {
  const n = sizes.length;
  const zeros = sizes.filter((size) => size === 0).length;
  const mean = meanOf(n) - (zeros * (zeros + 1)) / 4;
  const squares = (n * (n + 1) * (2 * n + 1) - zeros * (zeros + 1) * (2 * zeros + 1)) / 24;
  const deviation = Math.sqrt(squares - tieCorrection(sizes.filter((size) => size !== 0)) / 48);
  return [normalCdf((statistic + 0.5 - mean) / deviation), 1 - normalCdf((statistic - 0.5 - mean) / deviation)];
}

/** P(sum = s) when each of the integers counts with chance one half. */
function subsetSums(ranks: readonly number[]): Float64Array {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const probabilities = new Float64Array(total + 1);
  probabilities[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let sum = reached; sum >= 0; sum--) {
      const without = probabilities[sum] as number;
      probabilities[sum] = (without + (sum >= rank ? (probabilities[sum - rank] as number) : 0)) / 2;
    }
  }
  return probabilities;
}

function normalCriticalRankSum(n: number, alpha: number): number {
  checkPairCount(n);
  return Math.floor(meanOf(n) + normalQuantile(alpha) * deviationOf(n) - 0.5);
}

function meanOf(n: number): number {
  return (n * (n + 1)) / 4;
}

function deviationOf(n: number): number {
  return Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
}

function checkPairCount(n: number): void {
  if (!Number.isInteger(n) || n < 1 || n > SAMPLE_MAX) {
    throw new RangeError(`signed rank: ${n} pairs, expected 1 to ${SAMPLE_MAX}`);
  }
}
