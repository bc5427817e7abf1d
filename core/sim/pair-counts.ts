/**
 * Counts by ordered pair of processes, for a cluster where most talk to one other: the first peer of a process is counted in columns,
 * only further ones in a Map.
 */
import { growInt32 } from '../base/grow.ts';
import type { Pid } from './process.ts';

/** More than any process id. */
const PIDS = 0x20000;

export class PairCounts {
  /** By process: its first peer + 1, 0 before there is one; and the count of that pair. */
  #first = new Int32Array(16);
  #counts = new Int32Array(16);
  readonly #others = new Map<number, { count: number }>();

  /** Counts (from, to) once more; the answer is the new count, from 1. */
  next(from: Pid, to: Pid): number {
    if (from >= this.#first.length) {
      const length = Math.max(from + 1, this.#first.length * 2);
      this.#first = growInt32(this.#first, length);
      this.#counts = growInt32(this.#counts, length);
    }
    if (this.#first[from] === 0) this.#first[from] = to + 1;
    if (this.#first[from] === to + 1) {
      const count = (this.#counts[from] as number) + 1;
      this.#counts[from] = count;
      return count;
    }
    const key = from * PIDS + to;
    let pair = this.#others.get(key);
    if (pair === undefined) {
      pair = { count: 0 };
      this.#others.set(key, pair);
    }
    return ++pair.count;
  }
}
