import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readStandardInput } from '../../bench/cli/standard-input.ts';
import { readDescriptor } from '../../scenarios/bounded-read.ts';
import { readTextFile } from '../../scenarios/files.ts';
import { ProblemList } from '../../scenarios/problem.ts';

test('a device without an end is too large, one without content is empty', () => {
  const problems = new ProblemList();
  expect(readTextFile('/dev/null', problems, 'SCN-000')).toBe('');
  expect(problems.errorCount).toBe(0);
  expect(readTextFile('/dev/zero', problems, 'SCN-000', 1 << 22)).toBeNull();
  expect(problems.errorCount).toBe(1);
});

test('standard input may have no end either', () => {
  const descriptor = openSync('/dev/zero', 'r');
  try {
    expect(readDescriptor(descriptor, 1 << 20)).toBeNull();
  } finally {
    closeSync(descriptor);
  }
});

test('a pipe that has nothing yet is waited for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seatrial-pipe-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const descriptor = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const writer = openSync(pipe, constants.O_WRONLY);
    spawn('sh', ['-c', 'sleep 0.1; echo late'], { stdio: ['ignore', writer, 'ignore'] });
    closeSync(writer);
    expect(readDescriptor(descriptor, 1 << 20)?.toString()).toBe('late\n');
  } finally {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  }
});

test('a folder as standard input is told as such', () => {
  const descriptor = openSync('/', 'r');
  try {
    expect(() => readStandardInput(1 << 20, descriptor)).toThrow('it is a folder, expected a file');
  } finally {
    closeSync(descriptor);
  }
});

test('a name that is no UTF-8 is told as such', () => {
  const problems = new ProblemList();
  readTextFile('caf\ufffd.yaml', problems, 'SCN-000');
  expect(problems.problems[0]?.message).toBe('cannot read: its name is not UTF-8');
});

test('a folder is no file', () => {
  const problems = new ProblemList();
  expect(readTextFile('/', problems, 'SCN-000')).toBeNull();
  expect(problems.errorCount).toBe(1);
});
