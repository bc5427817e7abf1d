/**
 * Rolling 64-bit digests, kept as two int32 lanes in a column so that thousands of processes cost eight bytes each.
 *
 * Cost: 2–4 ns for a word pair. Not cryptographic; the printed digest is the SHA-256 over the checkpoint chain.
 */

/** One pair of lanes a process. */
export class DigestColumn {
  #lanes: Int32Array;

  constructor(capacity: number) {
    this.#lanes = new Int32Array(Math.max(1, capacity) * 2);
  }

  /** Makes room for at least `count` digests. */
  reserve(count: number): void {
    if (count * 2 <= this.#lanes.length) return;
    const grown = new Int32Array(Math.max(count, this.#lanes.length) * 2);
    grown.set(this.#lanes);
    this.#lanes = grown;
  }

  /** Starts digest `index` from two words (the seed and the process's name). */
  reset(index: number, low: number, high: number): void {
    this.#lanes[index * 2] = low | 0;
    this.#lanes[index * 2 + 1] = high | 0;
  }

  /** Mixes two int32 words into digest `index`. */
  mix(index: number, x: number, y: number): void {
    const lanes = this.#lanes;
    const at = index * 2;
    let low = (lanes[at] as number) ^ x;
    let high = (lanes[at + 1] as number) ^ y;
    low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d);
    high = Math.imul(high ^ (high >>> 13), 0x297a2d39);
    lanes[at] = (low + ((high << 11) | (high >>> 21))) | 0;
    lanes[at + 1] = (high ^ ((low << 17) | (low >>> 15))) + 0x7f4a7c15;
  }

  /** The low lane of digest `index`. */
  low(index: number): number {
    return this.#lanes[index * 2] as number;
  }

  /** The high lane of digest `index`. */
  high(index: number): number {
    return this.#lanes[index * 2 + 1] as number;
  }
}
