/**
 * Requests and answers of etcd's v3 interface as the store takes them: the messages of etcdserverpb/rpc.proto (etcd 3.6) with all
 * fields present, absent ones at their zero.
 *
 * Keys are strings of one character a byte (U+0000–U+00FF), so that string order is byte order. Revisions, versions and limits are
 * numbers, which is exact up to 2^53 and beyond that still larger than any revision; lease and watch ids are bigint, since clients
 * choose them from all of int64. In `rangeEnd` '' means one key and '\0' every key from `key` on.
 */
import type { StoreValue } from '../value.ts';

export const SORT_NONE = 0;
export const SORT_ASCEND = 1;
export const SORT_DESCEND = 2;

export const TARGET_KEY = 0;
export const TARGET_VERSION = 1;
export const TARGET_CREATE = 2;
export const TARGET_MOD = 3;
export const TARGET_VALUE = 4;

export interface RangeRequest {
  readonly key: string;
  readonly rangeEnd: string;
  readonly limit: number;
  readonly revision: number;
  readonly sortOrder: number;
  readonly sortTarget: number;
  readonly serializable: boolean;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}

export interface PutRequest {
  readonly key: string;
  readonly value: StoreValue;
  readonly lease: bigint;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

export interface DeleteRangeRequest {
  readonly key: string;
  readonly rangeEnd: string;
  readonly prevKv: boolean;
}

export const COMPARE_EQUAL = 0;
export const COMPARE_GREATER = 1;
export const COMPARE_LESS = 2;
export const COMPARE_NOT_EQUAL = 3;

export const COMPARE_VERSION = 0;
export const COMPARE_CREATE = 1;
export const COMPARE_MOD = 2;
export const COMPARE_VALUE = 3;
export const COMPARE_LEASE = 4;

/** One condition. The right side is what was sent for this very target: sent for another, or not at all, it is 0 or empty. */
export interface Compare {
  readonly result: number;
  readonly target: number;
  readonly key: string;
  readonly rangeEnd: string;
  /** Right side for VERSION, CREATE and MOD. */
  readonly number: number;
  readonly lease: bigint;
  readonly value: Uint8Array;
}

export type RequestOp =
  | { readonly op: 'range'; readonly range: RangeRequest }
  | { readonly op: 'put'; readonly put: PutRequest }
  | { readonly op: 'deleteRange'; readonly deleteRange: DeleteRangeRequest }
  | { readonly op: 'txn'; readonly txn: TxnRequest }
  /** Nothing was sent in the union. */
  | { readonly op: 'none' };

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}

export interface CompactionRequest {
  readonly revision: number;
  /** Answer only when the history is physically gone. */
  readonly physical: boolean;
}

export interface LeaseGrantRequest {
  /** Seconds. */
  readonly ttl: number;
  /** 0: the server chooses. */
  readonly id: bigint;
}

export interface LeaseCheckpoint {
  readonly id: bigint;
  /** Seconds. */
  readonly remainingTtl: number;
}

export const ALARM_NONE = 0;
export const ALARM_NOSPACE = 1;
export const ALARM_CORRUPT = 2;

export const ALARM_GET = 0;
export const ALARM_ACTIVATE = 1;
export const ALARM_DEACTIVATE = 2;

export interface AlarmRequest {
  readonly action: number;
  readonly memberId: bigint;
  readonly alarm: number;
}

export interface AlarmMember {
  readonly memberId: bigint;
  readonly alarm: number;
}

/** What goes through the log: etcd's InternalRaftRequest without authentication and membership. */
export type WriteRequest =
  | { readonly op: 'put'; readonly put: PutRequest }
  | { readonly op: 'deleteRange'; readonly deleteRange: DeleteRangeRequest }
  | { readonly op: 'txn'; readonly txn: TxnRequest }
  | { readonly op: 'compaction'; readonly compaction: CompactionRequest }
  | { readonly op: 'leaseGrant'; readonly leaseGrant: LeaseGrantRequest }
  | { readonly op: 'leaseRevoke'; readonly id: bigint }
  | { readonly op: 'leaseCheckpoint'; readonly checkpoints: readonly LeaseCheckpoint[] }
  | { readonly op: 'alarm'; readonly alarm: AlarmRequest };

/** mvccpb.KeyValue. */
export interface KeyValue {
  readonly key: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
  /** null in a tombstone and where only keys were asked for. */
  readonly value: StoreValue | null;
  readonly lease: bigint;
}

/** `revision` is the header's in all answers. */
export interface RangeResponse {
  readonly revision: number;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  readonly count: number;
}

export interface PutResponse {
  readonly revision: number;
  readonly prevKv: KeyValue | null;
}

export interface DeleteRangeResponse {
  readonly revision: number;
  readonly deleted: number;
  readonly prevKvs: readonly KeyValue[];
}

export type ResponseOp =
  | { readonly op: 'range'; readonly range: RangeResponse }
  | { readonly op: 'put'; readonly put: PutResponse }
  | { readonly op: 'deleteRange'; readonly deleteRange: DeleteRangeResponse }
  | { readonly op: 'txn'; readonly txn: TxnResponse };

export interface TxnResponse {
  /** 0 in a nested transaction: etcd fills only the outermost. */
  readonly revision: number;
  readonly succeeded: boolean;
  readonly responses: readonly ResponseOp[];
}

export interface LeaseGrantResponse {
  readonly revision: number;
  readonly id: bigint;
  readonly ttl: number;
}

export interface AlarmResponse {
  readonly alarms: readonly AlarmMember[];
}

/** An answer that is only a header. */
export interface HeaderResponse {
  readonly revision: number;
}

export const EVENT_PUT = 0;
export const EVENT_DELETE = 1;

/** mvccpb.Event. */
export interface WatchEvent {
  readonly type: number;
  readonly kv: KeyValue;
  readonly prevKv: KeyValue | null;
}

/** Filters of a watch. */
export const FILTER_NO_PUT = 0;
export const FILTER_NO_DELETE = 1;

export interface WatchCreateRequest {
  readonly key: string;
  readonly rangeEnd: string;
  readonly startRevision: number;
  readonly progressNotify: boolean;
  readonly filters: readonly number[];
  readonly prevKv: boolean;
  /** 0: the server chooses. */
  readonly watchId: bigint;
  readonly fragment: boolean;
}

export interface WatchResponse {
  /** 0 when a compacted start cancels the watch: etcd leaves the header's revision empty then. */
  readonly revision: number;
  readonly watchId: bigint;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly fragment: boolean;
  readonly events: readonly WatchEvent[];
}
