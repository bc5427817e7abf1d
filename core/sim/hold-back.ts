/**
 * Holds back what comes in, when a fault says so: a cache that lags or stands still.
 *
 * Always: items stay in their order, and once nothing holds any more they are taken in at once. Without a fault the cost is one question an
 * item. While it holds, the fault is asked again every 50 ms.
 */
import type { Context } from './context.ts';
import type { PointId } from './registry.ts';

const ASK_AGAIN_US = 50_000;
/** Items held; a frozen server of a busy cluster reaches no more within its longest freeze. */
const HELD_MAX = 1 << 20;

/** Where a fault is asked, and the timer by which its owner is reminded to {@link HoldBack.release}. */
export interface HoldBackPlace {
  /** An interceptor answers with the lag, µs. */
  readonly point: PointId;
  readonly subject: unknown;
  readonly op: number;
  /** `b` of the timer. */
  readonly index: number;
}

export class HoldBack<T> {
  readonly #ctx: Context;
  readonly #place: HoldBackPlace;
  #held: { readonly item: T; readonly sinceUs: number }[] = [];
  #armed = false;

  constructor(ctx: Context, place: HoldBackPlace) {
    this.#ctx = ctx;
    this.#place = place;
  }

  /** true if what comes now has to wait: give it to {@link hold}. */
  get isHolding(): boolean {
    if (this.#held.length === 0) return this.#lagUs() !== undefined;
    return this.#held.length < HELD_MAX;
  }

  hold(item: T): void {
    this.#held.push({ item, sinceUs: this.#ctx.now() });
    this.#arm();
  }

  /** What was held comes again in another way. */
  clear(): void {
    this.#held = [];
  }

  /** The timer: takes in what need not wait any longer. */
  release(take: (item: T) => void): void {
    this.#armed = false;
    const lagUs = this.#lagUs() ?? 0;
    const due = this.#ctx.now() - lagUs;
    const count = this.#held.findIndex(({ sinceUs }) => sinceUs > due);
    for (const { item } of this.#held.splice(0, count < 0 ? this.#held.length : count)) take(item);
    if (this.#held.length > 0) this.#arm();
  }

  #lagUs(): number | undefined {
    return this.#ctx.intercept(this.#place.point, this.#place.subject) as number | undefined;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#ctx.setTimer(ASK_AGAIN_US, this.#place.op, 0, this.#place.index);
  }
}
