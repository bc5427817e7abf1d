/**
 * The main job as `npm start` runs it: expected card, verdict and times; the deterministic part does not depend on workers or repetition.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT_ROOT, runSeatrial } from '../support/cli.ts';

const TIMEOUT_MS = 110_000;

let results = '';
beforeAll(() => {
  results = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterAll(() => rmSync(results, { recursive: true, force: true }));

/** The lines of the card at the top of the README; `…` stands for what is left out. */
function cardOfReadme(): string[] {
  const readme = readFileSync(path.join(PROJECT_ROOT, 'README.md'), 'utf8');
  const [, block = ''] = /^```\n\$ seatrial trial scenarios\/examples\/shop\n(.*?)^```$/ms.exec(readme) ?? [];
  const lines = block.split('\n').filter((line) => line !== '' && !line.includes('…'));
  expect(lines.length).toBeGreaterThan(10);
  return lines;
}

test('twice, with one worker and with two', { timeout: 2 * TIMEOUT_MS }, () => {
  for (const workers of ['2', '1']) {
    const { code, out, err } = runSeatrial(['main-job', '-q', '--results', results, '--workers', workers], {
      timeoutMs: TIMEOUT_MS,
    });
    expect(err).toBe('');
    for (const line of cardOfReadme()) expect(out).toContain(`${line}\n`);
    expect(out).toContain('\nthe card is as expected, with both weaknesses\n');
    expect(out).toMatch(
      /^verdict: fgd is ahead in gpu-allocation \(95\.\d\d %; better than kube-default: \+1\.\d\d, ahead on 10 of 10 seeds\)$/m,
    );
    expect(out).toContain('\nverdict: as expected (1 of 1 cases run, 0 not as expected)\n');
    expect(out).toMatch(
      /^thousand-nodes: pod start-up, creation to Ready \(virtual\): p50 .* s, p90 .*, max .* over \d+$/m,
    );
    expect(out).toMatch(/^thousand-nodes: recovery, .* \(virtual\): p50 \d/m);
    expect(code).toBe(0);
  }
  expect(readdirSync(results)).toEqual(['main-job-001', 'main-job-002']);
  const read = (folder: string, name: string) => readFileSync(path.join(results, folder, name), 'utf8');
  expect(read('main-job-002', 'result.json')).toBe(read('main-job-001', 'result.json'));
  expect(read('main-job-002', 'latency.hlog')).toBe(read('main-job-001', 'latency.hlog'));
  expect(read('main-job-002', 'replay.json')).toBe(read('main-job-001', 'replay.json'));
  expect(read('main-job-001', 'report.html')).toContain(
    '<title>Sea trial of scenarios/examples/shop · Policies on openb · Scenario thousand-nodes</title>',
  );
  expect(JSON.parse(read('main-job-001', 'run.json'))).toMatchObject({ complete: true, exitCode: 0, workers: 2 });
  const metrics = read('main-job-001', 'metrics.csv');
  expect(metrics).toMatch(/^subject,seed,name,kind,unit,value\n/);
  expect(metrics).toMatch(/^Deployment\/shop\/checkout node-crash,\d+,longest-none-ready,virtual,us,\d{7,}$/m);
  expect(metrics).toMatch(/^thousand-nodes,,pod-startup-p99,virtual,us,\d+$/m);
});
