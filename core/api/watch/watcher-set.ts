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
import { WatcherIndex } from './watcher-index.ts';

/** Under the bug that wastes work, one evaluation of so many is done twice. */
const WASTE_PERIOD = 20;

/** Removes `item` from a list; order is kept. */
function removeFrom<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

export class WatcherSet {
  readonly always: Watcher[] = [];
  readonly #scanned: Watcher[] = [];
  /** The two indexes come with their first watcher: few kinds have any. */
  #byNode: WatcherIndex<string | number> | null = null;
  #byKey: WatcherIndex<string | number> | null = null;
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
    if (list !== null) list.push(watcher);
    else this.#indexOf(watcher).add(watcher.indexKey, watcher);
  }

  remove(watcher: Watcher): void {
    this.count--;
    const list = this.#listOf(watcher);
    if (list !== null) removeFrom(list, watcher);
    else this.#indexOf(watcher).remove(watcher.indexKey, watcher);
  }

  /** Puts `event` into the pending batch of each selective watcher it concerns. */
  offer(event: WatchEvent): void {
    for (let i = 0; i < this.#scanned.length; i++) this.#evaluate(this.#scanned[i] as Watcher, event);
    if (this.#byKey !== null) this.#offerTo(this.#byKey.first(event.keyId), event);
    if (this.#byNode !== null) this.#offerByNode(this.#byNode, event);
  }

  #offerByNode(byNode: WatcherIndex<string | number>, event: WatchEvent): void {
    const now = (event.object as Pod).spec?.nodeName;
    if (now !== undefined && now !== '') this.#offerTo(byNode.first(now), event);
    if (event.previous === null || event.type === DELETED) return;
    const before = (event.previous as Pod).spec?.nodeName;
    if (before !== undefined && before !== now) this.#offerTo(byNode.first(before), event);
  }

  #offerTo(first: Watcher | null, event: WatchEvent): void {
    for (let watcher = first; watcher !== null; watcher = watcher.nextOfKey) this.#evaluate(watcher, event);
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

  /** The list that the watcher belongs into; null where an index holds it. */
  #listOf({ foundBy }: Watcher): Watcher[] | null {
    if (foundBy === FOUND_ALWAYS) return this.always;
    return foundBy === FOUND_BY_SCAN ? this.#scanned : null;
  }

  #indexOf(watcher: Watcher): WatcherIndex<string | number> {
    if (watcher.foundBy === FOUND_BY_NODE) {
      this.#byNode ??= new WatcherIndex('nextOfKey');
      return this.#byNode;
    }
    this.#byKey ??= new WatcherIndex('nextOfKey');
    return this.#byKey;
  }
}
