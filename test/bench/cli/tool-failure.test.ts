/**
 * Errors of the file system that nobody caught are failures with a path, not bugs with a stack.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { statPath } from '../../../bench/cli/stat-path.ts';
import { systemFailure } from '../../../bench/cli/tool-failure.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('reading and writing are told apart, with path and reason', () => {
  expect(systemFailure(thrownBy(() => readFileSync('/nowhere/x')))?.message).toBe(
    'cannot read /nowhere/x: no such file or folder (ENOENT)',
  );
  expect(systemFailure(thrownBy(() => mkdirSync('/dev/null/x')))?.message).toBe(
    'cannot write /dev/null/x: a part of the path is not a folder (ENOTDIR)',
  );
});

test('other errors stay bugs', () => {
  expect(systemFailure(new Error('assertion failed'))).toBeUndefined();
  expect(systemFailure(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeUndefined();
});

test('a path that cannot be looked at is nothing', () => {
  expect(statPath(`/tmp/${'x'.repeat(300)}`)).toBeUndefined();
  expect(statPath('a\0b')).toBeUndefined();
  expect(statPath('/')?.isDirectory()).toBe(true);
});
