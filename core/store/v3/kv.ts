/**
 * Reads and single changes of the v3 interface on the multi-version store (etcd 3.6, server/etcdserver/txn): ranges with all their
 * options, put with its flags, delete range. Keeps the lessor's attachments in step with the history.
 *
 * Always: nothing here commits; the caller ends the transaction. A header inside it shows one revision more once something changed.
 */
import { ERROR_COMPACTED, ERROR_FUTURE_REVISION, ERROR_KEY_NOT_FOUND, StoreError } from '../errors.ts';
import type { Mvcc } from '../mvcc.ts';
import type { StoreValue } from '../value.ts';
import { EMPTY_VALUE } from './bytes-value.ts';
import type { LeaseIds } from './lease-ids.ts';
import type { Lessor } from './lessor.ts';
import {
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  type KeyValue,
  type PutRequest,
  type PutResponse,
  type RangeRequest,
  type RangeResponse,
  SORT_ASCEND,
  SORT_DESCEND,
  SORT_NONE,
  TARGET_CREATE,
  TARGET_KEY,
  TARGET_MOD,
  TARGET_VALUE,
  TARGET_VERSION,
} from './messages.ts';

const NO_KVS: readonly KeyValue[] = [];

export class Kv {
  readonly mvcc: Mvcc;
  readonly lessor: Lessor;
  readonly leaseIds: LeaseIds;

  constructor(mvcc: Mvcc, lessor: Lessor, leaseIds: LeaseIds) {
    this.mvcc = mvcc;
    this.lessor = lessor;
    this.leaseIds = leaseIds;
  }

  /** The put at `index` of the history as a message. */
  keyValueAt(index: number): KeyValue {
    const { history, keys } = this.mvcc;
    return {
      key: keys.keyOf(history.keyId(index)),
      createRevision: history.createRevision(index),
      modRevision: history.revision(index),
      version: history.version(index),
      value: history.value(index),
      lease: this.leaseIds.idOf(history.lease(index)),
    };
  }

  /** The key as of now, the running transaction included, or null. */
  get(key: string): KeyValue | null {
    const keyId = this.mvcc.keys.find(key);
    const index = keyId < 0 ? -1 : this.mvcc.history.head(keyId);
    return index >= 0 && this.mvcc.history.isLive(index) ? this.keyValueAt(index) : null;
  }

  /** Everything in a range as of now, in key order. */
  all(key: string, rangeEnd: string): readonly KeyValue[] {
    if (rangeEnd === '') {
      const kv = this.get(key);
      return kv === null ? NO_KVS : [kv];
    }
    return this.#indexes(key, rangeEnd, 0, 0).indexes.map((index) => this.keyValueAt(index));
  }

  #indexes(key: string, rangeEnd: string, limit: number, revision: number): { indexes: number[]; count: number } {
    const indexes: number[] = [];
    const count = this.mvcc.collect(key, rangeEnd, limit, revision, indexes);
    return { indexes, count };
  }

  /** Answers a range, or etcd's error for its revision. The request has been checked. */
  range(request: RangeRequest): RangeResponse | StoreError {
    const current = this.mvcc.headerRevision;
    const at = request.revision <= 0 ? current : request.revision;
    if (at > current) return ERROR_FUTURE_REVISION;
    if (at < this.mvcc.compactRevision) return ERROR_COMPACTED;
    if (request.rangeEnd === '') return this.#rangeOne(request, current, at);
    // Counting wants no keys; sorting and filtering want them all before the limit cuts.
    const wholeRange = request.sortOrder !== SORT_NONE || hasFilter(request);
    const limit = request.countOnly ? -1 : wholeRange || request.limit <= 0 ? 0 : request.limit + 1;
    const { indexes, count } = this.#indexes(request.key, request.rangeEnd, limit, at);
    if (request.countOnly) return { revision: current, kvs: NO_KVS, more: false, count };
    return this.#finish(request, current, indexes, count);
  }

  #rangeOne(request: RangeRequest, current: number, at: number): RangeResponse {
    const { keys, history } = this.mvcc;
    const keyId = keys.find(request.key);
    const index = keyId < 0 ? -1 : history.lookup(keyId, at);
    const found = index >= 0 && history.isLive(index);
    const count = found ? 1 : 0;
    if (!found || request.countOnly) return { revision: current, kvs: NO_KVS, more: false, count };
    return this.#finish(request, current, [index], count);
  }

  #finish(request: RangeRequest, revision: number, indexes: readonly number[], count: number): RangeResponse {
    let kvs = indexes.map((index) => this.keyValueAt(index));
    if (hasFilter(request)) kvs = kvs.filter((kv) => passes(request, kv));
    sort(request, kvs);
    const more = request.limit > 0 && kvs.length > request.limit;
    if (more) kvs = kvs.slice(0, request.limit);
    if (request.keysOnly) kvs = kvs.map((kv) => ({ ...kv, value: null }));
    return { revision, kvs, more, count };
  }

  /** Why this put cannot be done now, or null: a flag keeps what is not there. Leases are the caller's to check. */
  checkPut(request: PutRequest): StoreError | null {
    const wantsOld = request.ignoreValue || request.ignoreLease;
    return wantsOld && this.get(request.key) === null ? ERROR_KEY_NOT_FOUND : null;
  }

  /**
   * Puts a key. {@link checkPut} held and the lease exists. What a flag keeps can be gone all the same, by a delete to the end earlier in the
   * transaction: there etcd 3.6 panics; here it counts as empty.
   */
  put(request: PutRequest): PutResponse {
    const keyId = this.mvcc.keys.intern(request.key);
    const wantsOld = request.prevKv || request.ignoreValue || request.ignoreLease;
    const old = wantsOld ? this.get(request.key) : null;
    const value = request.ignoreValue ? (old?.value ?? EMPTY_VALUE) : request.value;
    const lease = request.ignoreLease ? (old?.lease ?? 0n) : request.lease;
    this.putKey(keyId, value, lease);
    return { revision: this.mvcc.headerRevision, prevKv: request.prevKv ? old : null };
  }

  /** Puts a key by its id. The lease exists, or is 0 for none. */
  putKey(keyId: number, value: StoreValue, lease: bigint): void {
    this.mvcc.put(keyId, value, lease === 0n ? 0 : this.leaseIds.intern(lease));
    this.lessor.attach(keyId, lease);
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse {
    const { mvcc } = this;
    const prevKvs = request.prevKv ? this.all(request.key, request.rangeEnd) : NO_KVS;
    let ids: readonly number[];
    if (request.rangeEnd === '') {
      const keyId = mvcc.keys.find(request.key);
      ids = keyId < 0 ? [] : [keyId];
    } else {
      ids = mvcc.liveIds(request.key, request.rangeEnd, 0);
    }
    let deleted = 0;
    for (const keyId of ids) if (this.delete(keyId)) deleted++;
    return { revision: mvcc.headerRevision, deleted, prevKvs };
  }

  /** Deletes one key; false when there was nothing. */
  delete(keyId: number): boolean {
    if (this.mvcc.delete(keyId) < 0) return false;
    this.lessor.detach(keyId);
    return true;
  }
}

function hasFilter(request: RangeRequest): boolean {
  return (
    request.minModRevision !== 0 ||
    request.maxModRevision !== 0 ||
    request.minCreateRevision !== 0 ||
    request.maxCreateRevision !== 0
  );
}

function passes(request: RangeRequest, kv: KeyValue): boolean {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  return (
    (maxModRevision === 0 || kv.modRevision <= maxModRevision) &&
    (minModRevision === 0 || kv.modRevision >= minModRevision) &&
    (maxCreateRevision === 0 || kv.createRevision <= maxCreateRevision) &&
    (minCreateRevision === 0 || kv.createRevision >= minCreateRevision)
  );
}

/** Sorts in place as asked; keys come in ascending. A target without an order means ascending. Equal ones keep key order. */
function sort(request: RangeRequest, kvs: KeyValue[]): void {
  const { sortTarget } = request;
  const order = sortTarget !== TARGET_KEY && request.sortOrder === SORT_NONE ? SORT_ASCEND : request.sortOrder;
  if (order === SORT_NONE || (sortTarget === TARGET_KEY && order === SORT_ASCEND)) return;
  const sign = order === SORT_DESCEND ? -1 : 1;
  kvs.sort((a, b) => sign * compareBy(sortTarget, a, b));
}

function compareBy(target: number, a: KeyValue, b: KeyValue): number {
  if (target === TARGET_KEY) return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  if (target === TARGET_VERSION) return a.version - b.version;
  if (target === TARGET_CREATE) return a.createRevision - b.createRevision;
  if (target === TARGET_MOD) return a.modRevision - b.modRevision;
  if (target === TARGET_VALUE) return compareBytes((a.value as StoreValue).bytes(), (b.value as StoreValue).bytes());
  return 0;
}

/** Bytewise order: negative, 0, positive. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    if (left[i] !== right[i]) return (left[i] as number) - (right[i] as number);
  }
  return left.length - right.length;
}

/** Whether an answer is a refusal. */
export function isError<T extends object>(answer: T | StoreError): answer is StoreError {
  return answer instanceof StoreError;
}
