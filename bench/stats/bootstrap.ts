/**
 * Percentile bootstrap (Efron 1979) for statistics without an exact interval, such as a high quantile of paired differences.
 *
 * Always: draws come from a stream of the given seed, so the same data and seed give the same interval. Verdicts of the gate
 * never use it.
 */
import { Sfc32, seedOf } from '../../core/cluster/vocabulary.ts';
import { quantileSorted } from './quantile.ts';
import { checkSample } from './sample.ts';

const RESAMPLES_DEFAULT = 2_000;

/** Settings of a bootstrap. */
export interface BootstrapOptions {
  readonly seed: number;
  /** Two-sided, such as 0.95. */
  readonly confidence: number;
  readonly resamples?: number;
}

/** An interval for a statistic, in its unit. */
export interface BootstrapInterval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** The interval of `statistic` over resamples of `values`. The statistic must not keep the array that it is given. */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  options: BootstrapOptions,
): BootstrapInterval {
  checkSample('bootstrap', values);
  const stream = Sfc32.named(seedOf(options.seed), 'bench/stats', 'bootstrap');
  const sample = [...values];
  const results = new Float64Array(options.resamples ?? RESAMPLES_DEFAULT);
  for (let i = 0; i < results.length; i++) {
    for (let j = 0; j < sample.length; j++) sample[j] = values[stream.below(values.length)] as number;
    results[i] = statistic(sample);
  }
  results.sort();
  const tail = (1 - options.confidence) / 2;
  return {
    estimate: statistic(values),
    low: quantileSorted(results, tail),
    high: quantileSorted(results, 1 - tail),
  };
}
