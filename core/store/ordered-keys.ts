/**
 * The ordered index of interned keys, kept lazily: a put never touches it.
 *
 * Ids that appeared since the last range are sorted and merged at the next one; a handful are inserted singly. Ranges are
 * then two binary searches and a walk over a typed array. It holds every key ever named, alive or not, so one index serves
 * all members of a store. Cost: 4 bytes a key; merge O(n + p log p) for p new keys.
 */

/** Up to this many new keys are inserted one by one (a block move each) instead of by a merge pass. */
const SINGLE_INSERT_MAX = 8;

/** Where the keys are. */
interface Keys {
  readonly count: number;
  keyOf(id: number): string;
}

export class OrderedKeys {
  readonly #keys: Keys;
  #ids = new Int32Array(256);
  #count = 0;

  /** The key of an id never changes. */
  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** Takes in the keys named since the last call. */
  update(): void {
    const total = this.#keys.count;
    const fresh = total - this.#count;
    if (fresh === 0) return;
    if (total > this.#ids.length) {
      const grown = new Int32Array(Math.max(total, this.#ids.length * 2));
      grown.set(this.#ids.subarray(0, this.#count));
      this.#ids = grown;
    }
    if (fresh <= SINGLE_INSERT_MAX) this.#insertSingly(total);
    else this.#merge(total);
  }

  #insertSingly(total: number): void {
    const ids = this.#ids;
    while (this.#count < total) {
      const id = this.#count;
      const at = this.lowerBound(this.#keys.keyOf(id));
      ids.copyWithin(at + 1, at, this.#count);
      ids[at] = id;
      this.#count++;
    }
  }

  #merge(total: number): void {
    const keys = this.#keys;
    const ids = this.#ids;
    const old = this.#count;
    const pending: { readonly id: number; readonly key: string }[] = [];
    for (let id = old; id < total; id++) pending.push({ id, key: keys.keyOf(id) });
    pending.sort((a, b) => (a.key < b.key ? -1 : 1));
    let i = old - 1;
    let last = i >= 0 ? keys.keyOf(ids[i] as number) : '';
    let j = pending.length - 1;
    for (let to = total - 1; j >= 0; to--) {
      const next = pending[j] as { readonly id: number; readonly key: string };
      if (i >= 0 && last > next.key) {
        ids[to] = ids[i--] as number;
        last = i >= 0 ? keys.keyOf(ids[i] as number) : '';
      } else {
        ids[to] = next.id;
        j--;
      }
    }
    this.#count = total;
  }

  /** Number of keys in order. */
  get count(): number {
    return this.#count;
  }

  /** The id at position `at` of the order. */
  idAt(at: number): number {
    return this.#ids[at] as number;
  }

  /** First position whose key is ≥ `key`. */
  lowerBound(key: string): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (this.#keys.keyOf(this.#ids[mid] as number) < key) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}
