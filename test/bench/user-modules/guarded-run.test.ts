/**
 * Work that would stop or end the process, and work that would not.
 */
import { expect, test } from 'vitest';
import { ToolFailure } from '../../../bench/cli/tool-failure.ts';
import { guardedRun, guardFor, type Subject } from '../../../bench/user-modules/guarded-run.ts';

const NONE: Subject = { file: 'mine.yaml', plan: { cluster: {} } };
const OWN: Subject = { file: 'mine.mjs', plan: { cluster: { operators: [{ module: '/mine.mjs', replicas: 1 }] } } };
const loop = (): never => {
  for (;;);
};

test('a loop without an end is a user error that names the subject', () => {
  expect(() => guardedRun(OWN, 200, loop)).toThrow(
    /mine\.mjs error OPR-003: no result after 0\.2 s[\s\S]*a controller of yours/,
  );
});

test("without a user's code it is no mistake of the user", () => {
  expect(() => guardedRun(NONE, 50, loop)).toThrow(ToolFailure);
  expect(() => guardedRun(NONE, 50, loop)).toThrow(/^mine\.yaml: no result after 0\.05 s of host time; --timeout/);
});

test('several pieces of work share one limit', () => {
  const guard = guardFor(NONE, 300);
  const started = performance.now();
  expect(() => guard(loop)).toThrow(/after 0\.3 s/);
  expect(() => guard(loop)).toThrow(/after 0\.3 s/);
  expect(performance.now() - started).toBeLessThan(560);
});

test('process.exit does not end the process', () => {
  expect(() => guardedRun(NONE, 0, () => process.exit(0))).toThrow('process.exit was called');
});

test('results and errors pass through, and process.exit is as before', () => {
  const before = process.exit;
  expect(guardedRun(NONE, 1000, () => [7])).toEqual([7]);
  expect(() =>
    guardedRun(NONE, 1000, () => {
      throw new RangeError('boom');
    }),
  ).toThrow(RangeError);
  expect(process.exit).toBe(before);
});
