/**
 * Mann and Whitney's U: do values of one group tend to be larger than those of another, when nothing pairs them?
 *
 * Always: no random numbers. Exact given the ranks, ties included, while the groups are small ({@link EXACT_MAX});
 * normal with correction for ties and continuity beyond.
 */
import { normalCdf } from './normal.ts';
import { doubledRanks, tieCorrection } from './ranks.ts';
import { checkSample, SAMPLE_MAX } from './sample.ts';

/** Most values in both groups whose distribution is counted exactly: about 10 ms. */
const EXACT_MAX = 60;

/** Answer of the test. */
export interface MannWhitneyTest {
  /** Pairs (a, b) with a > b, equal ones counted a half. */
  readonly u: number;
  /** U's share of all pairs: 0.5 = no tendency, 1 = every a is larger. */
  readonly effect: number;
  readonly pTwoSided: number;
  readonly exact: boolean;
}

/** Tests group `a` against group `b`. @throws RangeError for an empty group or values that are no numbers. */
export function mannWhitney(a: readonly number[], b: readonly number[]): MannWhitneyTest {
  checkSample('Mann-Whitney', a, SAMPLE_MAX);
  checkSample('Mann-Whitney', b, SAMPLE_MAX);
  const all = [...a, ...b];
  const ranks = doubledRanks(all);
  const rankSum = ranks.slice(0, a.length).reduce((sum, rank) => sum + rank, 0);
  const u = rankSum / 2 - (a.length * (a.length + 1)) / 2;
  const cells = a.length * b.length;
  const exact = all.length <= EXACT_MAX;
  const pTwoSided = exact ? exactP(ranks, a.length, rankSum) : normalP(all, a.length, u);
  return { u, effect: u / cells, pTwoSided, exact };
}

/** Twice the smaller tail of the rank sum of `size` of the ranks, every choice equally likely. */
function exactP(ranks: readonly number[], size: number, rankSum: number): number {
  const rows = choicesBySum(ranks, size);
  let all = 0;
  let less = 0;
  let greater = 0;
  rows.forEach((count, sum) => {
    all += count;
    if (sum <= rankSum) less += count;
    if (sum >= rankSum) greater += count;
  });
  return Math.min(1, (2 * Math.min(less, greater)) / all);
}

/** Number of ways to choose `size` of the ranks, by their sum. Counts are doubles: exact while they are below 2^53. */
function choicesBySum(ranks: readonly number[], size: number): Float64Array {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const rows = Array.from({ length: size + 1 }, () => new Float64Array(total + 1));
  (rows[0] as Float64Array)[0] = 1;
  for (const rank of ranks) {
    for (let chosen = size; chosen >= 1; chosen--) {
      const to = rows[chosen] as Float64Array;
      const from = rows[chosen - 1] as Float64Array;
      for (let sum = rank; sum <= total; sum++) to[sum] = (to[sum] as number) + (from[sum - rank] as number);
    }
  }
  return rows[size] as Float64Array;
}

function normalP(all: readonly number[], sizeA: number, u: number): number {
  const n = all.length;
  const sizeB = n - sizeA;
  const variance = ((sizeA * sizeB) / 12) * (n + 1 - tieCorrection(all) / (n * (n - 1)));
  if (variance === 0) return 1;
  const distance = Math.max(0, Math.abs(u - (sizeA * sizeB) / 2) - 0.5);
  return Math.min(1, 2 * normalCdf(-distance / Math.sqrt(variance)));
}
