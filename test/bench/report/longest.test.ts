import { expect, test } from 'vitest';
import type { CaseResult } from '../../../bench/campaign/case-result.ts';
import { longestUs } from '../../../bench/report/longest.ts';

test('the longest of the cases is exact; cases without any do not count', () => {
  const cases = [{ recoveryMaxUs: -1 }, { recoveryMaxUs: 58_241_001 }, { recoveryMaxUs: 7 }] as CaseResult[];
  expect(longestUs(cases, 'recoveryMaxUs')).toBe(58_241_001);
  expect(longestUs(cases.slice(0, 1), 'recoveryMaxUs')).toBeNull();
});
