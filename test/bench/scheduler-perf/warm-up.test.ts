/** A short workload is run three times before it is measured, a long one once. */
import { expect, test } from 'vitest';
import type { WorkloadResult } from '../../../bench/scheduler-perf/run/run-workload.ts';
import { warmUp } from '../../../bench/scheduler-perf/run/warm-up.ts';

/** Runs of `runS` seconds of host time each; the one of number `slow` is out of time, that of number `last` interrupted. */
async function runs(runS: number, { slow = 0, last = 0 } = {}) {
  const abort = new AbortController();
  let nowS = 100;
  let count = 0;
  const run = async (): Promise<WorkloadResult> => {
    nowS += runS;
    count++;
    if (count === last) abort.abort();
    return { phases: [], failure: '', timedOut: count === slow, virtualS: count, digest: '' };
  };
  const result = await warmUp(run, () => nowS, abort.signal);
  return { count, timedOut: result?.timedOut };
}

test.each([
  [0.1, 3],
  [1.4, 3],
  [1.6, 2],
  [3, 1],
  [60, 1],
])('of %f s: %i times', async (runS, count) => {
  expect(await runs(runS)).toEqual({ count, timedOut: undefined });
});

test('a run whose time is over is the last, and its result is given', async () => {
  expect(await runs(0.1, { slow: 2 })).toEqual({ count: 2, timedOut: true });
});

test('an interrupted run is the last', async () => {
  expect(await runs(0.1, { last: 1 })).toEqual({ count: 1, timedOut: undefined });
});
