/**
 * A value that is just bytes, as clients of the v3 interface send it.
 */
import { avalanche } from '../../base/content-hash.ts';
import type { StoreValue } from '../value.ts';

export class BytesValue implements StoreValue {
  readonly #bytes: Uint8Array;
  #hash = 0;
  #hashed = false;

  /** Keeps `bytes`, which must not change any more. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  get hash(): number {
    if (!this.#hashed) {
      this.#hash = hashBytes(this.#bytes);
      this.#hashed = true;
    }
    return this.#hash;
  }

  bytes(): Uint8Array {
    return this.#bytes;
  }
}

/** The empty value. */
export const EMPTY_VALUE = new BytesValue(new Uint8Array(0));

/** FNV-1a over bytes, then avalanche: int32. */
function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return avalanche(hash);
}
