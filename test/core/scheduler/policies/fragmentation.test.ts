import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GpuColumns } from '../../../../core/scheduler/devices/gpu-columns.ts';
import { GPU_COUNT, GPU_MODEL_LABEL } from '../../../../core/scheduler/devices/gpu-demand.ts';
import { Fragmentation } from '../../../../core/scheduler/policies/fragmentation.ts';
import type { TypicalPod } from '../../../../core/scheduler/policies/typical-pods.ts';
import type { Node } from '../../../../core/types/node.ts';

const node = (gpus: number, model: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', labels: { [GPU_MODEL_LABEL]: model } },
  status: { allocatable: { [GPU_COUNT]: String(gpus) } } as Node['status'],
});

/** The definition, pod by pod and bucket by bucket, without memory or tables. */
function plainly(free: readonly number[], model: string, cpu: number, pods: readonly TypicalPod[]): number {
  const total = free.reduce((sum, g) => sum + g, 0);
  const sums = [0, 0, 0, 0, 0, 0, 0] as [number, number, number, number, number, number, number];
  for (const pod of pods) {
    const cpuFits = pod.cpuMilli <= cpu;
    const enough = free.filter((g) => g >= pod.gpuMilli).length >= pod.gpuCount;
    const small = free.filter((g) => g < pod.gpuMilli).reduce((sum, g) => sum + g, 0);
    if (pod.gpuMilli === 0) sums[cpuFits ? 4 : 5] += pod.weight * total;
    else if (pod.models.length > 0 && !pod.models.includes(model)) sums[6] += pod.weight * total;
    else if (enough && cpuFits) sums[1] += pod.weight * small;
    else if (enough) sums[3] += pod.weight * total;
    else sums[cpuFits ? 1 : 0] += pod.weight * total;
  }
  return sums[0] + sums[1] + sums[3] + sums[4] + sums[5] + sums[6];
}

const milli = fc.integer({ min: 0, max: 20 }).map((n) => n * 50);
const typical = fc.record({
  cpuMilli: fc.integer({ min: 0, max: 8 }).map((n) => n * 1000),
  gpuMilli: milli,
  gpuCount: fc.integer({ min: 1, max: 4 }),
  models: fc.subarray(['A', 'B']),
  weight: fc.double({ min: 0.001, max: 1, noNaN: true }),
});

test('equals the definition to the last bit, also for states that were measured before', () => {
  fc.assert(
    fc.property(
      fc.array(typical, { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(fc.array(milli, { minLength: 8, maxLength: 8 }), fc.integer({ min: 0, max: 9000 })), {
        minLength: 1,
        maxLength: 12,
      }),
      (pods, states) => {
        const gpus = new GpuColumns();
        gpus.put(0, node(8, 'A'));
        const fragmentation = new Fragmentation(gpus, pods);
        for (const [free, cpu] of [...states, ...states]) {
          gpus.free.set(free, 0);
          gpus.freeTotal[0] = free.reduce((sum, g) => sum + g, 0);
          expect(fragmentation.of(0, cpu)).toBe(plainly(free, 'A', cpu, pods));
          const taken = free.map((g, i) => (i === 3 ? g - Math.min(g, 50) : g));
          const with3 = fragmentation.withShare(0, cpu, 3, Math.min(free[3] as number, 50));
          expect(with3).toBe(plainly(taken, 'A', cpu, pods));
        }
      },
    ),
    { seed: 20230711, numRuns: 150 },
  );
});

test('whole devices are the first idle ones', () => {
  const gpus = new GpuColumns();
  gpus.put(0, node(4, ''));
  gpus.free.set([1000, 400, 1000, 1000], 0);
  gpus.freeTotal[0] = 3400;
  const pods = [{ cpuMilli: 0, gpuMilli: 500, gpuCount: 1, models: [], weight: 1 }];
  const fragmentation = new Fragmentation(gpus, pods);
  expect(fragmentation.of(0, 1000)).toBe(400);
  expect(fragmentation.withWhole(0, 1000, 2, 1000)).toBe(400);
  expect(fragmentation.withWhole(0, 1000, 3, 1000)).toBe(400);
  expect(fragmentation.withShare(0, 1000, 0, 600)).toBe(800);
});
