/**
 * Execution of a transaction (etcd 3.6, server/etcdserver/txn): all compares, nested ones included, are decided once against the
 * state before; the operations of the taken branches are checked before any write; then they run in order in one revision and see
 * each other's changes.
 */
import { ERROR_COMPACTED, ERROR_FUTURE_REVISION, ERROR_LEASE_NOT_FOUND, type StoreError } from '../errors.ts';
import { compareBytes, type Kv } from './kv.ts';
import {
  COMPARE_CREATE,
  COMPARE_EQUAL,
  COMPARE_GREATER,
  COMPARE_LEASE,
  COMPARE_LESS,
  COMPARE_MOD,
  COMPARE_NOT_EQUAL,
  COMPARE_VALUE,
  COMPARE_VERSION,
  type Compare,
  type KeyValue,
  type RangeRequest,
  type RangeResponse,
  type RequestOp,
  type ResponseOp,
  type TxnRequest,
  type TxnResponse,
} from './messages.ts';

/** The branch each transaction of a tree takes, decided up front. */
interface Path {
  readonly holds: boolean;
  readonly ops: readonly RequestOp[];
  /** By position in `ops`; null where the operation is not a transaction. */
  readonly children: readonly (Path | null)[];
}

/** Runs `request`, or answers etcd's error without any change. The caller commits. `inOrder`: see Compatibility.checksInOrder. */
export function runTxn(kv: Kv, request: TxnRequest, inOrder: boolean): TxnResponse | StoreError {
  const path = decide(kv, request);
  const error = inOrder ? check(kv, path, CHECK_ALL) : (check(kv, path, CHECK_PUTS) ?? check(kv, path, CHECK_RANGES));
  if (error !== null) return error;
  const responses = execute(kv, path);
  return { revision: kv.mvcc.headerRevision, succeeded: path.holds, responses };
}

/** Whether the transaction holds nothing but ranges: such a one is a read. A nested transaction counts as a write, whatever it does. */
export function isReadOnly(request: TxnRequest): boolean {
  const reads = (op: RequestOp): boolean => op.op === 'range';
  return request.success.every(reads) && request.failure.every(reads);
}

function decide(kv: Kv, request: TxnRequest): Path {
  const holds = request.compare.every((compare) => compareHolds(kv, compare));
  const ops = holds ? request.success : request.failure;
  return { holds, ops, children: ops.map((op) => (op.op === 'txn' ? decide(kv, op.txn) : null)) };
}

function compareHolds(kv: Kv, compare: Compare): boolean {
  const found = kv.all(compare.key, compare.rangeEnd);
  if (found.length > 0) return found.every((each) => compareOne(compare, each));
  // A missing key is all zero, but has no value that could be compared.
  return compare.target !== COMPARE_VALUE && compareOne(compare, null);
}

function compareOne(compare: Compare, kv: KeyValue | null): boolean {
  const difference = differenceOf(compare, kv);
  switch (compare.result) {
    case COMPARE_EQUAL:
      return difference === 0;
    case COMPARE_NOT_EQUAL:
      return difference !== 0;
    case COMPARE_GREATER:
      return difference > 0;
    case COMPARE_LESS:
      return difference < 0;
    default:
      return true;
  }
}

/** Sign of left − right; 0 for a target etcd does not know. */
function differenceOf(compare: Compare, kv: KeyValue | null): number {
  switch (compare.target) {
    case COMPARE_VALUE:
      return compareBytes(kv?.value?.bytes() ?? new Uint8Array(0), compare.value);
    case COMPARE_VERSION:
      return (kv?.version ?? 0) - compare.number;
    case COMPARE_CREATE:
      return (kv?.createRevision ?? 0) - compare.number;
    case COMPARE_MOD:
      return (kv?.modRevision ?? 0) - compare.number;
    case COMPARE_LEASE: {
      const lease = kv?.lease ?? 0n;
      return lease === compare.lease ? 0 : lease < compare.lease ? -1 : 1;
    }
    default:
      return 0;
  }
}

const CHECK_PUTS = 1;
const CHECK_RANGES = 2;
const CHECK_ALL = CHECK_PUTS | CHECK_RANGES;

function check(kv: Kv, path: Path, what: number): StoreError | null {
  for (let i = 0; i < path.ops.length; i++) {
    const op = path.ops[i] as RequestOp;
    const child = path.children[i] ?? null;
    let error: StoreError | null = null;
    if (child !== null) error = check(kv, child, what);
    else if (op.op === 'range' && (what & CHECK_RANGES) !== 0) error = checkRevision(kv, op.range);
    else if (op.op === 'put' && (what & CHECK_PUTS) !== 0) {
      error = kv.checkPut(op.put);
      if (error === null && op.put.lease !== 0n && kv.lessor.lookup(op.put.lease) === undefined) {
        error = ERROR_LEASE_NOT_FOUND;
      }
    }
    if (error !== null) return error;
  }
  return null;
}

/** Stricter than a range alone: a negative revision counts as compacted once there was a compaction. */
function checkRevision(kv: Kv, { revision }: RangeRequest): StoreError | null {
  if (revision === 0) return null;
  if (revision > kv.mvcc.revision) return ERROR_FUTURE_REVISION;
  return revision < kv.mvcc.compactRevision ? ERROR_COMPACTED : null;
}

function execute(kv: Kv, path: Path): ResponseOp[] {
  const responses: ResponseOp[] = [];
  for (let i = 0; i < path.ops.length; i++) {
    const op = path.ops[i] as RequestOp;
    const child = path.children[i] ?? null;
    if (child !== null) {
      responses.push({
        op: 'txn',
        txn: { revision: 0, succeeded: child.holds, responses: execute(kv, child) },
      });
    } else if (op.op === 'put') responses.push({ op: 'put', put: kv.put(op.put) });
    else if (op.op === 'deleteRange')
      responses.push({ op: 'deleteRange', deleteRange: kv.deleteRange(op.deleteRange) });
    // The revision was checked above, so this range has an answer.
    else if (op.op === 'range') responses.push({ op: 'range', range: kv.range(op.range) as RangeResponse });
  }
  return responses;
}
