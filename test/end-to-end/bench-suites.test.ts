/**
 * `bench list` and `bench run` as users call them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultSchema } from '../../bench/report/result.ts';
import { CLI_MAIN, runSeatrial } from '../support/cli.ts';
import { CRASH_SCENARIO } from '../support/scenario-text.ts';

const SUITE = `apiVersion: seatrial/v1
kind: Suite
metadata: {name: mine}
about: Two sizes of a crash.
seeds: 1..3
objectives: [pod-startup-p99 <= 10m]
benchmarks:
  - scenario: crash.yaml
    tags: [small]
  - scenario: crash.yaml
    sizes: [{name: 'größer ab', nodes: 8}]
`;

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test '));
  writeFileSync(path.join(scratch, 'crash.yaml'), CRASH_SCENARIO);
  writeFileSync(path.join(scratch, 'mine.yaml'), SUITE);
  writeFileSync(path.join(scratch, 'strict.yaml'), SUITE.replace('<= 10m', '<= 1ms'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const bench = (...argv: string[]) => runSeatrial(['bench', ...argv], { cwd: scratch });

describe('bench run', () => {
  test('result.json is the same for any number of workers and satisfies the schema; several reports', () => {
    const argv = [
      'run',
      'mine.yaml',
      '-q',
      '--report',
      'junit=a.xml',
      '--report',
      'csv=b.csv',
      '--report',
      'json=c.json',
    ];
    const { code, out } = bench(...argv, '-j', '1');
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines.at(-2)).toBe('verdict: as expected (6 of 6 cases run, 0 not as expected, 0 of 6 objectives missed)');
    expect(lines.at(-1)).toMatch(/^again: seatrial bench run mine\.yaml --build [0-9a-f]{12} --inputs [0-9a-f]{8}$/);
    const two = bench('run', 'mine.yaml', '-q', '-o', 'json', '--no-results', '-j', '2').out;
    expect(two).toBe(readFileSync(path.join(scratch, 'c.json'), 'utf8'));
    expect(two).toBe(readFileSync(path.join(scratch, 'results', 'bench-mine-s1..3-001', 'result.json'), 'utf8'));
    const result = resultSchema.parse(JSON.parse(two));
    expect(result.cases.map(({ id }) => id)).toContain('small-crash/größer ab/seed-3');
    expect(result.cases[0]?.counters['sim.events']).toBeGreaterThan(1000);
    expect(readFileSync(path.join(scratch, 'a.xml'), 'utf8')).toContain(
      '<testsuite name="mine" tests="12" failures="0"',
    );
  });

  test('a missed objective is a finding; the line that it prints shows it again', () => {
    const { code, out } = bench('run', 'strict.yaml', '-q', '--no-results', '--grep', 'größer');
    expect(code).toBe(1);
    expect(out).toMatch(/✗ fail +small-crash\/größer ab\/seed-1 +pod-startup-p99 <= 1ms/);
    expect(out).toContain('3 of 3 objectives missed');
    expect(out.trimEnd().split('\n').at(-1)).toMatch(
      /^again: seatrial bench run strict\.yaml --grep 'größer' --build /,
    );
  });

  test('a dry run shows the cases and writes nothing', () => {
    const { code, out } = bench('run', 'mine.yaml', '--dry-run', '--tag=-small', '--results', 'nowhere');
    expect(code).toBe(0);
    expect(out).toContain('3 cases; nothing was run');
    expect(existsSync(path.join(scratch, 'nowhere'))).toBe(false);
  });

  test.each([
    [['run'], 'error CLI-003: bench run needs a suite'],
    [['run', 'smok'], 'no file and no suite is called "smok" (did you mean "smoke"?)'],
    [['run', 'crash.yaml'], 'error SUI-006: kind is "Scenario", expected Suite'],
    [['run', 'mine.yaml', '--grep', 'x'], 'no benchmark of mine matches'],
    [['run', 'mine.yaml', '--report', 'jnit=x'], 'unknown report format "jnit" (did you mean "junit"?)'],
    [['run', 'mine.yaml', '--report', 'csv=a', '--report', 'json=a'], '--report: a is named twice'],
    [['runn'], 'unknown action "runn" (did you mean "run"?)'],
    [['core', 'x'], 'bench core takes no file, found "x"'],
    [['scheduler', '--dry-run'], '--dry-run goes with bench run and bench scheduler-perf, not with bench scheduler'],
    [['list', '-o', 'junit'], 'bench list gives text, json, markdown, not junit'],
  ])('%j is a user error that runs nothing', (argv, message) => {
    const before = existsSync(path.join(scratch, 'results')) ? readdirSync(path.join(scratch, 'results')) : [];
    const { code, out, err } = bench(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(existsSync(path.join(scratch, 'results')) ? readdirSync(path.join(scratch, 'results')) : []).toEqual(before);
  });

  test('on GitHub: annotations at the line of the suite, a summary of the step; standard output stays clean', () => {
    const summary = path.join(scratch, 'summary.md');
    writeFileSync(summary, 'before\n');
    const argv = ['bench', 'run', 'strict.yaml', '-q', '--no-results', '--tag', 'small', '-o', 'json'];
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
    const { code, out, err } = runSeatrial(argv, { cwd: scratch, env });
    expect(code).toBe(1);
    expect(JSON.parse(out).command).toBe('bench run');
    expect(err).toMatch(
      /^::error file=strict\.yaml,line=8,col=5,title=small-crash\/seed-1 pod-startup-p99 <= 1ms%3A fail::/,
    );
    expect(readFileSync(summary, 'utf8')).toMatch(/^before\n<!-- seatrial bench run mine -->/);
  });

  test('a reader that is gone before the answer changes neither the exit code nor what is kept', () => {
    const line = `"${process.execPath}" "${CLI_MAIN}" bench run strict.yaml --seed 1 --results gone -q | true; echo "\${PIPESTATUS[0]}"`;
    const run = spawnSync('bash', ['-c', line], { cwd: scratch, encoding: 'utf8' });
    expect([run.stdout, run.stderr]).toEqual(['1\n', '']);
    expect(readdirSync(path.join(scratch, 'gone', 'bench-mine-s1-001'))).toContain('result.json');
  });

  test('a reader that closes the pipe early: quiet, no error', () => {
    const line = `"${process.execPath}" "${CLI_MAIN}" bench run mine.yaml -q --no-results -o ndjson | head -c 10; echo " \${PIPESTATUS[0]}"`;
    const run = spawnSync('bash', ['-c', line], { cwd: scratch, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^.{10} 0\n$/);
  });
});

describe('bench list', () => {
  test('shipped suites, and those of a folder', () => {
    expect(bench('list').out).toMatch(/^smoke .*A little of everything/m);
    const listed = JSON.parse(bench('list', 'mine.yaml', '-o', 'json').out);
    expect(listed.suites[0]).toMatchObject({ name: 'mine', seeds: '1..3' });
    expect(listed.suites[0].benchmarks).toHaveLength(2);
  });
});

test('Ctrl-C at a terminal, which reaches the process of a kernel as well, ends bench core with 130', async () => {
  const child = spawn(process.execPath, [CLI_MAIN, 'bench', 'core', '-g', 'create'], { detached: true });
  let [out, err] = ['', ''];
  const begun = new Promise<void>((resolve) => {
    child.stderr.on('data', (text: Buffer) => {
      err += text.toString();
      resolve();
    });
  });
  child.stdout.on('data', (text: Buffer) => {
    out += text.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await begun;
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(-(child.pid as number), 'SIGINT');
  expect(await ended).toBe(130);
  expect(err).not.toContain('error');
  expect(out).toMatch(/^kernel +best/);
});
