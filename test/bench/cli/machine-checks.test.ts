import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

test('a results folder that is a link to itself', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'seatrial-checks-'));
  try {
    const loop = path.join(folder, 'loop');
    symlinkSync(loop, loop);
    expect(checkResults(loop, 'loop')).toMatchObject({ state: 'failed', found: 'loop is not writable (ELOOP)' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a results folder below what cannot be written', () => {
  expect(checkResults('/proc/seatrial/results', 'results').state).toBe('failed');
});
