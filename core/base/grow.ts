/**
 * Copies of typed-array columns with more room.
 */

/** `column` with space for `length` elements; the rest is 0. */
export function growInt32(column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(column);
  return grown;
}

/** `column` with space for `length` elements; the rest is 0. */
export function growFloat64(column: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(column);
  return grown;
}

/** `column` with space for `length` elements; the rest is 0. */
export function growUint8(column: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(column);
  return grown;
}
