import { describe, expect, test } from 'vitest';
import { EXIT_PRECEDENCE, EXIT_ROWS, winningExit } from '../../../bench/cli/exit.ts';

describe('exit codes', () => {
  test('a broken tool beats a user error beats a finding beats no answer beats yes', () => {
    expect(winningExit([])).toBe(0);
    expect(winningExit([0, 4])).toBe(4);
    expect(winningExit([4, 1, 0])).toBe(1);
    expect(winningExit([1, 2, 4])).toBe(2);
    expect(winningExit([2, 130])).toBe(130);
    expect(winningExit([130, 3, 1])).toBe(3);
  });

  test('every code has one row and one rank', () => {
    expect(EXIT_ROWS.map((row) => row.code).sort()).toEqual([...EXIT_PRECEDENCE].sort());
    expect(new Set(EXIT_PRECEDENCE).size).toBe(EXIT_PRECEDENCE.length);
  });
});
