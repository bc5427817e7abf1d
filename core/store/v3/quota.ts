/**
 * What a request costs against the backend quota (etcd 3.6, server/storage/quota.go): 256 bytes, key and value for a put, a
 * transaction the larger of its branches, a lease 64. A request that costs nothing is let through whatever the quota says.
 */
import type { PutRequest, RequestOp, TxnRequest, WriteRequest } from './messages.ts';

/** Overhead of a put, bytes (kvOverhead). */
const PUT_OVERHEAD_BYTES = 256;
/** Cost of a lease, bytes (leaseOverhead). */
const LEASE_OVERHEAD_BYTES = 64;

/** Charge of a request, bytes; `countsNested`: what nested transactions put counts too. */
export function requestCost(request: WriteRequest, countsNested = true): number {
  if (request.op === 'put') return costOf(request.put);
  if (request.op === 'txn') return txnCost(request.txn, countsNested);
  return request.op === 'leaseGrant' ? LEASE_OVERHEAD_BYTES : 0;
}

/** Charge of a put by the sizes of its key and value, bytes. */
export const putCost = (keyBytes: number, valueBytes: number): number => PUT_OVERHEAD_BYTES + keyBytes + valueBytes;

const costOf = (put: PutRequest): number => putCost(put.key.length, put.value.sizeBytes);

function txnCost(txn: TxnRequest, countsNested: boolean): number {
  return Math.max(branchCost(txn.success, countsNested), branchCost(txn.failure, countsNested));
}

function branchCost(ops: readonly RequestOp[], countsNested: boolean): number {
  let cost = 0;
  for (const op of ops) {
    if (op.op === 'put') cost += costOf(op.put);
    else if (op.op === 'txn' && countsNested) cost += txnCost(op.txn, countsNested);
  }
  return cost;
}
