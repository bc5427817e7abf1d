import { expect, test } from 'vitest';
import { ToolFailure } from '../../../bench/cli/tool-failure.ts';
import { dataError } from '../../../bench/conform/data-files.ts';
import { type ConformCase, failedCase, PASSED } from '../../../bench/conform/format.ts';
import { closingLine, runCases, selectCases } from '../../../bench/conform/run-cases.ts';

const agrees = (name: string): ConformCase => ({ name, run: () => PASSED });

test('a case passes, differs, or throws: all are counted, what throws has failed', async () => {
  const run = await runCases([
    agrees('a'),
    { name: 'b', run: () => failedCase('cell 3: 1 instead of 2') },
    {
      name: 'c',
      run: () => {
        throw new Error('preemption is not implemented');
      },
    },
    { name: 'd', run: async () => PASSED },
  ]);
  expect([run.passed, run.failed, run.complete]).toEqual([2, 2, true]);
  expect(run.reports[1]?.outcome).toEqual({ passed: false, difference: 'cell 3: 1 instead of 2' });
  expect(run.reports[2]?.outcome).toEqual({ passed: false, difference: 'preemption is not implemented' });
  expect(closingLine(run, false)).toBe('2 passed, 2 failed');
  expect(closingLine(run, true)).toBe('2 passed, 2 failed (filtered)');
});

test('data that cannot be read are no answer: all of them are told after the last case', async () => {
  const unreadable = (name: string): ConformCase => ({
    name,
    run: () => {
      throw dataError({ file: name, message: 'not JSON' });
    },
  });
  const seen: string[] = [];
  const run = runCases([unreadable('a.json'), agrees('b'), unreadable('c.json')], ({ name }) => seen.push(name));
  await expect(run).rejects.toThrow(/^a\.json error CLI-006: not JSON\nc\.json error CLI-006: not JSON$/);
  expect(seen).toEqual(['b']);
});

test('a write that fails ends the run as it is', async () => {
  const failing: ConformCase = {
    name: 'a',
    run: () => {
      throw new ToolFailure('out', 'cannot write out');
    },
  };
  await expect(runCases([failing])).rejects.toThrow(ToolFailure);
});

test('a stopped run says that it is not complete', async () => {
  let asked = 0;
  const run = await runCases([agrees('a'), agrees('b'), agrees('c')], undefined, () => asked++ === 2);
  expect([run.passed, run.complete]).toEqual([2, false]);
});

test.each([
  ['default/{05-BestFit,06-FGD}/*/alloc', ['default/05-BestFit/42/alloc', 'default/06-FGD/42/alloc']],
  ['default/*', []],
  ['**/frag', ['default/06-FGD/42/frag']],
  ['other/**', ['other/x']],
])('glob %s selects by parts', (glob, names) => {
  const cases = ['default/05-BestFit/42/alloc', 'default/06-FGD/42/alloc', 'default/06-FGD/42/frag', 'other/x'];
  expect(selectCases(cases.map(agrees), glob).map(({ name }) => name)).toEqual(names);
});
