/**
 * Execution of a general transaction (etcd 3.6 server/etcdserver/txn): all compares, nested ones included, are decided once
 * against the state before; ranges of the taken branches are checked before any write; then the operations run in order in one
 * revision and see each other's changes.
 */
import { ERROR_LEASE_NOT_FOUND, type StoreError } from './errors.ts';
import type { Mvcc } from './mvcc.ts';
import {
  COMPARE_CREATE,
  COMPARE_LEASE,
  COMPARE_MOD,
  COMPARE_VALUE,
  COMPARE_VERSION,
  type DeleteRangeOp,
  EQUAL,
  GREATER,
  LESS,
  type PutOp,
  type StoreCompare,
  type StoreGeneralTxn,
  type StoreOp,
  type StoreRange,
} from './requests.ts';
import { type OpResult, StoreErrorResponse, StoreGeneralTxnResponse, type StoreRangeResponse } from './responses.ts';
import type { StoreKeyValue } from './value.ts';

/** The branch each transaction of a tree takes, decided up front. */
interface Path {
  readonly holds: boolean;
  readonly ops: readonly StoreOp[];
  /** By position in `ops`; null where the operation is not a transaction. */
  readonly children: readonly (Path | null)[];
}

const NONE: readonly StoreKeyValue[] = [];

/**
 * Runs `txn` on `mvcc` and commits. `announce` calls `committed` of each value put. Answers with StoreErrorResponse, and no change,
 * when a range of a taken branch cannot be read.
 */
export function applyGeneralTxn(
  mvcc: Mvcc,
  txn: StoreGeneralTxn,
  announce: boolean,
): StoreGeneralTxnResponse | StoreErrorResponse {
  const path = decide(mvcc, txn);
  const error = checkPath(mvcc, path);
  if (error !== null) return new StoreErrorResponse(error);
  const results = execute(mvcc, path, announce);
  return new StoreGeneralTxnResponse(path.holds, mvcc.commit(), results);
}

/** Whether the branches that `txn` would take now only read. */
export function isReadOnly(txn: StoreGeneralTxn): boolean {
  const reads = (op: StoreOp): boolean => op.op === 'range' || (op.op === 'txn' && isReadOnly(op.txn));
  return txn.success.every(reads) && txn.failure.every(reads);
}

function decide(mvcc: Mvcc, txn: StoreGeneralTxn): Path {
  const holds = txn.compares.every((compare) => compareHolds(mvcc, compare));
  const ops = holds ? txn.success : txn.failure;
  return { holds, ops, children: ops.map((op) => (op.op === 'txn' ? decide(mvcc, op.txn) : null)) };
}

function compareHolds(mvcc: Mvcc, compare: StoreCompare): boolean {
  if (compare.range === null) return compareOne(compare, mvcc.get(compare.keyId));
  const found = mvcc.range(compare.range.start, compare.range.end, 0, 0, false).keyValues;
  return found.length === 0 ? compareOne(compare, null) : found.every((kv) => compareOne(compare, kv));
}

function compareOne(compare: StoreCompare, kv: StoreKeyValue | null): boolean {
  if (compare.target === COMPARE_VALUE) {
    return kv !== null && ordered(compare.result, compareBytes(kv.value.bytes(), compare.bytes));
  }
  return ordered(compare.result, numberOf(compare.target, kv) - compare.number);
}

function numberOf(target: number, kv: StoreKeyValue | null): number {
  if (kv === null) return 0;
  if (target === COMPARE_VERSION) return kv.version;
  if (target === COMPARE_CREATE) return kv.createRevision;
  if (target === COMPARE_MOD) return kv.modRevision;
  return target === COMPARE_LEASE ? kv.lease : 0;
}

function ordered(result: number, difference: number): boolean {
  if (result === EQUAL) return difference === 0;
  if (result === GREATER) return difference > 0;
  return result === LESS ? difference < 0 : difference !== 0;
}

function compareBytes(left: Uint8Array, right: Uint8Array | null): number {
  const other = right ?? new Uint8Array(0);
  const shared = Math.min(left.length, other.length);
  for (let i = 0; i < shared; i++) {
    if (left[i] !== other[i]) return (left[i] as number) - (other[i] as number);
  }
  return left.length - other.length;
}

function checkPath(mvcc: Mvcc, path: Path): StoreError | null {
  for (let i = 0; i < path.ops.length; i++) {
    const op = path.ops[i] as StoreOp;
    const child = path.children[i] ?? null;
    let error: StoreError | null = null;
    if (child !== null) error = checkPath(mvcc, child);
    else if (op.op === 'range') error = mvcc.checkRevision(op.range.revision);
    else if (op.op === 'put' && op.lease !== 0) error = ERROR_LEASE_NOT_FOUND;
    if (error !== null) return error;
  }
  return null;
}

function execute(mvcc: Mvcc, path: Path, announce: boolean): OpResult[] {
  const results: OpResult[] = [];
  for (let i = 0; i < path.ops.length; i++) {
    const op = path.ops[i] as StoreOp;
    const child = path.children[i] ?? null;
    if (child !== null) {
      const txn = new StoreGeneralTxnResponse(child.holds, 0, execute(mvcc, child, announce));
      results.push({ op: 'txn', revision: 0, previous: NONE, deleted: 0, range: null, txn });
    } else if (op.op === 'put') results.push(executePut(mvcc, op, announce));
    else if (op.op === 'delete-range') results.push(executeDelete(mvcc, op));
    else if (op.op === 'range') {
      const range = readRange(mvcc, op.range);
      results.push({ op: 'range', revision: range.revision, previous: NONE, deleted: 0, range, txn: null });
    }
  }
  return results;
}

function executePut(mvcc: Mvcc, op: PutOp, announce: boolean): OpResult {
  const before = op.prevKv ? mvcc.get(op.keyId) : null;
  if (announce) op.value.committed?.(mvcc.revision + 1);
  mvcc.put(op.keyId, op.value, op.lease);
  const previous = before === null ? NONE : [before];
  return { op: 'put', revision: mvcc.headerRevision, previous, deleted: 0, range: null, txn: null };
}

function executeDelete(mvcc: Mvcc, op: DeleteRangeOp): OpResult {
  const ids = op.keyId >= 0 ? [op.keyId] : mvcc.liveIds(op.start, op.end, 0);
  const previous: StoreKeyValue[] = [];
  let deleted = 0;
  for (const id of ids) {
    const before = op.prevKv ? mvcc.get(id) : null;
    if (mvcc.delete(id) < 0) continue;
    deleted++;
    if (before !== null) previous.push(before);
  }
  return { op: 'delete-range', revision: mvcc.headerRevision, previous, deleted, range: null, txn: null };
}

/** Answers a range whose revision has been checked. */
export function readRange(mvcc: Mvcc, range: StoreRange): StoreRangeResponse {
  if (range.keyId >= 0) return mvcc.rangeKey(range.keyId, range.revision, range.countOnly);
  return mvcc.range(range.start, range.end, range.limit, range.revision, range.countOnly);
}
