/**
 * How a member comes to apply writes: alone ({@link SoloReplica}), or in a group that agrees by Raft ({@link GroupReplica}).
 *
 * The replica owns log, recovery and order; the member owns the store, the watches and the answers.
 */
import type { Conn, Payload, Pid } from '../sim/process.ts';
import type { StoreError } from './errors.ts';
import type { LoggedRequest, Proposal } from './log-entry.ts';
import type { Engine } from './v3/engine.ts';

/** A read that waits for its member to be up to date. */
export interface WaitingRead {
  readonly payload: Payload;
  readonly conn: Conn;
  readonly id: number;
}

/** What a replica asks of its member. */
export interface ReplicaHost {
  readonly engine: Engine;
  /** int32 over all changes applied since the beginning, in order; compaction does not alter it, a snapshot carries it on. */
  stateHash: number;
  /** Applies one committed write and answers (`conn` −1: nobody waits here). */
  applyWrite(proposal: Proposal, conn: Conn, id: number): void;
  /** Applies one write of before the restart: nobody is told. */
  rebuild(proposal: Proposal): void;
  /** A batch of writes is applied: tells the watches. */
  applied(count: number): void;
  /** The store has been replaced by a snapshot; `before` is the revision it had. */
  replaced(before: number): void;
  /** Serves a read from the store as it is now. */
  serve(read: WaitingRead): void;
  refuse(conn: Conn, id: number, error: StoreError, outcomeUnknown?: boolean): void;
  /** This member leads, and everything of earlier terms is applied. */
  promoted(): void;
  /** This member does not lead any more. */
  demoted(): void;
  /** No leader for so long that watches opened with a demand for one end. */
  leaderMissing(): void;
}

export interface Replica {
  /** Recovers from disk; false: the files are damaged and the member must not run. */
  start(): boolean;
  /** Index of the last entry applied. */
  readonly appliedIndex: number;
  readonly isLeader: boolean;
  /** Term of the group as this member knows it; 0 for a single one. */
  readonly term: number;
  /** Processes of the other members. */
  readonly peers: readonly Pid[];
  /** The member that it believes to lead, if that is another one: what its last round said, out of date while it waits for its disk. */
  readonly otherLeader: Pid | undefined;
  /** Writes that are not applied yet. */
  readonly backlog: number;
  /** Logs a write; the host applies and answers it when it is committed. */
  propose(request: LoggedRequest, conn: Conn, id: number): void;
  /** Has the host serve the read as soon as everything acknowledged before now is applied here. */
  read(read: WaitingRead): void;
  /** Takes a message that concerns the group, or a timer; false if it is none. */
  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): boolean;
  /** Commits the backend, and applies nothing for `us` µs. */
  beginDefragment(us: number): void;
  /** Saves the store as it is and shortens the log. */
  saveSnapshot(): void;
}
