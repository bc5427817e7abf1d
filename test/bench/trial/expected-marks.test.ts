/**
 * A card against its expected marks: every difference, in both directions; files that cannot be such a list.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareMarks, readExpectedMarks } from '../../../bench/trial/expected-marks.ts';
import { ProblemList } from '../../../scenarios/problem.ts';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('equal cards differ in nothing', () => {
  const marks = { 'Deployment/a/b': { drain: 'survived', 'zone-loss': 'failed' } } as const;
  expect(compareMarks(marks, marks)).toEqual([]);
});

test('better, worse, missing and additional rows are all differences', () => {
  const differences = compareMarks(
    { one: { drain: 'failed', crash: 'survived', gone: 'survived' }, two: { drain: 'survived' } },
    { one: { drain: 'survived', crash: 'degraded', added: 'failed' } },
  );
  expect(differences).toEqual([
    { workload: 'one', trial: 'drain', expected: 'failed', found: 'survived' },
    { workload: 'one', trial: 'crash', expected: 'survived', found: 'degraded' },
    { workload: 'one', trial: 'gone', expected: 'survived', found: null },
    { workload: 'two', trial: 'drain', expected: 'survived', found: null },
    { workload: 'one', trial: 'added', expected: null, found: 'failed' },
  ]);
});

describe('the file', () => {
  const read = (text: string | null): { marks: unknown; errors: number } => {
    const file = path.join(scratch, 'marks.json');
    if (text === null) rmSync(file, { force: true });
    else writeFileSync(file, text);
    const problems = new ProblemList();
    return { marks: readExpectedMarks(file, problems), errors: problems.errorCount };
  };

  test('a good one', () => {
    expect(read('{"Job/a/b": {"drain": "unknown"}}')).toEqual({
      marks: { 'Job/a/b': { drain: 'unknown' } },
      errors: 0,
    });
  });

  test.each([null, '', '{', '[]', '3', 'null', '{"a": 1}', '{"a": {"drain": "perfect"}}', '{"a": []}'])(
    '%j is refused with a problem',
    (text) => {
      expect(read(text)).toEqual({ marks: null, errors: 1 });
    },
  );
});
