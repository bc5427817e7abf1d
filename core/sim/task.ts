/**
 * Sequential code without promises: a task is a generator that a process runs step by step.
 *
 * `const answer = (yield WAIT) as T` suspends the task until its owner resumes or fails it. Every yield is a numbered point
 * (label, key, n-th run of that key, yield k): a fault can crash, delay or fail it there. A crash drops the generator;
 * `return()` is never called, so no `finally` runs, as in a process that is gone.
 */
import type { Payload, Pid } from './process.ts';

export const WAIT = 0;
/** What a task yields: always {@link WAIT}; the value it gets back comes from `resume`. */
export type Wait = typeof WAIT;

/** One run of sequential code; what the timer of a sleeping one carries. */
export class Task implements Payload {
  readonly id: number;
  readonly pid: Pid;
  readonly incarnation: number;
  /** Which loop it is a run of, for example `replicaset`. */
  readonly label: string;
  /** The object's key, for example `demo/web`; may be empty. */
  readonly key: string;
  /** n-th run of this key, from 1; 0 where runs are not counted. */
  readonly ordinal: number;
  /** Yields so far. */
  point = 0;
  done = false;
  /** true between a yield and its resume. */
  suspended = false;
  readonly body: Generator<Wait, void, unknown>;

  constructor(
    id: number,
    pid: Pid,
    incarnation: number,
    label: string,
    key: string,
    ordinal: number,
    body: Generator<Wait, void, unknown>,
  ) {
    this.id = id;
    this.pid = pid;
    this.incarnation = incarnation;
    this.label = label;
    this.key = key;
    this.ordinal = ordinal;
    this.body = body;
  }

  /** Its id, which the timer has beside it, says all. */
  contentHash(): number {
    return 0;
  }
}

/** What a fault wants done with a task at a point. */
export type PointAction =
  | { readonly kind: 'crash'; readonly silent: boolean }
  | { readonly kind: 'delay'; readonly delayUs: number }
  | { readonly kind: 'fail'; readonly error: unknown };

/**
 * Asked at every point: `yielded` = the step's effects are out, its answer is not yet there; `resuming` = the answer is
 * there and the code after it has not run. Returns null to go on.
 */
export type PointHook = (task: Task, phase: 'yielded' | 'resuming') => PointAction | null;
