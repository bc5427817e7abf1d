/**
 * The replica of a store with one member: an entry is committed when it is durable, so there is nothing to agree on.
 *
 * Writes wait for the running fsync (group commit) and are applied in log order once durable; reads are served at once,
 * since this member's applied state contains everything acknowledged. A group of one member that runs Raft behaves the same.
 */
import type { Context } from '../sim/context.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import { ApplyDelay } from './apply-delay.ts';
import type { LogEntry, LoggedRequest } from './log-entry.ts';
import { MemberLog } from './member-log.ts';
import {
  BUG_ACK_BEFORE_SYNC,
  MARK_DAMAGED,
  MARK_GROUP,
  MARK_RECOVERED,
  MARK_SNAPSHOT,
  MARK_SYNC_FAILED,
  MARK_TORN,
} from './member-names.ts';
import type { Replica, ReplicaHost, WaitingRead } from './member-replica.ts';
import { OP_APPLY_DUE, OP_WAL_SYNCED } from './member-timers.ts';

export class SoloReplica implements Replica {
  readonly isLeader = true;
  readonly term = 0;
  readonly otherLeader = undefined;
  readonly peers: readonly Pid[] = [];
  readonly #context: Context;
  readonly #host: ReplicaHost;
  readonly #log: MemberLog;
  readonly #delay: ApplyDelay;
  /** Writes logged but not applied, in log order, and whom to answer. */
  readonly #waiting: LogEntry[] = [];
  readonly #waitingConns: Conn[] = [];
  readonly #waitingIds: number[] = [];
  #syncing = false;
  #appliedIndex = 0;

  constructor(context: Context, host: ReplicaHost) {
    this.#context = context;
    this.#host = host;
    this.#log = new MemberLog(context);
    this.#delay = new ApplyDelay(context);
  }

  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  get backlog(): number {
    return this.#waiting.length;
  }

  start(): boolean {
    const { engine } = this.#host;
    const found = this.#log.recover();
    if (found.damage !== null) {
      this.#context.mark(MARK_DAMAGED);
      this.#context.exit(1);
      return false;
    }
    if (found.snapshot !== null) {
      engine.load(found.snapshot.image);
      this.#appliedIndex = found.snapshot.index;
    }
    for (const entry of found.entries) {
      // An entry that reached the disk but was not applied before the crash commits now.
      if (entry.isAnnounced) this.#host.rebuild(entry);
      else this.#host.applyWrite(entry, -1, 0);
      this.#appliedIndex = entry.index;
    }
    if (this.#appliedIndex > 0) this.#context.mark(MARK_RECOVERED);
    if (found.torn) {
      this.#context.mark(MARK_TORN);
      this.#log.repair(engine, this.#appliedIndex);
    }
    this.#host.promoted();
    return true;
  }

  /** Applied and answered when the sync that covers it has completed. */
  propose(request: LoggedRequest, conn: Conn, id: number): void {
    this.#waiting.push(this.#log.append(request));
    this.#waitingConns.push(conn);
    this.#waitingIds.push(id);
    if (this.#context.bug(BUG_ACK_BEFORE_SYNC)) this.#applyUpTo(this.#log.lastIndex);
    if (!this.#syncing) this.#startSync();
  }

  read(read: WaitingRead): void {
    this.#host.serve(read);
  }

  receive(op: number, _from: Pid, a: number, _b: number, payload: Payload | null): boolean {
    if (op === OP_WAL_SYNCED) this.#synced(a, payload);
    else if (op === OP_APPLY_DUE) this.#applyUpTo(a);
    else return false;
    return true;
  }

  beginDefragment(us: number): void {
    this.#delay.hold(us);
  }

  saveSnapshot(): void {
    this.#context.mark(MARK_SNAPSHOT);
    this.#log.saveSnapshot(this.#host.engine, this.#appliedIndex);
  }

  #startSync(): void {
    this.#syncing = true;
    this.#log.sync(OP_WAL_SYNCED);
  }

  #synced(lastIndex: number, failure: Payload | null): void {
    if (failure !== null) {
      this.#context.mark(MARK_SYNC_FAILED);
      this.#context.exit(1);
      return;
    }
    this.#syncing = false;
    if (this.#log.lastIndex > lastIndex) this.#startSync();
    if (this.#delay.passes(lastIndex)) this.#applyUpTo(lastIndex);
  }

  /** Applies what is durable, answers it, tells the watches, in that order. */
  #applyUpTo(lastIndex: number): void {
    const waiting = this.#waiting;
    let count = 0;
    while (count < waiting.length && (waiting[count] as LogEntry).index <= lastIndex) {
      const entry = waiting[count] as LogEntry;
      this.#appliedIndex = entry.index;
      this.#host.applyWrite(entry, this.#waitingConns[count] as Conn, this.#waitingIds[count] as number);
      if (!this.#context.alive) return;
      count++;
    }
    if (count > 1) this.#context.mark(MARK_GROUP);
    this.#forget(count);
    this.#host.applied(count);
    if (this.#log.isSnapshotDue(this.#host.engine.mvcc, this.#appliedIndex)) this.saveSnapshot();
  }

  /** The oldest `count` writes wait no more. */
  #forget(count: number): void {
    const waiting = this.#waiting;
    const conns = this.#waitingConns;
    const ids = this.#waitingIds;
    const left = waiting.length - count;
    for (let i = 0; i < left; i++) {
      waiting[i] = waiting[i + count] as LogEntry;
      conns[i] = conns[i + count] as Conn;
      ids[i] = ids[i + count] as number;
    }
    while (waiting.length > left) {
      waiting.pop();
      conns.pop();
      ids.pop();
    }
  }
}
