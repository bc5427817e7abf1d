/**
 * A set of watchers, found by the key they watch (etcd 3.6, server/storage/mvcc/watcher_group.go).
 *
 * Always: iteration follows the order in which watchers were added, so that runs repeat. Cost of a look-up: one map access for
 * single keys and one comparison for each distinct range.
 */
import type { Watcher } from './watchable-store.ts';

interface RangeWatchers {
  readonly key: string;
  /** '\0': no upper bound. */
  readonly rangeEnd: string;
  readonly watchers: Set<Watcher>;
}

export class WatcherGroup {
  readonly all = new Set<Watcher>();
  readonly #byKey = new Map<string, Set<Watcher>>();
  readonly #ranges = new Map<string, RangeWatchers>();

  get size(): number {
    return this.all.size;
  }

  add(watcher: Watcher): void {
    this.all.add(watcher);
    const { key, rangeEnd } = watcher;
    if (rangeEnd === '') {
      const set = this.#byKey.get(key);
      if (set === undefined) this.#byKey.set(key, new Set([watcher]));
      else set.add(watcher);
      return;
    }
    const name = `${key.length}:${key}${rangeEnd}`;
    const range = this.#ranges.get(name);
    if (range === undefined) this.#ranges.set(name, { key, rangeEnd, watchers: new Set([watcher]) });
    else range.watchers.add(watcher);
  }

  /** False when the watcher is not in the group. */
  delete(watcher: Watcher): boolean {
    if (!this.all.delete(watcher)) return false;
    const { key, rangeEnd } = watcher;
    if (rangeEnd === '') {
      const set = this.#byKey.get(key) as Set<Watcher>;
      set.delete(watcher);
      if (set.size === 0) this.#byKey.delete(key);
      return true;
    }
    const name = `${key.length}:${key}${rangeEnd}`;
    const range = this.#ranges.get(name) as RangeWatchers;
    range.watchers.delete(watcher);
    if (range.watchers.size === 0) this.#ranges.delete(name);
    return true;
  }

  /** Calls `each` for every watcher of `key`. */
  forKey(key: string, each: (watcher: Watcher) => void): void {
    const exact = this.#byKey.get(key);
    if (exact !== undefined) for (const watcher of exact) each(watcher);
    for (const range of this.#ranges.values()) {
      if (key < range.key || (range.rangeEnd !== '\0' && key >= range.rangeEnd)) continue;
      for (const watcher of range.watchers) each(watcher);
    }
  }
}
