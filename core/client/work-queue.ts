/**
 * Keys that wait to be reconciled, and the workers that do it.
 *
 * client-go's rules (1.34, util/workqueue): a key that waits is not added twice; a key that is being worked on and added
 * again runs once more afterwards, never at the same time; failures come back after the limiter's delay. Keys are the ids of
 * ResourceKeys (small dense integers), so the sets are one byte a key and its count of runs four. Reconciles start after the event that added their key. The
 * queue can hold each key once, which bounds it. Cost of add and take: O(1); a delay: O(log n).
 */
import { NO_UINT8 } from '../base/grow.ts';
import { Ring } from '../base/ring.ts';
import type { Context } from '../sim/context.ts';
import type { Conn, Payload, Pid, Timer } from '../sim/process.ts';
import type { Wait } from '../sim/task.ts';
import { MAX_KEYS } from '../types/names.ts';
import { StatusError } from '../types/status-error.ts';
import type { Component, Deferred, Dispatcher } from './dispatcher.ts';
import { DueHeap } from './due-heap.ts';
import { BUG_KEY_TWICE, BUG_LOST_WAKE_UP, BUG_NO_BACK_OFF } from './marks.ts';
import { OP_QUEUE_DUE, OP_QUEUE_PUMP } from './ops.ts';
import { POINT_QUEUE_ADD, POINT_QUEUE_BEGIN, POINT_QUEUE_END } from './points.ts';
import { RateLimiter, type RateLimiterOptions } from './rate-limiter.ts';

/** The key waits in the queue, or is to run again after the present run. */
const DIRTY = 1;
/** A worker has the key. */
const PROCESSING = 2;

/** A manager has some twenty queues and most stay empty: columns come with the first key. */
const KEYS_MIN = 16;
const NO_RUNS = new Uint32Array(0);

export interface WorkQueueOptions {
  /** Label of its tasks, e.g. `replicaset`. */
  readonly name: string;
  /** Reconciles at the same time. */
  readonly workers: number;
  /**
   * One run for a key. Returning normally forgets the key's failures; a thrown StatusError brings the key back with
   * {@link WorkQueue.addRateLimited} unless `onError` is given. Anything else thrown is a bug and ends the simulation.
   */
  readonly reconcile: (id: number) => Generator<Wait, void, unknown>;
  /** Text of a key (`namespace/name`); asked only while somebody watches the points of tasks. */
  readonly keyText: (id: number) => string;
  /** Decides about a failed key instead of the default. */
  readonly onError?: (id: number, error: StatusError) => void;
  readonly limiter?: RateLimiterOptions | RateLimiter;
}

/** One key of a queue as it stands. */
export interface QueuedKey {
  readonly key: string;
  /** Ready, or to run again after the present run. */
  readonly waits: boolean;
  readonly working: boolean;
  /** When its delay ends, µs; null without one. */
  readonly dueUs: number | null;
  /** Failures since it was last forgotten. */
  readonly failures: number;
  /** Runs so far. */
  readonly runs: number;
}

export class WorkQueue implements Component, Deferred {
  readonly ctx: Context;
  readonly name: string;
  readonly #library: Dispatcher;
  readonly #options: WorkQueueOptions;
  readonly #limiter: RateLimiter;
  readonly #index: number;
  readonly #ready: Ring<number>;
  readonly #delayed = new DueHeap();
  readonly #dueOf = new Map<number, number>();
  #state = NO_UINT8;
  /** Runs of each key so far. */
  #runs = NO_RUNS;
  #working = 0;
  /** The key that is added, begins or ends, for whoever listens at the points. */
  currentKey = -1;
  #started = false;
  #deferred = false;
  #timer: Timer = -1;
  #timerDueUs = 0;

  constructor(library: Dispatcher, options: WorkQueueOptions) {
    this.ctx = library.ctx;
    this.name = options.name;
    this.#library = library;
    this.#options = options;
    this.#limiter = options.limiter instanceof RateLimiter ? options.limiter : new RateLimiter(options.limiter);
    this.#index = library.register(this);
    this.#ready = new Ring(`work queue ${options.name}`, MAX_KEYS);
  }

  /** Lets the workers begin; keys added before wait for it. */
  start(): void {
    this.#started = true;
    if (this.#ready.size > 0) this.#schedule();
  }

  /** Keys that are ready and wait for a worker. */
  get depth(): number {
    return this.#ready.size;
  }

  /** Reconciles that are running. */
  get workingCount(): number {
    return this.#working;
  }

  /** Nothing ready, delayed or running. */
  get idle(): boolean {
    return this.#ready.size === 0 && this.#dueOf.size === 0 && this.#working === 0;
  }

  /** How long the key with the longest pending delay still waits, µs; 0 without any. O(delayed keys): for liveness bounds. */
  longestDelayUs(): number {
    const now = this.ctx.now();
    let longest = 0;
    for (const dueUs of this.#dueOf.values()) longest = Math.max(longest, dueUs - now);
    return longest;
  }

  /** Every key that waits, is delayed or is worked on, by ascending id. */
  *entries(): Generator<QueuedKey, void, unknown> {
    for (let id = 0; id < this.#state.length; id++) {
      const state = this.#state[id] as number;
      const dueUs = this.#dueOf.get(id);
      if (state === 0 && dueUs === undefined) continue;
      yield {
        key: this.#options.keyText(id),
        waits: (state & DIRTY) !== 0,
        working: (state & PROCESSING) !== 0,
        dueUs: dueUs ?? null,
        failures: this.failures(id),
        runs: this.#runs[id] as number,
      };
    }
    for (const [id, dueUs] of this.#dueOf) {
      if (id < this.#state.length) continue;
      yield {
        key: this.#options.keyText(id),
        waits: false,
        working: false,
        dueUs,
        failures: this.failures(id),
        runs: 0,
      };
    }
  }

  /** Adds a key unless it waits already. */
  add(id: number): void {
    if (id >= this.#state.length) this.#grow(id);
    const state = this.#state[id] as number;
    if ((state & PROCESSING) !== 0) {
      this.currentKey = id;
      this.ctx.observe(POINT_QUEUE_ADD, this);
    }
    if ((state & DIRTY) !== 0) return;
    if ((state & PROCESSING) !== 0 && this.ctx.bug(BUG_LOST_WAKE_UP)) return;
    this.#state[id] = state | DIRTY;
    if ((state & PROCESSING) !== 0 && !this.ctx.bug(BUG_KEY_TWICE)) return;
    this.#ready.push(id);
    if (this.#started) this.#schedule();
  }

  /** Adds a key after `delayUs`; the earlier of two delays counts. */
  addAfter(id: number, delayUs: number): void {
    if (delayUs <= 0) {
      this.add(id);
      return;
    }
    const dueUs = this.ctx.now() + delayUs;
    const known = this.#dueOf.get(id);
    if (known !== undefined && known <= dueUs) return;
    this.#dueOf.set(id, dueUs);
    this.#delayed.push(id, dueUs);
    this.#armTimer();
  }

  /** Adds a key after the limiter's delay and counts a failure of it. */
  addRateLimited(id: number): void {
    const delayUs = this.#limiter.when(id, this.ctx.now());
    this.addAfter(id, this.ctx.bug(BUG_NO_BACK_OFF) ? 0 : delayUs);
  }

  /** The key succeeded. */
  forget(id: number): void {
    this.#limiter.forget(id);
  }

  /** Failures of the key since it was last forgotten (client-go NumRequeues). */
  failures(id: number): number {
    return this.#limiter.failures(id);
  }

  receive(op: number, _from: Pid, _a: number, _b: number, _payload: Payload | null, _conn: Conn): void {
    if (op === OP_QUEUE_PUMP) {
      this.afterEvent();
      return;
    }
    if (op !== OP_QUEUE_DUE) return;
    this.#timer = -1;
    const now = this.ctx.now();
    while (this.#delayed.dueUs <= now) {
      const dueUs = this.#delayed.dueUs;
      const id = this.#delayed.pop();
      if (this.#dueOf.get(id) !== dueUs) continue;
      this.#dueOf.delete(id);
      this.add(id);
    }
    this.#armTimer();
  }

  afterEvent(): void {
    this.#deferred = false;
    while (this.#working < this.#options.workers && this.#library.alive) {
      const id = this.#ready.shift();
      if (id === undefined) return;
      this.#state[id] = PROCESSING;
      this.#working++;
      const run = (this.#runs[id] as number) + 1;
      this.#runs[id] = run;
      this.currentKey = id;
      this.ctx.observe(POINT_QUEUE_BEGIN, this);
      const key = this.ctx.sim.tasks.hook === null ? '' : this.#options.keyText(id);
      this.ctx.startTask(this.name, key, this.#run(id), run);
    }
  }

  *#run(id: number): Generator<Wait, void, unknown> {
    try {
      yield* this.#options.reconcile(id);
      this.#limiter.forget(id);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (this.#options.onError !== undefined) this.#options.onError(id, error);
      else this.addRateLimited(id);
    }
    this.#done(id);
  }

  #done(id: number): void {
    this.#working--;
    this.currentKey = id;
    this.ctx.observe(POINT_QUEUE_END, this);
    const again = ((this.#state[id] as number) & DIRTY) !== 0;
    this.#state[id] = again ? DIRTY : 0;
    if (again) this.#ready.push(id);
    if (this.#ready.size > 0) this.#schedule();
  }

  /** Sees to it that {@link afterEvent} runs once, at the end of this event. */
  #schedule(): void {
    if (this.#deferred) return;
    this.#deferred = true;
    if (this.#library.busy) this.#library.defer(this);
    else this.ctx.setTimer(0, OP_QUEUE_PUMP, 0, this.#index);
  }

  #armTimer(): void {
    if (this.#delayed.size === 0) return;
    const dueUs = this.#delayed.dueUs;
    if (this.#timer >= 0) {
      if (this.#timerDueUs <= dueUs) return;
      this.ctx.cancelTimer(this.#timer);
    }
    this.#timerDueUs = dueUs;
    this.#timer = this.ctx.setTimer(Math.max(0, dueUs - this.ctx.now()), OP_QUEUE_DUE, 0, this.#index);
  }

  #grow(id: number): void {
    let size = Math.max(KEYS_MIN, this.#state.length);
    while (size <= id) size *= 2;
    const state = new Uint8Array(size);
    state.set(this.#state);
    const runs = new Uint32Array(size);
    runs.set(this.#runs);
    this.#state = state;
    this.#runs = runs;
  }
}
