/**
 * When a failed key may be tried again: the longer of a back-off per key and a bucket for the whole queue.
 *
 * Defaults are client-go's DefaultTypedControllerRateLimiter (1.34, util/workqueue): 5 ms · 2^failures up to 1,000 s, and
 * 10 a second with a burst of 100. Keeps a number only for keys that failed since they were forgotten.
 */
import { BucketRate, TokenBucket } from './token-bucket.ts';

export interface RateLimiterOptions {
  /** First back-off of a key, µs; default 5 ms. */
  readonly backoffUsInitial?: number;
  /** Longest back-off of a key, µs; default 1,000 s. */
  readonly backoffUsMax?: number;
  /** Retries a second for the whole queue; default 10, 0 = no bucket. */
  readonly qps?: number;
  /** Default 100. */
  readonly burst?: number;
}

export class RateLimiter {
  readonly #backoffUsInitial: number;
  readonly #backoffUsMax: number;
  readonly #bucket: TokenBucket;
  /** null while nothing has ever failed, as in most of a manager's queues. */
  #failures: Map<number, number> | null = null;

  constructor(options: RateLimiterOptions = {}) {
    this.#backoffUsInitial = options.backoffUsInitial ?? 5_000;
    this.#backoffUsMax = options.backoffUsMax ?? 1_000_000_000;
    this.#bucket = new TokenBucket(new BucketRate(options.qps ?? 10, options.burst ?? 100));
  }

  /** Counts a failure of `id` at `nowUs`; the answer is how long it must wait, µs. */
  when(id: number, nowUs: number): number {
    this.#failures ??= new Map();
    const failures = this.#failures.get(id) ?? 0;
    this.#failures.set(id, failures + 1);
    // 2^60 exceeds every cap, so larger powers need not be formed.
    const backoffUs = Math.min(this.#backoffUsInitial * 2 ** Math.min(failures, 60), this.#backoffUsMax);
    return Math.max(backoffUs, this.#bucket.reserve(nowUs));
  }

  /** Failures of `id` since it was last forgotten. */
  failures(id: number): number {
    return this.#failures?.get(id) ?? 0;
  }

  /** `id` succeeded: its next failure starts from the first back-off again. */
  forget(id: number): void {
    this.#failures?.delete(id);
  }
}
