/**
 * Garbage collections and peak heap of fork pairs: what the fastest burst hides.
 *
 * Only a sure growth counts: the bound, and not just the estimate, must lie above the smallest effect, since collections of
 * some bursts are few and come in lumps.
 */
import type { Comparison } from '../report/result.ts';
import { hodgesLehmann, lowerBound, upperBound } from '../stats/hodges-lehmann.ts';
import { median } from '../stats/quantile.ts';
import type { PairValues } from './fork-pair.ts';
import type { ProcessFacts } from './protocol.ts';

const ALPHA = 0.05;
/** Growth that is let through. */
const MIN_EFFECT = 0.1;

/** Figures of a process, with what is added to each so that none is zero. */
const FIGURES: readonly (readonly [metric: string, addend: number, read: (facts: ProcessFacts) => number])[] = [
  ['gc-count', 5, ({ gcCount }) => gcCount],
  ['peak-heap-bytes', 1_000_000, ({ peakHeapBytes }) => peakHeapBytes],
];

/** One comparison a figure over all pairs. */
export function memoryComparisons(kernel: string, pairs: readonly PairValues[]): Comparison[] {
  return FIGURES.map(([metric, addend, read]) => {
    const before = pairs.map(({ baselineFacts }) => read(baselineFacts));
    const after = pairs.map(({ candidateFacts }) => read(candidateFacts));
    const ratios = after.map((value, index) => Math.log((value + addend) / ((before[index] as number) + addend)));
    const low = lowerBound(ratios, ALPHA);
    const high = upperBound(ratios, ALPHA);
    const least = Math.log1p(MIN_EFFECT);
    const verdict = low > least ? 'fail' : high < -least ? 'improved' : 'pass';
    return {
      caseId: kernel,
      metric,
      baseline: median(before),
      candidate: median(after),
      estimate: Math.expm1(hodgesLehmann(ratios)),
      low: Number.isFinite(low) ? Math.expm1(low) : null,
      high: Number.isFinite(high) ? Math.expm1(high) : null,
      confidence: 1 - ALPHA,
      method: 'signed-rank',
      n: pairs.length,
      minEffect: MIN_EFFECT,
      verdict,
      reason: verdict === 'pass' ? '' : `over ${pairs.length} pairs`,
    };
  });
}
