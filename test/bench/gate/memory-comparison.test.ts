/**
 * Garbage collection and heap of pairs: sure growth fails, lumps do not.
 */
import { expect, test } from 'vitest';
import type { PairValues } from '../../../bench/gate/fork-pair.ts';
import { memoryComparisons } from '../../../bench/gate/memory-comparison.ts';

function pairs(counts: readonly (readonly [before: number, after: number])[], heapFactor = 1): PairValues[] {
  return counts.map(([before, after], index) => ({
    ...{ baselineNs: 1, candidateNs: 1, baselineCpuUs: 1, candidateCpuUs: 1, sensorNs: 1 },
    baselineFacts: { gcCount: before, gcMs: before, peakHeapBytes: 50_000_000 + index },
    candidateFacts: { gcCount: after, gcMs: after, peakHeapBytes: (50_000_000 + index) * heapFactor },
  }));
}

const verdicts = (values: readonly PairValues[]): string[] =>
  memoryComparisons('kernel', values).map(({ verdict }) => verdict);
const ten = (before: number, after: number) =>
  Array.from({ length: 10 }, (_, i) => [before + (i % 3), after + (i % 2)] as const);

test('growth in every pair fails, in some it passes, less is better', () => {
  expect(verdicts(pairs(ten(20, 30)))).toEqual(['fail', 'pass']);
  expect(verdicts(pairs(ten(30, 20)))).toEqual(['improved', 'pass']);
  expect(verdicts(pairs(ten(20, 20)))).toEqual(['pass', 'pass']);
  expect(verdicts(pairs([...ten(20, 20).slice(0, 6), [20, 60], [20, 60], [20, 20], [20, 20]]))).toEqual([
    'pass',
    'pass',
  ]);
  expect(verdicts(pairs(ten(0, 1)))).toEqual(['pass', 'pass']);
  expect(verdicts(pairs(ten(0, 0), 1.3))).toEqual(['pass', 'fail']);
});
