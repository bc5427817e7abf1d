/**
 * What etcd refuses about a general transaction before it is proposed (etcd 3.6 server/etcdserver/api/v3rpc/key.go): too many
 * operations, missing keys, and a key that one execution could change twice.
 *
 * A child may use what its parent left of the budget. Keys put in a child's `success` and `failure` may be equal, since only one of
 * them runs. A delete range that ends in a single zero byte is taken literally as an interval here (so it covers nothing)
 * although it deletes everything from its start: etcd has that hole, and so do we.
 */
import { ERROR_DUPLICATE_KEY, ERROR_EMPTY_KEY, ERROR_TOO_MANY_OPS, type StoreError } from './errors.ts';
import type { KeyInterner } from './key-interner.ts';
import type { StoreGeneralTxn, StoreOp } from './requests.ts';

/** Most compares, and most operations of a branch, of one transaction (etcd's --max-txn-ops). */
const MAX_TXN_OPS = 128;

/** etcd's error for a malformed transaction, or null. */
export function checkTxn(txn: StoreGeneralTxn, keys: KeyInterner, budget = MAX_TXN_OPS): StoreError | null {
  const error = checkShape(txn, keys, budget);
  if (error !== null) return error;
  return collect(txn.success, keys) === null || collect(txn.failure, keys) === null ? ERROR_DUPLICATE_KEY : null;
}

function checkShape(txn: StoreGeneralTxn, keys: KeyInterner, budget: number): StoreError | null {
  const used = Math.max(txn.compares.length, txn.success.length, txn.failure.length);
  if (used > budget) return ERROR_TOO_MANY_OPS;
  for (const compare of txn.compares) {
    if (isEmptyKey(compare.range === null ? compare.keyId : -1, compare.range?.start ?? '', keys))
      return ERROR_EMPTY_KEY;
  }
  for (const op of [...txn.success, ...txn.failure]) {
    const error = checkOp(op, keys, budget - used);
    if (error !== null) return error;
  }
  return null;
}

function checkOp(op: StoreOp, keys: KeyInterner, budget: number): StoreError | null {
  if (op.op === 'txn') return checkShape(op.txn, keys, budget);
  const keyId = op.op === 'range' ? op.range.keyId : op.keyId;
  const start = op.op === 'range' ? op.range.start : op.op === 'delete-range' ? op.start : '';
  return isEmptyKey(keyId, start, keys) ? ERROR_EMPTY_KEY : null;
}

const isEmptyKey = (keyId: number, start: string, keys: KeyInterner): boolean =>
  keyId >= 0 ? keys.keyOf(keyId) === '' : start === '';

/** Keys put and intervals deleted by one branch, children included. */
interface Touched {
  readonly puts: Set<string>;
  readonly deletes: (readonly [string, string])[];
}

const covers = (deletes: readonly (readonly [string, string])[], key: string): boolean =>
  deletes.some(([start, end]) => key >= start && key < end);

/** What a branch touches, or null when it could touch a key twice. */
function collect(ops: readonly StoreOp[], keys: KeyInterner): Touched | null {
  const puts = new Set<string>();
  const deletes: (readonly [string, string])[] = [];
  for (const op of ops) {
    if (op.op !== 'delete-range') continue;
    const key = op.keyId >= 0 ? keys.keyOf(op.keyId) : op.start;
    deletes.push(op.keyId >= 0 ? [key, key + '\0'] : [op.start, op.end]);
  }
  for (const op of ops) {
    if (op.op === 'txn' && !addChild(op.txn, keys, puts, deletes)) return null;
  }
  for (const op of ops) {
    if (op.op !== 'put') continue;
    const key = keys.keyOf(op.keyId);
    if (puts.has(key) || covers(deletes, key)) return null;
    puts.add(key);
  }
  return { puts, deletes };
}

function addChild(
  txn: StoreGeneralTxn,
  keys: KeyInterner,
  puts: Set<string>,
  deletes: (readonly [string, string])[],
): boolean {
  const success = collect(txn.success, keys);
  const failure = collect(txn.failure, keys);
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
