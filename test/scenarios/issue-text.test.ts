/**
 * The words and the advice for a value of another type than expected.
 */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { issueText, typeText } from '../../scenarios/issue-text.ts';

test('a number where a text belongs lacks its unit; NaN and the infinities lack nothing', () => {
  expect(typeText(['string'], 5, []).extras.hint).toMatch(/^a duration needs a unit/);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(typeText(['string', 'number'], value, [])).toEqual({
      message: `expected a text or a number, not the number ${value}`,
      extras: {},
    });
  }
});

test('an empty word among those that are known is seen', () => {
  const [issue] = z.enum(['', 'Scheduled']).safeParse('Nope').error?.issues ?? [];
  expect(issueText(issue as z.core.$ZodIssue, 'Nope', []).message).toBe(
    'expected "" or Scheduled, not the text "Nope"',
  );
});
