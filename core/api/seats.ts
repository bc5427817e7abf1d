/**
 * In-flight limits: a request takes a seat until its answer leaves; without a free seat it waits in line.
 *
 * Answers whose leaving time is computed (reads from the cache) keep their seat until then without an event: finish
 * times lie in a heap that is looked at only when all seats are taken. Source: Kubernetes 1.34 `--max-requests-
 * inflight` 400, `--max-mutating-requests-inflight` 200; queue wait of API priority and fairness 15 s, then 429.
 */
import { Ring } from '../base/ring.ts';
import { SEAT_QUEUE_MAX } from './limits.ts';
import type { Operation } from './operation.ts';

/** Min-heap of times. */
class FinishTimes {
  readonly #times: number[] = [];
  #size = 0;

  get earliest(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  push(time: number): void {
    const times = this.#times;
    let at = this.#size++;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = times[up] as number;
      if (above <= time) break;
      times[at] = above;
      at = up;
    }
    times[at] = time;
  }

  pop(): void {
    const times = this.#times;
    const last = times[--this.#size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && (times[child + 1] as number) < (times[child] as number)) child++;
      if ((times[child] as number) >= last) break;
      times[at] = times[child] as number;
      at = child;
    }
    times[at] = last;
  }
}

/** The seats of one class of requests. */
export class Seats {
  readonly limit: number;
  readonly waiting: Ring<Operation>;
  readonly #finishing = new FinishTimes();
  #taken = 0;

  constructor(name: string, limit: number) {
    this.limit = limit;
    this.waiting = new Ring(`${name} queue`, SEAT_QUEUE_MAX);
  }

  /** Seats in use now. */
  taken(nowUs: number): number {
    this.#settle(nowUs);
    return this.#taken;
  }

  /** Takes a seat; false when none is free. */
  take(nowUs: number): boolean {
    if (this.#taken >= this.limit) {
      this.#settle(nowUs);
      if (this.#taken >= this.limit) return false;
    }
    this.#taken++;
    return true;
  }

  /** The seat of an answer that leaves at `atUs` is free from then on. */
  release(atUs: number, nowUs: number): void {
    if (atUs <= nowUs) this.#taken--;
    else this.#finishing.push(atUs);
  }

  /** When the next computed finish frees a seat, infinity if no seat will. */
  get nextFreeUs(): number {
    return this.#finishing.earliest;
  }

  #settle(nowUs: number): void {
    while (this.#finishing.earliest <= nowUs) {
      this.#finishing.pop();
      this.#taken--;
    }
  }
}
