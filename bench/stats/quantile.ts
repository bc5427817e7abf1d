/**
 * Quantiles, the median, and the spread around it: statistics that a few spikes do not move.
 *
 * The quantile is type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996): linear between order
 * statistics, the default of R, NumPy and simple spreadsheets. Latencies of many events come from histograms instead
 * (bench/report/histogram.ts); this is for samples of some dozens.
 */
import { ascending, checkSample } from './sample.ts';

/** Scales the median absolute deviation to the standard deviation of normal data: 1 / Φ⁻¹(3/4). */
const NORMAL_SCALE = 1.482602218505602;

/** The quantile `p` of a sample, `p` from 0 to 1, in the sample's unit. @throws RangeError for an empty sample or another p. */
export function quantile(values: readonly number[], p: number): number {
  checkSample('quantile', values);
  return quantileSorted(ascending(values), p);
}

/** The same of values that are already in ascending order. */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`quantile: p is ${p}, expected 0 to 1`);
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const share = position - below;
  return share === 0 ? low : low + share * ((sorted[below + 1] as number) - low);
}

/** The median, in the sample's unit. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median absolute deviation from the median, unscaled, in the sample's unit. */
export function medianAbsoluteDeviation(values: readonly number[]): number {
  const centre = median(values);
  return median(values.map((value) => Math.abs(value - centre)));
}

/** The median absolute deviation scaled to what the standard deviation would be if the data were normal. */
export function robustSpread(values: readonly number[]): number {
  return NORMAL_SCALE * medianAbsoluteDeviation(values);
}
