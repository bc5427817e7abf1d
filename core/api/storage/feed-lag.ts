/**
 * Holds back what the store's watch brings, when a fault says so: the watch cache of this server lags or stands still.
 *
 * Always: batches stay in their order, and once nothing holds any more they are taken in at once. Without a fault the cost is one question
 * a batch. While it holds, the fault is asked again every 50 ms.
 */
import type { Context } from '../../sim/context.ts';
import type { Payload } from '../../sim/process.ts';
import { POINT_CACHE_FEED } from '../declarations.ts';
import { OP_API_FEED } from '../ops.ts';

const ASK_AGAIN_US = 50_000;
/** Batches held; a frozen server of a busy cluster reaches no more within its longest freeze. */
const HELD_MAX = 1 << 20;

interface Held {
  readonly op: number;
  readonly payload: Payload;
  /** When it came, µs. */
  readonly sinceUs: number;
}

export class FeedLag {
  readonly #ctx: Context;
  #held: Held[] = [];
  #armed = false;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** true if the batch is held back. */
  holds(op: number, payload: Payload): boolean {
    if (this.#held.length === 0 && this.#lagUs() === undefined) return false;
    if (this.#held.length >= HELD_MAX) return false;
    this.#held.push({ op, payload, sinceUs: this.#ctx.now() });
    this.#arm();
    return true;
  }

  /** The connection has gone: what was held comes again on the next one. */
  clear(): void {
    this.#held = [];
  }

  /** Takes in what need not wait any longer. */
  release(take: (op: number, payload: Payload) => void): void {
    this.#armed = false;
    const lagUs = this.#lagUs() ?? 0;
    const now = this.#ctx.now();
    let count = 0;
    while (count < this.#held.length && now - (this.#held[count] as Held).sinceUs >= lagUs) count++;
    const due = this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    for (const { op, payload } of due) take(op, payload);
    if (this.#held.length > 0) this.#arm();
  }

  /** How long each batch is held, µs; undefined without a fault. */
  #lagUs(): number | undefined {
    return this.#ctx.intercept(POINT_CACHE_FEED, null) as number | undefined;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#ctx.setTimer(ASK_AGAIN_US, OP_API_FEED);
  }
}
