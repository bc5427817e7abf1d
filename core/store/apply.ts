/**
 * The apply step: one logged request changes the store and yields its answer. A function of (store, entry) only, but for the time from which
 * leases run, which never comes back into the store: members that apply the same entries hold the same store, and replaying a log rebuilds it.
 *
 * Single-key writes by key id, which API servers send, go straight to the history; everything else takes the way of the v3 interface.
 * The changes made are the records the history gained meanwhile.
 */
import { ERROR_LEASE_NOT_FOUND, ERROR_NO_SPACE, StoreError } from './errors.ts';
import type { LoggedRequest, Proposal } from './log-entry.ts';
import { StoreBatch, StoreTxn } from './requests.ts';
import { StoreAnswer, StoreBatchResponse, StoreErrorResponse, StoreTxnResponse } from './responses.ts';
import type { Engine } from './v3/engine.ts';
import type { WriteRequest } from './v3/messages.ts';
import { putCost, requestCost } from './v3/quota.ts';
import type { StoreKeyValue, StoreValue } from './value.ts';

export type WriteResponse = StoreTxnResponse | StoreBatchResponse | StoreAnswer | StoreErrorResponse;

/** Length at which keys named by their id are charged, bytes. */
const TYPICAL_KEY_BYTES = 48;

/** What a request costs of the backend quota, bytes; 0 when it puts nothing and is let through whatever the quota says. */
export function costOf(request: LoggedRequest): number {
  if (request instanceof StoreTxn) return valueCost(request.value);
  if (!(request instanceof StoreBatch)) return requestCost(request.request);
  let cost = 0;
  for (const value of request.values) cost += valueCost(value);
  return cost;
}

const valueCost = (value: StoreValue | null): number =>
  value === null ? 0 : putCost(TYPICAL_KEY_BYTES, value.sizeBytes);

/** Applies `entry` at the member's time `nowUs`. `ignoreCompare` is a bug switch: single-key compares always hold. */
export function applyEntry(engine: Engine, entry: Proposal, nowUs: number, ignoreCompare: boolean): WriteResponse {
  const request = entry.request;
  const announce = entry.announceOnce();
  if (!(request instanceof StoreTxn || request instanceof StoreBatch)) {
    return applyRequest(engine, request.request, nowUs, announce);
  }
  const cost = costOf(request);
  const refusal = engine.alarms.refusalAt(cost);
  if (refusal !== null) return new StoreErrorResponse(refusal);
  const hasRoom = engine.hasRoomFor(cost);
  const answer =
    request instanceof StoreTxn
      ? applyTxn(engine, request, announce, ignoreCompare)
      : applyBatch(engine, request, announce, ignoreCompare);
  // As in etcd: the change is made, and the answer is an error all the same.
  return hasRoom ? answer : new StoreErrorResponse(ERROR_NO_SPACE, true);
}

function applyRequest(engine: Engine, request: WriteRequest, nowUs: number, announce: boolean): WriteResponse {
  const { history } = engine.mvcc;
  const before = history.count;
  const answer = engine.apply(request, nowUs);
  if (announce) {
    for (let index = before; index < history.count; index++) history.value(index)?.committed?.(history.revision(index));
  }
  // An error after a change was made says nothing about the change.
  if (answer instanceof StoreError) return new StoreErrorResponse(answer, history.count > before);
  return new StoreAnswer(engine.revision, answer);
}

function applyTxn(
  engine: Engine,
  txn: StoreTxn,
  announce: boolean,
  ignoreCompare: boolean,
): StoreTxnResponse | StoreErrorResponse {
  const { keyId, expected, value, lease } = txn;
  const { mvcc } = engine;
  if (expected >= 0 && mvcc.modRevision(keyId) !== expected && !ignoreCompare) {
    return new StoreTxnResponse(false, mvcc.revision, mvcc.get(keyId), 0);
  }
  if (value === null) {
    const deleted = engine.kv.delete(keyId) ? 1 : 0;
    return new StoreTxnResponse(true, mvcc.commit(), null, deleted);
  }
  const leaseId = lease === 0 ? NO_LEASE : BigInt(lease);
  if (leaseId !== NO_LEASE && engine.lessor.lookup(leaseId) === undefined) {
    return new StoreErrorResponse(ERROR_LEASE_NOT_FOUND);
  }
  putAlone(engine, keyId, value, leaseId, announce);
  return new StoreTxnResponse(true, mvcc.revision, null, 0);
}

const NO_LEASE = 0n;

/** Puts one key in a revision of its own and returns that revision. */
function putAlone(engine: Engine, keyId: number, value: StoreValue, leaseId: bigint, announce: boolean): number {
  const { mvcc } = engine;
  if (announce) value.committed?.(mvcc.revision + 1);
  if (leaseId !== NO_LEASE) engine.kv.putKey(keyId, value, leaseId);
  else {
    mvcc.put(keyId, value);
    engine.lessor.detach(keyId);
  }
  return mvcc.commit();
}

function applyBatch(engine: Engine, batch: StoreBatch, announce: boolean, ignoreCompare: boolean): StoreBatchResponse {
  const { mvcc } = engine;
  const count = batch.keyIds.length;
  const revisions: number[] = [];
  const current: (StoreKeyValue | null)[] = [];
  for (let i = 0; i < count; i++) {
    const keyId = batch.keyIds[i] as number;
    const expected = batch.expected[i] as number;
    const value = batch.values[i] ?? null;
    const now = mvcc.modRevision(keyId);
    if (expected >= 0 && now !== expected && !ignoreCompare) {
      revisions.push(-now - 1);
      current.push(mvcc.get(keyId));
    } else if (value !== null) revisions.push(putAlone(engine, keyId, value, NO_LEASE, announce));
    else revisions.push(engine.kv.delete(keyId) ? mvcc.commit() : 0);
  }
  return new StoreBatchResponse(mvcc.revision, revisions, current);
}
