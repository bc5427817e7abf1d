/**
 * What a write costs against the backend quota and the size limit (etcd 3.6 server/storage/quota.go): 256 bytes, the key and the
 * value for each put; a transaction the larger of its branches. Keys are counted at a typical length, being ids here.
 */
import type { WriteRequest } from './log-entry.ts';
import { StoreBatch, StoreCompact, type StoreGeneralTxn, type StoreOp, StoreTxn } from './requests.ts';

/** Overhead of a put, bytes (kvOverhead). */
const PUT_OVERHEAD_BYTES = 256;
const TYPICAL_KEY_BYTES = 48;
/** Bytes a stored revision takes besides its value: key, revisions, lease, framing. */
export const REVISION_OVERHEAD_BYTES = 112;

/** Charge of a request, bytes; 0 when it puts nothing and is let through whatever the quota says. */
export function requestCost(request: WriteRequest): number {
  if (request instanceof StoreTxn) return request.value === null ? 0 : putCost(request.value.sizeBytes);
  if (request instanceof StoreCompact) return 0;
  if (request instanceof StoreBatch) {
    let cost = 0;
    for (const value of request.values) if (value !== null) cost += putCost(value.sizeBytes);
    return cost;
  }
  return txnCost(request);
}

const putCost = (sizeBytes: number): number => PUT_OVERHEAD_BYTES + TYPICAL_KEY_BYTES + sizeBytes;

const txnCost = (txn: StoreGeneralTxn): number => Math.max(branchCost(txn.success), branchCost(txn.failure));

function branchCost(ops: readonly StoreOp[]): number {
  let cost = 0;
  for (const op of ops) {
    if (op.op === 'put') cost += putCost(op.value.sizeBytes);
    else if (op.op === 'txn') cost += txnCost(op.txn);
  }
  return cost;
}
