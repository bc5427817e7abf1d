/**
 * Renewal of many leases in one message: what a fleet of kubelets sends for those that are due at one instant.
 *
 * The committed result is that of single updates sent at the same instant in the same order: each lease gets a version,
 * a revision and a watch event of its own.
 */
import { hashNumber, mix } from '../base/content-hash.ts';

/** Request; `a` = request id. Answered by {@link OP_LEASE_BATCH_RESULT} with the same `a`. */
export const OP_LEASE_BATCH = 36;
/** Answer to {@link OP_LEASE_BATCH}. */
export const OP_LEASE_BATCH_RESULT = 37;

/** The leases with these local ids get `spec.renewTime` = `renewWallUs` (µs since 1970). */
export class LeaseBatch {
  readonly ids: readonly number[];
  readonly renewWallUs: number;
  #hash = 0;
  #hashed = false;

  constructor(ids: readonly number[], renewWallUs: number) {
    this.ids = ids;
    this.renewWallUs = renewWallUs;
  }

  contentHash(): number {
    if (this.#hashed) return this.#hash;
    let h = mix(mix(0x6c656173, this.ids.length), hashNumber(this.renewWallUs));
    for (let i = 0; i < this.ids.length; i++) h = mix(h, this.ids[i] as number);
    this.#hash = h;
    this.#hashed = true;
    return h;
  }
}

/** Why an item failed. */
export const LEASE_NOT_FOUND = 1;
export const LEASE_CONFLICT = 2;
/** The batch as a whole was refused or its outcome is unknown. */
export const LEASE_UNKNOWN = 3;

/** Answer: item `failed[k]` of the batch failed for `reasons[k]`; all others were renewed. */
export class LeaseBatchResult {
  readonly failed: readonly number[];
  readonly reasons: readonly number[];

  constructor(failed: readonly number[], reasons: readonly number[]) {
    this.failed = failed;
    this.reasons = reasons;
  }

  contentHash(): number {
    let h = mix(0x6c726573, this.failed.length);
    for (let i = 0; i < this.failed.length; i++) h = mix(mix(h, this.failed[i] as number), this.reasons[i] as number);
    return h;
  }
}
