/**
 * Copies of typed-array columns with more room.
 */

/** Columns that have no room yet: an empty one of its own costs as much to make as one with room. */
export const NO_FLOAT64: Float64Array<ArrayBuffer> = new Float64Array(0);
export const NO_INT32: Int32Array<ArrayBuffer> = new Int32Array(0);
export const NO_UINT8: Uint8Array<ArrayBuffer> = new Uint8Array(0);

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
