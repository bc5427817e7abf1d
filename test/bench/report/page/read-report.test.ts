/**
 * Results that are no results: each problem with its place, nothing shown.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readReport } from '../../../../bench/report/page/read-report.ts';
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

const text = JSON.stringify(cardOf('Deployment/shop/web'), null, 2);

test.each([
  ['cut.json', text.slice(0, 400), /^cut\.json:\d+:\d+ error CLI-004: the file is cut off: JSON ends too early$/],
  ['broken.json', '{"schema": nope}', /^broken\.json:1:13 error CLI-004: broken JSON/],
  ['other.json', { schema: 'other/v1' }, /^other\.json error CLI-004: schema "other\/v1" is not known here/],
  ['list.json', [1, 2], /^list\.json error CLI-004: no result of seatrial/],
  ['newer.json', { ...campaignOf(1), seeds: 7 }, /^newer\.json error CLI-004: seeds: .*expected string/],
])('%s', (name, content, message) => {
  expect(problemsOf(file(name, content))).toMatch(message);
});

test('all problems at once: a missing file, a folder without a run, a broken companion', () => {
  file('result.json', campaignOf(1));
  file('replay.json', { schema: 'seatrial/replays/v1', replays: [{ ...replayOf('x', 1), cells: 7 }] });
  const shown = problemsOf(path.join(folder, 'nothing.json'), os.tmpdir(), folder);
  expect(shown).toContain('nothing.json error CLI-006: does not exist');
  expect(shown).toContain('expected the folder of one run');
  expect(shown).toMatch(/replay\.json error CLI-004: replays\.0\.cells: .*expected array/);
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
