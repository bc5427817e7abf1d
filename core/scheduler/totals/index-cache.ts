/**
 * Indexes by dense id, at most so many: the least recently used makes room for a new one.
 */
import { assert } from '../../base/assert.ts';

/** What is kept. */
interface Used {
  /** Running number of the last use. */
  lastUse: number;
}

/** A bounded cache. Cost: O(1) a look-up, O(ids) an eviction. */
export class IndexCache<T extends Used> {
  readonly #entries: (T | undefined)[] = [];
  readonly #max: number;
  #count = 0;
  #uses = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** The index of an id; using it keeps it. */
  get(id: number): T | undefined {
    const entry = this.#entries[id];
    if (entry !== undefined) entry.lastUse = ++this.#uses;
    return entry;
  }

  /** Keeps a new index, in place of one of the same id. */
  put(id: number, entry: T): T {
    const isNew = this.#entries[id] === undefined;
    if (isNew && this.#count >= this.#max) this.#evict();
    while (this.#entries.length < id) this.#entries.push(undefined);
    this.#entries[id] = entry;
    entry.lastUse = ++this.#uses;
    if (isNew) this.#count++;
    return entry;
  }

  #evict(): void {
    let oldest = -1;
    let lastUse = Number.POSITIVE_INFINITY;
    this.#entries.forEach((entry, id) => {
      if (entry === undefined || entry.lastUse >= lastUse) return;
      oldest = id;
      lastUse = entry.lastUse;
    });
    assert(oldest >= 0, 'index cache: there is an index to evict');
    this.#entries[oldest] = undefined;
    this.#count--;
  }
}
