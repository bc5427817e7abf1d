/**
 * `.ci/run` with a stand-in for npm that leaves a prepared report: the last line and the exit code are the contract.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PROJECT_ROOT } from '../support/cli.ts';

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** A report as vitest writes it: statuses of the tests of each file. */
function report(...files: readonly (readonly string[] | 'unloadable')[]): string {
  const testResults = files.map((statuses) =>
    statuses === 'unloadable'
      ? { status: 'failed', assertionResults: [] }
      : {
          status: statuses.includes('failed') ? 'failed' : 'passed',
          assertionResults: statuses.map((status) => ({ status })),
        },
  );
  return JSON.stringify({ testResults });
}

function runCi(
  npmCode: number,
  reportText: string | undefined,
): { code: number | null; last: string; err: string; called: string } {
  const prepared = path.join(scratch, 'prepared.json');
  if (reportText !== undefined) writeFileSync(prepared, reportText);
  const npm = [
    '#!/bin/sh',
    `echo "$PWD $CI $*" > '${scratch}/called'`,
    `if [ -f '${prepared}' ]; then cp '${prepared}' "$SEATRIAL_TEST_REPORT"; fi`,
    `exit ${npmCode}`,
  ].join('\n');
  writeFileSync(path.join(scratch, 'npm'), npm);
  chmodSync(path.join(scratch, 'npm'), 0o755);
  const { CI: _ci, SEATRIAL_TEST_REPORT: _report, ...inherited } = process.env;
  const run = spawnSync(path.join(PROJECT_ROOT, '.ci/run'), [], {
    cwd: scratch,
    encoding: 'utf8',
    env: { ...inherited, PATH: `${scratch}:${process.env['PATH'] ?? ''}` },
  });
  const called = readFileSync(path.join(scratch, 'called'), 'utf8').trim();
  return { code: run.status, last: run.stdout.trimEnd().split('\n').at(-1) ?? '', err: run.stderr, called };
}

describe('.ci/run', () => {
  test('calls `npm cit` in the project, with CI set', () => {
    const { called } = runCi(0, report(['passed']));
    expect(called).toBe(`${path.resolve(PROJECT_ROOT)} true cit`);
  });

  test.each([
    ['all green', 0, report(['passed', 'passed'], ['passed']), 0, '3 passed, 0 failed'],
    ['a failure', 1, report(['passed', 'failed']), 1, '1 passed, 1 failed'],
    ['a failure that npm hides', 0, report(['passed', 'failed']), 1, '1 passed, 1 failed'],
    ['a file that cannot be loaded', 1, report(['passed'], 'unloadable'), 1, '1 passed, 1 failed'],
    ['skipped tests', 0, report(['passed', 'pending', 'skipped', 'todo']), 1, '1 passed, 3 failed'],
    ['nothing ran', 0, report(), 1, '0 passed, 1 failed'],
    ['no report', 0, undefined, 1, '0 passed, 1 failed'],
    ['the build failed', 2, undefined, 2, '0 passed, 1 failed'],
    ['a broken report', 1, '{"testResults": [', 1, '0 passed, 1 failed'],
    ['an error outside any test', 1, report(['passed']), 1, '1 passed, 1 failed'],
  ])('%s', (_what, npmCode, reportText, code, last) => {
    expect(runCi(npmCode, reportText)).toMatchObject({ code, last });
  });
});
