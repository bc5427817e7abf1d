/**
 * When each watcher wants attention next: its bookmark or its end, whichever comes first.
 *
 * Watchers lie in one list a second, so a sweep looks only at those that are due and costs nothing for the others. A watcher that ended
 * stays in its list until its deadline: whoever takes the list skips it.
 */
import type { Watcher } from './watcher.ts';

const BUCKET_US = 1_000_000;

/** The next instant at which `watcher` wants attention, µs. */
function deadlineUs(watcher: Watcher): number {
  return watcher.bookmarks && watcher.nextBookmarkUs < watcher.endUs ? watcher.nextBookmarkUs : watcher.endUs;
}

const NO_WATCHERS: readonly Watcher[] = [];

export class WatchDeadlines {
  readonly #buckets = new Map<number, Watcher[]>();
  /** Earlier buckets have been taken and stay empty. */
  #first = 0;
  /** No watcher wants attention before, µs; on a whole second. */
  #nextUs = Number.POSITIVE_INFINITY;

  /** Files a watcher under its next deadline, which it returns, µs. */
  add(watcher: Watcher): number {
    const dueUs = deadlineUs(watcher);
    const at = Math.max(this.#first, Math.floor(dueUs / BUCKET_US));
    const bucket = this.#buckets.get(at);
    if (bucket === undefined) this.#buckets.set(at, [watcher]);
    else bucket.push(watcher);
    this.#nextUs = Math.min(this.#nextUs, at * BUCKET_US);
    return dueUs;
  }

  /** When the next watcher may want attention, µs: at most a second early. Infinity: never. */
  get nextUs(): number {
    return this.#nextUs;
  }

  /** Takes the watchers out whose deadline is at or before `nowUs`; O(those, and seconds with watchers or since the last call). */
  take(nowUs: number): readonly Watcher[] {
    if (nowUs < this.#nextUs) return NO_WATCHERS;
    const last = Math.floor(nowUs / BUCKET_US);
    const due: Watcher[] = [];
    for (; this.#first < last; this.#first++) {
      const bucket = this.#buckets.get(this.#first);
      if (bucket === undefined) continue;
      this.#buckets.delete(this.#first);
      for (const watcher of bucket) due.push(watcher);
    }
    const later: Watcher[] = [];
    for (const watcher of this.#buckets.get(last) ?? NO_WATCHERS)
      (deadlineUs(watcher) <= nowUs ? due : later).push(watcher);
    if (later.length > 0) this.#buckets.set(last, later);
    else this.#buckets.delete(last);
    this.#nextUs = Number.POSITIVE_INFINITY;
    for (const at of this.#buckets.keys()) this.#nextUs = Math.min(this.#nextUs, at * BUCKET_US);
    return due;
  }
}
