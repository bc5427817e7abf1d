/**
 * Token bucket in virtual time.
 *
 * Equal to client-go's flowcontrol limiter (golang.org/x/time/rate: reservations queue up, tokens may go below zero), kept
 * as one number: the instant at which the bucket would be full again. O(1), nothing is ever counted by a timer.
 */
import { assert } from '../base/assert.ts';

/** Rate and size of a bucket; shared by all buckets that are alike. */
export class BucketRate {
  /** Time one token takes, µs; 0 = no limit. */
  readonly tokenUs: number;
  /** Time an empty bucket takes to fill, µs. */
  readonly fillUs: number;

  /** `qps` tokens a second, at most `burst` of them saved; `qps` ≤ 0 or infinite means no limit (client-go: −1). */
  constructor(qps: number, burst: number) {
    const limited = qps > 0 && Number.isFinite(qps);
    assert(!limited || burst >= 1, `token bucket: burst must be at least 1, got ${burst}`);
    this.tokenUs = limited ? 1_000_000 / qps : 0;
    this.fillUs = this.tokenUs * burst;
  }

  /** `fullAtUs` of a bucket after one token was taken at `nowUs`. */
  take(fullAtUs: number, nowUs: number): number {
    return (fullAtUs > nowUs ? fullAtUs : nowUs) + this.tokenUs;
  }

  /** How long the taker of the last token has to wait, µs (integer), given `fullAtUs` after {@link take}. */
  waitUs(fullAtUs: number, nowUs: number): number {
    const wait = fullAtUs - this.fillUs - nowUs;
    // A thousandth of a microsecond absorbs the rounding of rates that do not divide a second, up to times of a month.
    return wait <= 1e-3 ? 0 : Math.ceil(wait - 1e-3);
  }
}

/** One bucket. */
export class TokenBucket {
  readonly rate: BucketRate;
  #fullAtUs = 0;

  constructor(rate: BucketRate) {
    this.rate = rate;
  }

  /** Takes a token at `nowUs`; the answer is the µs the taker must wait before it acts on it. */
  reserve(nowUs: number): number {
    if (this.rate.tokenUs === 0) return 0;
    this.#fullAtUs = this.rate.take(this.#fullAtUs, nowUs);
    return this.rate.waitUs(this.#fullAtUs, nowUs);
  }

  /** Takes a token if one is there at `nowUs`. */
  tryTake(nowUs: number): boolean {
    if (this.rate.tokenUs === 0) return true;
    const fullAtUs = this.rate.take(this.#fullAtUs, nowUs);
    if (this.rate.waitUs(fullAtUs, nowUs) > 0) return false;
    this.#fullAtUs = fullAtUs;
    return true;
  }
}
