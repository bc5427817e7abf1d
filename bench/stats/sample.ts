/**
 * What every statistic of this folder asks of a sample: numbers that exist, and not too many of them.
 *
 * Always: the caller's array is never changed.
 */

/** Most values of a sample; beyond it the quadratic statistics would need gigabytes. */
export const SAMPLE_MAX = 2_000;

/** Refuses an empty sample and NaN or infinite values. @throws RangeError that names the statistic and the place. */
export function checkSample(statistic: string, values: readonly number[], sizeMax = Number.MAX_SAFE_INTEGER): void {
  if (values.length === 0) throw new RangeError(`${statistic}: no values`);
  if (values.length > sizeMax) throw new RangeError(`${statistic}: ${values.length} values, at most ${sizeMax}`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) throw new RangeError(`${statistic}: value ${bad} is ${values[bad]}`);
}

/** A sorted copy, ascending. */
export function ascending(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

/** `candidate[i] - baseline[i]`. @throws RangeError when the lengths differ. */
export function pairedDifferences(candidate: readonly number[], baseline: readonly number[]): number[] {
  if (candidate.length !== baseline.length) {
    throw new RangeError(`pairs: ${candidate.length} values against ${baseline.length}`);
  }
  return candidate.map((value, index) => value - (baseline[index] as number));
}
