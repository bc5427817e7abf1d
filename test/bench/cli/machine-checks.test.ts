import { expect, test } from 'vitest';
import { checkNode, checkResults } from '../../../bench/cli/machine-checks.ts';

test.each([
  ['20.19.0', 'ok'],
  ['20.20.2', 'ok'],
  ['22.1.0', 'ok'],
  ['20.18.9', 'failed'],
  ['18.20.0', 'failed'],
])('Node %s: %s', (version, state) => {
  const check = checkNode(version);
  expect(check.state).toBe(state);
  expect(check.found.includes('20.19 or newer is needed')).toBe(state === 'failed');
});

test('a results folder below what cannot be written', () => {
  expect(checkResults('/proc/seatrial/results', 'results').state).toBe('failed');
});
