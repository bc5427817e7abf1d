/**
 * The append-only history of all keys: one record a change, in columns, chained backwards a key.
 *
 * Always holds: records are in revision order; `head(key)` is the newest record of a key; following {@link previous} from it
 * meets strictly older records of the same key; a put's version is one more than the version of the put before it in
 * the same generation, a tombstone's version is 0. A record costs 32 bytes of words (half a cache line) and one
 * reference to its value. Appending touches the new record, the key's head and the record it supersedes, nothing else.
 *
 * Removal (compaction) is done in two steps so that it can be spread: {@link sweep} forgets values of records that are no longer
 * visible and marks them, a bounded number at a time; {@link rewrite} closes the gaps in one linear pass.
 */
import { assert } from '../base/assert.ts';
import { mix } from '../base/content-hash.ts';
import type { StoreValue } from './value.ts';

const STRIDE = 8;
const REVISION = 0;
const SUB = 1;
const KEY = 2;
const CREATE = 3;
const VERSION = 4;
/** Index + 1 of the previous record of the key, 0 for none. */
const PREVIOUS = 5;
/** Main revision at which the next record of the key superseded this one; 0 while it is the newest. */
const SUPERSEDED = 6;
const LEASE = 7;

/** In VERSION: the record is swept. */
const SWEPT = 0xffffffff;

/** Largest revision the columns hold. */
export const MAX_REVISION = 0xfffffffe;
/** Most records one history may hold at a time. */
const MAX_RECORDS = 1 << 27;

/** A history as a snapshot keeps it; immutable. */
export interface HistoryImage {
  readonly words: Uint32Array;
  readonly values: readonly (StoreValue | null)[];
  /** {@link History.contentHash} of these records. */
  readonly hash: number;
}

export class History {
  #words = new Uint32Array(STRIDE * 256);
  #values: (StoreValue | null)[] = [];
  #count = 0;
  /** Index + 1 of the newest record, by key id. */
  #heads = new Int32Array(256);
  #swept = 0;
  #valueBytes = 0;
  #hash = 0;

  /** int32 over key, revision, sub-revision, lease and value hash of all records in order. */
  get contentHash(): number {
    return this.#hash;
  }

  /** Number of records, swept ones included until the next rewrite. */
  get count(): number {
    return this.#count;
  }

  /** Number of swept records that still take up space. */
  get sweptCount(): number {
    return this.#swept;
  }

  /** Sum of the sizes of all values held, bytes. */
  get valueBytes(): number {
    return this.#valueBytes;
  }

  /** Appends a put and returns its index. */
  appendPut(keyId: number, revision: number, sub: number, lease: number, value: StoreValue): number {
    const index = this.#append(keyId, revision, sub, value);
    const words = this.#words;
    const at = index * STRIDE;
    const before = words[at + PREVIOUS] as number;
    if (
      before === 0 ||
      words[(before - 1) * STRIDE + VERSION] === 0 ||
      words[(before - 1) * STRIDE + VERSION] === SWEPT
    ) {
      words[at + CREATE] = revision;
      words[at + VERSION] = 1;
    } else {
      const from = (before - 1) * STRIDE;
      words[at + CREATE] = words[from + CREATE] as number;
      words[at + VERSION] = (words[from + VERSION] as number) + 1;
    }
    words[at + LEASE] = lease;
    this.#valueBytes += value.sizeBytes;
    this.#hash = this.#hashWith(index);
    return index;
  }

  /** Appends a tombstone and returns its index. The key must exist. */
  appendDelete(keyId: number, revision: number, sub: number): number {
    const index = this.#append(keyId, revision, sub, null);
    this.#hash = this.#hashWith(index);
    return index;
  }

  /** The content hash up to the record at `index`, from that of the records before it. */
  #hashWith(index: number): number {
    const words = this.#words;
    const at = index * STRIDE;
    const place = mix(mix(this.#hash, words[at + KEY] as number), words[at + REVISION] as number);
    const value = this.#values[index] as StoreValue | null;
    return mix(
      place ^ ((words[at + SUB] as number) + 31 * (words[at + LEASE] as number)),
      value === null ? 0 : value.hash,
    );
  }

  /** A copy of everything, for a snapshot. Nothing may be swept. */
  image(): HistoryImage {
    assert(this.#swept === 0, 'snapshot of a history with swept records');
    return { words: this.#words.slice(0, this.#count * STRIDE), values: this.#values.slice(), hash: this.#hash };
  }

  /** Replaces everything by a copy of `image`. */
  load(image: HistoryImage): void {
    const count = image.values.length;
    this.#words = new Uint32Array(STRIDE * Math.max(256, count + (count >>> 2)));
    this.#words.set(image.words);
    this.#values = image.values.slice();
    this.#count = count;
    this.#swept = 0;
    this.#valueBytes = 0;
    this.#hash = 0;
    this.#heads.fill(0);
    for (let index = 0; index < count; index++) {
      const keyId = this.keyId(index);
      if (keyId >= this.#heads.length) this.#growHeads(keyId);
      this.#heads[keyId] = index + 1;
      this.#valueBytes += this.value(index)?.sizeBytes ?? 0;
      this.#hash = this.#hashWith(index);
    }
  }

  #append(keyId: number, revision: number, sub: number, value: StoreValue | null): number {
    const index = this.#count;
    const at = index * STRIDE;
    if (at === this.#words.length) this.#growWords();
    if (keyId >= this.#heads.length) this.#growHeads(keyId);
    const words = this.#words;
    const before = this.#heads[keyId] as number;
    if (before !== 0) words[(before - 1) * STRIDE + SUPERSEDED] = revision;
    words[at + REVISION] = revision;
    words[at + SUB] = sub;
    words[at + KEY] = keyId;
    words[at + CREATE] = 0;
    words[at + VERSION] = 0;
    words[at + PREVIOUS] = before;
    words[at + SUPERSEDED] = 0;
    words[at + LEASE] = 0;
    this.#values.push(value);
    this.#heads[keyId] = index + 1;
    this.#count = index + 1;
    return index;
  }

  #growWords(): void {
    assert(this.#count < MAX_RECORDS, 'store history has more than MAX_RECORDS records');
    const grown = new Uint32Array(this.#words.length * 2);
    grown.set(this.#words);
    this.#words = grown;
  }

  #growHeads(keyId: number): void {
    const grown = new Int32Array(Math.max(keyId + 1, this.#heads.length * 2));
    grown.set(this.#heads);
    this.#heads = grown;
  }

  /** Index of the newest record of a key, −1 for none. */
  head(keyId: number): number {
    return keyId < this.#heads.length ? (this.#heads[keyId] as number) - 1 : -1;
  }

  /** Index of the record of the same key before `index`, −1 for none. */
  previous(index: number): number {
    return (this.#words[index * STRIDE + PREVIOUS] as number) - 1;
  }

  /** Index of the newest record of a key at or below `revision`, −1 for none. The record may be a tombstone. */
  lookup(keyId: number, revision: number): number {
    let index = this.head(keyId);
    const words = this.#words;
    while (index >= 0 && (words[index * STRIDE + REVISION] as number) > revision) {
      index = (words[index * STRIDE + PREVIOUS] as number) - 1;
    }
    return index;
  }

  revision(index: number): number {
    return this.#words[index * STRIDE + REVISION] as number;
  }

  sub(index: number): number {
    return this.#words[index * STRIDE + SUB] as number;
  }

  keyId(index: number): number {
    return this.#words[index * STRIDE + KEY] as number;
  }

  createRevision(index: number): number {
    return this.#words[index * STRIDE + CREATE] as number;
  }

  /** Version of a put; 0 for a tombstone. */
  version(index: number): number {
    return this.#words[index * STRIDE + VERSION] as number;
  }

  lease(index: number): number {
    return this.#words[index * STRIDE + LEASE] as number;
  }

  value(index: number): StoreValue | null {
    return this.#values[index] as StoreValue | null;
  }

  /** True for a put that is still held (neither tombstone nor swept). */
  isLive(index: number): boolean {
    const version = this.#words[index * STRIDE + VERSION] as number;
    return version !== 0 && version !== SWEPT;
  }

  isSwept(index: number): boolean {
    return this.#words[index * STRIDE + VERSION] === SWEPT;
  }

  /** First index whose revision is ≥ `revision` ({@link count} when none). */
  firstAtOrAfter(revision: number): number {
    let low = 0;
    let high = this.#count;
    const words = this.#words;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if ((words[mid * STRIDE + REVISION] as number) < revision) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  /**
   * Whether a compaction at `revision` keeps the record: everything above, and of each key the newest at or below, which if it
   * is a tombstone stays only when exactly at `revision` (etcd ≥ 3.5.16).
   */
  isKept(index: number, revision: number): boolean {
    const at = index * STRIDE;
    const words = this.#words;
    const own = words[at + REVISION] as number;
    if (own > revision) return true;
    const superseded = words[at + SUPERSEDED] as number;
    if (superseded !== 0 && superseded <= revision) return false;
    const version = words[at + VERSION] as number;
    return version !== SWEPT && (version !== 0 || own === revision);
  }

  /** Sweeps what a compaction at `revision` does not keep among records [from, to). */
  sweep(from: number, to: number, revision: number): void {
    for (let index = from; index < to; index++) {
      if (this.isSwept(index) || this.isKept(index, revision)) continue;
      const value = this.#values[index] as StoreValue | null;
      if (value !== null) this.#valueBytes -= value.sizeBytes;
      this.#values[index] = null;
      this.#words[index * STRIDE + VERSION] = SWEPT;
      this.#swept++;
    }
  }

  /** Closes the gaps that sweeping left and rebuilds the chains: O(records). Indexes change. */
  rewrite(): void {
    const kept = this.#count - this.#swept;
    const old = this.#words;
    const oldValues = this.#values;
    const words = new Uint32Array(STRIDE * Math.max(256, kept + (kept >>> 2)));
    const values: (StoreValue | null)[] = [];
    const heads = this.#heads;
    heads.fill(0);
    for (let index = 0; index < this.#count; index++) {
      const from = index * STRIDE;
      if (old[from + VERSION] === SWEPT) continue;
      const to = values.length * STRIDE;
      for (let word = 0; word < STRIDE; word++) words[to + word] = old[from + word] as number;
      const keyId = words[to + KEY] as number;
      words[to + PREVIOUS] = heads[keyId] as number;
      values.push(oldValues[index] as StoreValue | null);
      heads[keyId] = values.length;
    }
    this.#words = words;
    this.#values = values;
    this.#count = kept;
    this.#swept = 0;
    this.#hash = 0;
    for (let index = 0; index < kept; index++) this.#hash = this.#hashWith(index);
  }
}
