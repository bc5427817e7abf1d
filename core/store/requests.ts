/**
 * Messages from a client of the store to a member. Shapes are those kube-apiserver uses (etcd 3.6, KV and Watch services),
 * with key ids instead of key strings where one key is meant.
 */
import { hashString, mix } from '../base/content-hash.ts';
import type { Payload } from '../sim/process.ts';
import type { TxnRequest, WriteRequest } from './v3/messages.ts';
import { requestCost } from './v3/quota.ts';
import { hashRequest } from './v3/request-hash.ts';
import type { StoreValue } from './value.ts';

/** `end` of a range that has no upper bound (etcd's single zero byte). */
export const RANGE_TO_LAST_KEY = '\0';

/** Bytes of a request besides what it puts. */
const SMALL_REQUEST_BYTES = 64;

/** The end of the range of all keys with `prefix`: the prefix with its last byte below 0xff raised by one. */
export function prefixEnd(prefix: string): string {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const code = prefix.charCodeAt(i);
    if (code < 0xff) return prefix.slice(0, i) + String.fromCharCode(code + 1);
  }
  return RANGE_TO_LAST_KEY;
}

const hashOf = (value: StoreValue | null): number => (value === null ? 0 : value.hash);
const sizeOf = (value: StoreValue | null): number => (value === null ? 0 : value.sizeBytes);

/**
 * If the mod revision of `keyId` equals `expected` (0: must not exist; −1: no condition): put `value`, or delete when it is
 * null; otherwise answer with the key's current state. Answer: StoreTxnResponse.
 */
export class StoreTxn implements Payload {
  readonly keyId: number;
  readonly expected: number;
  readonly value: StoreValue | null;
  /** Id of the lease to attach the key to, 0 for none; granted under a number below 2^53. */
  readonly lease: number;

  constructor(keyId: number, expected: number, value: StoreValue | null, lease = 0) {
    this.keyId = keyId;
    this.expected = expected;
    this.value = value;
    this.lease = lease;
  }

  contentHash(): number {
    const hash = mix(mix(mix(0x74786e31, this.keyId), this.expected | 0), hashOf(this.value));
    return this.lease === 0 ? hash : mix(hash, this.lease | 0);
  }

  wireSizeBytes(): number {
    return 160 + sizeOf(this.value);
  }
}

/**
 * Many independent single-key transactions in one message and one log record (fleet-wide lease renewals). Item i is
 * `StoreTxn(keyIds[i], expected[i], values[i])`; every success takes a revision of its own. Answer: StoreBatchResponse.
 */
export class StoreBatch implements Payload {
  readonly keyIds: readonly number[];
  readonly expected: readonly number[];
  readonly values: readonly (StoreValue | null)[];
  #hash = 0;
  #hashed = false;

  constructor(keyIds: readonly number[], expected: readonly number[], values: readonly (StoreValue | null)[]) {
    this.keyIds = keyIds;
    this.expected = expected;
    this.values = values;
  }

  contentHash(): number {
    if (this.#hashed) return this.#hash;
    let hash = 0x62617463;
    for (let i = 0; i < this.keyIds.length; i++) {
      hash = mix(
        mix(mix(hash, this.keyIds[i] as number), (this.expected[i] as number) | 0),
        hashOf(this.values[i] ?? null),
      );
    }
    this.#hash = hash;
    this.#hashed = true;
    return hash;
  }

  wireSizeBytes(): number {
    let size = 64;
    for (const value of this.values) size += 160 + sizeOf(value);
    return size;
  }
}

/**
 * Reads one key (`keyId` ≥ 0) or the half-open range [`start`, `end`). `revision` ≤ 0 means now, `limit` ≤ 0 none.
 * Answer: StoreRangeResponse.
 */
export class StoreRange implements Payload {
  readonly keyId: number;
  readonly start: string;
  /** {@link RANGE_TO_LAST_KEY} for no upper bound. */
  readonly end: string;
  readonly limit: number;
  readonly revision: number;
  readonly countOnly: boolean;

  constructor(keyId: number, start: string, end: string, limit: number, revision: number, countOnly: boolean) {
    this.keyId = keyId;
    this.start = start;
    this.end = end;
    this.limit = limit;
    this.revision = revision;
    this.countOnly = countOnly;
  }

  static ofKey(keyId: number, revision = 0): StoreRange {
    return new StoreRange(keyId, '', '', 0, revision, false);
  }

  /** [start, end): a later page starts at the last key of the page before + '\0'. */
  static between(start: string, end: string, limit = 0, revision = 0): StoreRange {
    return new StoreRange(-1, start, end, limit, revision, false);
  }

  static ofPrefix(prefix: string, limit = 0, revision = 0): StoreRange {
    return new StoreRange(-1, prefix, prefixEnd(prefix), limit, revision, false);
  }

  static count(prefix: string, revision = 0): StoreRange {
    return new StoreRange(-1, prefix, prefixEnd(prefix), 0, revision, true);
  }

  contentHash(): number {
    const where = this.keyId >= 0 ? this.keyId : mix(hashString(this.start), hashString(this.end));
    return mix(mix(mix(mix(0x72616e67, where), this.limit), this.revision | 0), this.countOnly ? 1 : 0);
  }
}

/**
 * Any other write of etcd's v3 interface: put, delete range, transaction, compaction, leases, alarms; a transaction that only reads is served
 * as a read. Answer: StoreAnswer.
 */
export class StoreRequest implements Payload {
  readonly request: WriteRequest;
  readonly #hash: number;

  constructor(request: WriteRequest) {
    this.request = request;
    this.#hash = mix(0x72657175, hashRequest(request));
  }

  /** Forgets history below `revision`; `physical`: answer when it is physically removed. */
  static compaction(revision: number, physical = false): StoreRequest {
    return new StoreRequest({ op: 'compaction', compaction: { revision, physical } });
  }

  static txn(txn: TxnRequest): StoreRequest {
    return new StoreRequest({ op: 'txn', txn });
  }

  contentHash(): number {
    return this.#hash;
  }

  wireSizeBytes(): number {
    return SMALL_REQUEST_BYTES + requestCost(this.request);
  }
}

export const LEASE_RENEW = 0;
export const LEASE_TIME_TO_LIVE = 1;

/** Keeps a lease alive, or asks how long it has. Not logged: the leader's lessor answers. Answer: StoreLeaseAnswer. */
export class StoreLease implements Payload {
  /** {@link LEASE_RENEW} or {@link LEASE_TIME_TO_LIVE}. */
  readonly kind: number;
  readonly leaseId: number;

  constructor(kind: number, leaseId: number) {
    this.kind = kind;
    this.leaseId = leaseId;
  }

  contentHash(): number {
    return mix(mix(0x6c656173, this.kind), this.leaseId | 0);
  }
}

/** What a watch is of, and how it is served. */
export interface StoreWatchOptions {
  /** One key; without it the range [`start`, `end`). */
  readonly keyId?: number;
  readonly start?: string;
  readonly end?: string;
  /** ≤ 0, the default: from the next change; in the past: replay first. */
  readonly startRevision?: number;
  /** Default: true. */
  readonly progressNotify?: boolean;
  /** The answers to writes of the same connection may come in one message with their events; etcd does not do this. */
  readonly joinsAnswers?: boolean;
  /** Keys with this prefix are left out; '' for none. A client of etcd would open a watch on either side of them. */
  readonly except?: string;
}

/** Watches a range or one key. Events always carry what was before. */
export class StoreWatch implements Payload {
  /** −1 for a range. */
  readonly keyId: number;
  readonly start: string;
  readonly end: string;
  readonly startRevision: number;
  readonly progressNotify: boolean;
  readonly joinsAnswers: boolean;
  readonly except: string;

  constructor(options: StoreWatchOptions) {
    this.keyId = options.keyId ?? -1;
    this.start = options.start ?? '';
    this.end = options.end ?? '';
    this.startRevision = options.startRevision ?? 0;
    this.progressNotify = options.progressNotify ?? true;
    this.joinsAnswers = options.joinsAnswers ?? false;
    this.except = options.except ?? '';
  }

  /** Watches every key with `prefix`. */
  static ofPrefix(prefix: string, options: Omit<StoreWatchOptions, 'keyId' | 'start' | 'end'> = {}): StoreWatch {
    return new StoreWatch({ start: prefix, end: prefixEnd(prefix), ...options });
  }

  contentHash(): number {
    const where = this.keyId >= 0 ? this.keyId : mix(hashString(this.start), hashString(this.end));
    const wants = (this.progressNotify ? 1 : 0) | (this.joinsAnswers ? 2 : 0);
    return mix(mix(mix(mix(0x77617463, where), this.startRevision | 0), wants), hashString(this.except));
  }
}
