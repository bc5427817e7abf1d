/**
 * The multi-version store of one member, after etcd 3.6's server/storage/mvcc: pure, synchronous, no clock, no disk.
 *
 * A write transaction is: any number of {@link put} and {@link delete}, then {@link commit}. All its changes share one main revision
 * (current + 1) with sub-revisions 0, 1, 2 … in order; without a change there is no new revision. Reads between see the
 * transaction's own changes. An empty store is at revision 1.
 *
 * Cost: a put is an append (no ordered insert, no allocation but the value's own slot); a get of a current key is two array
 * look-ups; a range is two binary searches in the shared order of keys plus its length.
 */
import { assert } from '../base/assert.ts';
import { ERROR_COMPACTED, ERROR_FUTURE_REVISION, type StoreError } from './errors.ts';
import { History, type HistoryImage, MAX_REVISION } from './history.ts';
import type { KeyInterner } from './key-interner.ts';
import { RANGE_TO_LAST_KEY } from './requests.ts';
import { StoreRangeResponse } from './responses.ts';
import { EVENT_DELETE, EVENT_PUT, StoreEvent, type StoreKeyValue, type StoreValue } from './value.ts';

/** Bytes a stored revision takes besides its value: key, revisions, lease, framing. */
const REVISION_OVERHEAD_BYTES = 112;

/** Positions [from, to) of a key range in the shared order of keys. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** A store as a snapshot keeps it; immutable. */
export interface MvccImage {
  readonly revision: number;
  readonly compactRevision: number;
  readonly history: HistoryImage;
}

const NO_KEYS: readonly StoreKeyValue[] = [];

export class Mvcc {
  readonly keys: KeyInterner;
  readonly history = new History();
  #revision = 1;
  #sub = 0;
  #compactRevision = -1;
  /** Next record the running physical compaction looks at; −1 when none runs. */
  #sweepAt = -1;
  #liveKeys = 0;

  readonly #keepsTombstone: boolean;

  /** `keepsTombstone`: whether a compaction leaves a tombstone that is exactly at its revision, as etcd does since 3.5.16. */
  constructor(keys: KeyInterner, keepsTombstone = true) {
    this.keys = keys;
    this.#keepsTombstone = keepsTombstone;
  }

  /** Revision of the last committed transaction. */
  get revision(): number {
    return this.#revision;
  }

  /** Revision as a header inside the running transaction shows it: one more once it has changed something. */
  get headerRevision(): number {
    return this.#sub > 0 ? this.#revision + 1 : this.#revision;
  }

  /** Last compacted revision, −1 for none. */
  get compactRevision(): number {
    return this.#compactRevision;
  }

  /** Number of keys that exist now. */
  get liveKeys(): number {
    return this.#liveKeys;
  }

  /** Bytes the store takes up: values and the overhead of each revision held. */
  get sizeBytes(): number {
    return this.history.valueBytes + this.history.count * REVISION_OVERHEAD_BYTES;
  }

  /** Puts a key; returns the index of the change in the history. */
  put(keyId: number, value: StoreValue, lease = 0): number {
    const history = this.history;
    const head = history.head(keyId);
    if (head < 0 || !history.isLive(head)) this.#liveKeys++;
    return history.appendPut(keyId, this.#revision + 1, this.#sub++, lease, value);
  }

  /** Deletes a key; returns the index of the change, or −1 when there is nothing to delete. */
  delete(keyId: number): number {
    const head = this.history.head(keyId);
    if (head < 0 || !this.history.isLive(head)) return -1;
    this.#liveKeys--;
    return this.history.appendDelete(keyId, this.#revision + 1, this.#sub++);
  }

  /** Ends the transaction; returns the store's revision, raised by one if anything changed. */
  commit(): number {
    if (this.#sub > 0) {
      this.#sub = 0;
      this.#revision++;
      assert(this.#revision < MAX_REVISION, 'store revision exceeds MAX_REVISION');
    }
    return this.#revision;
  }

  /** Mod revision of a key as of now, 0 when it does not exist. */
  modRevision(keyId: number): number {
    const head = this.history.head(keyId);
    return head >= 0 && this.history.isLive(head) ? this.history.revision(head) : 0;
  }

  /** The key's state as of now (the running transaction included), or null. */
  get(keyId: number): StoreKeyValue | null {
    const head = this.history.head(keyId);
    return head >= 0 && this.history.isLive(head) ? this.keyValueAt(head) : null;
  }

  /** The key's state at `revision`, or null. The caller has checked the revision with {@link checkRevision}. */
  getAt(keyId: number, revision: number): StoreKeyValue | null {
    const index = this.history.lookup(keyId, revision);
    return index >= 0 && this.history.isLive(index) ? this.keyValueAt(index) : null;
  }

  /** Error for reading at `revision` (≤ 0 means now), or null when it can be read. */
  checkRevision(revision: number): StoreError | null {
    if (revision <= 0) return null;
    if (revision > this.headerRevision) return ERROR_FUTURE_REVISION;
    return revision < this.#compactRevision ? ERROR_COMPACTED : null;
  }

  /** Ids of the keys in [start, end) that exist at `revision` (≤ 0: now), in key order. */
  liveIds(start: string, end: string, revision: number): number[] {
    const order = this.keys.ordered();
    const span = this.#span(start, end);
    const at = revision <= 0 ? MAX_REVISION : revision;
    const ids: number[] = [];
    for (let i = span.from; i < span.to; i++) {
      const id = order.idAt(i);
      const index = this.history.lookup(id, at);
      if (index >= 0 && this.history.isLive(index)) ids.push(id);
    }
    return ids;
  }

  /** Range of one key. */
  rangeKey(keyId: number, revision: number, countOnly: boolean): StoreRangeResponse {
    const kv = revision <= 0 ? this.get(keyId) : this.getAt(keyId, revision);
    const found = kv === null || countOnly ? NO_KEYS : [kv];
    return new StoreRangeResponse(this.headerRevision, found, false, kv === null ? 0 : 1);
  }

  /**
   * Range over [start, end) in key order at `revision` (≤ 0: now), at most `limit` keys (≤ 0: all). `count` ignores the
   * limit. The caller has checked the revision.
   */
  range(start: string, end: string, limit: number, revision: number, countOnly: boolean): StoreRangeResponse {
    const order = this.keys.ordered();
    const span = this.#span(start, end);
    const history = this.history;
    const at = revision <= 0 ? MAX_REVISION : revision;
    const most = countOnly ? 0 : limit <= 0 ? Number.MAX_SAFE_INTEGER : limit;
    const found: StoreKeyValue[] = [];
    let count = 0;
    for (let i = span.from; i < span.to; i++) {
      const index = history.lookup(order.idAt(i), at);
      if (index < 0 || !history.isLive(index)) continue;
      if (count < most) found.push(this.keyValueAt(index));
      count++;
    }
    return new StoreRangeResponse(this.headerRevision, found, !countOnly && count > found.length, count);
  }

  /**
   * Puts the history indexes of the keys that exist in [start, end) at `revision` (≤ 0: now) into `into`, in key order, at most `limit` of them
   * (0: all, negative: none). Returns how many keys there are, whatever the limit. The caller has checked the revision.
   */
  collect(start: string, end: string, limit: number, revision: number, into: number[]): number {
    const order = this.keys.ordered();
    const span = this.#span(start, end);
    const history = this.history;
    const at = revision <= 0 ? MAX_REVISION : revision;
    const most = limit === 0 ? Number.MAX_SAFE_INTEGER : limit;
    let count = 0;
    for (let i = span.from; i < span.to; i++) {
      const index = history.lookup(order.idAt(i), at);
      if (index < 0 || !history.isLive(index)) continue;
      if (count < most) into.push(index);
      count++;
    }
    return count;
  }

  #span(start: string, end: string): Span {
    const order = this.keys.ordered();
    const from = order.lowerBound(start);
    const to = end === RANGE_TO_LAST_KEY ? order.count : order.lowerBound(end);
    return { from, to: Math.max(from, to) };
  }

  /** The state a put at `index` made. */
  keyValueAt(index: number): StoreKeyValue {
    const history = this.history;
    return {
      keyId: history.keyId(index),
      createRevision: history.createRevision(index),
      modRevision: history.revision(index),
      version: history.version(index),
      lease: history.lease(index),
      value: history.value(index) as StoreValue,
    };
  }

  /** The change at `index` as an event. Its `previous` is looked up now and absent when compacted, as in etcd. */
  eventAt(index: number): StoreEvent {
    const history = this.history;
    const revision = history.revision(index);
    let before = history.previous(index);
    while (before >= 0 && history.revision(before) === revision) before = history.previous(before);
    const known = before >= 0 && revision > this.#compactRevision;
    const previous = known && history.isLive(before) ? history.value(before) : null;
    const value = history.value(index);
    return new StoreEvent(
      value === null ? EVENT_DELETE : EVENT_PUT,
      history.keyId(index),
      revision,
      history.createRevision(index),
      history.version(index),
      history.lease(index),
      value,
      previous,
    );
  }

  /** Compacts logically at `revision`, at once; removal follows by {@link compactStep}. Returns etcd's error or null. */
  compact(revision: number): StoreError | null {
    if (revision <= this.#compactRevision) return ERROR_COMPACTED;
    if (revision > this.#revision) return ERROR_FUTURE_REVISION;
    this.#compactRevision = revision;
    this.#sweepAt = 0;
    return null;
  }

  /** Whether history is waiting for physical removal. */
  get compacting(): boolean {
    return this.#sweepAt >= 0;
  }

  /** Removes up to `records` more records of the compacted history; true when it is all gone. */
  compactStep(records: number): boolean {
    if (this.#sweepAt < 0) return true;
    const end = this.history.firstAtOrAfter(this.#compactRevision + 1);
    const to = Math.min(end, this.#sweepAt + records);
    this.history.sweep(this.#sweepAt, to, this.#compactRevision, this.#keepsTombstone);
    this.#sweepAt = to;
    if (to < end) return false;
    this.#sweepAt = -1;
    if (this.history.sweptCount > 0) this.history.rewrite();
    return true;
  }

  /** Everything, for a snapshot. Finishes a running physical compaction first. */
  image(): MvccImage {
    while (!this.compactStep(Number.MAX_SAFE_INTEGER));
    return { revision: this.#revision, compactRevision: this.#compactRevision, history: this.history.image() };
  }

  /** Replaces everything by `image`. */
  load(image: MvccImage): void {
    this.history.load(image.history);
    this.#reset(image.revision, image.compactRevision);
  }

  /** Replaces everything by what `fill` appends to the emptied history ({@link History.appendRestored}). */
  restore(revision: number, compactRevision: number, fill: (history: History) => void): void {
    this.history.clear();
    fill(this.history);
    this.#reset(revision, compactRevision);
  }

  #reset(revision: number, compactRevision: number): void {
    this.#revision = revision;
    this.#compactRevision = compactRevision;
    this.#sub = 0;
    this.#sweepAt = -1;
    this.#liveKeys = 0;
    for (let id = 0; id < this.keys.count; id++) if (this.modRevision(id) > 0) this.#liveKeys++;
  }
}
