/**
 * The one timer of an API server for everything that may run out: requests, waits for a seat or the cache, watches, bookmarks.
 *
 * It comes on whole seconds since the server's start and only on those at which something may be due: what is over is found up to a second
 * late, and an idle server has no events. Most requests end long before, so the timer is seldom moved when they do.
 */
import type { Context } from '../sim/context.ts';
import { NO_TIMER, type Timer } from '../sim/process.ts';
import { SWEEP_PERIOD_US } from './limits.ts';
import { OP_API_SWEEP } from './ops.ts';

export class SweepTimer {
  readonly #ctx: Context;
  readonly #startUs: number;
  #timer: Timer = NO_TIMER;
  #dueUs = Number.POSITIVE_INFINITY;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#startUs = ctx.now();
  }

  /** Has the sweep come on the first whole second at or after `dueUs`, or before. Infinity asks for nothing. */
  by(dueUs: number): void {
    if (dueUs >= this.#dueUs) return;
    const atUs = this.#startUs + Math.ceil((dueUs - this.#startUs) / SWEEP_PERIOD_US) * SWEEP_PERIOD_US;
    if (atUs >= this.#dueUs) return;
    this.#ctx.cancelTimer(this.#timer);
    this.#dueUs = atUs;
    this.#timer = this.#ctx.setTimer(Math.max(0, atUs - this.#ctx.now()), OP_API_SWEEP);
  }

  /** When the sweep comes, µs; infinity: not at all. */
  get dueUs(): number {
    return this.#dueUs;
  }

  /** Nobody needs the sweep before `dueUs` any more. */
  putOff(dueUs: number): void {
    this.#dueUs = Number.POSITIVE_INFINITY;
    this.by(dueUs);
  }

  /** The timer has come. */
  fired(): void {
    this.#timer = NO_TIMER;
    this.#dueUs = Number.POSITIVE_INFINITY;
  }
}
