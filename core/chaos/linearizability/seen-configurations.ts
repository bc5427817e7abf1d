/**
 * The set of configurations (set of operations that have taken effect, state) a search has been in.
 *
 * Exact: a hash only finds the slot, the words of the set are compared. So two configurations are never taken for one, and a search
 * that ends has really tried everything. Cost: one row of words a configuration.
 */
export class SeenConfigurations {
  readonly #rowWords: number;
  #rows: Int32Array<ArrayBuffer>;
  #count = 0;
  /** Row + 1, 0 = free; open addressing. */
  #slots = new Int32Array(1024);

  /** `setWords`: 32-bit words of a set. */
  constructor(setWords: number) {
    this.#rowWords = setWords + 2;
    this.#rows = new Int32Array(this.#rowWords * 512);
  }

  /** Number of configurations. */
  get count(): number {
    return this.#count;
  }

  /** Adds a configuration; false when it was there. `hash` must depend on `set` and `state` alone. */
  add(set: Int32Array, state: number, hash: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const row = (this.#slots[slot] as number) - 1;
      if (row < 0) break;
      if (this.#equals(row, set, state, hash)) return false;
      slot = (slot + 1) & mask;
    }
    this.#append(set, state, hash);
    this.#slots[slot] = this.#count;
    if (this.#count * 2 > this.#slots.length) this.#growSlots();
    return true;
  }

  #equals(row: number, set: Int32Array, state: number, hash: number): boolean {
    const rows = this.#rows;
    const at = row * this.#rowWords;
    if (rows[at] !== hash || rows[at + 1] !== state) return false;
    for (let word = 0; word < set.length; word++) if (rows[at + 2 + word] !== set[word]) return false;
    return true;
  }

  #append(set: Int32Array, state: number, hash: number): void {
    const at = this.#count * this.#rowWords;
    if (at + this.#rowWords > this.#rows.length) {
      const grown = new Int32Array(this.#rows.length * 2);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[at] = hash;
    this.#rows[at + 1] = state;
    this.#rows.set(set, at + 2);
    this.#count++;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let row = 0; row < this.#count; row++) {
      let slot = (this.#rows[row * this.#rowWords] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = row + 1;
    }
    this.#slots = slots;
  }
}
