import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { interruptBudgetFlag } from '../../../bench/campaign/interrupt-budget.ts';

it.each([
  ['11.3.244.8-node.38', '--interrupt-budget=24000'],
  // Node 22 and 24: V8 would complain of it on standard error.
  ['12.4.254.21-node.56', null],
  ['13.6.233.17-node.51', null],
])('V8 %s: %s', (version, flag) => {
  expect(interruptBudgetFlag(24_000, version)).toBe(flag);
});

it('is known to the V8 that runs this', () => {
  const flag = interruptBudgetFlag(24_000, process.versions.v8);
  expect(execFileSync(process.execPath, [...(flag === null ? [] : [flag]), '-p', '1'], { encoding: 'utf8' })).toBe(
    '1\n',
  );
});
