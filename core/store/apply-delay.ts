/**
 * How long what is committed waits until it is applied: not at all, unless a fault makes applying slow or the member defragments.
 *
 * Always: applying keeps the order of the log; the log itself and the group go on meanwhile, as in etcd, where applying is a queue
 * of its own (3.6, server/etcdserver/server.go, applyAll).
 */
import type { Context } from '../sim/context.ts';
import { POINT_STORE_APPLY_BATCH } from './member-names.ts';
import { OP_APPLY_DUE } from './member-timers.ts';

export class ApplyDelay {
  readonly #context: Context;
  /** When everything that was handed in is applied, by the process's own clock, µs. */
  #freeUs = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Applies nothing for `us` µs from now. */
  hold(us: number): void {
    this.#freeUs = Math.max(this.#freeUs, this.#context.now()) + us;
  }

  /** Whether a batch up to `index` is to be applied now; if not, {@link OP_APPLY_DUE} comes with the index. */
  passes(index: number): boolean {
    const extraUs = this.#context.intercept(POINT_STORE_APPLY_BATCH, index);
    const isSlow = typeof extraUs === 'number';
    if (!isSlow && this.#freeUs === 0) return true;
    const now = this.#context.now();
    if (!isSlow && this.#freeUs <= now) return true;
    this.#freeUs = Math.max(this.#freeUs, now) + (isSlow ? extraUs : 0);
    this.#context.setTimer(this.#freeUs - now, OP_APPLY_DUE, index);
    return false;
  }
}
