/**
 * The watchers of one kind, found by what they select instead of by asking each.
 *
 * Watchers of everything share one batch; those that select by node or by one object are found by index; only the
 * rest is scanned, and each evaluation of a predicate is counted. Order of delivery: unselective watchers, then the
 * others in the order in which events reached them.
 */

import type { Pod } from '../../types/pod.ts';
import { DELETED, type WatchEvent } from '../../types/wire.ts';
import { FOUND_ALWAYS, FOUND_BY_NODE, FOUND_BY_SCAN, type Watcher } from './watcher.ts';

/** Under the bug that wastes work, one evaluation of so many is done twice. */
const WASTE_PERIOD = 20;

/** Removes `item` from a list; order is kept. */
function removeFrom<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

type WatcherIndex = Map<string | number, Watcher[]>;

export class WatcherSet {
  readonly always: Watcher[] = [];
  readonly #scanned: Watcher[] = [];
  /** The two indexes come with their first watcher: few kinds have any. */
  #byNode: WatcherIndex | null = null;
  #byKey: WatcherIndex | null = null;
  /** Watchers with something pending, in order. */
  readonly dirty: Watcher[] = [];
  /** Predicates evaluated so far. */
  evaluations = 0;
  /** Of these, how many are in the run's counter of work. */
  evaluationsCounted = 0;
  /** Only under {@link BUG_PREDICATE_TWICE}. */
  wasteful = false;
  count = 0;

  add(watcher: Watcher): void {
    this.count++;
    const list = this.#listOf(watcher);
    if (list !== undefined) list.push(watcher);
    else this.#indexOf(watcher).set(watcher.indexKey, [watcher]);
  }

  remove(watcher: Watcher): void {
    this.count--;
    const list = this.#listOf(watcher) as Watcher[];
    removeFrom(list, watcher);
    if (list.length === 0 && list !== this.always && list !== this.#scanned)
      this.#indexOf(watcher).delete(watcher.indexKey);
  }

  /** Puts `event` into the pending batch of each selective watcher it concerns. */
  offer(event: WatchEvent): void {
    for (let i = 0; i < this.#scanned.length; i++) this.#evaluate(this.#scanned[i] as Watcher, event);
    if (this.#byKey !== null) this.#offerTo(this.#byKey.get(event.keyId), event);
    if (this.#byNode !== null) this.#offerByNode(this.#byNode, event);
  }

  #offerByNode(byNode: WatcherIndex, event: WatchEvent): void {
    const now = (event.object as Pod).spec?.nodeName;
    if (now !== undefined && now !== '') this.#offerTo(byNode.get(now), event);
    if (event.previous === null || event.type === DELETED) return;
    const before = (event.previous as Pod).spec?.nodeName;
    if (before !== undefined && before !== now) this.#offerTo(byNode.get(before), event);
  }

  #offerTo(list: Watcher[] | undefined, event: WatchEvent): void {
    if (list === undefined) return;
    for (let i = 0; i < list.length; i++) this.#evaluate(list[i] as Watcher, event);
  }

  #evaluate(watcher: Watcher, event: WatchEvent): void {
    if (event.revision <= watcher.afterRevision) return;
    this.evaluations++;
    if (this.wasteful && this.evaluations % WASTE_PERIOD === 0) {
      this.evaluations++;
      watcher.view(event);
    }
    const view = watcher.view(event);
    if (view === null) return;
    if (watcher.pending === null) {
      watcher.pending = [view];
      this.dirty.push(watcher);
    } else watcher.pending.push(view);
  }

  /** The list that holds the watcher or is to hold it; undefined where an index has none for its key. */
  #listOf(watcher: Watcher): Watcher[] | undefined {
    if (watcher.foundBy === FOUND_ALWAYS) return this.always;
    return watcher.foundBy === FOUND_BY_SCAN ? this.#scanned : this.#indexOf(watcher).get(watcher.indexKey);
  }

  #indexOf(watcher: Watcher): WatcherIndex {
    if (watcher.foundBy === FOUND_BY_NODE) {
      this.#byNode ??= new Map();
      return this.#byNode;
    }
    this.#byKey ??= new Map();
    return this.#byKey;
  }
}
