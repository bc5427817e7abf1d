/**
 * The checkpoint chain: every virtual second the digests of all processes, in the order of their ids, extend one rolling value.
 *
 * Entry n is a function of everything up to second n + 1, so two runs agree on a prefix exactly when their entries do, and the first
 * difference is found by bisection. Eight bytes a virtual second.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { DigestColumn } from '../base/digest.ts';
import type { ProcessTable } from './process-table.ts';

export class CheckpointChain {
  #entries = new Int32Array(512);
  #count = 0;
  readonly #rolling = new DigestColumn(1);

  /** Number of checkpoints taken. */
  get length(): number {
    return this.#count;
  }

  /** Mixes two words into the checkpoint in progress. */
  mix(x: number, y: number): void {
    this.#rolling.mix(0, x, y);
  }

  /** Ends the checkpoint in progress. */
  seal(): void {
    if (this.#count * 2 === this.#entries.length) {
      const grown = new Int32Array(this.#entries.length * 2);
      grown.set(this.#entries);
      this.#entries = grown;
    }
    this.#entries[this.#count * 2] = this.#rolling.low(0);
    this.#entries[this.#count * 2 + 1] = this.#rolling.high(0);
    this.#count++;
  }

  /** Takes the digests of all processes, and the states of their random streams, as one checkpoint. */
  take({ count, digests, extras }: ProcessTable): void {
    for (let pid = 0; pid < count; pid++) {
      const own = extras[pid];
      if (own) for (const stream of own.streams.values()) this.mix(stream.stateHash(), pid);
      this.mix(digests.low(pid), digests.high(pid));
    }
    this.seal();
  }

  /** Where the chain stands, for {@link takeBack}. */
  mark(): readonly [number, number, number] {
    return [this.#count, this.#rolling.low(0), this.#rolling.high(0)];
  }

  /** Forgets everything since `mark`. */
  takeBack(mark: readonly [number, number, number]): void {
    this.#count = mark[0];
    this.#rolling.reset(0, mark[1], mark[2]);
  }

  /** The words of all entries so far (a copy): two int32 a virtual second. */
  words(): Int32Array {
    return this.#entries.slice(0, this.#count * 2);
  }

  /** SHA-256 over the entries in little-endian order: the printed `digest:`, 64 hex digits. */
  sha256Hex(): string {
    const bytes = new Uint8Array(this.#count * 8);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < this.#count * 2; i++) view.setInt32(i * 4, this.#entries[i] as number, true);
    let hex = '';
    for (const byte of sha256(bytes)) hex += byte.toString(16).padStart(2, '0');
    return hex;
  }
}

/** Index of the first entry at which two chains differ, or −1 if one is a prefix of the other. Bisection: entries accumulate. */
export function firstDifference(left: Int32Array, right: Int32Array): number {
  const length = Math.min(left.length, right.length) >> 1;
  const equal = (at: number): boolean => left[at * 2] === right[at * 2] && left[at * 2 + 1] === right[at * 2 + 1];
  if (length === 0 || equal(length - 1)) return -1;
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (equal(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
