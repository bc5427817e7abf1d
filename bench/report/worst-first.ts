/**
 * The order in which reports show things: what needs a person first.
 */
import { CASE_STATUSES, type Comparison, type ResultCase, VERDICTS } from './result.ts';

/** Cases by status, worst first; equal ones keep their order. */
export function casesWorstFirst(cases: readonly ResultCase[]): ResultCase[] {
  const rank = (each: ResultCase): number => CASE_STATUSES.indexOf(each.status);
  return [...cases].sort((left, right) => rank(left) - rank(right));
}

/** Comparisons by verdict, worst first, then by the size of the change. */
export function comparisonsWorstFirst(comparisons: readonly Comparison[]): Comparison[] {
  const rank = (each: Comparison): number => VERDICTS.indexOf(each.verdict);
  const size = (each: Comparison): number => Math.abs(each.estimate ?? 0);
  return [...comparisons].sort((left, right) => rank(left) - rank(right) || size(right) - size(left));
}

/** Whether a comparison is bad news. */
export function isClosed({ verdict }: Comparison): boolean {
  return verdict === 'fail' || verdict === 'missing';
}
