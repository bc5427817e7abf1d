/**
 * Statistics against published tables and an independent library.
 */
import * as oracle from 'simple-statistics';
import { describe, expect, test } from 'vitest';
import { bootstrapInterval } from '../../../bench/stats/bootstrap.ts';
import {
  hodgesLehmann,
  locationInterval,
  lowerBound,
  upperBound,
  walshAverages,
} from '../../../bench/stats/hodges-lehmann.ts';
import { holm } from '../../../bench/stats/holm.ts';
import { mannWhitney } from '../../../bench/stats/mann-whitney.ts';
import { normalCdf, normalQuantile } from '../../../bench/stats/normal.ts';
import {
  comparePaired,
  SEEDS_MIN,
  seedsToFind,
  smallestDifference,
  winTieLoss,
} from '../../../bench/stats/paired-comparison.ts';
import { median, medianAbsoluteDeviation, quantile, robustSpread } from '../../../bench/stats/quantile.ts';
import { pairedDifferences } from '../../../bench/stats/sample.ts';
import {
  criticalRankSum,
  rankSumTail,
  signedRankDistribution,
  signedRankTest,
} from '../../../bench/stats/signed-rank.ts';

/** Numbers that look random and are always the same. */
function numbers(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  });
}

/** Depression scale factors of nine patients, first and second visit: Hollander and Wolfe, example 3.1. */
const FIRST = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
const SECOND = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
const VISITS = pairedDifferences(FIRST, SECOND);

describe('quantiles', () => {
  test('type 7, as R prints it', () => {
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(quantile([10, 1, 7, 3, 5, 2], 0.9)).toBe(8.5);
    expect([0, 0.5, 1].map((p) => quantile([4, 1, 3], p))).toEqual([1, 3, 4]);
    expect(quantile([7], 0.99)).toBe(7);
  });

  test('median and deviation agree with the oracle', () => {
    for (const size of [1, 2, 5, 8, 31]) {
      const values = numbers(size, size);
      expect(median(values)).toBeCloseTo(oracle.median(values), 12);
      expect(medianAbsoluteDeviation(values)).toBeCloseTo(oracle.medianAbsoluteDeviation(values), 12);
    }
    expect(robustSpread([-2, -1, 0, 1, 2])).toBeCloseTo(1.4826, 4);
  });

  test('the sample is left as it was; a bad one is named', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow('quantile: no values');
    expect(() => median([1, Number.NaN])).toThrow('quantile: value 1 is NaN');
    expect(() => quantile([1], 1.5)).toThrow('p is 1.5');
  });
});

describe('the normal distribution', () => {
  test('agrees with the oracle, whose table ends at 3, and with known values', () => {
    for (let z = -3; z <= 3; z += 0.25) {
      expect(normalCdf(z)).toBeCloseTo(oracle.cumulativeStdNormalProbability(z), 4);
    }
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect(normalQuantile(0.8)).toBeCloseTo(0.8416212335729143, 12);
    expect([normalCdf(-50), normalCdf(50)]).toEqual([0, 1]);
    expect(() => normalQuantile(1)).toThrow(RangeError);
  });
});

describe('signed rank', () => {
  test('critical values at 5 % and 1 %, one-sided', () => {
    const table = [8, 10, 12, 16, 20, 24].map((n) => [n, criticalRankSum(n, 0.05), criticalRankSum(n, 0.01)]);
    expect(table).toEqual([
      [8, 5, 1],
      [10, 10, 5],
      [12, 17, 9],
      [16, 35, 23],
      [20, 60, 43],
      [24, 91, 69],
    ]);
  });

  test('critical values at 2.5 % (two-sided 5 %), the table of textbooks', () => {
    const table = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 25].map((n) => criticalRankSum(n, 0.025));
    expect(table).toEqual([0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 52, 89]);
  });

  test('too few pairs reach no level', () => {
    expect(criticalRankSum(4, 0.05)).toBe(-1);
    expect(criticalRankSum(5, 0.05)).toBe(0);
    expect(criticalRankSum(6, 0.01)).toBe(-1);
    expect(criticalRankSum(7, 0.01)).toBe(0);
  });

  test('the distribution adds up, is symmetric, and has 2^-n at its ends', () => {
    const p = signedRankDistribution(9);
    expect(p.length).toBe(46);
    expect(p.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
    expect([...p].reverse()).toEqual([...p]);
    expect(p[0]).toBe(2 ** -9);
    // Three subsets of 1…9 have the sum 5 (5, 4+1, 3+2).
    expect(p[5]).toBe(3 * 2 ** -9);
  });

  test('example of Hollander and Wolfe: T+ = 40, one-sided p 0.020, as R prints 0.01953', () => {
    const result = signedRankTest(VISITS);
    expect(result.statistic).toBe(40);
    expect(result.pGreater).toBeCloseTo(0.01953125, 10);
    expect(result.pTwoSided).toBeCloseTo(0.0390625, 10);
    expect(result.exact).toBe(true);
  });

  test('ties and zeros: counted by hand', () => {
    // Sizes 1, 1, 2 have ranks 1.5, 1.5, 3; all positive: one of eight sign patterns.
    expect(signedRankTest([1, 1, 2])).toMatchObject({ statistic: 6, pGreater: 1 / 8, pTwoSided: 1 / 4 });
    // Pratt: the zero takes rank 1 and leaves; ranks 2 and 3 stay.
    expect(signedRankTest([0, 1, 2])).toMatchObject({ statistic: 5, pGreater: 1 / 4 });
    expect(signedRankTest([0, 0, 0])).toMatchObject({ statistic: 0, pGreater: 1, pLess: 1, pTwoSided: 1 });
  });

  test('the normal tail for many pairs agrees with the exact one at the border', () => {
    const differences = numbers(201, 5).map((value) => value - 0.42);
    const many = signedRankTest(differences);
    const fewer = signedRankTest(differences.slice(0, 200));
    expect(many.exact).toBe(false);
    expect(fewer.exact).toBe(true);
    expect(Math.abs(Math.log(many.pGreater / fewer.pGreater))).toBeLessThan(0.5);
    expect(Math.abs(criticalRankSum(201, 0.05) / criticalRankSum(200, 0.05) - 1.01)).toBeLessThan(0.002);
    expect(rankSumTail(201, criticalRankSum(201, 0.05))).toBeLessThanOrEqual(0.05);
  });
});

describe('Hodges-Lehmann', () => {
  test('example of Hollander and Wolfe: estimate 0.46, interval 0.010 to 0.786 at 96 %', () => {
    const interval = locationInterval(VISITS, 0.95);
    expect(interval?.estimate).toBeCloseTo(0.46, 10);
    expect(interval?.low).toBeCloseTo(0.01, 10);
    expect(interval?.high).toBeCloseTo(0.786, 10);
    expect(interval?.confidence).toBeCloseTo(0.9609375, 10);
  });

  test('bounds invert the test: the lower bound is the last shift that the test still refuses', () => {
    const bound = lowerBound(VISITS, 0.05);
    const shifted = (by: number): number => signedRankTest(VISITS.map((value) => value - by)).pGreater;
    expect(shifted(bound - 1e-9)).toBeLessThanOrEqual(0.05);
    expect(shifted(bound + 1e-9)).toBeGreaterThan(0.05);
    expect(upperBound(VISITS, 0.05)).toBeGreaterThan(0.46);
    expect(bound).toBeLessThan(0.46);
  });

  test('Walsh averages by hand; one wild value moves the estimate little', () => {
    expect([...walshAverages([1, 5, 2])]).toEqual([1, 1.5, 2, 3, 3.5, 5]);
    expect(hodgesLehmann([1, 2, 3])).toBe(2);
    expect(hodgesLehmann([1, 2, 3, 2, 1, 3, 2, 1, 1e9])).toBeLessThan(3);
    expect(locationInterval([1, 2, 3], 0.95)).toBeUndefined();
    expect(lowerBound([1, 2, 3], 0.05)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('Mann-Whitney', () => {
  test('critical values of the table: significant at U, not at the next U', () => {
    // Two-sided 5 %: m = n = 5 has 2, m = n = 8 has 13, m = n = 10 has 23.
    for (const [size, critical] of [
      [5, 2],
      [8, 13],
      [10, 23],
    ] as const) {
      expect(mannWhitney(...groupsWithU(size, critical)).pTwoSided).toBeLessThanOrEqual(0.05);
      expect(mannWhitney(...groupsWithU(size, critical + 1)).pTwoSided).toBeGreaterThan(0.05);
    }
  });

  test('the rank sum agrees with the oracle, ties included', () => {
    const a = numbers(12, 3).map((value) => Math.round(value * 10));
    const b = numbers(9, 4).map((value) => Math.round(value * 10));
    const result = mannWhitney(a, b);
    expect(result.u + (a.length * (a.length + 1)) / 2).toBe(oracle.wilcoxonRankSum(a, b));
    expect(result.effect).toBeCloseTo(result.u / 108, 12);
    expect(mannWhitney([1, 1], [1, 1])).toMatchObject({ u: 2, effect: 0.5, pTwoSided: 1 });
  });

  test('large groups: normal, and close to the exact value at the border', () => {
    const a = numbers(30, 8);
    const b = numbers(31, 9).map((value) => value + 0.2);
    const large = mannWhitney(a, b);
    const small = mannWhitney(a, b.slice(0, 30));
    expect([large.exact, small.exact]).toEqual([false, true]);
    expect(Math.abs(Math.log(large.pTwoSided / small.pTwoSided))).toBeLessThan(0.7);
    expect(mannWhitney(new Array(40).fill(1), new Array(40).fill(1)).pTwoSided).toBe(1);
  });

  /** Two groups without ties in which the first has exactly this U. */
  function groupsWithU(size: number, u: number): [number[], number[]] {
    const b = Array.from({ length: size }, (_, index) => index + 1);
    let left = u;
    const a = Array.from({ length: size }, (_, index) => {
      const beaten = Math.min(size, left);
      left -= beaten;
      return beaten + 0.5 + index / 1000;
    });
    return [a, b];
  }
});

describe('Holm', () => {
  test('as R prints p.adjust', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((expected, index) => {
      expect(adjusted[index]).toBeCloseTo(expected, 12);
    });
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
    expect(() => holm([0.5, Number.NaN])).toThrow('p is NaN');
  });
});

describe('bootstrap', () => {
  test('same seed, same interval; it holds the estimate and about the normal width', () => {
    const values = numbers(100, 11);
    const options = { seed: 7, confidence: 0.95 };
    const first = bootstrapInterval(values, median, options);
    expect(bootstrapInterval(values, median, options)).toEqual(first);
    expect(bootstrapInterval(values, median, { ...options, seed: 8 })).not.toEqual(first);
    expect(first.low).toBeLessThanOrEqual(first.estimate);
    expect(first.high).toBeGreaterThanOrEqual(first.estimate);
    const mean = bootstrapInterval(values, oracle.mean, options);
    const halfWidth = (1.96 * oracle.sampleStandardDeviation(values)) / 10;
    expect((mean.high - mean.low) / 2 / halfWidth).toBeGreaterThan(0.9);
    expect((mean.high - mean.low) / 2 / halfWidth).toBeLessThan(1.1);
  });
});

describe('paired comparison', () => {
  test('everything a reader needs', () => {
    const comparison = comparePaired(VISITS, { better: 'higher', confidence: 0.95 });
    expect(comparison).toMatchObject({ n: 9, wins: 7, ties: 0, losses: 2, confidence: 0.95 });
    expect(comparison.p).toBeCloseTo(0.0390625, 10);
    expect(comparison.smallestDifference).toBeCloseTo(
      ((1.959964 + 0.841621) * oracle.sampleStandardDeviation(VISITS)) / Math.sqrt((9 * 3) / Math.PI),
      5,
    );
  });

  test('too few seeds say so instead of an interval', () => {
    expect(comparePaired([1, 2, 3], { better: 'lower', confidence: 0.95 })).toMatchObject({
      estimate: 2,
      low: null,
      high: null,
      smallestDifference: null,
      losses: 3,
    });
    expect(smallestDifference([1], 0.95)).toBeNull();
    expect(criticalRankSum(SEEDS_MIN - 1, 0.025)).toBeLessThan(0);
    expect(criticalRankSum(SEEDS_MIN, 0.025)).toBe(0);
    expect(winTieLoss([0, -1, 2, 0], 'lower')).toEqual({ wins: 1, ties: 2, losses: 1 });
  });

  test('half the difference asks for four times the pairs, and for as many as can tell anything at least', () => {
    expect(seedsToFind(30, 2, 2)).toBe(30);
    expect(seedsToFind(30, 2, -1)).toBe(120);
    expect(seedsToFind(31, 2, 0.3)).toBe(1400);
    expect(seedsToFind(30, 0.1, 5)).toBe(SEEDS_MIN);
    const pairs = Array.from({ length: 200 }, (_, i) => ((i * 37) % 11) - 5);
    const few = smallestDifference(pairs.slice(0, 50), 0.95) as number;
    const many = smallestDifference(pairs, 0.95) as number;
    expect(Math.abs(seedsToFind(50, few, many) - 200)).toBeLessThan(30);
  });

  test('the promised power is kept: about 80 % of shifted samples are found', () => {
    const size = 30;
    let found = 0;
    const rounds = 300;
    for (let round = 0; round < rounds; round++) {
      const noise = numbers(size * 2, round * 7919 + 1);
      const normal = Array.from({ length: size }, (_, i) => {
        const radius = Math.sqrt(-2 * Math.log(1 - (noise[2 * i] as number)));
        return radius * Math.cos(2 * Math.PI * (noise[2 * i + 1] as number));
      });
      const shift = smallestDifference(normal, 0.95) as number;
      if (signedRankTest(normal.map((value) => value + shift)).pTwoSided <= 0.05) found++;
    }
    expect(found / rounds).toBeGreaterThan(0.7);
    expect(found / rounds).toBeLessThan(0.92);
  });

  test('pairs of different length are refused', () => {
    expect(() => pairedDifferences([1], [1, 2])).toThrow('pairs: 1 values against 2');
  });
});
