/**
 * `gate` as users and CI call it: the committed baseline holds, what is planted closes it, nothing is recorded by mistake.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI_MAIN, PROJECT_ROOT, runSeatrial } from '../support/cli.ts';
import { CRASH_SCENARIO } from '../support/scenario-text.ts';

const AGAIN = 'npm run build && node dist/bench/cli/main.js gate --update-baseline';
const SUITE = `apiVersion: seatrial/v1
kind: Suite
metadata: {name: mine}
about: A crash.
benchmarks: [{scenario: crash.yaml}]
`;

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
  writeFileSync(path.join(scratch, 'crash.yaml'), CRASH_SCENARIO);
  writeFileSync(path.join(scratch, 'mine.yaml'), SUITE);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const gate = (argv: readonly string[], env: Record<string, string> = {}) =>
  runSeatrial(['gate', ...argv, '-q', '--no-results'], { cwd: scratch, env });

/** The recorded baseline; '' when there is none. */
function recorded(): string {
  const file = path.join(scratch, 'results', 'baselines', 'mine.json');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

describe('this repository', () => {
  test('the CI script passes on an untouched build: the committed baseline is exact', () => {
    const reports = path.join(scratch, 'reports');
    const run = spawnSync(path.join(PROJECT_ROOT, 'bench', 'gate', 'ci.sh'), [], {
      encoding: 'utf8',
      env: { ...process.env, CI: 'true', GATE_BASE: '', GATE_REPORTS: reports, GITHUB_ACTIONS: '' },
    });
    const why = `the baseline is not what this build gives; if that is meant: ${AGAIN}\n${run.stdout}${run.stderr}`;
    expect(run.status, why).toBe(0);
    expect(run.stdout, why).toMatch(/^gate: pass \(\d+ pass\)$/m);
    expect(readFileSync(path.join(reports, 'counters.xml'), 'utf8')).toContain('failures="0" errors="0" skipped="0"');
  });

  test('about 5 % more counted work closes it, and says which counter', () => {
    const found = runSeatrial(['gate', '--plant', 'work', '--grep', 'apiserver-stop', '-q', '--no-results']);
    expect(found.out).toMatch(/✗ fail +apiserver-stop-25s\/seed-1 +api\.watch-predicates .*\+5\.\d % /);
    expect(found.code).toBe(1);
  });
});

describe('a suite of a user', () => {
  test('new, recorded, passed; counters that grew and a vanished case fail', () => {
    expect(gate(['mine.yaml'])).toMatchObject({ code: 0 });
    expect(gate(['mine.yaml', '--require-baseline'])).toMatchObject({ code: 4 });
    expect(existsSync(path.join(scratch, 'results'))).toBe(false);
    expect(gate(['mine.yaml', '--update-baseline'])).toMatchObject({
      code: 0,
      out: 'baseline written: results/baselines/mine.json (1 cases)\n',
    });
    expect(gate(['mine.yaml', '--strict', '--require-baseline']).code).toBe(0);
    const file = path.join(scratch, 'results', 'baselines', 'mine.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/"sim.events": \d+/, '"sim.events": 1').replace('seed-1', 'seed-0'));
    const changed = gate(['mine.yaml']);
    expect(changed.code).toBe(1);
    expect(changed.out).toContain('gate: fail (1 missing, 1 new');
    writeFileSync(file, text);
  });

  test('a result file instead of a run', () => {
    runSeatrial(['bench', 'run', 'mine.yaml', '-q', '--no-results', '--report', 'json=result.json'], { cwd: scratch });
    expect(gate(['result.json']).code).toBe(0);
    const result = path.join(scratch, 'result.json');
    const text = readFileSync(result, 'utf8');
    writeFileSync(result, text.slice(0, text.length / 2));
    expect(gate(['result.json'])).toMatchObject({ code: 2, out: '' });
    expect(gate(['result.json']).err).toMatch(/^result\.json:\d+:\d+ error GATE-010: the file is cut off/);
    writeFileSync(result, text.replace('"complete": true', '"complete": false'));
    expect(gate(['result.json']).err).toContain('GATE-012: the result is marked incomplete');
  });

  test.each([
    [['mine.yaml', '--update-baseline'], { CI: 'true' }, '--update-baseline is refused in CI'],
    [['mine.yaml', '--update-baseline', '--grep', 'small'], {}, '--update-baseline takes the whole suite'],
    [['kernels'], {}, 'gate kernels needs --against REF'],
    [['mine.yaml', '--tolerance', '1'], {}, '--tolerance "1": expected a percentage such as 1%'],
    [['gone.json'], {}, 'gone.json error GATE-010: cannot read: no such file'],
    [['mine.yaml', '--baseline', 'crash.yaml'], {}, 'crash.yaml:1:1 error GATE-001: broken JSON'],
  ])('%j %j is a user error', (argv, env, message) => {
    const before = recorded();
    const { code, out, err } = gate(argv, env as Record<string, string>);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(recorded()).toBe(before);
  });

  test('no baseline is written from cases that fail', () => {
    mkdirSync(path.join(scratch, 'bad'), { recursive: true });
    copyFileSync(path.join(scratch, 'crash.yaml'), path.join(scratch, 'bad', 'crash.yaml'));
    writeFileSync(
      path.join(scratch, 'bad', 'bad.yaml'),
      `${SUITE.replace('mine', 'bad')}objectives: [sim.events < 1]\n`,
    );
    const { code, err } = gate(['bad/bad.yaml', '--update-baseline']);
    expect(code).toBe(1);
    expect(err).toContain('no baseline written: a baseline holds cases that pass');
    expect(existsSync(path.join(scratch, 'results', 'baselines', 'bad.json'))).toBe(false);
  });
});

test('a ref that does not exist is refused; one that a shallow clone lacks is new, not a pass in disguise', () => {
  const argv = [CLI_MAIN, 'gate', 'kernels', '--against', 'no-such-ref', '-q', '--no-results'];
  const run = (more: readonly string[]) =>
    spawnSync(process.execPath, [...argv, ...more], { cwd: PROJECT_ROOT, encoding: 'utf8' });
  const shallow = spawnSync('git', ['rev-parse', '--is-shallow-repository'], { cwd: PROJECT_ROOT, encoding: 'utf8' });
  if (shallow.stdout.trim() === 'false') {
    const { status, stderr } = run([]);
    expect(stderr).toContain('unknown git ref "no-such-ref"');
    expect(status).toBe(2);
  } else {
    expect(run([]).stdout).toMatch(/~ new +kernels .*(in this shallow clone|this is no clone)/);
    expect(run([]).status).toBe(0);
    expect(run(['--require-baseline']).status).toBe(4);
  }
});
