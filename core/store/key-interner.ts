/**
 * Names for store keys: a dense integer id per key string, shared by all API servers and members of one cluster.
 *
 * Naming only, no state of the store: a key has an id whether or not it exists. Ids are given in order of first use and never
 * reused. A key string carries one byte per character (ASCII in Kubernetes; a façade maps arbitrary bytes to U+0000–U+00FF),
 * so string order is etcd's byte order. Cost: one map look-up to intern; the ordered index is brought up to date only when
 * somebody asks for a range.
 */
import { assert } from '../base/assert.ts';
import { OrderedKeys } from './ordered-keys.ts';

/** Most distinct keys one cluster may ever name. */
const MAX_KEYS = 1 << 27;

export class KeyInterner {
  readonly #ids = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #ordered: OrderedKeys;

  constructor() {
    this.#ordered = new OrderedKeys(this.#keys);
  }

  /** The id of `key`, given now if it has none. */
  intern(key: string): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#keys.length;
    assert(id < MAX_KEYS, 'more distinct store keys than MAX_KEYS');
    this.#ids.set(key, id);
    this.#keys.push(key);
    return id;
  }

  /** The id of `key`, or −1 when it was never named. */
  find(key: string): number {
    const known = this.#ids.get(key);
    return known === undefined ? -1 : known;
  }

  /** The key string of `id`. */
  keyOf(id: number): string {
    const key = this.#keys[id];
    assert(key !== undefined, 'unknown store key id');
    return key;
  }

  /** Number of ids given so far; ids are 0 … count − 1. */
  get count(): number {
    return this.#keys.length;
  }

  /** All named keys in byte order, brought up to date. Shared by all members; valid until the next `intern`. */
  ordered(): OrderedKeys {
    this.#ordered.update();
    return this.#ordered;
  }
}
