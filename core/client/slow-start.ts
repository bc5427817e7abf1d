/**
 * Sends many equal requests in batches of 1, 2, 4, … and stops after the first batch in which one failed.
 *
 * So a quota or an admission error costs one request, not thousands. The requests of a batch run at the same time, each in a task
 * of its own whose label and key are the caller's, so that each write is a point faults can reach.
 * Source: Kubernetes 1.34 pkg/controller/replicaset slowStartBatch.
 */
import type { Context } from '../sim/context.ts';
import { type Task, WAIT, type Wait } from '../sim/task.ts';
import { StatusError } from '../types/status-error.ts';

/** client-go's SlowStartInitialBatchSize. */
const SLOW_START_BATCH_SIZE_INITIAL = 1;

/** How a slow start ended; `error` is the first failure by index of the last batch, null when all succeeded. */
export interface SlowStartResult {
  readonly successes: number;
  /** Requests that were not even tried. */
  readonly skipped: number;
  readonly error: StatusError | null;
}

class Batch {
  readonly parent: Task;
  left: number;
  successes = 0;
  error: StatusError | null = null;
  errorIndex = Number.POSITIVE_INFINITY;
  waiting = false;

  constructor(parent: Task, size: number) {
    this.parent = parent;
    this.left = size;
  }
}

/** Runs `send(0)` … `send(count − 1)`; a StatusError thrown by one ends the slow start after its batch. */
export function* slowStart(
  ctx: Context,
  count: number,
  send: (index: number) => Generator<Wait, unknown, unknown>,
  batchSizeInitial = SLOW_START_BATCH_SIZE_INITIAL,
): Generator<Wait, SlowStartResult, unknown> {
  let successes = 0;
  let index = 0;
  for (let size = Math.min(count, batchSizeInitial); size > 0; size = Math.min(2 * size, count - index)) {
    const batch = yield* runParallel(ctx, index, size, send);
    index += size;
    successes += batch.successes;
    if (batch.error !== null) return { successes, skipped: count - index, error: batch.error };
  }
  return { successes, skipped: count - index, error: null };
}

/** Runs `send(first)` … `send(first + size − 1)` at the same time and waits for all of them. */
export function* runParallel(
  ctx: Context,
  first: number,
  size: number,
  send: (index: number) => Generator<Wait, unknown, unknown>,
): Generator<Wait, { readonly successes: number; readonly error: StatusError | null }, unknown> {
  const parent = ctx.currentTask;
  const batch = new Batch(parent, size);
  for (let index = first; index < first + size; index++) {
    ctx.startTask(parent.label, parent.key, member(ctx, batch, index, send), parent.ordinal);
  }
  if (batch.left > 0) {
    batch.waiting = true;
    yield WAIT;
  }
  return batch;
}

function* member(
  ctx: Context,
  batch: Batch,
  index: number,
  send: (index: number) => Generator<Wait, unknown, unknown>,
): Generator<Wait, void, unknown> {
  try {
    yield* send(index);
    batch.successes++;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (index < batch.errorIndex) {
      batch.error = error;
      batch.errorIndex = index;
    }
  }
  batch.left--;
  if (batch.left === 0 && batch.waiting) ctx.resume(batch.parent, undefined);
}
