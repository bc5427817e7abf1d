/**
 * An index of an informer: object ids by an integer key, kept with each event.
 *
 * A bucket is a dense array with the position of each id beside it, so adding, removing and counting are O(1) and reading
 * a bucket costs its size. The order inside a bucket follows from the events alone.
 */
import { NO_INT32 } from '../base/grow.ts';
import type { KubeObject } from '../types/object.ts';

/** Key of objects that belong to no bucket. */
export const NO_KEY = -1;
const EMPTY: readonly number[] = [];

export class InformerIndex<T extends KubeObject> {
  readonly name: string;
  readonly #keyOf: (object: T, id: number) => number;
  readonly #buckets = new Map<number, number[]>();
  /** Key of each id, {@link NO_KEY} for none. */
  #keys = NO_INT32;
  #positions = NO_INT32;

  constructor(name: string, keyOf: (object: T, id: number) => number) {
    this.name = name;
    this.#keyOf = keyOf;
  }

  /** The ids in bucket `key`. Valid until the next event: do not keep it over a yield. */
  ids(key: number): readonly number[] {
    return this.#buckets.get(key) ?? EMPTY;
  }

  /** How many ids are in bucket `key`. */
  count(key: number): number {
    return this.#buckets.get(key)?.length ?? 0;
  }

  /** The bucket that holds `id`, {@link NO_KEY} for none. */
  keyOf(id: number): number {
    return id < this.#keys.length ? (this.#keys[id] as number) : NO_KEY;
  }

  /** The keys that were ever used, in order of first use. */
  keys(): IterableIterator<number> {
    return this.#buckets.keys();
  }

  /** Called by the informer for each new or changed object. */
  set(id: number, object: T): void {
    const key = this.#keyOf(object, id);
    const old = this.keyOf(id);
    if (old === key) return;
    if (old !== NO_KEY) this.#remove(id, old);
    if (key === NO_KEY) return;
    if (id >= this.#keys.length) this.#grow(id);
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = [];
      this.#buckets.set(key, bucket);
    }
    this.#keys[id] = key;
    this.#positions[id] = bucket.length;
    bucket.push(id);
  }

  /** Called by the informer when an object is gone. */
  delete(id: number): void {
    const key = this.keyOf(id);
    if (key !== NO_KEY) this.#remove(id, key);
  }

  #remove(id: number, key: number): void {
    const bucket = this.#buckets.get(key) as number[];
    const position = this.#positions[id] as number;
    const moved = bucket.pop() as number;
    if (moved !== id) {
      bucket[position] = moved;
      this.#positions[moved] = position;
    }
    this.#keys[id] = NO_KEY;
  }

  #grow(id: number): void {
    let size = Math.max(64, this.#keys.length * 2);
    while (size <= id) size *= 2;
    const keys = new Int32Array(size).fill(NO_KEY);
    keys.set(this.#keys);
    const positions = new Int32Array(size);
    positions.set(this.#positions);
    this.#keys = keys;
    this.#positions = positions;
  }
}
