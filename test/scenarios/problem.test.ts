import { describe, expect, test } from 'vitest';
import { formatProblem, formatProblems, ProblemList, UserError } from '../../scenarios/problem.ts';

describe('problems', () => {
  test('one line with place, code, nearest name, and the hint below', () => {
    const list = new ProblemList();
    list.unknownName({ file: 'scenario.yaml', line: 12, column: 7 }, 'SCN-012', 'fault', 'kil', ['kill', 'partition']);
    list.error({ file: 'app.yaml', line: 3 }, 'MAN-001', 'a template', { hint: 'helm template . | seatrial trial -' });
    expect(list.problems.map(formatProblem)).toEqual([
      'scenario.yaml:12:7 error SCN-012: unknown fault "kil" (did you mean "kill"?)',
      'app.yaml:3 error MAN-001: a template\n  hint: helm template . | seatrial trial -',
    ]);
  });

  test('a path without a name is shown as one', () => {
    expect(formatProblem({ severity: 'error', file: '', code: 'X-1', message: 'gone' })).toBe('"" error X-1: gone');
  });

  test('known names are listed once each', () => {
    const list = new ProblemList();
    list.unknownName({}, 'X-1', 'fault', 'none', ['kill', 'partition', 'kill']);
    expect(list.problems[0]?.hint).toBe('known: kill, partition');
  });

  test('all at once, in the order of files and lines', () => {
    const list = new ProblemList();
    list.error({ file: 'b.yaml', line: 1 }, 'X-1', 'third');
    list.error({ file: 'a.yaml', line: 9 }, 'X-1', 'second');
    list.warning({ file: 'a.yaml', line: 2 }, 'X-2', 'first');
    expect(formatProblems(list.problems).split('\n')).toEqual([
      'a.yaml:2 warning X-2: first',
      'a.yaml:9 error X-1: second',
      'b.yaml:1 error X-1: third',
    ]);
    expect(() => list.throwIfErrors()).toThrow(UserError);
  });

  test('warnings alone do not throw', () => {
    const list = new ProblemList();
    list.warning({}, 'X-2', 'an even member count');
    expect(() => list.throwIfErrors()).not.toThrow();
    expect(list.warnings).toHaveLength(1);
  });

  test('at most fifty are shown', () => {
    const list = new ProblemList();
    for (let line = 1; line <= 60; line++) list.error({ file: 'a.yaml', line }, 'X-1', 'again');
    const lines = formatProblems(list.problems).split('\n');
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('… and 10 more problems');
  });

  test('of a message that quotes a whole file beginning and end are shown', () => {
    const list = new ProblemList();
    list.error({}, 'X-1', `kind is "${'x'.repeat(3_000_000)}", expected Scenario`);
    expect(formatProblem(list.problems[0]!)).toMatch(/^error X-1: kind is "x{491} … x{480}", expected Scenario$/);
  });

  test('control characters of a file do not reach the terminal', () => {
    const list = new ProblemList();
    list.unknownName({ file: 'a.yaml', line: 1 }, 'X-1', 'field', '\u001b[2Jx\u0007\r', []);
    expect(formatProblem(list.problems[0]!)).toBe('a.yaml:1 error X-1: unknown field "\\u001b[2Jx\\u0007\\u000d"');
  });
});
