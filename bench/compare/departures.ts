/**
 * When running pods end: a binary heap of times with the row of the placed pod.
 */

/** Earliest first; equal times in the order of their rows. */
export class Departures {
  #times: number[] = [];
  #rows: number[] = [];

  get count(): number {
    return this.#times.length;
  }

  /** Time of the earliest, µs; infinity when there is none. */
  get nextUs(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  push(timeUs: number, row: number): void {
    let at = this.#times.length;
    this.#times.push(timeUs);
    this.#rows.push(row);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes the earliest off; returns its row. Not to be called when there is none. */
  pop(): number {
    const row = this.#rows[0] as number;
    const last = this.#times.length - 1;
    this.#swap(0, last);
    this.#times.pop();
    this.#rows.pop();
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= last) return row;
      const child = left + 1 < last && this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(child, at)) return row;
      this.#swap(at, child);
      at = child;
    }
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#times[a] as number) - (this.#times[b] as number);
    return difference < 0 || (difference === 0 && (this.#rows[a] as number) < (this.#rows[b] as number));
  }

  #swap(a: number, b: number): void {
    [this.#times[a], this.#times[b]] = [this.#times[b] as number, this.#times[a] as number];
    [this.#rows[a], this.#rows[b]] = [this.#rows[b] as number, this.#rows[a] as number];
  }
}
