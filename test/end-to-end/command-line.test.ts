/**
 * The frame of the built command line: help, errors with a suggestion, doctor, completion.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COLUMNS } from '../../bench/trial/card-report.ts';
import { MARKS } from '../../bench/trial/mark.ts';
import { CLI_MAIN, PROJECT_ROOT, runSeatrial } from '../support/cli.ts';

/** So wide is the help of a command, too. */
const HELP_LINE_MAX = 110;

let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

/** Puts a `seatrial` on a PATH of its own, as an installed package would. */
function installInto(folder: string): Record<string, string> {
  const program = path.join(folder, 'seatrial');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI_MAIN}' "$@"\n`);
  chmodSync(program, 0o755);
  return { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
}

describe('help', () => {
  test('lists every visible command, and each has help with an example', () => {
    const { out } = runSeatrial(['--help']);
    const words = [...out.matchAll(/^ {2}([a-z-]+) {2,}/gm)].map((match) => match[1]!);
    expect(words).toEqual(expect.arrayContaining(['doctor', 'completion', 'help']));
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(HELP_LINE_MAX);
    for (const word of words.filter((each) => each !== 'help')) {
      const help = runSeatrial([word, '--help']);
      expect(help).toMatchObject({ code: 0, err: '' });
      expect(help.out).toContain('Examples:');
      expect(runSeatrial(['help', word]).out).toBe(help.out);
    }
  });

  test('README names every visible command', () => {
    const readme = readFileSync(path.join(PROJECT_ROOT, 'README.md'), 'utf8');
    const { out } = runSeatrial(['--help']);
    for (const [, word] of out.matchAll(/^ {2}([a-z-]+) {2,}/gm)) expect(readme).toContain(`\`${word}`);
  });

  test('a bare call shows it on standard error and exits with 2', () => {
    const bare = runSeatrial([]);
    expect(bare).toMatchObject({ code: 2, out: '' });
    expect(bare.err).toBe(runSeatrial(['--help']).out);
  });

  test('the card: every column and every mark, on one page', () => {
    const { code, out } = runSeatrial(['help', 'card']);
    expect(code).toBe(0);
    for (const { title } of COLUMNS)
      expect(out).toMatch(title === 'trial' ? /row a trial/ : new RegExp(`^  ${title} {2,}`, 'm'));
    for (const mark of MARKS) expect(out).toMatch(new RegExp(`^  ${mark} {2,}`, 'm'));
    expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(HELP_LINE_MAX);
    expect(runSeatrial(['trial', '--help']).out).toContain('seatrial help card');
  });

  test('exit codes, with the codes of the README', () => {
    const { code, out } = runSeatrial(['help', 'exit-codes']);
    expect(code).toBe(0);
    const codes = [...out.matchAll(/^ *(\d+) {2}\w/gm)].map((match) => match[1]);
    expect(codes).toEqual(['0', '1', '2', '3', '4', '130', '143']);
    const readme = readFileSync(path.join(PROJECT_ROOT, 'README.md'), 'utf8');
    for (const each of codes) expect(readme).toMatch(new RegExp(`^\\| ${each} \\|`, 'm'));
  });
});

describe('typing errors exit with 2, say what was meant, and write nothing', () => {
  test.each([
    [['docter'], 'error CLI-002: unknown command "docter" (did you mean "doctor"?)'],
    [['doctor', '--outptu', 'json'], 'error CLI-001: unknown flag "--outptu" (did you mean "--output"?)'],
    [
      ['doctor', '--output', 'jsno'],
      'error CLI-004: --output "jsno": expected text, json or markdown (did you mean "json"?)',
    ],
    [['doctor', 'here'], 'error CLI-001: unexpected argument "here"'],
    [['doctor', '-'], 'error CLI-001: unexpected argument "-"'],
    [['completion', 'bsh'], 'error CLI-004: unknown shell "bsh" (did you mean "bash"?)'],
    [['serve'], 'error CLI-003: serve needs PART: etcd\nSee `seatrial serve --help`.\n'],
    [['bench'], 'error CLI-003: bench needs ACTION: list (suites), run (one), core (kernels)'],
    [['help', 'marks'], 'error CLI-004: unknown topic "marks"\n  hint: marks of the report card: seatrial help card'],
    [['help', 'exit-code'], 'error CLI-004: unknown topic "exit-code" (did you mean "exit-codes"?)'],
  ])('%j', (argv, message) => {
    const { code, out, err } = runSeatrial(argv, { cwd: scratch });
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).not.toContain('    at ');
    expect(readdirSync(scratch)).toEqual([]);
  });
});

describe('doctor', () => {
  test('this machine is fit, nothing is left behind', () => {
    const { code, out, err } = runSeatrial(['doctor', '--output', 'json'], { cwd: scratch });
    expect(err).toBe('');
    const report = JSON.parse(out);
    expect(report.fit).toBe(true);
    expect(report.checks.map((check: { name: string }) => check.name)).toEqual(
      expect.arrayContaining(['node', 'cores', 'memory', 'results folder', 'worker threads', 'kubectl', 'etcd']),
    );
    expect(code).toBe(0);
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('a results folder that is a file: exit 1, and the line names it', () => {
    writeFileSync(path.join(scratch, 'results'), '');
    const { code, out } = runSeatrial(['doctor'], { cwd: scratch });
    expect(code).toBe(1);
    expect(out).toMatch(/^results folder +failed +results: .* is not a folder$/m);
    expect(out).toMatch(/fit: no\n$/);
  });

  test('no colour codes in a pipe, colour with --color', () => {
    expect(runSeatrial(['doctor']).out).not.toContain('\u001b[');
    expect(runSeatrial(['doctor', '--color']).out).toContain('\u001b[32mok');
  });

  test('a reader that closes the pipe ends the program quietly', () => {
    const env = { ...process.env, ...installInto(scratch) };
    const run = spawnSync('bash', ['-c', 'seatrial doctor | head -1; exit "${PIPESTATUS[0]}"'], {
      encoding: 'utf8',
      env,
    });
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^check/);
  });

  test('a full disk behind standard output: exit 3', () => {
    const env = { ...process.env, ...installInto(scratch) };
    const run = spawnSync('bash', ['-c', 'seatrial help exit-codes > /dev/full'], { encoding: 'utf8', env });
    expect(run.status).toBe(3);
    expect(run.stderr).toContain('cannot write standard output: no space left on device (ENOSPC)');
  });
});

describe('completion', () => {
  test('the bash script completes commands and flags in bash', () => {
    const script = path.join(scratch, 'completion.bash');
    writeFileSync(script, runSeatrial(['completion', 'bash'], { env: { SHELL: '/bin/zsh' } }).out);
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _seatrial_yargs_completions; printf "%s\\n" "${COMPREPLY[@]}"',
          'bash',
          script,
          ...words,
        ],
        { encoding: 'utf8', env: { ...process.env, SHELL: '/bin/zsh', ...installInto(scratch) } },
      ).split('\n');
    expect(readFileSync(script, 'utf8')).toContain('seatrial completion bash >> ~/.bashrc');
    expect(complete('seatrial', 'doc')).toContain('doctor');
    expect(complete('seatrial', 'doctor', '--out')).toContain('--output');
    expect(complete('seatrial', 'doctor', '--output', 'm')).toContain('markdown');
  });

  test.each([
    ['/usr/bin/bash', 0],
    ['/bin/sh', 0],
    ['', 0],
    ['/bin/zsh', 0],
    ['/usr/bin/fish', 2],
  ])('without a name: that of SHELL=%s', (shell, code) => {
    const asked = runSeatrial(['completion'], { env: { SHELL: shell } });
    expect(asked.code).toBe(code);
    expect(asked.out.startsWith('#compdef')).toBe(shell.endsWith('zsh'));
    if (code === 2) expect(asked.err).toContain('unknown shell "fish"\n  hint: known: bash, zsh');
  });

  test('zsh gets descriptions, bash does not', () => {
    expect(runSeatrial(['completion', 'zsh']).out).toMatch(/^#compdef seatrial\n/);
    const ask = ['--get-yargs-completions', 'seatrial', 'doc'];
    expect(runSeatrial(ask, { env: { SHELL: '/bin/zsh' } }).out).toMatch(/^doctor:Check this machine/m);
    expect(runSeatrial(ask, { env: { SHELL: '/bin/bash' } }).out).toMatch(/^doctor$/m);
  });
});
