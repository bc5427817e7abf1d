import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { compileEarly } from '../../../bench/campaign/early-compilation.ts';

it.runIf(process.platform === 'linux' && isMainThread)('lets the threads that compile give way, and only them', () => {
  const before = getPriority(process.pid);
  compileEarly();
  const others = readdirSync('/proc/self/task').filter((thread) => Number(thread) !== process.pid);
  expect(others.length).toBeGreaterThan(0);
  for (const thread of others) expect(getPriority(Number(thread))).toBe(5);
  expect(getPriority(process.pid)).toBe(before);
});
