/** Recorded decisions of kube-scheduler: all agree; every kind of planted difference is found; hostile files are refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { firstDifference } from '../../../bench/conform/first-difference.ts';
import { runCases } from '../../../bench/conform/run-cases.ts';
import { checkSchedulerCase } from '../../../bench/conform/scheduler/check-case.ts';
import type { RecordedCase, RecordedStep } from '../../../bench/conform/scheduler/recorded-case.ts';
import { format } from '../../../bench/conform/scheduler/scheduler-format.ts';
import { lacksData, SHARED_DIR } from '../../support/needs.ts';

const SAMPLES = path.join(import.meta.dirname, '../../data/scheduler');
const folder = mkdtempSync(path.join(tmpdir(), 'seatrial-conform-'));
afterAll(() => rmSync(folder, { recursive: true }));

const samples = ['decisions.jsonl.gz', 'drawn.jsonl.gz'].flatMap((file) =>
  gunzipSync(readFileSync(path.join(SAMPLES, file)))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedCase),
);

test('samples of every family agree, from compressed files', async () => {
  const run = await runCases(format.cases(SAMPLES));
  expect(run.reports.filter(({ outcome }) => !outcome.passed)).toEqual([]);
  expect(run.passed).toBe(samples.length);
  expect(new Set(run.reports.map(({ name }) => name.split('/')[0]))).toEqual(new Set(['1.34.1', '1.36.3']));
});

test.skipIf(lacksData('scheduler'))('all recorded cases of 1.34 and 1.36 agree', async () => {
  const run = await runCases(format.cases(path.join(SHARED_DIR, 'scheduler')));
  expect(run.reports.filter(({ outcome }) => !outcome.passed)).toEqual([]);
  expect(run.passed).toBe(13 * 38 + 4 * 20);
});

/** The first sample with a step of some kind, with this step changed. */
function planted(has: (step: RecordedStep) => boolean, change: (step: RecordedStep) => RecordedStep): RecordedCase {
  const recorded = samples.find(({ steps }) => steps.some(has));
  if (recorded === undefined) throw new Error('no sample with such a step');
  const at = recorded.steps.findIndex(has);
  return { ...recorded, steps: recorded.steps.map((step, i) => (i === at ? change(step) : step)) };
}

describe('a planted difference is found', () => {
  const rejects = (step: RecordedStep) => Object.keys(step.filter ?? {}).length > 0;
  const firstNode = (step: RecordedStep) => Object.keys(step.filter ?? {})[0] as string;
  test.each<[string, RecordedCase, RegExp]>([
    [
      'status code',
      planted(rejects, (step) => {
        const node = firstNode(step);
        const verdict = step.filter?.[node] as NonNullable<RecordedStep['filter']>[string];
        return { ...step, filter: { ...step.filter, [node]: { ...verdict, code: 'Pending' } } };
      }),
      /filter\..*code/,
    ],
    ['rejected node', planted(rejects, (step) => ({ ...step, filter: {} })), /filter\./],
    [
      'score of a plugin',
      planted(
        (step) => step.scores !== undefined,
        (step) => {
          const [node, row] = Object.entries(step.scores ?? {})[0] as [string, Record<string, number>];
          const plugin = Object.keys(row)[0] as string;
          return { ...step, scores: { ...step.scores, [node]: { ...row, [plugin]: (row[plugin] as number) + 1 } } };
        },
      ),
      /scores\./,
    ],
    [
      'best nodes',
      planted(
        (step) => step.via === 'score',
        (step) => ({ ...step, best: [...(step.best ?? []), 'zz'] }),
      ),
      /best/,
    ],
    [
      'message',
      planted(
        (step) => step.failure !== undefined,
        (step) => ({ ...step, failure: { ...step.failure, message: 'other' } }),
      ),
      /failure\.message/,
    ],
    [
      'victims',
      planted(
        (step) => step.preemption?.candidates !== undefined,
        (step) => ({
          ...step,
          preemption: {
            eligible: true,
            ...step.preemption,
            candidates: (step.preemption?.candidates ?? []).map((candidate) => ({ ...candidate, victims: [] })),
          },
        }),
      ),
      /preemption\.candidates/,
    ],
    [
      'gate',
      planted(
        (step) => step.gated !== undefined,
        ({ gated: _gone, ...step }) => step,
      ),
      /gated/,
    ],
  ])('%s', (_what, recorded, where) => {
    expect(checkSchedulerCase(recorded)).toMatch(where);
  });
});

test('a version that is not simulated and a broken configuration fail the case', () => {
  const [first] = samples as [RecordedCase];
  expect(checkSchedulerCase({ ...first, version: '1.20.0' })).toMatch(/1\.20\.0 is not simulated/);
  expect(
    checkSchedulerCase({ ...first, config: { profiles: [{ plugins: { score: { enabled: [{ name: 'Nope' }] } } }] } }),
  ).toMatch(/profiles\[0\]\.plugins\.score\.enabled\[0\]\.name: unknown plugin/);
});

test.each([
  ['no JSON', '{"case":', /cases\.jsonl:1.*no JSON/s],
  ['no case', '\n{"hello": 1}', /cases\.jsonl:2.*no recorded scheduler case/s],
  ['null', 'null', /cases\.jsonl:1.*no recorded/s],
])('a file with %s is a user error with its line', (_what, text, message) => {
  const file = path.join(folder, 'cases.jsonl');
  writeFileSync(file, text);
  expect(() => format.cases(file)).toThrow(message);
});

test('the first difference is named by its path', () => {
  expect(firstDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, '')).toBeNull();
  expect(firstDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, '')).toBe('a.1.b: expected 2, got 3');
  expect(firstDifference({ a: 1 }, {}, '')).toBe('a: expected 1, got nothing');
  expect(firstDifference([1], [1, 2], 'x')).toBe('x: expected [1], got [1,2]');
});
