/**
 * The apply step: one logged request changes the store and yields its answer. A function of (store, entry) only: no clock, no
 * randomness, no messages, so members that apply the same entries hold the same store, and replaying a log rebuilds it.
 *
 * The changes made are the records the history gained meanwhile.
 */
import type { Proposal } from './log-entry.ts';
import type { Mvcc } from './mvcc.ts';
import { StoreBatch, StoreCompact, StoreTxn } from './requests.ts';
import {
  StoreBatchResponse,
  StoreCompactResponse,
  StoreErrorResponse,
  type StoreGeneralTxnResponse,
  StoreTxnResponse,
} from './responses.ts';
import { applyGeneralTxn } from './txn.ts';
import type { StoreKeyValue, StoreValue } from './value.ts';

export type WriteResponse =
  | StoreTxnResponse
  | StoreBatchResponse
  | StoreGeneralTxnResponse
  | StoreCompactResponse
  | StoreErrorResponse;

/** Applies `entry`. `ignoreCompare` is a bug switch: single-key compares always hold. */
export function applyEntry(mvcc: Mvcc, entry: Proposal, ignoreCompare: boolean): WriteResponse {
  const request = entry.request;
  const announce = entry.announceOnce();
  if (request instanceof StoreTxn) return applyTxn(mvcc, request, announce, ignoreCompare);
  if (request instanceof StoreBatch) return applyBatch(mvcc, request, announce, ignoreCompare);
  if (request instanceof StoreCompact) return applyCompact(mvcc, request);
  return applyGeneralTxn(mvcc, request, announce);
}

function applyTxn(mvcc: Mvcc, txn: StoreTxn, announce: boolean, ignoreCompare: boolean): StoreTxnResponse {
  const { keyId, expected } = txn;
  if (expected >= 0 && mvcc.modRevision(keyId) !== expected && !ignoreCompare) {
    return new StoreTxnResponse(false, mvcc.revision, mvcc.get(keyId), 0);
  }
  if (txn.value === null) {
    const deleted = mvcc.delete(keyId) >= 0 ? 1 : 0;
    return new StoreTxnResponse(true, mvcc.commit(), null, deleted);
  }
  putAlone(mvcc, keyId, txn.value, announce);
  return new StoreTxnResponse(true, mvcc.revision, null, 0);
}

/** Puts one key in a revision of its own and returns that revision. */
function putAlone(mvcc: Mvcc, keyId: number, value: StoreValue, announce: boolean): number {
  if (announce) value.committed?.(mvcc.revision + 1);
  mvcc.put(keyId, value);
  return mvcc.commit();
}

function applyBatch(mvcc: Mvcc, batch: StoreBatch, announce: boolean, ignoreCompare: boolean): StoreBatchResponse {
  const count = batch.keyIds.length;
  const revisions = new Float64Array(count);
  const current: (StoreKeyValue | null)[] = [];
  for (let i = 0; i < count; i++) {
    const keyId = batch.keyIds[i] as number;
    const expected = batch.expected[i] as number;
    const value = batch.values[i] ?? null;
    const now = mvcc.modRevision(keyId);
    if (expected >= 0 && now !== expected && !ignoreCompare) {
      revisions[i] = -now - 1;
      current.push(mvcc.get(keyId));
    } else if (value !== null) revisions[i] = putAlone(mvcc, keyId, value, announce);
    else revisions[i] = mvcc.delete(keyId) >= 0 ? mvcc.commit() : 0;
  }
  return new StoreBatchResponse(mvcc.revision, revisions, current);
}

function applyCompact(mvcc: Mvcc, request: StoreCompact): StoreCompactResponse | StoreErrorResponse {
  const error = mvcc.compact(request.revision);
  return error === null ? new StoreCompactResponse(mvcc.revision) : new StoreErrorResponse(error);
}
