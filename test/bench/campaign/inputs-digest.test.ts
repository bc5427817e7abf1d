/**
 * What a replay line knows about the files behind it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadScenarios } from '../../../bench/campaign/load-scenarios.ts';
import { changedSince } from '../../../bench/campaign/replay-marks.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { PROJECT_ROOT } from '../../support/cli.ts';

let file = '';
beforeAll(() => {
  file = path.join(mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-')), 'own.yaml');
});
afterAll(() => rmSync(path.dirname(file), { recursive: true, force: true }));

function inputsOf(text: string): (string | undefined)[] {
  writeFileSync(file, text);
  return loadScenarios([file], new ProblemList()).map(({ inputs }) => inputs);
}

test('a comment and the place of the file change nothing, a value does; the twin has its own', () => {
  const source = path.join(PROJECT_ROOT, 'scenarios', 'first-deployment.yaml');
  const text = readFileSync(source, 'utf8');
  const [own, twin] = inputsOf(text);
  expect(own).toMatch(/^[0-9a-f]{8}$/);
  expect(twin).not.toBe(own);
  expect(loadScenarios([source], new ProblemList()).map(({ inputs }) => inputs)).toEqual([own, twin]);
  expect(inputsOf(`${text}# a remark\n`)).toEqual([own, twin]);
  expect(inputsOf(text.replace(/^about:.*$/m, 'about: Another.'))[0]).not.toBe(own);
});

test('the warning names both digests; none where they are equal or the line says nothing', () => {
  const warning = (inputs: string | undefined): string => changedSince({ build: undefined, inputs }, 'bbbb1111');
  expect(warning('aaaa0000')).toMatch(/inputs aaaa0000, now bbbb1111/);
  expect(warning('bbbb1111')).toBe('');
  expect(warning(undefined)).toBe('');
});
