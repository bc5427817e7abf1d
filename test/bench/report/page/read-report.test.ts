/**
 * Results that are no results: each problem with its place, nothing shown.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readReport } from '../../../../bench/report/page/read-report.ts';
import { countStatuses, countVerdicts } from '../../../../bench/report/result.ts';
import { formatProblem, ProblemList } from '../../../../scenarios/problem.ts';
import { campaignOf, cardOf, replayOf } from '../../../support/report-samples.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function problemsOf(...paths: readonly string[]): string {
  const problems = new ProblemList();
  readReport(paths, problems);
  return problems.problems.map(formatProblem).join('\n').replaceAll(`${folder}/`, '');
}

function file(name: string, content: unknown): string {
  const target = path.join(folder, name);
  writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content));
  return target;
}

const documentOf = (command: string, own: object) => ({
  ...own,
  schemaVersion: 1,
  tool: { name: 'seatrial', version: '1', build: '' },
  command,
  suite: { id: 'x', digest: '' },
  cases: [],
  comparisons: [],
  summary: {
    verdict: '',
    exitCode: 0,
    complete: true,
    cases: countStatuses([]),
    comparisons: countVerdicts([]),
    reproduce: '',
  },
  diagnostics: [],
});
const campaignDocument = documentOf('run', campaignOf(1));
const searched = {
  runs: 3,
  possible: null,
  excused: 0,
  events: 7,
  canaryFound: true,
  complete: true,
  broken: [],
  findings: [],
  coverage: { marks: [1, null], faultsByState: [] },
};
const searchOf = (own: object) => documentOf('search', { ...searched, ...own });

const text = JSON.stringify(cardOf('Deployment/shop/web'), null, 2);

test.each([
  ['cut.json', text.slice(0, 400), /^cut\.json:\d+:\d+ error CLI-004: the file is cut off: its JSON ends too early$/],
  ['broken.json', '{"schema": nope}', /^broken\.json:1:13 error CLI-004: broken JSON/],
  ['other.json', { schema: 'other/v1' }, /^other\.json error CLI-004: schema "other\/v1" is not known here/],
  ['list.json', [1, 2], /^list\.json error CLI-004: no result of seatrial/],
  ['newer.json', { ...campaignOf(1), seeds: 7 }, /^newer\.json error CLI-004: seeds: .*expected string/],
  ['unknown.json', { ...campaignDocument, schemaVersion: 99 }, /^unknown\.json error CLI-004: schemaVersion: /],
  ['unversioned.json', { ...campaignDocument, schemaVersion: undefined }, /^unversioned\.json .*-004: schemaVersion: /],
  ['hollow.json', { ...campaignDocument, cases: null, tool: null }, /-004: tool: .*\n.*-004: cases: /],
  ['runs.json', searchOf({ runs: -4 }), /^runs\.json error CLI-004: runs: /],
  ['findings.json', searchOf({ findings: [null] }), /-004: findings\.0: /],
  ['broken-cases.json', searchOf({ broken: [{ a: 1 }] }), /-004: broken\.0\.caseNumber: /],
  [
    'coverage.json',
    searchOf({ coverage: { marks: 'x' } }),
    /-004: coverage\.marks: .*\n.*-004: coverage\.faultsByState: /,
  ],
  ['no-canary.json', searchOf({ canaryFound: undefined }), /-004: canaryFound: /],
])('%s', (name, content, message) => {
  expect(problemsOf(file(name, content))).toMatch(message);
});

test('documents with fields of their own are read; a search that missed its canary says so', () => {
  const problems = new ProblemList();
  const whole = [campaignDocument, searchOf({}), searchOf({ canaryFound: false })];
  const { parts } = readReport(
    whole.map((content, index) => file(`whole-${index}.json`, content)),
    problems,
  );
  expect(problems.problems).toEqual([]);
  expect(parts.map((part) => (part.kind === 'document' ? part.document.diagnostics.length : part.kind))).toEqual([
    'campaign',
    0,
    1,
  ]);
});

test('all problems at once: a missing file, a folder without a run, a broken companion', () => {
  file('result.json', campaignOf(1));
  file('replay.json', { schema: 'seatrial/replays/v1', replays: [{ ...replayOf('x', 1), cells: 7 }] });
  const shown = problemsOf(path.join(folder, 'nothing.json'), os.tmpdir(), folder);
  expect(shown).toContain('nothing.json error CLI-006: does not exist');
  expect(shown).toContain('expected the folder of one run');
  expect(shown).toMatch(/replay\.json error CLI-004: replays\.0\.cells: .*expected array/);
});

test('a pipe is read like a file: report <(cat result.json)', () => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  spawn('sh', ['-c', 'cat "$0" >"$1"', file('piped.json', campaignOf(2)), pipe]);
  const problems = new ProblemList();
  expect(readReport([pipe], problems).parts.map(({ kind }) => kind)).toEqual(['campaign']);
  expect(problems.problems).toEqual([]);
});

test('a run folder is read with what lies beside the result', () => {
  file('result.json', campaignOf(2));
  file('replay.json', { schema: 'seatrial/replays/v1', replays: [replayOf('x', 1)] });
  const problems = new ProblemList();
  const input = readReport([folder, file('card.json', cardOf('Deployment/shop/web'))], problems);
  expect(problems.problems).toEqual([]);
  expect(input.title).toBe('Run of 2 scenarios · Sea trial of shop');
  expect(input.parts.map(({ kind }) => kind)).toEqual(['campaign', 'trial']);
  expect(input.replays).toHaveLength(1);
});
