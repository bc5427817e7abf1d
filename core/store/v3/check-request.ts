/**
 * What etcd refuses before it looks at its data (etcd 3.6, server/etcdserver/api/v3rpc/key.go): missing keys, contradicting flags,
 * unknown sort options, too many operations, and a key that one execution could change twice.
 *
 * A child may use what its parent left of the budget. Keys put in a child's `success` and `failure` may be equal, since only one of
 * them runs. A delete range that ends in a single zero byte is taken literally as an interval (so it covers nothing) although it
 * deletes everything from its start: etcd has that hole, and so do we.
 */
import {
  ERROR_DUPLICATE_KEY,
  ERROR_EMPTY_KEY,
  ERROR_INVALID_SORT_OPTION,
  ERROR_KEY_NOT_FOUND,
  ERROR_LEASE_PROVIDED,
  ERROR_TOO_MANY_OPS,
  ERROR_VALUE_PROVIDED,
  type StoreError,
} from '../errors.ts';
import {
  type DeleteRangeRequest,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  SORT_DESCEND,
  SORT_NONE,
  TARGET_KEY,
  TARGET_VALUE,
  type TxnRequest,
  type WriteRequest,
} from './messages.ts';

/** Most compares, and most operations of a branch, of one transaction (etcd's --max-txn-ops). */
export const MAX_TXN_OPS = 128;

export function checkRange(request: RangeRequest): StoreError | null {
  if (request.key === '') return ERROR_EMPTY_KEY;
  const { sortOrder, sortTarget } = request;
  const known =
    sortOrder >= SORT_NONE && sortOrder <= SORT_DESCEND && sortTarget >= TARGET_KEY && sortTarget <= TARGET_VALUE;
  return known ? null : ERROR_INVALID_SORT_OPTION;
}

export function checkPut(request: PutRequest): StoreError | null {
  if (request.key === '') return ERROR_EMPTY_KEY;
  if (request.ignoreValue && request.value.sizeBytes !== 0) return ERROR_VALUE_PROVIDED;
  return request.ignoreLease && request.lease !== 0n ? ERROR_LEASE_PROVIDED : null;
}

export function checkDeleteRange(request: DeleteRangeRequest): StoreError | null {
  return request.key === '' ? ERROR_EMPTY_KEY : null;
}

/** Why a write is refused before anything is looked at, or null. */
export function checkWrite(request: WriteRequest): StoreError | null {
  if (request.op === 'put') return checkPut(request.put);
  if (request.op === 'deleteRange') return checkDeleteRange(request.deleteRange);
  return request.op === 'txn' ? checkTxn(request.txn) : null;
}

export function checkTxn(request: TxnRequest): StoreError | null {
  const error = checkShape(request, MAX_TXN_OPS);
  if (error !== null) return error;
  return touched(request.success) === null || touched(request.failure) === null ? ERROR_DUPLICATE_KEY : null;
}

function checkShape(request: TxnRequest, budget: number): StoreError | null {
  const used = Math.max(request.compare.length, request.success.length, request.failure.length);
  if (used > budget) return ERROR_TOO_MANY_OPS;
  for (const { key } of request.compare) if (key === '') return ERROR_EMPTY_KEY;
  return checkOps(request.success, budget - used) ?? checkOps(request.failure, budget - used);
}

function checkOps(ops: readonly RequestOp[], budget: number): StoreError | null {
  for (const op of ops) {
    const error = checkOp(op, budget);
    if (error !== null) return error;
  }
  return null;
}

function checkOp(op: RequestOp, budget: number): StoreError | null {
  switch (op.op) {
    case 'range':
      return checkRange(op.range);
    case 'put':
      return checkPut(op.put);
    case 'deleteRange':
      return checkDeleteRange(op.deleteRange);
    case 'txn':
      return checkShape(op.txn, budget);
    case 'none':
      return ERROR_KEY_NOT_FOUND;
  }
}

/** Keys put and intervals deleted by one branch, children included. */
interface Touched {
  readonly puts: Set<string>;
  readonly deletes: (readonly [string, string])[];
}

const covers = (deletes: readonly (readonly [string, string])[], key: string): boolean =>
  deletes.some(([start, end]) => key >= start && key < end);

/** What a branch touches, or null when it could touch a key twice. */
function touched(ops: readonly RequestOp[]): Touched | null {
  const puts = new Set<string>();
  const deletes: (readonly [string, string])[] = [];
  for (const op of ops) {
    if (op.op !== 'deleteRange') continue;
    const { key, rangeEnd } = op.deleteRange;
    deletes.push([key, rangeEnd === '' ? key + '\0' : rangeEnd]);
  }
  for (const op of ops) if (op.op === 'txn' && !addChild(op.txn, puts, deletes)) return null;
  for (const op of ops) {
    if (op.op !== 'put') continue;
    const { key } = op.put;
    if (puts.has(key) || covers(deletes, key)) return null;
    puts.add(key);
  }
  return { puts, deletes };
}

function addChild(txn: TxnRequest, puts: Set<string>, deletes: (readonly [string, string])[]): boolean {
  const success = touched(txn.success);
  const failure = touched(txn.failure);
  if (success === null || failure === null) return false;
  for (const key of success.puts) {
    if (puts.has(key) || covers(deletes, key)) return false;
    puts.add(key);
  }
  for (const key of failure.puts) {
    if ((puts.has(key) && !success.puts.has(key)) || covers(deletes, key)) return false;
    puts.add(key);
  }
  deletes.push(...success.deletes, ...failure.deletes);
  return true;
}
