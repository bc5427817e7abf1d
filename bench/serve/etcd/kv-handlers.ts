/**
 * KV, Lease, Maintenance and Cluster calls with one answer: from decoded request to message to encode, or etcd's error.
 *
 * Always: checks run in etcd's order: the quota first, then the request's form, then its size, then the store.
 */
import { randomBytes } from 'node:crypto';
import {
  ERROR_BAD_TRANSFEREE,
  ERROR_NO_SPACE,
  ERROR_REQUEST_TOO_LARGE,
  type StoreError,
} from '../../../core/store/errors.ts';
import { checkDeleteRange, checkPut, checkRange, checkTxn } from '../../../core/store/v3/check-request.ts';
import { DEFAULT_QUOTA_BYTES, type WriteAnswer } from '../../../core/store/v3/engine.ts';
import { isError } from '../../../core/store/v3/kv.ts';
import {
  ALARM_ACTIVATE,
  ALARM_NONE,
  ALARM_NOSPACE,
  type AlarmRequest,
  type DeleteRangeRequest,
  type PutRequest,
  type RangeRequest,
  type WriteRequest,
} from '../../../core/store/v3/messages.ts';
import { isReadOnly } from '../../../core/store/v3/txn.ts';
import type { Message } from '../protobuf/decode.ts';
import { txnRequest, txnResponseToWire } from './convert.ts';
import type { StoreMember } from './member.ts';

/** Reported version: this façade speaks etcd 3.6. */
export const ETCD_VERSION = '3.6.16';
const STORAGE_VERSION = '3.6.0';

/** Largest proposal, bytes (etcd's --max-request-bytes). */
const MAX_REQUEST_BYTES = 1_572_864;
/** What etcd wraps a request in before it measures it: header with a ten-byte id, tag, length. */
const PROPOSAL_OVERHEAD_BYTES = 18;

/** The answer of a call: a message to encode or an error. */
export type Reply = (answer: object | StoreError) => void;

/** One unary call. `sizeBytes`: length of the encoded request. */
export type Handler = (member: StoreMember, request: Message, sizeBytes: number, reply: Reply) => void;

/** A response header as of now, or of the revision given. */
export function header(member: StoreMember, revision = 0): object {
  const { clusterId, memberId, raftTerm } = member.options;
  return { clusterId, memberId, revision: revision === 0 ? member.engine.revision : revision, raftTerm };
}

function propose(
  member: StoreMember,
  request: WriteRequest,
  sizeBytes: number,
  reply: Reply,
  show: (answer: WriteAnswer) => object,
): void {
  if (sizeBytes + PROPOSAL_OVERHEAD_BYTES > MAX_REQUEST_BYTES) reply(ERROR_REQUEST_TOO_LARGE);
  else member.propose(request, (answer) => reply(isError(answer) ? answer : show(answer)));
}

/** Refuses what the quota has no room for and raises the alarm. */
function refuseForSpace(member: StoreMember, request: WriteRequest, reply: Reply): boolean {
  if (member.engine.hasRoom(request)) return false;
  const alarm: AlarmRequest = { action: ALARM_ACTIVATE, memberId: member.options.memberId, alarm: ALARM_NOSPACE };
  member.propose({ op: 'alarm', alarm }, () => reply(ERROR_NO_SPACE));
  return true;
}

const range: Handler = (member, wire, _sizeBytes, reply) => {
  const request = wire as unknown as RangeRequest;
  const answer = checkRange(request) ?? member.engine.range(request);
  reply(isError(answer) ? answer : { ...answer, header: header(member, answer.revision) });
};

const put: Handler = (member, wire, sizeBytes, reply) => {
  const request: WriteRequest = { op: 'put', put: wire as unknown as PutRequest };
  if (refuseForSpace(member, request, reply)) return;
  const error = checkPut(request.put);
  if (error !== null) return reply(error);
  propose(member, request, sizeBytes, reply, (answer) => {
    const { put: done } = answer as WriteAnswer & { op: 'put' };
    return { header: header(member, done.revision), prevKv: done.prevKv };
  });
};

const deleteRange: Handler = (member, wire, sizeBytes, reply) => {
  const request: WriteRequest = { op: 'deleteRange', deleteRange: wire as unknown as DeleteRangeRequest };
  const error = checkDeleteRange(request.deleteRange);
  if (error !== null) return reply(error);
  propose(member, request, sizeBytes, reply, (answer) => {
    const { deleteRange: done } = answer as WriteAnswer & { op: 'deleteRange' };
    return { header: header(member, done.revision), deleted: done.deleted, prevKvs: done.prevKvs };
  });
};

const txn: Handler = (member, wire, sizeBytes, reply) => {
  const request: WriteRequest = { op: 'txn', txn: txnRequest(wire) };
  if (refuseForSpace(member, request, reply)) return;
  const error = checkTxn(request.txn);
  if (error !== null) return reply(error);
  if (isReadOnly(request.txn)) {
    const answer = member.engine.readTxn(request.txn);
    return reply(isError(answer) ? answer : txnResponseToWire(answer, header(member, answer.revision)));
  }
  propose(member, request, sizeBytes, reply, (answer) => {
    const { txn: done } = answer as WriteAnswer & { op: 'txn' };
    return txnResponseToWire(done, header(member, done.revision));
  });
};

const compact: Handler = (member, wire, sizeBytes, reply) => {
  const compaction = { revision: wire['revision'] as number, physical: wire['physical'] as boolean };
  const done: Reply = (answer) => {
    if (!compaction.physical) return reply(answer);
    member.whenCompacted(() => reply(isError(answer) ? answer : { header: header(member) }));
  };
  propose(member, { op: 'compaction', compaction }, sizeBytes, done, () => ({ header: header(member) }));
};

/** A positive int63 that is no lease yet. */
function freeLeaseId(member: StoreMember): bigint {
  for (;;) {
    const id = randomBytes(8).readBigUInt64BE() >> 1n;
    if (id !== 0n && member.engine.lessor.lookup(id) === undefined) return id;
  }
}

const leaseGrant: Handler = (member, wire, sizeBytes, reply) => {
  const asked = wire['id'] as bigint;
  const leaseGrant = { ttl: wire['ttl'] as number, id: asked === 0n ? freeLeaseId(member) : asked };
  const request: WriteRequest = { op: 'leaseGrant', leaseGrant };
  if (refuseForSpace(member, request, reply)) return;
  propose(member, request, sizeBytes, reply, (answer) => {
    const { leaseGrant: done } = answer as WriteAnswer & { op: 'leaseGrant' };
    return { header: header(member, done.revision), id: done.id, ttl: done.ttl };
  });
};

const leaseRevoke: Handler = (member, wire, sizeBytes, reply) => {
  propose(member, { op: 'leaseRevoke', id: wire['id'] as bigint }, sizeBytes, reply, (answer) => ({
    header: header(member, (answer as WriteAnswer & { op: 'header' }).header.revision),
  }));
};

const leaseTimeToLive: Handler = (member, wire, _sizeBytes, reply) => {
  const { lessor, mvcc } = member.engine;
  const id = wire['id'] as bigint;
  const lease = lessor.lookup(id);
  if (lease === undefined) return reply({ header: header(member), id, ttl: -1 });
  const keys = wire['keys'] === true ? Array.from(lease.keys, (keyId) => mvcc.keys.keyOf(keyId)).sort() : [];
  reply({ header: header(member), id, ttl: lessor.remainingS(lease, member.nowUs()), grantedTtl: lease.ttlS, keys });
};

const leaseLeases: Handler = (member, _wire, _sizeBytes, reply) => {
  reply({ header: header(member), leases: member.engine.lessor.leases().map(({ id }) => ({ id })) });
};

const alarm: Handler = (member, wire, sizeBytes, reply) => {
  const request = wire as unknown as AlarmRequest;
  propose(member, { op: 'alarm', alarm: request }, sizeBytes, reply, (answer) => ({
    header: member.engine.compatibility.alarmsHaveHeader ? header(member) : null,
    alarms: (answer as WriteAnswer & { op: 'alarm' }).alarm.alarms,
  }));
};

const status: Handler = (member, _wire, _sizeBytes, reply) => {
  const { engine, options } = member;
  reply({
    header: header(member),
    version: ETCD_VERSION,
    dbSize: engine.allocatedBytes,
    leader: options.memberId,
    raftIndex: BigInt(member.proposedIndex),
    raftTerm: options.raftTerm,
    raftAppliedIndex: BigInt(member.appliedIndex),
    errors: engine.alarms
      .list(ALARM_NONE)
      .map(
        ({ memberId, alarm: kind }) => `memberID:${memberId} alarm:${kind === ALARM_NOSPACE ? 'NOSPACE' : 'CORRUPT'} `,
      ),
    dbSizeInUse: engine.mvcc.sizeBytes,
    storageVersion: STORAGE_VERSION,
    dbSizeQuota:
      options.quotaBytes === undefined || options.quotaBytes === 0 ? DEFAULT_QUOTA_BYTES : options.quotaBytes,
    downgradeInfo: { enabled: false },
  });
};

/** etcd hashes its whole backend file here; there is no such file, so this is the hash of the current history. */
const hash: Handler = (member, _wire, _sizeBytes, reply) => {
  const answer = member.engine.hashKv(member.engine.revision);
  reply(isError(answer) ? answer : { header: header(member, answer.revision), hash: answer.hash });
};

const hashKv: Handler = (member, wire, _sizeBytes, reply) => {
  const answer = member.engine.hashKv(wire['revision'] as number);
  if (isError(answer)) return reply(answer);
  const hashRevision = member.engine.compatibility.hashesCompactRevision ? answer.hashRevision : 0;
  reply({ ...answer, hashRevision, header: header(member, answer.revision) });
};

const defragment: Handler = (member, _wire, _sizeBytes, reply) => {
  member.engine.defragment();
  reply({});
};

const moveLeader: Handler = (member, wire, _sizeBytes, reply) => {
  reply(wire['targetId'] === member.options.memberId ? {} : ERROR_BAD_TRANSFEREE);
};

/** Calls with one request and one answer, by their name in the list of RPCs. */
export const UNARY_HANDLERS = {
  range,
  put,
  deleteRange,
  txn,
  compact,
  leaseGrant,
  leaseRevoke,
  leaseTimeToLive,
  leaseLeases,
  alarm,
  status,
  hash,
  hashKv,
  defragment,
  moveLeader,
} as const satisfies Readonly<Record<string, Handler>>;
