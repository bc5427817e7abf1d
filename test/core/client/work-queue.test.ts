import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueHeap } from '../../../core/client/due-heap.ts';
import { RateLimiter } from '../../../core/client/rate-limiter.ts';
import { WorkQueue, type WorkQueueOptions } from '../../../core/client/work-queue.ts';
import type { Wait } from '../../../core/sim/task.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { ClientBench } from '../../support/client-bench.ts';

interface Queued {
  readonly bench: ClientBench;
  queue: WorkQueue;
  readonly runs: { readonly id: number; readonly fromUs: number; untilUs: number }[];
}

/** A queue whose reconcile takes `workUs` and then does what `act` says. */
function queued(options: Partial<WorkQueueOptions> = {}, workUs = 1_000, act: (id: number) => void = () => {}): Queued {
  const bench = new ClientBench(0);
  const result = { bench, runs: [] } as unknown as Queued;
  bench.add('worker', (library) => {
    result.queue = new WorkQueue(library, {
      name: 'test',
      workers: 2,
      keyText: (id) => `demo/${id}`,
      *reconcile(id): Generator<Wait, void, unknown> {
        const run = { id, fromUs: bench.sim.now, untilUs: Number.NaN };
        result.runs.push(run);
        yield* library.ctx.sleep(workUs);
        run.untilUs = bench.sim.now;
        act(id);
      },
      ...options,
    });
    result.queue.start();
  });
  bench.run(1);
  return result;
}

describe('WorkQueue', () => {
  it('merges adds of a waiting key and runs again for an add while working', () => {
    const q = queued();
    q.queue.add(5);
    q.queue.add(5);
    q.bench.run(500);
    q.queue.add(5);
    q.queue.add(5);
    q.bench.run(10_000);
    expect(q.runs.map(({ id }) => id)).toEqual([5, 5]);
    expect(q.queue.idle).toBe(true);
  });

  it('runs at most as many workers as given, first in first out', () => {
    const q = queued();
    for (const id of [3, 1, 2, 300]) q.queue.add(id);
    q.bench.run(500);
    expect(q.queue.workingCount).toBe(2);
    expect(q.queue.depth).toBe(2);
    q.bench.run(10_000);
    expect(q.runs.map(({ id }) => id)).toEqual([3, 1, 2, 300]);
  });

  it('a StatusError brings the key back with doubling delays, success forgets them', () => {
    let failures = 3;
    const q = queued({}, 0, () => {
      if (failures-- > 0) throw StatusError.internalError('no');
    });
    q.queue.add(1);
    q.bench.run(1_000_000);
    const gaps = q.runs.slice(1).map(({ fromUs }, index) => fromUs - (q.runs[index]?.fromUs as number));
    expect(gaps).toEqual([5_000, 10_000, 20_000]);
    expect(q.queue.failures(1)).toBe(0);
  });

  it('another error is a bug and is not caught', () => {
    const q = queued({}, 0, () => {
      throw new Error('broken reconcile');
    });
    q.queue.add(1);
    expect(() => q.bench.run(1_000)).toThrow('broken reconcile');
  });

  it('addAfter keeps the earlier of two delays and shows the longest', () => {
    const q = queued();
    q.queue.addAfter(1, 50_000);
    q.queue.addAfter(1, 20_000);
    q.queue.addAfter(1, 90_000);
    q.queue.addAfter(2, 70_000);
    expect(q.queue.longestDelayUs()).toBe(70_000);
    q.bench.run(200_000);
    expect(q.runs.map(({ id, fromUs }) => [id, fromUs])).toEqual([
      [1, 20_001],
      [2, 70_001],
    ]);
    expect(q.queue.longestDelayUs()).toBe(0);
  });

  it('numbers the runs of each key for the points of its tasks', () => {
    const q = queued();
    const points: string[] = [];
    q.bench.sim.tasks.hook = (task, phase) => {
      if (phase === 'yielded') points.push(`${task.label} ${task.key} ${task.ordinal}.${task.point}`);
      return null;
    };
    q.queue.add(1);
    q.bench.run(10_000);
    q.queue.add(1);
    q.bench.run(10_000);
    expect(points).toEqual(['test demo/1 1.1', 'test demo/1 2.1']);
  });

  it('starts nothing more after a crash in the middle of an event', () => {
    const q = queued({ workers: 10 });
    q.bench.sim.tasks.hook = (_task, phase) => (phase === 'yielded' ? { kind: 'crash', silent: false } : null);
    for (let id = 0; id < 5; id++) q.queue.add(id);
    q.bench.run(10_000);
    expect(q.runs.length).toBe(1);
  });

  it('never works on a key twice at a time and loses no add', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            id: fc.integer({ min: 0, max: 4 }),
            delayUs: fc.integer({ min: 0, max: 5_000 }),
            waitUs: fc.integer({ min: 0, max: 3_000 }),
          }),
          { maxLength: 60 },
        ),
        fc.integer({ min: 1, max: 3 }),
        (adds, workers) => {
          const q = queued({ workers }, 1_500);
          const due: [number, number][] = [];
          for (const { id, delayUs, waitUs } of adds) {
            q.bench.run(waitUs);
            q.queue.addAfter(id, delayUs);
            due.push([id, q.bench.sim.now]);
          }
          q.bench.run(1_000_000);
          expect(q.queue.idle).toBe(true);
          for (const [id, sinceUs] of due)
            expect(q.runs.some((run) => run.id === id && run.fromUs >= sinceUs)).toBe(true);
          for (const left of q.runs) {
            for (const right of q.runs) {
              if (left === right) continue;
              if (left.id === right.id) expect(left.untilUs <= right.fromUs || right.untilUs <= left.fromUs).toBe(true);
            }
          }
        },
      ),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('RateLimiter', () => {
  it('caps the back-off of a key at 1,000 s', () => {
    const limiter = new RateLimiter({ qps: 0 });
    let last = 0;
    for (let i = 0; i < 100; i++) last = limiter.when(1, 0);
    expect(last).toBe(1_000_000_000);
  });

  it('shares a bucket of 10 a second and 100 at once among all keys', () => {
    const limiter = new RateLimiter();
    const waits = Array.from({ length: 103 }, (_, id) => limiter.when(id, 0));
    expect(waits.slice(0, 100).every((wait) => wait === 5_000)).toBe(true);
    expect(waits.slice(100)).toEqual([100_000, 200_000, 300_000]);
  });
});

describe('DueHeap', () => {
  it('gives ids back by time, equal times in order of insertion', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 100 }), (times) => {
        const heap = new DueHeap();
        times.forEach((time, id) => {
          heap.push(id, time);
        });
        const expected = times
          .map((time, id) => [time, id])
          .sort(([t, i], [u, j]) => (t as number) - (u as number) || (i as number) - (j as number));
        const got: number[] = [];
        while (heap.size > 0) got.push(heap.pop());
        expect(got).toEqual(expected.map(([, id]) => id));
        expect(heap.pop()).toBe(-1);
      }),
      { seed: 9, numRuns: 100 },
    );
  });
});
