/**
 * Requests a client holds back until their time: over the rate, or to be repeated later.
 *
 * Sorted by due time (mostly appended: the bucket's times rise), with one timer for the head.
 */
import { assert } from '../base/assert.ts';
import type { Context } from '../sim/context.ts';
import type { Timer } from '../sim/process.ts';
import type { Call } from './call.ts';
import { OP_CLIENT_RELEASE } from './ops.ts';

/** Most requests one client holds back. */
const HELD_CALLS_MAX = 1 << 17;

export class HeldCalls {
  #first: Call | null = null;
  #last: Call | null = null;
  #count = 0;
  #timer: Timer = -1;
  #timerDueUs = 0;

  get count(): number {
    return this.#count;
  }

  /** Holds `call` until `dueUs` of the process's clock; `index` is the timer's `b`. */
  hold(ctx: Context, index: number, call: Call, dueUs: number): void {
    assert(this.#count < HELD_CALLS_MAX, 'client: too many requests held back');
    call.dueUs = dueUs;
    this.#count++;
    this.#insert(call);
    this.#arm(ctx, index);
  }

  /** The timer fired: hands out what is due, one call a time; null when nothing more is. */
  takeDue(ctx: Context): Call | null {
    this.#timer = -1;
    const call = this.#first;
    if (call === null || call.dueUs > ctx.now()) return null;
    this.#first = call.next;
    if (this.#first === null) this.#last = null;
    call.next = null;
    this.#count--;
    return call;
  }

  /** Takes the call with this id out; false when there is none. */
  drop(id: number): boolean {
    let before: Call | null = null;
    let call = this.#first;
    while (call !== null && call.id !== id) {
      before = call;
      call = call.next;
    }
    if (call === null) return false;
    if (before === null) this.#first = call.next;
    else before.next = call.next;
    if (this.#last === call) this.#last = before;
    call.next = null;
    this.#count--;
    return true;
  }

  /** Sets the timer again after {@link takeDue} gave null. */
  rearm(ctx: Context, index: number): void {
    this.#arm(ctx, index);
  }

  #insert(call: Call): void {
    if (this.#last !== null && this.#last.dueUs <= call.dueUs) {
      this.#last.next = call;
      this.#last = call;
      return;
    }
    let before: Call | null = null;
    let after = this.#first;
    while (after !== null && after.dueUs <= call.dueUs) {
      before = after;
      after = after.next;
    }
    call.next = after;
    if (before === null) this.#first = call;
    else before.next = call;
    if (after === null) this.#last = call;
  }

  #arm(ctx: Context, index: number): void {
    const head = this.#first;
    if (head === null) return;
    if (this.#timer >= 0) {
      if (this.#timerDueUs <= head.dueUs) return;
      ctx.cancelTimer(this.#timer);
    }
    this.#timerDueUs = head.dueUs;
    this.#timer = ctx.setTimer(Math.max(0, head.dueUs - ctx.now()), OP_CLIENT_RELEASE, 0, index);
  }
}
