/**
 * What a transport remembers of connections that failed: which servers to leave out and how long to wait before it dials again.
 *
 * Made when the first connection ends, so a transport whose connection never broke has none.
 */

const BACKOFF_US_INITIAL = 20_000;
const BACKOFF_US_MAX = 1_000_000;
const DOUBLINGS_MAX = 16;

export class DialHistory {
  /** Connections that ended so far: the ordinal of the next. */
  ordinal = 0;
  /** true while a timer for the next dial is running. */
  waiting = false;
  /** Bit i = server i failed lately. */
  #suspects = 0;
  #suspectedAtUs = 0;
  /** Dials in a row that reached nobody. */
  #failures = 0;

  /** Servers to leave out at `nowUs`; after `probePeriodUs` without a failure they get another chance. */
  suspects(nowUs: number, probePeriodUs: number): number {
    if (this.#suspects !== 0 && nowUs - this.#suspectedAtUs >= probePeriodUs) this.#suspects = 0;
    return this.#suspects;
  }

  /** The connection to `server` (an index) ended. */
  ended(server: number, nowUs: number): void {
    this.ordinal++;
    this.#suspects |= 1 << server;
    this.#suspectedAtUs = nowUs;
  }

  /** `server` answered. */
  answered(server: number): void {
    this.#suspects &= ~(1 << server);
    this.#failures = 0;
  }

  /** Whether one of `count` servers is not suspected. */
  anyLeft(count: number): boolean {
    const all = (1 << count) - 1;
    return (this.#suspects & all) !== all;
  }

  /** No server could be reached: how long to wait before the next dial, µs (20 ms · 2^n, at most 1 s; uncalibrated). */
  backOffUs(): number {
    const delayUs = Math.min(BACKOFF_US_INITIAL * 2 ** Math.min(this.#failures, DOUBLINGS_MAX), BACKOFF_US_MAX);
    this.#failures++;
    return delayUs;
  }
}
