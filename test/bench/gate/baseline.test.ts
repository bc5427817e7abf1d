/**
 * Results against baselines: every verdict, every exit code, and files that are not what they should be.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Baseline, baselineOf, baselineText, readBaseline } from '../../../bench/gate/baseline.ts';
import { compareToBaseline } from '../../../bench/gate/compare-baseline.ts';
import { gateVerdict } from '../../../bench/gate/gate-verdict.ts';
import { makeColours } from '../../../bench/report/colour.ts';
import type { Comparison, ResultCase, Verdict } from '../../../bench/report/result.ts';
import { comparisonsText } from '../../../bench/report/result-text.ts';
import { formatProblems, ProblemList } from '../../../scenarios/problem.ts';
import { documentOf, resultCase } from '../../support/result-document.ts';

const EXACT = { tolerance: 0, partial: false };
const baseline = baselineOf(documentOf([resultCase()]));

/** Comparisons that are not plain passes. */
function differences(changes: Partial<ResultCase>, rules = EXACT, known: Baseline | null = baseline): Comparison[] {
  return compareToBaseline(documentOf([resultCase(changes)]), known, rules).filter(({ verdict }) => verdict !== 'pass');
}

test('cases without a baseline have a row each while they are few, else a line for all', () => {
  const found = (count: number): string => {
    const cases = Array.from({ length: count }, (_, index) => resultCase({ id: `case-${index}` }));
    return comparisonsText(compareToBaseline(documentOf(cases), null, EXACT), makeColours(false));
  };
  expect(found(4)).toMatch(/^verdict .*\n(~ new .*\n){4}\n$/);
  expect(found(5)).toBe('~ new: 5 cases without a baseline\n\n');
});

describe('a case against its baseline', () => {
  test('the same: all pass', () => {
    expect(differences({})).toEqual([]);
  });

  test('one unit more of work fails, one less is an improvement', () => {
    const more = differences({ counters: { 'sim.events': 1001, 'store.commits': 199 } });
    expect(more).toMatchObject([
      {
        metric: 'sim.events',
        verdict: 'fail',
        baseline: 1000,
        candidate: 1001,
        estimate: 0.001,
        reason: '1,001 instead of 1,000',
      },
      { metric: 'store.commits', verdict: 'improved', estimate: -0.005 },
    ]);
  });

  test('a tolerance lets growth through, not more', () => {
    const rules = { tolerance: 0.01, partial: false };
    expect(differences({ counters: { 'sim.events': 1010, 'store.commits': 200 } }, rules)).toEqual([]);
    expect(differences({ counters: { 'sim.events': 1011, 'store.commits': 200 } }, rules)).toMatchObject([
      { verdict: 'fail' },
    ]);
  });

  test('another digest, a failed or broken case, a slower virtual time', () => {
    expect(differences({ traceDigest: '00'.repeat(32) })).toMatchObject([{ metric: 'digest', verdict: 'fail' }]);
    expect(differences({ status: 'fail', outcome: 'fail RS2', message: 'too many' })).toMatchObject([
      { metric: 'status', verdict: 'fail', reason: 'fail RS2: too many' },
    ]);
    expect(differences({ status: 'broken', outcome: 'broken' })).toMatchObject([{ metric: 'status', verdict: 'fail' }]);
    const [first, second] = resultCase().metrics as [ResultCase['metrics'][number], ResultCase['metrics'][number]];
    expect(differences({ metrics: [{ ...first, value: 2_600_000 }, second] })).toMatchObject([
      { metric: 'pod-startup-p99-us', verdict: 'fail', reason: '2.60 s instead of 2.50 s' },
    ]);
    expect(differences({ metrics: [first, { ...second, value: 1 }] })).toMatchObject([
      { metric: 'recovery-max-us', verdict: 'fail' },
    ]);
  });

  test('new and missing counters', () => {
    expect(differences({ counters: { 'sim.events': 1000, 'x.new': 1 } })).toMatchObject([
      { metric: 'store.commits', verdict: 'missing' },
      { metric: 'x.new', verdict: 'new' },
    ]);
  });

  test('a case that asks another question is incomparable', () => {
    expect(differences({ inputDigest: '11'.repeat(32), counters: {} })).toMatchObject([
      { metric: 'input', verdict: 'incomparable' },
    ]);
  });

  test('new cases, vanished cases, no baseline at all', () => {
    expect(differences({ id: 'other' })).toMatchObject([
      { caseId: 'other', verdict: 'new' },
      { caseId: 'zone-loss/seed-1', verdict: 'missing' },
    ]);
    expect(differences({ id: 'other' }, { tolerance: 0, partial: true })).toMatchObject([{ verdict: 'new' }]);
    expect(differences({}, EXACT, null)).toMatchObject([{ verdict: 'new' }]);
  });
});

describe('exit codes', () => {
  const decide = (
    verdicts: readonly Verdict[],
    strict = false,
    requireBaseline = false,
    cases: readonly ResultCase[] = [],
  ) => {
    const comparisons = verdicts.map((verdict) => ({ verdict }) as Comparison);
    return gateVerdict(cases, comparisons, { strict, requireBaseline }, undefined, true);
  };

  test.each([
    [['pass', 'improved'], 0, 0, 0],
    [['inconclusive'], 0, 4, 0],
    [['incomparable'], 0, 4, 0],
    [['new'], 0, 0, 4],
    [['fail', 'inconclusive', 'new'], 1, 1, 1],
    [['missing'], 1, 1, 1],
  ] as const)('%j: %i, strict %i, baseline required %i', (verdicts, plain, strict, required) => {
    expect(decide(verdicts).exitCode).toBe(plain);
    expect(decide(verdicts, true).exitCode).toBe(strict);
    expect(decide(verdicts, false, true).exitCode).toBe(required);
  });

  test('broken beats a finding; an interruption beats all but broken', () => {
    expect(decide(['fail'], false, false, [resultCase({ status: 'broken' })]).exitCode).toBe(3);
    expect(gateVerdict([], [], { strict: false, requireBaseline: false }, 130, false)).toMatchObject({
      word: 'incomplete',
      exitCode: 130,
    });
    expect(decide(['fail', 'pass']).line).toBe('gate: fail (1 fail, 1 pass)');
  });
});

describe('the file', () => {
  let scratch = '';
  beforeAll(() => {
    scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  function read(text: string): { found: Baseline | null; problems: string } {
    const file = path.join(scratch, 'smoke.json');
    writeFileSync(file, text);
    const problems = new ProblemList();
    const found = readBaseline(file, 'seatrial gate --update-baseline', problems);
    return { found, problems: formatProblems(problems.problems).replaceAll(`${scratch}/`, '') };
  }

  test('is read back as it was written, one value a line', () => {
    const text = baselineText(baseline);
    expect(read(text)).toEqual({ found: baseline, problems: '' });
    expect(text).toContain('\n        "sim.events": 1000,\n');
  });

  test.each([
    ['', 'smoke.json:1:1 error GATE-001: the file is cut off'],
    [
      baselineText(baseline).slice(0, 200),
      'error GATE-001: the file is cut off: its JSON ends too early\n  hint: write it anew',
    ],
    ['{"schema": nope}', 'smoke.json:1:13 error GATE-001: broken JSON'],
    ['[]', 'GATE-002: no baseline of this version: it names no schema, expected "seatrial/baseline/v1"'],
    ['{"schema": "seatrial/baseline/v9"}', 'it is of schema "seatrial/baseline/v9", expected "seatrial/baseline/v1"'],
    ['{"schema": "seatrial/baseline/v1", "suite": "x", "cases": {"a": {}}}', 'GATE-003: cases.a.inputDigest: '],
  ])('%#', (text, message) => {
    const { found, problems } = read(text);
    expect(found).toBeNull();
    expect(problems).toContain(message);
  });

  test('no file is no problem', () => {
    const problems = new ProblemList();
    expect(readBaseline(path.join(scratch, 'none.json'), '', problems)).toBeNull();
    expect(problems.problems).toEqual([]);
  });
});
