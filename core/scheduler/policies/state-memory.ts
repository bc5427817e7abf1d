/**
 * Remembers a number for each row of integers: an open-addressing table over typed arrays.
 *
 * Rows are compared whole, never by hash alone. When the table is half full it is emptied: it is a memory, not a record.
 * Cost: one hash and mostly one comparison of a row a look-up; no allocation.
 */

const ENTRIES = 1 << 16;
const ENTRIES_MAX = ENTRIES / 2;

/** One memory for rows of a fixed length. */
export class StateMemory {
  /** The numbers, by the index that {@link find} gives. */
  readonly values = new Float64Array(ENTRIES);
  /** Whether the last look-up found no entry and made one, whose number is to be set. */
  isNew = false;
  readonly #length: number;
  readonly #rows: Int32Array;
  readonly #used = new Uint8Array(ENTRIES);
  #count = 0;

  /** Rows have `length` integers. */
  constructor(length: number) {
    this.#length = length;
    this.#rows = new Int32Array(ENTRIES * length);
  }

  /** The index of a row; see {@link isNew}. */
  find(row: Int32Array): number {
    let at = hashRow(row);
    while (this.#used[at] === 1) {
      if (this.#equals(at, row)) {
        this.isNew = false;
        return at;
      }
      at = (at + 1) & (ENTRIES - 1);
    }
    if (this.#count === ENTRIES_MAX) {
      this.#used.fill(0);
      this.#count = 0;
      at = hashRow(row);
    }
    this.#count++;
    this.#used[at] = 1;
    this.#rows.set(row, at * this.#length);
    this.isNew = true;
    return at;
  }

  #equals(at: number, row: Int32Array): boolean {
    const rows = this.#rows;
    const first = at * this.#length;
    for (let i = 0; i < row.length; i++) if (rows[first + i] !== row[i]) return false;
    return true;
  }
}

function hashRow(row: Int32Array): number {
  let hash = 0x2c1b3c6d;
  for (let i = 0; i < row.length; i++) hash = Math.imul(hash ^ (row[i] as number), 0x01000193) ^ (hash >>> 15);
  hash = Math.imul(hash ^ (hash >>> 16), 0x297a2d39);
  return (hash ^ (hash >>> 13)) & (ENTRIES - 1);
}
