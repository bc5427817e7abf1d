/**
 * Watchers by what they are found by: their connection, the node they select by, the one object.
 *
 * Nearly every key has one watcher, and every kubelet is such a key: those of a key are chained in the order in which they came, by a field
 * of the watcher, for lists would cost more than a watcher's other fields together.
 */
import type { Watcher } from './watcher.ts';

/** Fields of a watcher that chain it, one an index that it may be in. */
type Link = 'nextOfConn' | 'nextOfKey';

export class WatcherIndex<K> {
  readonly #link: Link;
  readonly #first = new Map<K, Watcher>();

  constructor(link: Link) {
    this.#link = link;
  }

  /** The first watcher of `key`, null where it has none; the others follow by the link. */
  first(key: K): Watcher | null {
    return this.#first.get(key) ?? null;
  }

  /** The keys that have a watcher, in the order in which they got their first. */
  keys(): K[] {
    return [...this.#first.keys()];
  }

  /** Adds a watcher as the last of its key; O(watchers of the key). */
  add(key: K, watcher: Watcher): void {
    let last = this.first(key);
    if (last === null) {
      this.#first.set(key, watcher);
      return;
    }
    for (let next = last[this.#link]; next !== null; next = next[this.#link]) last = next;
    last[this.#link] = watcher;
  }

  /** Removes a watcher, which must be there; the others keep their order. O(watchers of the key). */
  remove(key: K, watcher: Watcher): void {
    const next = watcher[this.#link];
    watcher[this.#link] = null;
    const first = this.#first.get(key) as Watcher;
    if (first !== watcher) {
      let before = first;
      while (before[this.#link] !== watcher) before = before[this.#link] as Watcher;
      before[this.#link] = next;
    } else if (next === null) this.#first.delete(key);
    else this.#first.set(key, next);
  }
}
