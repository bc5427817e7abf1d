/**
 * Growable set of small non-negative integers, one bit each. Iteration is in ascending order.
 */
export class Bitset {
  #words: Int32Array;
  #count = 0;

  constructor(capacity = 64) {
    this.#words = new Int32Array((capacity + 31) >>> 5 || 1);
  }

  /** How many members. */
  get count(): number {
    return this.#count;
  }

  has(value: number): boolean {
    const word = this.#words[value >>> 5];
    return word !== undefined && (word & (1 << (value & 31))) !== 0;
  }

  /** Adds `value`; true if it was absent. */
  add(value: number): boolean {
    const at = value >>> 5;
    if (at >= this.#words.length) {
      const grown = new Int32Array(Math.max(at + 1, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    const bit = 1 << (value & 31);
    const word = this.#words[at] as number;
    if ((word & bit) !== 0) return false;
    this.#words[at] = word | bit;
    this.#count++;
    return true;
  }

  /** Removes `value`; true if it was present. */
  delete(value: number): boolean {
    if (!this.has(value)) return false;
    const at = value >>> 5;
    this.#words[at] = (this.#words[at] as number) & ~(1 << (value & 31));
    this.#count--;
    return true;
  }

  clear(): void {
    this.#words.fill(0);
    this.#count = 0;
  }

  /** Calls `visit` for each member, ascending. */
  forEach(visit: (value: number) => void): void {
    for (let at = 0; at < this.#words.length; at++) {
      let word = this.#words[at] as number;
      while (word !== 0) {
        const low = word & -word;
        visit(at * 32 + (31 - Math.clz32(low)));
        word ^= low;
      }
    }
  }
}
