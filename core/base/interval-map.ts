/**
 * Half-open integer intervals [start, end) with a value each, disjoint and sorted: who was down when, which version held when.
 *
 * Appending in order is O(1); a look-up is O(log n).
 */
import { assert } from './assert.ts';

export class IntervalMap<V> {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #values: V[] = [];

  get size(): number {
    return this.#starts.length;
  }

  /** Appends [start, end); it must not begin before the last interval's end. */
  append(start: number, end: number, value: V): void {
    assert(end > start, 'interval: end must be after start');
    const last = this.#ends[this.#ends.length - 1];
    assert(last === undefined || start >= last, 'interval: must be appended in order');
    this.#starts.push(start);
    this.#ends.push(end);
    this.#values.push(value);
  }

  /** The value that holds at `point`, or undefined in a gap. */
  at(point: number): V | undefined {
    const index = this.#lastStartingAtOrBefore(point);
    return index >= 0 && point < (this.#ends[index] as number) ? this.#values[index] : undefined;
  }

  /** Total length of the overlap of all intervals with [start, end). */
  overlap(start: number, end: number): number {
    let total = 0;
    for (let i = Math.max(0, this.#lastStartingAtOrBefore(start)); i < this.#starts.length; i++) {
      const from = Math.max(start, this.#starts[i] as number);
      if (from >= end) break;
      total += Math.max(0, Math.min(end, this.#ends[i] as number) - from);
    }
    return total;
  }

  #lastStartingAtOrBefore(point: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as number) <= point) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
