/**
 * The pool against workers that die, hang, run out of memory and throw: each case is reported exactly once.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runCasePool } from '../../../bench/campaign/case-pool.ts';

const WORKER = fileURLToPath(new URL('../../support/column-worker.mjs', import.meta.url));

interface Told {
  readonly dieAt?: number;
  readonly hangAt?: number;
  readonly throwAt?: number;
  readonly eatAt?: number;
}

interface Outcome {
  readonly squares: ReadonlyMap<number, number>;
  readonly broken: ReadonlyMap<number, string>;
  readonly complete: boolean;
  readonly progress: readonly number[];
}

async function pool(
  told: Told,
  more: { workers?: number; caseTimeoutMs?: number; signal?: AbortSignal; memoryMb?: number; cases?: number } = {},
): Promise<Outcome> {
  const squares = new Map<number, number>();
  const broken = new Map<number, string>();
  const progress: number[] = [];
  const count = more.cases ?? 20;
  const tasks: number[][] = [];
  for (let first = 0; first < count; first += 4) {
    tasks.push(Array.from({ length: Math.min(4, count - first) }, (_, index) => first + index));
  }
  const report = (caseNumber: number) => {
    if (squares.has(caseNumber) || broken.has(caseNumber)) throw new Error(`case ${caseNumber} is reported twice`);
  };
  const complete = await runCasePool<number[]>({
    workerFile: WORKER,
    workerData: told,
    workers: more.workers ?? 2,
    tasks,
    caseTimeoutMs: more.caseTimeoutMs ?? 0,
    signal: more.signal,
    memoryMb: more.memoryMb,
    onResult: (cases, result) => {
      cases.forEach((caseNumber, index) => {
        report(caseNumber);
        squares.set(caseNumber, result[index] ?? Number.NaN);
      });
    },
    onBroken: (caseNumber, cause) => {
      report(caseNumber);
      broken.set(caseNumber, cause);
    },
    onProgress: (begun) => progress.push(begun),
  });
  return { squares, broken, complete, progress };
}

/** Every case but `lost` has its square. */
function expectAllBut(outcome: Outcome, lost: readonly number[], count = 20): void {
  const expected = Array.from({ length: count }, (_, index) => index).filter((index) => !lost.includes(index));
  expect([...outcome.squares.keys()].sort((a, b) => a - b)).toEqual(expected);
  for (const [caseNumber, square] of outcome.squares) expect(square).toBe(caseNumber * caseNumber);
  expect([...outcome.broken.keys()]).toEqual(lost);
  expect(outcome.complete).toBe(true);
}

describe('case pool', () => {
  test.each([1, 2, 3])('%d workers run every case once', async (workers) => {
    const outcome = await pool({}, { workers });
    expectAllBut(outcome, []);
    expect(outcome.progress.at(-1)).toBe(20);
  });

  test.each(['onResult', 'onBroken'])('what %s throws ends the pool, whatever its threads are at', async (which) => {
    const fail = () => {
      throw new Error('no space left');
    };
    const run = runCasePool<number[]>({
      workerFile: WORKER,
      workerData: which === 'onBroken' ? { throwAt: 1 } : {},
      workers: 2,
      tasks: Array.from({ length: 200 }, (_, index) => [index]),
      caseTimeoutMs: 0,
      onResult: which === 'onResult' ? fail : () => {},
      onBroken: fail,
    });
    await expect(run).rejects.toThrow('no space left');
  });

  test('no tasks: nothing to do', async () => {
    expectAllBut(await pool({}, { cases: 0 }), [], 0);
  });

  test.each([1, 2])('process.exit in a case, %d workers: that case is broken, the others finish', async (workers) => {
    const outcome = await pool({ dieAt: 6 }, { workers });
    expectAllBut(outcome, [6]);
    expect(outcome.broken.get(6)).toContain('exited with code');
    expect(outcome.progress.at(-1)).toBe(20);
  });

  test('a case that hangs is killed by the time-out', async () => {
    const outcome = await pool({ hangAt: 5 }, { caseTimeoutMs: 300 });
    expectAllBut(outcome, [5]);
    expect(outcome.broken.get(5)).toBe('no result after 0.3 s of host time');
  });

  test('a case that eats all memory', async () => {
    const outcome = await pool({ eatAt: 9 }, { memoryMb: 32 });
    expectAllBut(outcome, [9]);
    expect(outcome.broken.get(9)).toMatch(/memory/i);
  });

  test('an exception out of the worker', async () => {
    const outcome = await pool({ throwAt: 0 });
    expectAllBut(outcome, [0]);
    expect(outcome.broken.get(0)).toBe('thrown in a case');
  });

  // With more tasks than threads some wait, and the library starts no thread for them once one died while it started.
  test.each([1, 2])('%d workers that cannot be loaded: every case is broken, nothing hangs', async (workers) => {
    const broken = new Map<number, string>();
    const complete = await runCasePool({
      workerFile: `${WORKER}.missing`,
      workerData: {},
      workers,
      tasks: [[0, 1], [2], [3], [4, 5], [6], [7]],
      caseTimeoutMs: 0,
      onResult: () => expect.unreachable(),
      onBroken: (caseNumber, cause) => broken.set(caseNumber, cause),
    });
    expect(complete).toBe(true);
    expect([...broken.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const cause of broken.values()) expect(cause).toContain('column-worker.mjs.missing');
  });

  test('the signal ends it at once; what was finished stays', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 300);
    const outcome = await pool({ hangAt: 13 }, { signal: controller.signal, workers: 1 });
    expect(outcome.complete).toBe(false);
    expect(outcome.broken.size).toBe(0);
    expect([...outcome.squares.keys()]).toEqual(Array.from({ length: 12 }, (_, index) => index));
  });
});
