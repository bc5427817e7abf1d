/**
 * Holds back what comes in, when a fault says so: a cache that lags or stands still.
 *
 * Always: items stay in their order, and once nothing holds any more they are taken in at once. Without a fault the cost is one question an
 * item. While it holds, the fault is asked again every 50 ms.
 */
import { assert } from '../base/assert.ts';
import type { Context } from './context.ts';
import type { PointId } from './registry.ts';

const ASK_AGAIN_US = 50_000;
/** Items held; a frozen server of a busy cluster reaches no more within its longest freeze. */
const HELD_MAX = 1 << 20;

/** Where a fault is asked, and the timer by which its owner is reminded to {@link HoldBack.release}. */
export interface HoldBackPlace {
  /** An interceptor answers a {@link HoldQuestion} with the lag, µs. */
  readonly point: PointId;
  /** What the items are of. */
  readonly about: unknown;
  readonly op: number;
  /** `b` of the timer. */
  readonly index: number;
}

/** What an interceptor is asked. */
export interface HoldQuestion {
  readonly about: unknown;
  /** true: once for each item that comes; false: whether those that wait have to go on waiting. */
  readonly isForItem: boolean;
}

export class HoldBack<T> {
  readonly #ctx: Context;
  readonly #place: HoldBackPlace;
  readonly #deliver: (item: T) => void;
  #held: { readonly item: T; readonly sinceUs: number }[] = [];
  #armed = false;

  /** `deliver` takes in what is not, or no longer, held back. */
  constructor(ctx: Context, place: HoldBackPlace, deliver: (item: T) => void) {
    this.#ctx = ctx;
    this.#place = place;
    this.#deliver = deliver;
  }

  /** An item comes: it is delivered at once, or held back behind those that wait. */
  take(item: T): void {
    if (this.#lagUs(true) === undefined && this.#held.length === 0) {
      this.#deliver(item);
      return;
    }
    assert(this.#held.length < HELD_MAX, 'hold-back: too many items held back');
    this.#held.push({ item, sinceUs: this.#ctx.now() });
    this.#arm();
  }

  /** What has been held longest; undefined where nothing is held. */
  get oldest(): T | undefined {
    return this.#held[0]?.item;
  }

  /** What was held comes again in another way. */
  clear(): void {
    this.#held = [];
  }

  /** The timer: delivers what need not wait any longer. */
  release(): void {
    this.#armed = false;
    if (this.#held.length === 0) return;
    const due = this.#ctx.now() - (this.#lagUs(false) ?? 0);
    const count = this.#held.findIndex(({ sinceUs }) => sinceUs > due);
    for (const { item } of this.#held.splice(0, count < 0 ? this.#held.length : count)) this.#deliver(item);
    if (this.#held.length > 0) this.#arm();
  }

  #lagUs(isForItem: boolean): number | undefined {
    const { point, about } = this.#place;
    if (!this.#ctx.isIntercepted(point)) return undefined;
    return this.#ctx.intercept(point, { about, isForItem } satisfies HoldQuestion) as number | undefined;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#ctx.setTimer(ASK_AGAIN_US, this.#place.op, 0, this.#place.index);
  }
}
