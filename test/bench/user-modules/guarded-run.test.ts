/**
 * Work that would stop or end the process, and work that would not.
 */
import { expect, test } from 'vitest';
import { guardedRun } from '../../../bench/user-modules/guarded-run.ts';

test('a loop without an end is a user error that names the subject', () => {
  const loop = (): never => {
    for (;;);
  };
  expect(() => guardedRun('mine.mjs', 200, loop)).toThrow(/mine\.mjs.*no result after 0\.2 s/);
});

test('process.exit does not end the process', () => {
  expect(() => guardedRun('mine.mjs', 0, () => process.exit(0))).toThrow('process.exit was called');
});

test('results and errors pass through, and process.exit is as before', () => {
  const before = process.exit;
  expect(guardedRun('x', 1000, () => [7])).toEqual([7]);
  expect(() =>
    guardedRun('x', 1000, () => {
      throw new RangeError('boom');
    }),
  ).toThrow(RangeError);
  expect(process.exit).toBe(before);
});
