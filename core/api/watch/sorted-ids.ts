/**
 * The local ids of one kind in order of their store keys, brought up to date only when somebody lists.
 *
 * A write only notes that an id appeared. Ids of deleted objects stay until they are the larger part.
 */
import { growUint8, NO_UINT8 } from '../../base/grow.ts';
import type { ResourceKeys } from '../../types/names.ts';

/** Order of `namespace/name` as the store orders its keys. */
function compareKeys(keys: ResourceKeys, left: number, right: number): number {
  const leftNamespace = keys.namespaceOf(left);
  const rightNamespace = keys.namespaceOf(right);
  if (leftNamespace !== rightNamespace) {
    // The slash after a namespace takes part in the order: `a-b/x` lies before `a/x`.
    return `${leftNamespace}/` < `${rightNamespace}/` ? -1 : 1;
  }
  const leftName = keys.nameOf(left);
  const rightName = keys.nameOf(right);
  return leftName < rightName ? -1 : leftName > rightName ? 1 : 0;
}

/** Most kinds of a cluster have no object: the column comes with the first, and room for so many. */
const LISTED_MIN = 32;

export class SortedIds {
  readonly #keys: ResourceKeys;
  #sorted: number[] = [];
  #fresh: number[] = [];
  /** 1 for ids that are in one of the two lists. */
  #listed = NO_UINT8;

  constructor(keys: ResourceKeys) {
    this.#keys = keys;
  }

  /** An object with this id exists. */
  add(id: number): void {
    if (id >= this.#listed.length) {
      this.#listed = growUint8(this.#listed, Math.max(LISTED_MIN, id + 1, this.#listed.length * 2));
    }
    if (this.#listed[id] === 1) return;
    this.#listed[id] = 1;
    this.#fresh.push(id);
  }

  /** All ids ever added in key order, without those `alive` denies when they are many (`liveCount` are alive). */
  ordered(liveCount: number, alive: (id: number) => boolean): readonly number[] {
    if (this.#fresh.length > 0) this.#merge();
    if (this.#sorted.length > 64 && this.#sorted.length > liveCount * 2) {
      this.#sorted = this.#sorted.filter((id) => {
        const kept = alive(id);
        if (!kept) this.#listed[id] = 0;
        return kept;
      });
    }
    return this.#sorted;
  }

  #merge(): void {
    const keys = this.#keys;
    const fresh = this.#fresh.sort((a, b) => compareKeys(keys, a, b));
    const old = this.#sorted;
    const merged: number[] = new Array(old.length + fresh.length);
    let i = 0;
    let j = 0;
    for (let to = 0; to < merged.length; to++) {
      const takeOld =
        j >= fresh.length || (i < old.length && compareKeys(keys, old[i] as number, fresh[j] as number) < 0);
      merged[to] = takeOld ? (old[i++] as number) : (fresh[j++] as number);
    }
    this.#sorted = merged;
    this.#fresh = [];
  }
}
