/**
 * The longest virtual time of several cases, exact: a histogram answers with the top of a bucket, up to 0.1 % more, so that a table and a
 * replay of the same case would tell two figures.
 */
import type { CaseResult } from '../campaign/case-result.ts';

/** The largest of the times, µs; null where no case has one (−1 = none). */
export function longestUs(cases: readonly CaseResult[], time: 'recoveryMaxUs' | 'startupMaxUs'): number | null {
  const longest = cases.reduce((most, each) => Math.max(most, each[time]), -1);
  return longest < 0 ? null : longest;
}
