/**
 * Rows written into columns, sent as a structured clone and read again are equal, whatever they hold.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tasksOf } from '../../../bench/campaign/campaign.ts';
import { CaseColumns } from '../../../bench/campaign/case-columns.ts';
import { CASE_OUTCOMES, type CaseResult, emptyCase } from '../../../bench/campaign/case-result.ts';
import { workCounters } from '../../../core/chaos/run-plan.ts';

const time = fc.integer({ min: -1, max: 2 ** 50 });
const count = fc.nat();
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));

const work = fc
  .array(count, { minLength: workCounters().length, maxLength: workCounters().length })
  .map((counts) => Object.fromEntries(workCounters().map(({ name }, index) => [name, counts[index] as number])));

const fields: fc.Arbitrary<CaseResult> = fc.record({
  seed: fc.maxSafeNat(),
  outcome: fc.constantFrom(...CASE_OUTCOMES),
  asExpected: fc.boolean(),
  predicate: fc.constantFrom('', 'RS1'),
  message: fc.string(),
  failedAtUs: time,
  bootUs: time,
  healUs: time,
  convergedUs: time,
  endUs: time,
  boundUs: time,
  events: count,
  commits: count,
  processes: count,
  pods: count,
  podsStarted: count,
  startupP50Us: time,
  startupP90Us: time,
  startupP99Us: time,
  startupMaxUs: time,
  recoveries: count,
  recoveryP50Us: time,
  recoveryMaxUs: time,
  work,
  neverEvaluated: fc.array(fc.string()),
  idleFaults: fc.array(fc.string()),
  pendingPods: fc.constantFrom({ count: 0, names: [] }, { count: 7, names: ['demo/web-0'] }),
  digest: fc.oneof(fc.constant(''), digest),
  hostMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
});
/** A case without a digest was not run, and has done no work. */
const row = fields.map((each) => (each.digest === '' ? { ...each, work: {} } : each));

describe('case columns', () => {
  test('a row survives columns and the way between threads', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
        const sent = new CaseColumns(rows.length);
        rows.forEach((each, index) => {
          sent.set(index, each);
        });
        const received = new CaseColumns(rows.length, structuredClone(sent.data));
        const kept = new CaseColumns(rows.length);
        const places = rows.map((_, index) => rows.length - 1 - index);
        kept.take(places, received);
        expect(places.map((place) => kept.get(place))).toEqual(rows);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  test('a digest of another length is refused', () => {
    const columns = new CaseColumns(1);
    expect(() => columns.set(0, { ...emptyCase(1, 'bug', 'x'), digest: 'abcd' })).toThrow(RangeError);
  });
});

describe('tasks', () => {
  test('every case once, in order, one scenario a task, whatever the number of workers', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 16 }),
    );
    fc.assert(
      fc.property(sizes, ([scenarios, seeds, workers]) => {
        const tasks = [...tasksOf(scenarios, seeds, workers)];
        expect(tasks.flat()).toEqual(Array.from({ length: scenarios * seeds }, (_, index) => index));
        for (const task of tasks) expect(new Set(task.map((each) => Math.floor(each / seeds))).size).toBe(1);
        expect(Math.max(...tasks.map((task) => task.length))).toBeLessThanOrEqual(16);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
