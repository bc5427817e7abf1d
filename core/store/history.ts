/**
 * The append-only history of all keys: one record a change, in columns, chained backwards a key.
 *
 * Always holds: records are in revision order; `head(key)` is the newest record of a key; following {@link previous} from it
 * meets strictly older records of the same key; a put's version is one more than the version of the put before it in
 * the same generation, a tombstone's version is 0. A record costs 32 bytes of words and one reference to its
 * value. Appending touches the new record, the key's head and the record it supersedes, nothing else.
 *
 * Removal (compaction) is done in two steps so that it can be spread: {@link sweep} forgets values of records that are no longer
 * visible and marks them, a bounded number at a time; {@link rewrite} closes the gaps in one linear pass.
 */
import { assert } from '../base/assert.ts';
import { mix } from '../base/content-hash.ts';
import {
  CREATE,
  KEY,
  LEASE,
  PREVIOUS,
  REVISION,
  RecordSegments,
  type SharedRecords,
  SUB,
  SUPERSEDED,
  VERSION,
} from './record-segments.ts';
import type { StoreValue } from './value.ts';

/** In VERSION: the record is swept. */
const SWEPT = 0xffffffff;

/** Largest revision the columns hold. */
export const MAX_REVISION = 0xfffffffe;
/** Most records one history may hold at a time. */
const MAX_RECORDS = 1 << 27;

/** A history as a snapshot keeps it; immutable. */
export interface HistoryImage {
  readonly records: SharedRecords;
  /** {@link History.contentHash} of these records. */
  readonly hash: number;
}

export class History {
  #records = new RecordSegments();
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
    return this.#records.count;
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
    const records = this.#records;
    const before = this.head(keyId);
    let create = revision;
    let version = 1;
    if (before >= 0) {
      const words = records.wordsOf(before);
      const at = records.wordsAt(before);
      const last = words[at + VERSION] as number;
      if (last !== 0 && last !== SWEPT) {
        create = words[at + CREATE] as number;
        version = last + 1;
      }
      words[at + SUPERSEDED] = revision;
    }
    this.#valueBytes += value.sizeBytes;
    return this.#append(keyId, revision, sub, before + 1, create, version, lease, value);
  }

  /** Appends a tombstone and returns its index. The key must exist. */
  appendDelete(keyId: number, revision: number, sub: number): number {
    const before = this.head(keyId);
    this.#records.wordsOf(before)[this.#records.wordsAt(before) + SUPERSEDED] = revision;
    return this.#append(keyId, revision, sub, before + 1, 0, 0, 0, null);
  }

  /** Appends a record as the newest of its key. */
  #append(
    keyId: number,
    revision: number,
    sub: number,
    previous: number,
    create: number,
    version: number,
    lease: number,
    value: StoreValue | null,
  ): number {
    assert(this.#records.count < MAX_RECORDS, 'store history has more than MAX_RECORDS records');
    const index = this.#records.append(keyId, revision, sub, previous, create, version, lease, value);
    if (keyId >= this.#heads.length) this.#growHeads(keyId);
    this.#heads[keyId] = index + 1;
    const place = mix(mix(this.#hash, keyId), revision);
    this.#hash = mix(place ^ (sub + 31 * lease), value === null ? 0 : value.hash);
    return index;
  }

  /** Everything as it is now, for a snapshot; the records are shared, not copied. Nothing may be swept. */
  image(): HistoryImage {
    assert(this.#swept === 0, 'snapshot of a history with swept records');
    return { records: this.#records.share(), hash: this.#hash };
  }

  /** Replaces everything by `image`. */
  load(image: HistoryImage): void {
    const given = new RecordSegments(image.records);
    this.#valueBytes = 0;
    for (let index = 0; index < given.count; index++) this.#valueBytes += given.value(index)?.sizeBytes ?? 0;
    this.#rebuild(given);
  }

  /** Forgets everything. */
  clear(): void {
    this.#valueBytes = 0;
    this.#rebuild(new RecordSegments());
  }

  /** Appends a record of a backup as the newest of its key; a tombstone has version 0 and no value. In order of revisions. */
  appendRestored(
    keyId: number,
    revision: number,
    sub: number,
    create: number,
    version: number,
    lease: number,
    value: StoreValue | null,
  ): void {
    const before = this.head(keyId);
    if (before >= 0) this.#records.wordsOf(before)[this.#records.wordsAt(before) + SUPERSEDED] = revision;
    this.#valueBytes += value?.sizeBytes ?? 0;
    this.#append(keyId, revision, sub, before + 1, create, version, lease, value);
  }

  /** Replaces the records by copies of those in `from` that are not swept and chains them anew. */
  #rebuild(from: RecordSegments): void {
    this.#records = new RecordSegments();
    this.#heads.fill(0);
    this.#swept = 0;
    this.#hash = 0;
    for (let index = 0; index < from.count; index++) {
      const version = from.word(index, VERSION);
      if (version === SWEPT) continue;
      const keyId = from.word(index, KEY);
      const revision = from.word(index, REVISION);
      const before = this.head(keyId);
      if (before >= 0) this.#records.wordsOf(before)[this.#records.wordsAt(before) + SUPERSEDED] = revision;
      const value = from.value(index);
      this.#append(
        keyId,
        revision,
        from.word(index, SUB),
        before + 1,
        from.word(index, CREATE),
        version,
        from.word(index, LEASE),
        value,
      );
    }
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
    return this.#records.word(index, PREVIOUS) - 1;
  }

  /** Index of the newest record of a key at or below `revision`, −1 for none. The record may be a tombstone. */
  lookup(keyId: number, revision: number): number {
    let index = this.head(keyId);
    const records = this.#records;
    while (index >= 0 && records.word(index, REVISION) > revision) index = records.word(index, PREVIOUS) - 1;
    return index;
  }

  revision(index: number): number {
    return this.#records.word(index, REVISION);
  }

  sub(index: number): number {
    return this.#records.word(index, SUB);
  }

  keyId(index: number): number {
    return this.#records.word(index, KEY);
  }

  createRevision(index: number): number {
    return this.#records.word(index, CREATE);
  }

  /** Version of a put; 0 for a tombstone. */
  version(index: number): number {
    return this.#records.word(index, VERSION);
  }

  lease(index: number): number {
    return this.#records.word(index, LEASE);
  }

  value(index: number): StoreValue | null {
    return this.#records.value(index);
  }

  /** True for a put that is still held (neither tombstone nor swept). */
  isLive(index: number): boolean {
    const version = this.#records.word(index, VERSION);
    return version !== 0 && version !== SWEPT;
  }

  isSwept(index: number): boolean {
    return this.#records.word(index, VERSION) === SWEPT;
  }

  /** First index whose revision is ≥ `revision` ({@link count} when none). */
  firstAtOrAfter(revision: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (this.revision(mid) < revision) low = mid + 1;
      else high = mid;
    }
    return low;
  }

  /**
   * Whether a compaction at `revision` keeps the record: everything above, and of each key the newest at or below, which if it
   * is a tombstone stays only when exactly at `revision` and `keepsTombstone` (etcd ≥ 3.5.16).
   */
  isKept(index: number, revision: number, keepsTombstone = true): boolean {
    const records = this.#records;
    const own = records.word(index, REVISION);
    if (own > revision) return true;
    const superseded = records.word(index, SUPERSEDED);
    if (superseded !== 0 && superseded <= revision) return false;
    const version = records.word(index, VERSION);
    return version !== SWEPT && (version !== 0 || (keepsTombstone && own === revision));
  }

  /** Sweeps what a compaction at `revision` does not keep among records [from, to). */
  sweep(from: number, to: number, revision: number, keepsTombstone = true): void {
    for (let index = from; index < to; index++) {
      if (this.isSwept(index) || this.isKept(index, revision, keepsTombstone)) continue;
      this.#valueBytes -= this.value(index)?.sizeBytes ?? 0;
      this.#records.clear(index, SWEPT);
      this.#swept++;
    }
  }

  /** Closes the gaps that sweeping left and rebuilds the chains: O(records). Indexes change. */
  rewrite(): void {
    this.#rebuild(this.#records);
  }
}
