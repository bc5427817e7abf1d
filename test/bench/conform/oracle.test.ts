/** Answers of the real Kubernetes code: all agree; a changed one is found; hostile files are refused; draws are reproducible. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { format } from '../../../bench/conform/oracle/oracle-format.ts';
import { runCases } from '../../../bench/conform/run-cases.ts';
import { Dice } from '../../oracle/dice.ts';
import { DRAWN_SUBJECTS } from '../../oracle/subjects.ts';

const SAMPLES = path.join(import.meta.dirname, '../../data/oracle');
const folder = mkdtempSync(path.join(tmpdir(), 'seatrial-oracle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files = readdirSync(SAMPLES).filter((file) => file.endsWith('.gz'));

function linesOf(file: string): string[] {
  return gunzipSync(readFileSync(path.join(SAMPLES, file)))
    .toString('utf8')
    .trim()
    .split('\n');
}

/** A file of one line. */
function written(line: string): string {
  const file = path.join(folder, 'case.jsonl');
  writeFileSync(file, `${line}\n`);
  return file;
}

test('there are samples of every subject that is drawn', () => {
  expect(files.map((file) => file.split('.')[0])).toEqual(Object.keys(DRAWN_SUBJECTS));
});

test.each(files)('%s agrees', { timeout: 60_000 }, async (file) => {
  const run = await runCases(format.cases(path.join(SAMPLES, file)));
  expect(run.reports.filter(({ outcome }) => !outcome.passed)).toEqual([]);
  expect(run.passed).toBeGreaterThan(90);
});

test.each(files)('what is not in an answer of %s is missed, and what should not be in it is found', async (file) => {
  const recorded = linesOf(file)
    .map((line) => JSON.parse(line) as { expected: Record<string, unknown> })
    .find(({ expected }) => Object.keys(expected).length > 0);
  expect(recorded).toBeDefined();
  const { expected } = recorded as { expected: Record<string, unknown> };
  const [key] = Object.keys(expected) as [string];
  const { [key]: _gone, ...rest } = expected;
  for (const changed of [rest, { ...expected, planted: 1 }]) {
    const run = await runCases(format.cases(written(JSON.stringify({ ...recorded, expected: changed }))));
    expect(run.failed).toBe(1);
  }
});

describe('a file that is no recording', () => {
  test.each([
    ['{', 'no JSON'],
    ['{"case":"x","subject":"deployment","input":{}}', 'no case of the oracle'],
  ])('%s', (line, message) => {
    expect(() => format.cases(written(line))).toThrow(message);
  });

  test.each(['deploymint', 'toString'])('a subject that is not known fails: %s', async (subject) => {
    const line = JSON.stringify({ case: 'x', version: '1.34.1', subject, input: {}, expected: {} });
    const { reports } = await runCases(format.cases(written(line)));
    expect(reports[0]?.outcome).toEqual({ passed: false, difference: `nothing here answers for "${subject}"` });
  });
});

test.each(Object.entries(DRAWN_SUBJECTS))('the first samples of %s are what its seed draws', (subject, draw) => {
  const drawn = new Map<string, string>();
  const dice = new Dice(1, subject);
  for (let i = 1; i <= 20; i++) drawn.set(`${subject}/1.${i}`, JSON.stringify(draw(dice)));
  const samples = linesOf(`${subject}.jsonl.gz`).slice(0, 10);
  for (const line of samples) {
    const { case: name, input } = JSON.parse(line) as { case: string; input: unknown };
    expect(JSON.stringify(input)).toBe(drawn.get(name));
  }
});
