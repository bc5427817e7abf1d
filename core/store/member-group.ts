/**
 * The replica of a member of a group: Raft over the simulated network and disk.
 *
 * One round at a time, as etcd's raft loop (3.6, server/etcdserver/raft.go): take what is ready; a leader sends at once,
 * others after their log is durable; sync if a promise depends on it; apply what is committed; go on. Writes that come during a
 * round are proposed together in the next. Always holds: nothing is answered, voted or acknowledged before it is durable; each entry is
 * applied once, in log order, also over crashes; a broken disk ends the process.
 */

import { confChangeOf } from '../raft/conf-change.ts';
import { ENTRY_NORMAL, type Entry } from '../raft/entry.ts';
import { LostLogError } from '../raft/log.ts';
import { type Message, MSG_SNAP, NONE } from '../raft/message.ts';
import type { Raft } from '../raft/raft.ts';
import { RawNode } from '../raft/raw-node.ts';
import type { Ready } from '../raft/ready.ts';
import { type HardState, type RaftSnapshot, STATE_LEADER } from '../raft/snapshot.ts';
import type { Context } from '../sim/context.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import { ApplyDelay } from './apply-delay.ts';
import type { BeatingMember } from './group-beats.ts';
import type { GroupOptions } from './group-options.ts';
import { type LoggedRequest, Proposal } from './log-entry.ts';
import { BackendCommits } from './member-backend.ts';
import { changeMembers, type MemberChange } from './member-changes.ts';
import {
  BUG_APPLY_AGAIN,
  BUG_COMMIT_ANY_TERM,
  BUG_NO_PRE_VOTE,
  BUG_SEND_BEFORE_SYNC,
  BUG_VOTE_NOT_PERSISTED,
  MARK_DAMAGED,
  MARK_ELECTED,
  MARK_GROUP,
  MARK_LOG_LOST,
  MARK_RECOVERED,
  MARK_REPLACED,
  MARK_SKIPPED,
  MARK_SNAPSHOT,
  MARK_SYNC_FAILED,
  MARK_TORN,
  POINT_STORE_APPLIED,
  POINT_STORE_LEADER,
  POINT_STORE_SNAPSHOT,
} from './member-names.ts';
import { ReadBarrier } from './member-reads.ts';
import { GroupSnapshot } from './member-records.ts';
import type { Replica, ReplicaHost, WaitingRead } from './member-replica.ts';
import { asRaft, MemberStorage, withState } from './member-storage.ts';
import { MemberTicks } from './member-ticks.ts';
import { OP_APPLY_DUE, OP_SNAPSHOT_LATE, OP_TICK, OP_WAL_SYNCED } from './member-timers.ts';
import { MemberWal } from './member-wal.ts';
import { WaitingWrites } from './member-writes.ts';
import { OP_STORE_MEMBER_CHANGE, OP_STORE_PEER } from './ops.ts';

/** etcd's default: an election after 1,000 ms and up to as much again. */
const ELECTION_TICKS = 10;
/** etcd's settings of its Raft: 1 MiB a message, 512 messages in flight (manual §1.8). */
const MESSAGE_BYTES_MAX = 1 << 20;
const INFLIGHT_MAX = 512;
/** Entries after which a snapshot is due, and those kept behind it for slow followers: etcd 3.6's defaults. */
const SNAPSHOT_ENTRIES = 10_000;
const CATCH_UP_ENTRIES = 5_000;
const RECORD_BYTES = 64;
/** Speed of sending a snapshot, bytes per µs, and how long the leader waits for its arrival beyond that, µs. */
const SNAPSHOT_BYTES_PER_US = 100;
const SNAPSHOT_PATIENCE_US = 5_000_000;
/** Ticks without a leader after which watches end: three election timeouts (etcd's hasleader). */
const LEADERLESS_TICKS = 3 * ELECTION_TICKS;

export class GroupReplica implements Replica, BeatingMember {
  readonly context: Context;
  readonly #host: ReplicaHost;
  readonly #options: GroupOptions;
  readonly #wal: MemberWal;
  readonly #delay: ApplyDelay;
  readonly #storage = new MemberStorage(() => asRaft(this.snapshotNow()));
  readonly #reads: ReadBarrier;
  readonly #writes: WaitingWrites;
  readonly #backend: BackendCommits;
  #raw!: RawNode;
  /** Set when it starts, as the node is. */
  ticks!: MemberTicks;
  /** Entries that are committed and wait to be applied. */
  readonly #committed: Entry[] = [];
  /** Entries up to here are applied: etcd's consistent index. */
  #appliedIndex = 0;
  #snapshotRevision = 1;
  /** What waits for its sync; null: no round runs. */
  #round: Ready | null = null;
  /** The running round's messages are out. */
  #hasSent = false;
  #turning = false;
  #lead = NONE;
  #leaderlessTicks = 0;

  constructor(context: Context, host: ReplicaHost, options: GroupOptions) {
    this.context = context;
    this.#host = host;
    this.#options = options;
    this.#wal = new MemberWal(context);
    this.#delay = new ApplyDelay(context);
    this.#reads = new ReadBarrier(context, host, (request) => this.#raw.readIndex(request));
    this.#writes = new WaitingWrites(context, host);
    this.#backend = new BackendCommits(context, this.#wal);
  }

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  get revision(): number {
    return this.#host.engine.revision;
  }

  get stateHash(): number {
    return this.#host.stateHash;
  }

  get isLeader(): boolean {
    return this.#raw.raft.state === STATE_LEADER;
  }

  get term(): number {
    return this.#raw.raft.term;
  }

  get otherLeader(): Pid | undefined {
    return this.#lead === NONE || this.#leads ? undefined : this.#options.peer(this.#lead);
  }

  /** Whether the last round said that this member leads. */
  get #leads(): boolean {
    return this.#lead === this.#options.id;
  }

  get peers(): readonly Pid[] {
    const pids: Pid[] = [];
    for (const id of this.#raw.raft.tracker.progress.keys()) {
      const pid = id === this.#options.id ? undefined : this.#options.peer(id);
      if (pid !== undefined) pids.push(pid);
    }
    return pids;
  }

  get backlog(): number {
    return this.#writes.count;
  }

  /** The consensus state, for other members' heartbeats and those who look at a running member. */
  get raft(): Raft {
    return this.#raw.raft;
  }

  get isSyncing(): boolean {
    return this.#round !== null;
  }

  start(): boolean {
    const found = this.#wal.recover();
    if (found.damage !== null) {
      this.context.mark(MARK_DAMAGED);
      this.context.exit(1);
      return false;
    }
    if (found.torn) this.context.mark(MARK_TORN);
    const isNew = found.snapshot === null;
    const snapshot = found.snapshot ?? this.#firstSnapshot();
    if (isNew) this.#wal.saveSnapshot(snapshot);
    if (snapshot.index > 0) this.#storage.applySnapshot(asRaft(snapshot));
    this.#storage.append(found.entries);
    this.#storage.hardState = found.hardState;
    this.#rebuild(snapshot, found.entries, found.dataIndex, found.consistentIndex);
    this.#raw = this.#startRaft(snapshot.index);
    const { id, beats, voters } = this.#options;
    this.ticks = new MemberTicks(this.context, this.raft, beats !== undefined);
    this.ticks.start();
    beats?.enter(id, this);
    // A group that never ran need not wait for a timeout; etcd cuts the first one short for the same reason.
    if ((isNew && id === voters[0]) || this.#raw.raft.tracker.isSingleton) this.#raw.campaign();
    this.#turn();
    return true;
  }

  /** Every first member starts from the same point; one that joins knows nothing and is sent a snapshot. */
  #firstSnapshot(): GroupSnapshot {
    const { voters } = this.#options;
    const at = voters.length === 0 ? 0 : 1;
    const confState = { voters, votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
    const state = { term: at, vote: NONE, commit: at };
    return new GroupSnapshot(at, at, confState, this.#host.engine.image(), state, RECORD_BYTES, 0);
  }

  /** Puts the backend back to its last commit; what the log has beyond is applied when Raft hands it out again. */
  #rebuild(snapshot: GroupSnapshot, entries: readonly Entry[], dataIndex: number, consistentIndex: number): void {
    this.#host.engine.load(snapshot.image);
    this.#host.stateHash = snapshot.stateHash;
    this.#snapshotRevision = snapshot.image.mvcc.revision;
    for (const entry of entries) {
      if (entry.index > dataIndex) break;
      if (entry.data instanceof Proposal) this.#host.rebuild(entry.data);
    }
    this.#appliedIndex = this.context.bug(BUG_APPLY_AGAIN) ? snapshot.index : consistentIndex;
    this.#backend.recovered(this.#appliedIndex);
    if (this.#appliedIndex > 1) this.context.mark(MARK_RECOVERED);
  }

  #startRaft(applied: number): RawNode {
    const draws = this.context.random('election');
    const { id, beats } = this.#options;
    return new RawNode({
      id,
      storage: this.#storage,
      applied,
      electionTick: ELECTION_TICKS,
      heartbeatTick: 1,
      maxMessageBytes: this.#options.messageBytes ?? MESSAGE_BYTES_MAX,
      maxInflightMessages: INFLIGHT_MAX,
      checkQuorum: !this.context.bug(BUG_NO_PRE_VOTE),
      preVote: !this.context.bug(BUG_NO_PRE_VOTE),
      random: (n) => draws.below(n),
      ...(beats === undefined ? {} : { beat: (to: number) => beats.beat(this, to) }),
      commitsAnyTerm: this.context.bug(BUG_COMMIT_ANY_TERM),
    });
  }

  propose(request: LoggedRequest, conn: Conn, id: number): void {
    this.#writes.add(new Proposal(request), conn, id);
    this.#turn();
  }

  read(read: WaitingRead): void {
    this.#reads.add(read);
    this.#reads.start();
    this.#turn();
  }

  receive(op: number, _from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): boolean {
    switch (op) {
      case OP_STORE_PEER:
        this.ticks.catchUp();
        this.#step(payload as Message);
        break;
      case OP_WAL_SYNCED:
        this.#synced(payload);
        break;
      case OP_TICK:
        this.#tick();
        break;
      case OP_SNAPSHOT_LATE:
        this.#snapshotLate(a, b);
        break;
      case OP_APPLY_DUE:
        this.#applyUpTo(a);
        if (this.context.alive) this.#settle();
        break;
      case OP_STORE_MEMBER_CHANGE:
        changeMembers(this.#raw, this.#host, payload as MemberChange, conn, a);
        break;
      default:
        return this.#backend.receive(op);
    }
    this.#turn();
    return true;
  }

  /** A log that cannot be right ends the process, as etcd panics. */
  #step(message: Message): void {
    try {
      this.#raw.step(message);
    } catch (error) {
      if (!(error instanceof LostLogError)) throw error;
      this.context.mark(MARK_LOG_LOST);
      this.context.exit(2);
    }
  }

  /** Hands the leadership to another member; no effect unless this member leads. */
  transferLeader(to: number): void {
    this.#raw.transferLeader(to);
    this.#turn();
  }

  #tick(): void {
    this.ticks.tick();
    this.#reads.check();
    this.#writes.check(this.#lead !== NONE);
    this.#leaderlessTicks = this.#lead === NONE ? this.#leaderlessTicks + 1 : 0;
    if (this.#leaderlessTicks === LEADERLESS_TICKS) this.#host.leaderMissing();
  }

  /** Rounds, until one has to wait for the disk or nothing is left to do. */
  #turn(): void {
    // What a round serves may propose: the loop that runs takes it along.
    if (this.#turning) return;
    this.#turning = true;
    while (this.#round === null && this.context.alive) {
      if (this.#lead !== NONE) this.#writes.proposeTo(this.#raw);
      const messages = this.#raw.takeMessages();
      if (messages !== null) this.#send(messages);
      else if (this.#raw.hasReady()) this.#begin(this.#raw.ready());
      else break;
    }
    this.#turning = false;
    this.ticks.settle(this.#reads.isWaiting || this.#writes.count > 0);
  }

  #begin(ready: Ready): void {
    if (ready.softState !== null) this.#leaderIs(ready.softState.lead);
    for (const { request, index } of ready.readStates) this.#reads.confirmed(request, index, this.#appliedIndex);
    const sendsFirst = this.isLeader || this.context.bug(BUG_SEND_BEFORE_SYNC);
    if (sendsFirst) this.#send(ready.messages);
    const { snapshot, entries, hardState } = ready;
    if (snapshot !== null)
      this.#wal.installSnapshot(withState(snapshot.data as GroupSnapshot, this.#durable(hardState)));
    this.#wal.append(entries, hardState === null ? null : this.#durable(hardState));
    this.#storage.append(entries);
    if (hardState !== null) this.#storage.hardState = hardState;
    this.#round = ready;
    this.#hasSent = sendsFirst;
    if (ready.mustSync) this.#wal.sync(OP_WAL_SYNCED);
    else this.#finish(ready);
  }

  /** What of a hard state goes to disk: all of it, unless a bug is planted. */
  #durable(state: HardState | null): HardState {
    const whole = state ?? this.#raw.raft.hardState;
    return this.context.bug(BUG_VOTE_NOT_PERSISTED) ? { ...whole, vote: NONE } : whole;
  }

  #synced(failure: Payload | null): void {
    if (failure !== null) {
      this.context.mark(MARK_SYNC_FAILED);
      this.context.exit(1);
      return;
    }
    const ready = this.#round;
    if (ready === null) return;
    if (ready.entries.length > 1) this.context.mark(MARK_GROUP);
    this.#finish(ready);
  }

  #finish(ready: Ready): void {
    if (!this.#hasSent) this.#send(ready.messages);
    if (ready.snapshot !== null) this.#install(ready.snapshot);
    this.#commit(ready.committedEntries);
    if (!this.context.alive) return;
    this.#round = null;
    this.#raw.advance();
    this.#settle();
  }

  /** What depends on how far the store is. */
  #settle(): void {
    this.#reads.applied(this.#appliedIndex);
    if (this.#isSnapshotDue()) this.saveSnapshot();
  }

  /** Applies entries, or has them wait where applying is slow; a change of the group waits for nothing. */
  #commit(entries: readonly Entry[]): void {
    const last = entries.at(-1)?.index;
    if (last === undefined) return;
    const changesGroup = entries.some(({ type }) => type !== ENTRY_NORMAL);
    const isDue = this.#delay.passes(last) || changesGroup;
    if (isDue && this.#committed.length === 0) return this.#apply(entries);
    this.#committed.push(...entries);
    if (isDue) this.#applyUpTo(last);
  }

  #applyUpTo(index: number): void {
    const later = this.#committed.findIndex((entry) => entry.index > index);
    this.#apply(this.#committed.splice(0, later < 0 ? this.#committed.length : later));
  }

  #leaderIs(lead: number): void {
    if (lead === this.#lead) return;
    if (lead === this.#options.id) {
      this.context.mark(MARK_ELECTED);
      this.context.observe(POINT_STORE_LEADER, this.#raw.raft.term);
    }
    if (this.#leads) this.#host.demoted();
    this.#lead = lead;
    this.#reads.leaderChanged();
    this.#writes.leaderChanged();
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) {
      const pid = this.#options.peer(message.to);
      if (pid === undefined) continue;
      const delayUs = message.type === MSG_SNAP ? this.#snapshotUs(message) : 0;
      this.context.send(pid, OP_STORE_PEER, message.type, 0, message, delayUs);
    }
  }

  /** Time a snapshot is on its way; if it does not arrive in time, Raft is told and sends another. */
  #snapshotUs(message: Message): number {
    const snapshot = message.snapshot as RaftSnapshot;
    const extra = this.context.intercept(POINT_STORE_SNAPSHOT, message);
    const size = (snapshot.data as GroupSnapshot).sizeBytes;
    const delayUs = Math.ceil(size / SNAPSHOT_BYTES_PER_US) + (typeof extra === 'number' ? extra : 0);
    this.context.setTimer(delayUs + SNAPSHOT_PATIENCE_US, OP_SNAPSHOT_LATE, message.to, snapshot.index);
    return delayUs;
  }

  #snapshotLate(to: number, index: number): void {
    const progress = this.#raw.raft.tracker.progress.get(to);
    if (this.isLeader && progress?.pendingSnapshot === index) this.#raw.reportSnapshot(to, true);
  }

  #install(snapshot: RaftSnapshot): void {
    const { engine } = this.#host;
    const before = engine.revision;
    this.context.mark(MARK_REPLACED);
    const data = snapshot.data as GroupSnapshot;
    this.#storage.applySnapshot(snapshot);
    this.#committed.length = 0;
    engine.load(data.image);
    this.#host.stateHash = data.stateHash;
    this.#snapshotRevision = data.image.mvcc.revision;
    this.#appliedIndex = snapshot.index;
    this.#backend.recovered(snapshot.index);
    this.#host.replaced(before);
  }

  #apply(entries: readonly Entry[]): void {
    let count = 0;
    for (const entry of entries) {
      const isApplied = entry.index <= this.#appliedIndex;
      this.#appliedIndex = Math.max(this.#appliedIndex, entry.index);
      // The group is not part of the backend: its changes are applied again after a restart.
      if (entry.type !== ENTRY_NORMAL) this.#raw.applyConfChange(confChangeOf(entry.data));
      // The empty entry with which this member began the term that it leads.
      else if (entry.data === null && this.#leads && entry.term === this.term) this.#host.promoted();
      if (isApplied) {
        this.context.mark(MARK_SKIPPED);
        continue;
      }
      if (entry.data instanceof Proposal) {
        count++;
        const writer = this.#writes.take(entry.data);
        this.#host.applyWrite(entry.data, writer?.conn ?? -1, writer?.id ?? 0);
        if (!this.context.alive) return;
      }
      this.context.observe(POINT_STORE_APPLIED, this);
    }
    if (entries.length > 0) this.#backend.applied(this.#appliedIndex, count);
    if (count > 0) this.#host.applied(count);
  }

  #isSnapshotDue(): boolean {
    const { mvcc } = this.#host.engine;
    const logged = Math.max(this.#appliedIndex - this.#storage.snapshotIndex, mvcc.revision - this.#snapshotRevision);
    const due = this.#options.snapshotEntries ?? Math.max(SNAPSHOT_ENTRIES, mvcc.history.count >>> 2);
    return logged >= due;
  }

  beginDefragment(us: number): void {
    this.#backend.beginDefragment();
    this.#delay.hold(us);
  }

  saveSnapshot(): void {
    const index = this.#appliedIndex;
    // A snapshot from the leader may be of just this index.
    if (index <= this.#storage.snapshotIndex) return;
    this.context.mark(MARK_SNAPSHOT);
    const snapshot = this.snapshotNow();
    this.#snapshotRevision = snapshot.image.mvcc.revision;
    this.#wal.saveSnapshot(snapshot);
    this.#storage.createSnapshot(asRaft(snapshot));
    const keep = this.#options.catchUpEntries ?? CATCH_UP_ENTRIES;
    if (index > keep) this.#storage.compact(index - keep);
    this.#backend.recovered(index);
  }

  /** The store and the group as they are; followers that need a snapshot are sent this, not an older one. */
  snapshotNow(): GroupSnapshot {
    const index = this.#appliedIndex;
    const { engine } = this.#host;
    const image = engine.image();
    const sizeBytes = engine.mvcc.history.valueBytes + RECORD_BYTES * image.mvcc.history.records.count;
    const { log, tracker } = this.#raw.raft;
    const state = this.#durable(null);
    const { stateHash } = this.#host;
    return new GroupSnapshot(index, log.term(index), tracker.confState, image, state, sizeBytes, stateHash);
  }
}
