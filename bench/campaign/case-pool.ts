/**
 * Runs numbered cases on worker threads, many to a task, and survives the death of a thread.
 *
 * Always: each case is reported exactly once, as part of a result or as broken, unless the signal ends the pool; exactly
 * `workers` threads; at most two tasks a thread are outstanding; what `onResult` or `onBroken` throws ends it. When a thread dies or a case runs longer than the
 * time-out, the case that was running is broken and the others of its task are run again by another thread.
 */
import { Piscina } from 'piscina';
import { CALL_LIMIT_MS, CallWatch } from '../user-modules/call-watch.ts';
import { placeInThread } from '../user-modules/thread-place.ts';
import type { PoolAnswer, PoolTask } from './pool-task.ts';
import { YOUNG_GENERATION_MB } from './young-generation.ts';

/** Outstanding tasks a thread: one runs, one waits, so that no thread is ever idle. */
const TASKS_A_WORKER = 2;
/** How often running cases are looked at, host ms. */
const WATCH_PERIOD_MS = 50;
/** How long a thread is asked where it is, host ms. */
const PLACE_LIMIT_MS = 2000;

export interface CasePoolOptions<R> {
  /** The compiled worker, an absolute path or file URL; its default export takes a {@link PoolTask}. */
  readonly workerFile: string;
  /** Sent once to each thread (`workerData` of node:worker_threads). */
  readonly workerData: unknown;
  readonly workers: number;
  /** Most host time of one case, ms; 0 = no limit. */
  readonly caseTimeoutMs: number;
  /** Most host time of one call of a user's code, ms; 0 = no limit; absent = {@link CALL_LIMIT_MS}. */
  readonly callTimeoutMs?: number | undefined;
  /** Ends the pool; what is running is thrown away. */
  readonly signal?: AbortSignal | undefined;
  /** A task's result. */
  readonly onResult: (cases: readonly number[], result: R) => void;
  /** A case that killed its thread or ran out of time; `inUserCall`: in a call of a user's code that `cause` names. */
  readonly onBroken: (caseNumber: number, cause: string, inUserCall: boolean) => void;
  /** Called from time to time with the number of cases that have begun or ended. */
  readonly onProgress?: ((begunCount: number) => void) | undefined;
  /** Memory limit of a thread's old generation, MB; absent = Node's default. */
  readonly memoryMb?: number | undefined;
}

interface Running {
  readonly cases: readonly number[];
  readonly begun: Int32Array;
  readonly controller: AbortController;
  /** Which case was running when last looked at, and since when. */
  seenCount: number;
  sinceMs: number;
  readonly calls: CallWatch;
  /** The count of users' calls when last looked at, and since when. */
  seenCalls: number;
  callsSinceMs: number;
  /** Why the pool killed it; '' = it did not. */
  killedBecause: string;
  inUserCall: boolean;
  done: Promise<void>;
}

/** Lists of cases, one a task, in the order they are handed out. */
export type CaseTasks = Iterable<readonly number[]>;

/** Runs all tasks on a pool of its own. Returns true when every case was reported, false when the signal ended the pool. */
export async function runCasePool<R>(options: CasePoolOptions<R> & { readonly tasks: CaseTasks }): Promise<boolean> {
  const pool = new CasePool(options);
  try {
    return await pool.run(options.tasks);
  } finally {
    await pool.close();
  }
}

/** Threads that run one list of tasks after another: what they have loaded and compiled serves all of them. */
export class CasePool<R> {
  readonly #options: CasePoolOptions<R>;
  #tasks: Iterator<readonly number[]> = [][Symbol.iterator]();
  #shared: unknown;
  /** Cases of dead threads, to be run again. */
  readonly #again: (readonly number[])[] = [];
  readonly #running = new Set<Running>();
  /** What callbacks threw. */
  readonly #failures: unknown[] = [];
  readonly #threads: Piscina<PoolTask, PoolAnswer<R>>;
  #endedCount = 0;
  /** Why a thread ended last; '' = none has. */
  #lastDeath = '';

  constructor(options: CasePoolOptions<R>) {
    this.#options = options;
    this.#threads = new Piscina({
      filename: options.workerFile,
      workerData: options.workerData,
      minThreads: options.workers,
      maxThreads: options.workers,
      concurrentTasksPerWorker: 1,
      maxQueue: options.workers * TASKS_A_WORKER,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: 'sync',
      recordTiming: false,
      workerHistogram: false,
      resourceLimits: {
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
        ...(options.memoryMb === undefined ? {} : { maxOldGenerationSizeMb: options.memoryMb }),
      },
    });
    // A thread that dies without a task says so here.
    this.#threads.on('error', (error: unknown) => {
      this.#lastDeath = messageOf(error);
    });
  }

  /** Runs all tasks; every case gets `shared`. true when each case was reported, false when the signal ended the pool. */
  async run(tasks: CaseTasks, shared?: unknown): Promise<boolean> {
    const { signal } = this.#options;
    this.#tasks = tasks[Symbol.iterator]();
    this.#shared = shared;
    this.#failures.length = 0;
    const stop = () => this.#stop();
    signal?.addEventListener('abort', stop, { once: true });
    const watch = setInterval(() => this.#watch(), WATCH_PERIOD_MS);
    try {
      for (;;) {
        if (this.#failures.length > 0) throw this.#failures[0];
        this.#fill();
        if (this.#running.size === 0) break;
        await Promise.race([...this.#running].map((running) => running.done));
      }
      return signal?.aborted !== true;
    } catch (error) {
      this.#stop();
      throw error;
    } finally {
      clearInterval(watch);
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#threads.destroy();
  }

  #fill(): void {
    while (this.#running.size < this.#options.workers * TASKS_A_WORKER && this.#options.signal?.aborted !== true) {
      const cases = this.#again.shift() ?? this.#nextTask();
      if (cases === undefined) return;
      if (cases.length > 0) this.#start(cases);
    }
  }

  #nextTask(): readonly number[] | undefined {
    const next = this.#tasks.next();
    return next.done === true ? undefined : next.value;
  }

  #start(cases: readonly number[]): void {
    const begun = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const controller = new AbortController();
    const running: Running = {
      cases,
      begun: new Int32Array(begun),
      controller,
      seenCount: 0,
      sinceMs: performance.now(),
      calls: new CallWatch(),
      seenCalls: 0,
      callsSinceMs: performance.now(),
      killedBecause: '',
      inUserCall: false,
      done: Promise.resolve(),
    };
    this.#running.add(running);
    const task = { cases, begun, calls: running.calls.buffer, shared: this.#shared };
    running.done = this.#threads
      .run(task, { signal: controller.signal })
      .then(
        (answer) => this.#answered(running, answer),
        (error: unknown) => this.#died(running, error),
      )
      .catch((error: unknown) => {
        // Kept, not passed on: of two tasks that end at once whoever waits is told of one.
        this.#failures.push(error);
      });
  }

  #answered(running: Running, answer: PoolAnswer<R>): void {
    if (!answer.ok) {
      this.#died(running, new Error(answer.message));
      return;
    }
    this.#running.delete(running);
    this.#endedCount += running.cases.length;
    this.#options.onResult(running.cases, answer.result);
    this.#reportProgress();
  }

  #died(running: Running, error: unknown): void {
    this.#running.delete(running);
    if (this.#options.signal?.aborted === true) return;
    const cause = running.killedBecause || messageOf(error);
    if (running.killedBecause === '') this.#lastDeath = cause;
    const begunCount = Atomics.load(running.begun, 0);
    // A thread that died before its first case will not do better with the same cases.
    const broken = begunCount === 0 ? running.cases : [running.cases[begunCount - 1] as number];
    for (const caseNumber of broken) this.#options.onBroken(caseNumber, cause, running.inUserCall);
    this.#endedCount += broken.length;
    const rest = running.cases.filter((caseNumber) => !broken.includes(caseNumber));
    if (rest.length > 0) this.#again.push(rest);
    this.#reportProgress();
  }

  #watch(): void {
    const { caseTimeoutMs } = this.#options;
    const now = performance.now();
    this.#watchThreads();
    for (const running of this.#running) {
      const begunCount = Atomics.load(running.begun, 0);
      if (begunCount !== running.seenCount) {
        running.seenCount = begunCount;
        running.sinceMs = now;
      } else if (begunCount > 0 && caseTimeoutMs > 0 && now - running.sinceMs > caseTimeoutMs) {
        running.killedBecause = `no result after ${caseTimeoutMs / 1000} s of host time`;
        running.controller.abort();
      }
      this.#watchCalls(running, now);
    }
    this.#reportProgress();
  }

  /** Once a thread died while it started, the library starts no other for the tasks that wait: they would wait for ever. */
  #watchThreads(): void {
    if (this.#threads.threads.length > 0) return;
    for (const running of this.#running) {
      running.killedBecause ||= `no worker thread starts: ${this.#lastDeath}`;
      running.controller.abort();
    }
  }

  #watchCalls(running: Running, now: number): void {
    const { callTimeoutMs = CALL_LIMIT_MS } = this.#options;
    const { count } = running.calls;
    if (count !== running.seenCalls) {
      running.seenCalls = count;
      running.callsSinceMs = now;
    } else if (count % 2 === 1 && callTimeoutMs > 0 && now - running.callsSinceMs > callTimeoutMs) {
      if (running.inUserCall) return;
      running.inUserCall = true;
      void this.#endCall(running, callTimeoutMs);
    }
  }

  /** Asks where the endless call is, and ends its thread. */
  async #endCall(running: Running, callTimeoutMs: number): Promise<void> {
    const { text, threadId } = running.calls.running;
    const place = await placeInThread(threadId, PLACE_LIMIT_MS).catch(() => '');
    const where = place === '' ? '' : ` (${place})`;
    running.killedBecause = `${text} did not end within ${callTimeoutMs / 1000} s${where}`;
    running.controller.abort();
  }

  #reportProgress(): void {
    let count = this.#endedCount;
    for (const running of this.#running) count += Atomics.load(running.begun, 0);
    this.#options.onProgress?.(count);
  }

  #stop(): void {
    for (const running of this.#running) running.controller.abort();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
