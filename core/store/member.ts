/**
 * A store member as a process: requests, watches and answers of one etcd server. How writes become committed, and when a read may be
 * served, is its replica's: alone, or agreed with a group by Raft.
 *
 * Always holds: an acknowledged write survives any crash that leaves a quorum; a write whose answer was lost may or may not have
 * happened; reads are linearizable. Watches get one message a connection and commit. A restart rebuilds the store exactly; if the
 * disk fails to sync, the process ends, as etcd does.
 */
import { assert } from '../base/assert.ts';
import { mix } from '../base/content-hash.ts';
import type { Context } from '../sim/context.ts';
import { OP_CONN_CLOSED } from '../sim/ops.ts';
import type { Behaviour, Conn, Factory, Payload, Pid } from '../sim/process.ts';
import { applyEntry, costOf, type WriteResponse } from './apply.ts';
import {
  ERROR_NO_SPACE,
  ERROR_REQUEST_TOO_LARGE,
  ERROR_TOO_MANY_REQUESTS,
  REASON_WATCH_NO_LEADER,
  type StoreError,
} from './errors.ts';
import type { GroupOptions } from './group-options.ts';
import type { KeyInterner } from './key-interner.ts';
import type { LoggedRequest, Proposal } from './log-entry.ts';
import { CorruptionMonitor } from './member-corruption.ts';
import { GroupReplica } from './member-group.ts';
import { MemberLeases } from './member-leases.ts';
import {
  BUG_ALARM_UNLOGGED,
  BUG_IGNORE_COMPARE,
  BUG_SNAPSHOT_KEEPS_WATCHES,
  BUG_SPACE_ALARM_IGNORED,
  BUG_TOMBSTONE,
  COUNT_RANGE_KEYS,
  COUNT_RANGES,
  MARK_ALARM,
  MARK_DEFRAGMENTED,
  MARK_NO_LEADER,
  MARK_NO_SPACE,
  MARK_OVERLOAD,
  POINT_STORE_ACK,
  POINT_STORE_APPLY,
  POINT_STORE_COMMIT,
} from './member-names.ts';
import type { Replica, ReplicaHost, WaitingRead } from './member-replica.ts';
import { SoloReplica } from './member-solo.ts';
import { OP_COMPACT_STEP, OP_DEFRAGMENTED, OP_TICK, OP_WAL_SYNCED } from './member-timers.ts';
import { MemberWatches } from './member-watches.ts';
import type { Mvcc } from './mvcc.ts';
import {
  OP_STORE_BATCH,
  OP_STORE_DEFRAGMENT,
  OP_STORE_PEER,
  OP_STORE_RANGE,
  OP_STORE_REQUEST,
  OP_STORE_RESPONSE,
  OP_STORE_TXN,
} from './ops.ts';
import { StoreBatch, StoreRange, StoreRequest } from './requests.ts';
import { StoreAnswer, StoreErrorResponse } from './responses.ts';
import type { StreamLimits } from './stream-channel.ts';
import { checkWrite } from './v3/check-request.ts';
import { ETCD_3_6 } from './v3/compatibility.ts';
import { Engine } from './v3/engine.ts';
import { isError } from './v3/kv.ts';
import { ALARM_ACTIVATE, ALARM_NOSPACE, type TxnRequest } from './v3/messages.ts';
import { isReadOnly } from './v3/txn.ts';
import type { StoreValue } from './value.ts';

/** Speed of a defragmentation, bytes per µs: 132 MiB in 1.5 s (manual of the store §5.2). */
const DEFRAGMENT_BYTES_PER_US = 92;

/** Most writes waiting to be applied (etcd's limit of commit − apply lag). */
const MAX_WAITING_WRITES = 5_000;
/** Largest request, bytes (etcd's --max-request-bytes: 1.5 MiB). */
const MAX_REQUEST_BYTES = 1_572_864;
/** Revisions removed per step of a physical compaction, and the pause between steps, µs. */
const COMPACT_STEP_RECORDS = 1_000;
const COMPACT_PAUSE_US = 10_000;

export interface MemberOptions {
  /** Shared by all members and API servers of the cluster. */
  readonly keys: KeyInterner;
  /** The group it belongs to; absent: it is the only member. */
  readonly group?: GroupOptions;
  /** Backend quota, bytes; negative disables. */
  readonly quotaBytes?: number;
  /** Time between two comparisons of members by their compactions' hashes, µs (etcd's CompactHashCheck, 1 min); absent: none, its default. */
  readonly compareHashesUs?: number;
  /** How much a watch stream takes while its client does not read. */
  readonly streams?: StreamLimits;
  /** Called with each new instance: lets a harness look at the store of a running member. */
  readonly started?: (member: StoreMember) => void;
}

/** Factory of a store member's process. */
export function storeMember(options: MemberOptions): Factory {
  return (context) => new StoreMember(context, options);
}

export class StoreMember implements Behaviour, ReplicaHost {
  readonly engine: Engine;
  stateHash = 0;
  readonly #context: Context;
  readonly #options: MemberOptions;
  readonly #watches: MemberWatches;
  readonly #replica: Replica;
  readonly #leases: MemberLeases;
  readonly #corruption: CorruptionMonitor | null;
  readonly #id: number;
  readonly #inGroup: boolean;
  #compactArmed = false;
  /** Defragmentations under way, and the reads that wait for their end. */
  #defragments = 0;
  #heldReads: WaitingRead[] = [];
  /** Who waits for a physical compaction: connection, request id, answer. */
  #physical: { readonly conn: Conn; readonly id: number; readonly answer: WriteResponse }[] = [];

  constructor(context: Context, options: MemberOptions) {
    this.#context = context;
    this.#options = options;
    const { keys, quotaBytes } = options;
    this.engine = new Engine({
      keys,
      ...(quotaBytes === undefined ? {} : { quotaBytes }),
      compactionHashes: options.compareHashesUs !== undefined,
      compatibility: { ...ETCD_3_6, keepsTombstoneAtCompaction: !context.bug(BUG_TOMBSTONE) },
      ignoresSpaceAlarm: context.bug(BUG_SPACE_ALARM_IGNORED),
    });
    this.#watches = new MemberWatches(context, this.mvcc, options.streams ?? {});
    const { group } = options;
    this.#inGroup = group !== undefined;
    this.#replica = group === undefined ? new SoloReplica(context, this) : new GroupReplica(context, this, group);
    this.#leases = new MemberLeases(context, this, this.#replica);
    this.#id = group?.id ?? 1;
    const { compareHashesUs: periodUs } = options;
    this.#corruption =
      periodUs === undefined ? null : new CorruptionMonitor(context, this, this.#replica, this.#id, periodUs);
  }

  /** The history of keys. */
  get mvcc(): Mvcc {
    return this.engine.mvcc;
  }

  /** Index of the last log entry applied. */
  get appliedIndex(): number {
    return this.#replica.appliedIndex;
  }

  /** Whether this member leads its group; a single one always does. */
  get isLeader(): boolean {
    return this.#replica.isLeader;
  }

  /** Term of the group as this member knows it; 0 for a single one. */
  get term(): number {
    return this.#replica.term;
  }

  /** How this member agrees with others; null for a single one. */
  get group(): GroupReplica | null {
    return this.#replica instanceof GroupReplica ? this.#replica : null;
  }

  start(): void {
    if (!this.#replica.start()) return;
    this.#armCompaction();
    this.#corruption?.start();
    this.#options.started?.(this);
  }

  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn, pid: Pid): void {
    switch (op) {
      case OP_STORE_TXN:
      case OP_STORE_BATCH:
        this.#propose(payload as LoggedRequest, conn, a);
        break;
      case OP_STORE_REQUEST:
        this.#request(payload as StoreRequest, conn, a);
        break;
      case OP_STORE_RANGE:
        this.#replica.read({ payload: payload as StoreRange, conn, id: a });
        break;
      // Most of what comes to a member of a group.
      case OP_STORE_PEER:
      case OP_TICK:
      case OP_WAL_SYNCED:
        this.#replica.receive(op, from, a, b, payload, conn);
        break;
      case OP_STORE_DEFRAGMENT:
        this.defragment(conn, a);
        break;
      case OP_DEFRAGMENTED:
        this.#defragmented(b, a);
        break;
      case OP_COMPACT_STEP:
        this.#compactStep();
        break;
      case OP_CONN_CLOSED:
        this.#watches.drop(conn);
        break;
      default:
        if (this.#watches.receive(op, a, payload, conn) || this.#leases.receive(op, from, a, payload, conn)) return;
        if (this.#corruption?.receive(op, from, a, payload) === true) return;
        if (this.#replica.receive(op, from, a, b, payload, conn) || op < 32) return;
        assert(false, `store member: unknown op ${op} from ${from} (${b}) at ${pid}`);
    }
  }

  #answer(conn: Conn, id: number, answer: Payload, delayUs = 0): void {
    this.#context.sendOn(conn, OP_STORE_RESPONSE, id, 0, answer, delayUs);
  }

  refuse(conn: Conn, id: number, error: StoreError, outcomeUnknown = false): void {
    if (conn >= 0) this.#answer(conn, id, new StoreErrorResponse(error, outcomeUnknown));
  }

  #request(payload: StoreRequest, conn: Conn, id: number): void {
    const { request } = payload;
    const error = checkWrite(request);
    if (error !== null) this.refuse(conn, id, error);
    else if (request.op === 'txn' && isReadOnly(request.txn)) this.#replica.read({ payload, conn, id });
    else this.#propose(payload, conn, id);
  }

  #propose(request: LoggedRequest, conn: Conn, id: number): void {
    const refusal = this.#admit(request);
    if (refusal === null) this.#replica.propose(request, conn, id);
    else this.refuse(conn, id, refusal);
  }

  #admit(request: LoggedRequest): StoreError | null {
    if (this.#replica.backlog >= MAX_WAITING_WRITES) {
      this.#context.mark(MARK_OVERLOAD);
      return ERROR_TOO_MANY_REQUESTS;
    }
    const cost = costOf(request);
    if (cost > MAX_REQUEST_BYTES && !(request instanceof StoreBatch)) return ERROR_REQUEST_TOO_LARGE;
    if (!this.engine.hasRoomFor(cost)) {
      this.#context.mark(MARK_NO_SPACE);
      this.#raiseSpaceAlarm();
      return ERROR_NO_SPACE;
    }
    return null;
  }

  #raiseSpaceAlarm(): void {
    const memberId = BigInt(this.#id);
    if (this.engine.alarms.isActive(ALARM_NOSPACE, memberId)) return;
    this.#context.mark(MARK_ALARM);
    const alarm = { action: ALARM_ACTIVATE, alarm: ALARM_NOSPACE, memberId };
    if (this.#context.bug(BUG_ALARM_UNLOGGED)) this.engine.alarms.apply(alarm);
    else this.#replica.propose(new StoreRequest({ op: 'alarm', alarm }), -1, 0);
  }

  applyWrite(proposal: Proposal, conn: Conn, id: number): void {
    // The first member to apply an entry makes it known; the others only keep up.
    const isFirst = !proposal.isAnnounced;
    const before = this.mvcc.history.count;
    const answer = this.#apply(proposal);
    this.#publish(before, isFirst);
    // Somebody who saw the change may have crashed this member.
    if (!this.#context.alive) return;
    this.#reply(proposal, answer, conn, id);
    if (proposal.request instanceof StoreRequest) this.#leases.applied(proposal.request.request);
  }

  rebuild(proposal: Proposal): void {
    const { history } = this.mvcc;
    const before = history.count;
    this.#apply(proposal);
    if (!this.#inGroup) return;
    for (let index = before; index < history.count; index++) {
      this.#chain(history.keyId(index), history.revision(index), history.value(index));
    }
  }

  #apply(proposal: Proposal): WriteResponse {
    const ignoreCompare = this.#context.bug(BUG_IGNORE_COMPARE);
    if (!(proposal.request instanceof StoreRequest)) return applyEntry(this.engine, proposal, 0, ignoreCompare);
    const answer = applyEntry(this.engine, proposal, this.#context.now(), ignoreCompare);
    // What of a request shows in no change of a key (leases, alarms, a refusal) is part of the state all the same.
    this.stateHash = mix(mix(this.stateHash, proposal.contentHash()), answer instanceof StoreErrorResponse ? 1 : 0);
    return answer;
  }

  #chain(keyId: number, revision: number, value: StoreValue | null): void {
    this.stateHash = mix(mix(mix(this.stateHash, keyId), revision | 0), value === null ? 0 : value.hash);
  }

  applied(count: number): void {
    this.#context.spend(this.#context.costs.storeTxnUs * count);
    this.#watches.flush();
  }

  replaced(before: number): void {
    this.#armCompaction();
    if (!this.#context.bug(BUG_SNAPSHOT_KEEPS_WATCHES)) this.#watches.fallBehind(before + 1);
  }

  promoted(): void {
    this.#leases.promoted();
  }

  demoted(): void {
    this.#leases.demoted();
  }

  leaderMissing(): void {
    this.#context.mark(MARK_NO_LEADER);
    this.#watches.cancelAll(REASON_WATCH_NO_LEADER);
  }

  #publish(from: number, isFirst: boolean): void {
    const mvcc = this.mvcc;
    for (let index = from; index < mvcc.history.count; index++) {
      const event = mvcc.eventAt(index);
      this.#context.mixDigest(event.value === null ? event.keyId : event.value.hash);
      // Alone there is nobody to compare with.
      if (this.#inGroup) this.#chain(event.keyId, event.revision, event.value);
      if (isFirst) this.#context.observe(POINT_STORE_COMMIT, event);
      this.#context.observe(POINT_STORE_APPLY, event);
      this.#watches.publish(event);
    }
  }

  #reply({ request }: Proposal, answer: WriteResponse, conn: Conn, id: number): void {
    if (request instanceof StoreRequest && request.request.op === 'compaction') {
      this.#armCompaction();
      if (request.request.compaction.physical && this.mvcc.compacting && !(answer instanceof StoreErrorResponse)) {
        this.#physical.push({ conn, id, answer });
        return;
      }
    }
    if (conn < 0) return;
    if (this.#inGroup) this.#context.observe(POINT_STORE_ACK, answer);
    if (!this.#watches.hold(conn, id, answer)) this.#answer(conn, id, answer);
  }

  /** Everything acknowledged before the read came is applied here. */
  serve(read: WaitingRead): void {
    if (this.#defragments > 0) {
      this.#heldReads.push(read);
      return;
    }
    const { payload, conn, id } = read;
    if (payload instanceof StoreRange) this.#range(payload, conn, id);
    else if (!this.#leases.serve(read))
      this.#readTxn(((payload as StoreRequest).request as { readonly txn: TxnRequest }).txn, conn, id);
  }

  #readTxn(request: TxnRequest, conn: Conn, id: number): void {
    const txn = this.engine.readTxn(request);
    if (isError(txn)) this.refuse(conn, id, txn);
    else this.#answer(conn, id, new StoreAnswer(this.engine.revision, { op: 'txn', txn }));
  }

  #range(range: StoreRange, conn: Conn, id: number): void {
    const error = this.mvcc.checkRevision(range.revision);
    if (error !== null) {
      this.refuse(conn, id, error);
      return;
    }
    const { keyId, start, end, limit, revision, countOnly } = range;
    const answer =
      keyId >= 0
        ? this.mvcc.rangeKey(keyId, revision, countOnly)
        : this.mvcc.range(start, end, limit, revision, countOnly);
    this.#context.count(COUNT_RANGES);
    this.#context.count(COUNT_RANGE_KEYS, answer.keyValues.length);
    const workUs = this.#context.costs.storeRangePerKeyUs * (1 + answer.keyValues.length);
    this.#answer(conn, id, answer, workUs);
    this.#context.spend(workUs);
  }

  /** Copies the content together; whoever asked for it (`conn` −1: nobody) hears when it is done. */
  defragment(conn: Conn, id: number): void {
    const us = Math.ceil(this.engine.allocatedBytes / DEFRAGMENT_BYTES_PER_US);
    this.#defragments++;
    this.#replica.beginDefragment(us);
    this.#context.setTimer(us, OP_DEFRAGMENTED, id, conn);
  }

  #defragmented(conn: Conn, id: number): void {
    this.engine.defragment();
    this.#context.mark(MARK_DEFRAGMENTED);
    const { revision } = this.mvcc;
    if (conn >= 0) this.#answer(conn, id, new StoreAnswer(revision, { op: 'header', header: { revision } }));
    if (--this.#defragments > 0) return;
    const reads = this.#heldReads;
    this.#heldReads = [];
    for (const read of reads) this.serve(read);
  }

  #armCompaction(): void {
    if (this.#compactArmed || !this.mvcc.compacting) return;
    this.#compactArmed = true;
    this.#context.setTimer(COMPACT_PAUSE_US, OP_COMPACT_STEP);
  }

  #compactStep(): void {
    this.#compactArmed = false;
    if (!this.mvcc.compactStep(COMPACT_STEP_RECORDS)) {
      this.#armCompaction();
      return;
    }
    // What was compacted away is still in the last snapshot and the log: a new snapshot frees it there too.
    this.#replica.saveSnapshot();
    const waiters = this.#physical;
    this.#physical = [];
    for (const { conn, id, answer } of waiters) if (conn >= 0) this.#answer(conn, id, answer);
  }
}
