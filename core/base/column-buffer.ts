/**
 * Columns of one length in one buffer: a column of its own for each costs an allocation outside of V8's heap, some 300 ns, and what V8 has to
 * do when it goes.
 *
 * Always: columns of wider elements are asked for before those of narrower ones, so that each is aligned.
 */
export class ColumnBuffer {
  readonly #length: number;
  readonly #buffer: ArrayBuffer;
  #used = 0;

  /** Room for columns of `length` elements that take `bytes` an index in all. */
  constructor(length: number, bytes: number) {
    this.#length = length;
    this.#buffer = new ArrayBuffer(length * bytes);
  }

  /** The next column, with what `column` holds; the rest is 0. */
  float64(column: Float64Array): Float64Array<ArrayBuffer> {
    const next = new Float64Array(this.#buffer, this.#take(8), this.#length);
    next.set(column);
    return next;
  }

  /** The next column, with what `column` holds; the rest is 0. */
  int32(column: Int32Array): Int32Array<ArrayBuffer> {
    const next = new Int32Array(this.#buffer, this.#take(4), this.#length);
    next.set(column);
    return next;
  }

  /** The next column, with what `column` holds; the rest is 0. */
  uint8(column: Uint8Array): Uint8Array<ArrayBuffer> {
    const next = new Uint8Array(this.#buffer, this.#take(1), this.#length);
    next.set(column);
    return next;
  }

  #take(width: number): number {
    const at = this.#used;
    this.#used += width * this.#length;
    return at;
  }
}
