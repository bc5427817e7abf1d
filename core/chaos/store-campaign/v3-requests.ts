/** Requests of etcd's v3 interface with what is not said at its zero, for campaigns and tests. */
import { EMPTY_VALUE } from '../../store/v3/bytes-value.ts';
import {
  ALARM_DEACTIVATE,
  ALARM_NOSPACE,
  type Compare,
  type DeleteRangeRequest,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  SORT_NONE,
  TARGET_KEY,
  type TxnRequest,
  type WriteRequest,
} from '../../store/v3/messages.ts';
import { TextValue } from './value-fixture.ts';

const PUT: PutRequest = {
  key: '',
  value: EMPTY_VALUE,
  lease: 0n,
  prevKv: false,
  ignoreValue: false,
  ignoreLease: false,
};

const RANGE: RangeRequest = {
  key: '',
  rangeEnd: '',
  limit: 0,
  revision: 0,
  sortOrder: SORT_NONE,
  sortTarget: TARGET_KEY,
  serializable: false,
  keysOnly: false,
  countOnly: false,
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
};

const COMPARE: Compare = {
  result: 0,
  target: 0,
  key: '',
  rangeEnd: '',
  number: 0,
  lease: 0n,
  value: new Uint8Array(0),
};

export const put = (key: string, text: string, more: Partial<PutRequest> = {}) =>
  ({ op: 'put', put: { ...PUT, key, value: new TextValue(text), ...more } }) as const;

export const range = (key: string, rangeEnd = '', more: Partial<RangeRequest> = {}) =>
  ({ op: 'range', range: { ...RANGE, key, rangeEnd, ...more } }) as const;

export const remove = (key: string, rangeEnd = '', more: Partial<DeleteRangeRequest> = {}) =>
  ({ op: 'deleteRange', deleteRange: { key, rangeEnd, prevKv: false, ...more } }) as const;

export const compare = (target: number, result: number, key: string, more: Partial<Compare> = {}): Compare => ({
  ...COMPARE,
  target,
  result,
  key,
  ...more,
});

export const txn = (
  success: readonly RequestOp[],
  failure: readonly RequestOp[] = [],
  conditions: readonly Compare[] = [],
): TxnRequest => ({ compare: conditions, success, failure });

export const nest = (inner: TxnRequest): RequestOp => ({ op: 'txn', txn: inner });

/** Grants lease `id` for `ttl` seconds. */
export const grant = (id: number, ttl: number): WriteRequest => ({
  op: 'leaseGrant',
  leaseGrant: { id: BigInt(id), ttl },
});

export const revoke = (id: number): WriteRequest => ({ op: 'leaseRevoke', id: BigInt(id) });

/** Takes back the space alarm of a member. */
export const disarm = (memberId: number): WriteRequest => ({
  op: 'alarm',
  alarm: { action: ALARM_DEACTIVATE, alarm: ALARM_NOSPACE, memberId: BigInt(memberId) },
});
