/**
 * What passes between a case pool and its worker threads.
 *
 * A task is a list of case numbers; what they mean lies in the worker's `workerData`, sent once a thread. Through the
 * shared counter the pool sees which case is running: that is how it knows which one killed the thread or takes too long.
 */

import { watchCalls } from '../user-modules/call-watch.ts';

/** A task: cases to run in this order. */
export interface PoolTask {
  readonly cases: readonly number[];
  /** What holds for all cases of this run of the pool; undefined where `workerData` says everything. */
  readonly shared: unknown;
  /** One Int32: how many cases of the task have begun. */
  readonly begun: SharedArrayBuffer;
  /** Calls of users' code, see {@link CallWatch}. */
  readonly calls: SharedArrayBuffer;
}

/** What a worker returns. Errors cross threads without class and fields, so they travel as data. */
export type PoolAnswer<R> =
  | { readonly ok: true; readonly result: R }
  | { readonly ok: false; readonly message: string };

/** Runs a task's cases one after the other in a worker; an exception becomes an answer. */
export function answerTask<R>(
  task: PoolTask,
  runCase: (caseNumber: number, index: number) => void,
  result: () => R,
): PoolAnswer<R> {
  const begun = new Int32Array(task.begun);
  watchCalls(task.calls);
  try {
    task.cases.forEach((caseNumber, index) => {
      Atomics.store(begun, 0, index + 1);
      runCase(caseNumber, index);
    });
    return { ok: true, result: result() };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
