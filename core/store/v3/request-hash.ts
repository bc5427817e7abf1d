/**
 * Content hash of a request of the v3 interface: what a log record's checksum and a run's digest go by.
 */
import { hashString, mix } from '../../base/content-hash.ts';
import type {
  Compare,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
  WriteRequest,
} from './messages.ts';

const FLAG = (flag: boolean): number => (flag ? 1 : 0);

/** int32 over everything a write request says. */
export function hashRequest(request: WriteRequest): number {
  const seed = hashString(request.op);
  switch (request.op) {
    case 'put':
      return mix(seed, hashPut(request.put));
    case 'deleteRange':
      return mix(seed, hashDelete(request.deleteRange));
    case 'txn':
      return mix(seed, hashTxn(request.txn));
    case 'compaction':
      return mix(mix(seed, request.compaction.revision | 0), FLAG(request.compaction.physical));
    case 'leaseGrant':
      return mix(mix(seed, hashId(request.leaseGrant.id)), request.leaseGrant.ttl | 0);
    case 'leaseRevoke':
      return mix(seed, hashId(request.id));
    case 'leaseCheckpoint':
      return request.checkpoints.reduce((hash, { id, remainingTtl }) => mix(mix(hash, hashId(id)), remainingTtl), seed);
    case 'alarm': {
      const { action, alarm, memberId } = request.alarm;
      return mix(mix(mix(seed, action), alarm), hashId(memberId));
    }
  }
}

const hashId = (id: bigint): number => mix(Number(BigInt.asIntN(32, id)), Number(BigInt.asIntN(32, id >> 32n)));

const hashPut = (put: PutRequest): number =>
  mix(
    mix(mix(hashString(put.key), put.value.hash), hashId(put.lease)),
    FLAG(put.prevKv) + 2 * FLAG(put.ignoreValue) + 4 * FLAG(put.ignoreLease),
  );

const hashDelete = ({ key, rangeEnd, prevKv }: DeleteRangeRequest): number =>
  mix(mix(hashString(key), hashString(rangeEnd)), FLAG(prevKv));

function hashRange(range: RangeRequest): number {
  let hash = mix(hashString(range.key), hashString(range.rangeEnd));
  for (const number of [
    range.limit,
    range.revision,
    range.sortOrder * 8 + range.sortTarget,
    FLAG(range.serializable) + 2 * FLAG(range.keysOnly) + 4 * FLAG(range.countOnly),
    range.minModRevision,
    range.maxModRevision,
    range.minCreateRevision,
    range.maxCreateRevision,
  ]) {
    hash = mix(hash, number | 0);
  }
  return hash;
}

function hashCompare(compare: Compare): number {
  let hash = mix(mix(hashString(compare.key), hashString(compare.rangeEnd)), compare.target * 4 + compare.result);
  hash = mix(mix(hash, compare.number | 0), hashId(compare.lease));
  for (const byte of compare.value) hash = mix(hash, byte);
  return hash;
}

function hashOp(op: RequestOp): number {
  const seed = hashString(op.op);
  if (op.op === 'put') return mix(seed, hashPut(op.put));
  if (op.op === 'deleteRange') return mix(seed, hashDelete(op.deleteRange));
  if (op.op === 'range') return mix(seed, hashRange(op.range));
  return op.op === 'txn' ? mix(seed, hashTxn(op.txn)) : seed;
}

function hashTxn({ compare, success, failure }: TxnRequest): number {
  let hash = mix(compare.length, mix(success.length, failure.length));
  for (const each of compare) hash = mix(hash, hashCompare(each));
  for (const op of success) hash = mix(hash, hashOp(op));
  for (const op of failure) hash = mix(hash, hashOp(op));
  return hash;
}
