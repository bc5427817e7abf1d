/**
 * The gate's verdict about host time: what is planted closes it.
 */
import path from 'node:path';
import { expect, test } from 'vitest';
import { compareKernel } from '../../bench/gate/host-time.ts';
import { PROJECT_ROOT } from '../support/cli.ts';

const PROGRAM = path.join(PROJECT_ROOT, 'dist', 'bench', 'kernels', 'gate-process.js');
const effort = { burstNs: 1_500_000, warmNs: 30_000_000 };
const compare = (plant: number) =>
  compareKernel(
    { baseline: { program: PROGRAM }, candidate: { program: PROGRAM, plant } },
    'event-queue',
    { pairs: 8, signal: new AbortController().signal },
    undefined,
    effort,
  );

test('a kernel that does half as much again never passes, and equal ones never fail by much', async () => {
  const [slow] = await compare(0.5);
  expect(['fail', 'inconclusive']).toContain(slow?.verdict);
  expect(slow?.estimate).toBeGreaterThan(0.2);
  expect(slow).toMatchObject({ method: 'signed-rank', metric: 'wall-ns' });
  expect(slow?.n).toBeGreaterThanOrEqual(8);
});
