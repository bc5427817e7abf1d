import { expect, test } from 'vitest';
import { readTextFile } from '../../scenarios/files.ts';
import { ProblemList } from '../../scenarios/problem.ts';

test('a device without an end is too large, one without content is empty', () => {
  const problems = new ProblemList();
  expect(readTextFile('/dev/null', problems, 'SCN-000')).toBe('');
  expect(problems.errorCount).toBe(0);
  expect(readTextFile('/dev/zero', problems, 'SCN-000', 1 << 22)).toBeNull();
  expect(problems.errorCount).toBe(1);
});

test('a folder is no file', () => {
  const problems = new ProblemList();
  expect(readTextFile('/', problems, 'SCN-000')).toBeNull();
  expect(problems.errorCount).toBe(1);
});
