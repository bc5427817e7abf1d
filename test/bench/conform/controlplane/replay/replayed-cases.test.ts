/** What `conform controlplane` says of recordings of somebody's own: those that go otherwise on a simulated cluster fail, those that cannot be replayed are told. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { format } from '../../../../../bench/conform/controlplane/controlplane-format.ts';
import { type CaseRun, runCases } from '../../../../../bench/conform/run-cases.ts';

const OURS = path.join(import.meta.dirname, '../../../../data/controlplane');
const root = mkdtempSync(path.join(tmpdir(), 'seatrial-replayed-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Runs the case of a recording after `change` to one of its files, and gives the summary too. */
async function changed(folder: string, file: string, change: (text: string) => string) {
  const copy = path.join(root, folder);
  cpSync(path.join(OURS, folder), copy, { recursive: true });
  const changing = path.join(copy, file);
  writeFileSync(changing, change(readFileSync(changing, 'utf8')));
  const run: CaseRun = await runCases(format.cases(copy));
  return { run, summary: (await format.finish?.()) ?? '' };
}

describe('recordings that are replayed', () => {
  test('one that goes otherwise fails with the first difference, its time and its object', async () => {
    const { run, summary } = await changed('job-success-policy', 'events.jsonl', (text) =>
      text.replaceAll('"reason":"SuccessPolicy"', '"reason":"SuccessRule"'),
    );
    const [{ outcome } = { outcome: { passed: true } as const }] = run.reports;
    expect(outcome).toMatchObject({ passed: false });
    expect(outcome.passed || outcome.difference).toMatch(
      /^replayed otherwise at \d+\.\d{3} s \(conditions of Job\): Job \S+ SuccessCriteriaMet: recorded "True SuccessRule .*", replayed "True SuccessPolicy .*"$/,
    );
    expect(summary).toContain(
      'replayed: 1 recordings, 0 went as recorded with seed 1, 0 with another seed, 1 otherwise',
    );
  });

  test('another object at the end is told with the field', async () => {
    const { run } = await changed('stateful-on-delete', 'final.json', (text) =>
      text.replace(/"terminationGracePeriodSeconds": ?\d+/, '"terminationGracePeriodSeconds":31'),
    );
    const [report] = run.reports;
    expect(report?.outcome.passed === false && report.outcome.difference).toMatch(
      /at the end: spec\..*terminationGracePeriodSeconds: expected 31, got 30$/,
    );
  });

  test.each([
    ['no body', undefined],
    ['a body without metadata', {}],
  ])('a request with %s is not replayed', async (name, body) => {
    const refused = { ms: 0, do: 'request', method: 'POST', path: '/api/v1/nodes', body, status: 400 };
    const { run, summary } = await changed('budget-unhealthy', 'steps.json', (text) => {
      const recording = JSON.parse(text) as { steps: unknown[] };
      return JSON.stringify({ ...recording, steps: [refused, ...recording.steps] });
    });
    expect([name, run.failed]).toEqual([name, 0]);
    expect(summary).toMatch(/^not replayed, only judged: 1 with requests that only the HTTP front carries/m);
  });

  test('why others are not, with how many', async () => {
    const run = await runCases(format.cases(OURS));
    expect([run.passed, run.failed]).toEqual([11, 0]);
    const summary = (await format.finish?.()) ?? '';
    expect(summary).toContain('replayed: 4 recordings, 4 went as recorded with seed 1, 0 with another seed; 0 pauses');
    expect(summary).toContain('not replayed, only judged: 1 with resourcequotas, which are not simulated\n');
    expect(summary).toContain('not replayed, only judged: 5 with no final objects kept (final.json)\n');
    expect(summary).toContain(
      'not replayed, only judged: 1 with signals to components, their starts, or load on them\n',
    );
  });
});
