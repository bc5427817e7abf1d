/**
 * Writes that came to this member and are not applied yet: proposed to the group in order, answered when they are applied here.
 *
 * A write waits for a leader before it is proposed; once proposed it is never proposed again, since it may be in some log. What is
 * not applied within etcd's request timeout is answered with a timeout: it may still happen.
 */
import type { RawNode } from '../raft/raw-node.ts';
import type { Context } from '../sim/context.ts';
import type { Conn } from '../sim/process.ts';
import { ERROR_TIMEOUT, ERROR_TIMEOUT_LEADER_FAILED } from './errors.ts';
import type { Proposal } from './log-entry.ts';
import { MARK_LATE_WRITE } from './member-names.ts';
import { REQUEST_TIMEOUT_US } from './member-reads.ts';
import type { ReplicaHost } from './member-replica.ts';

/** Who waits for a write. */
export interface Writer {
  readonly conn: Conn;
  readonly id: number;
  readonly sinceUs: number;
}

export class WaitingWrites {
  readonly #context: Context;
  readonly #host: ReplicaHost;
  /** Writers by their write, oldest first. */
  readonly #writers = new Map<Proposal, Writer>();
  #unproposed: Proposal[] = [];
  #leaderChangedUs = Number.NEGATIVE_INFINITY;

  constructor(context: Context, host: ReplicaHost) {
    this.#context = context;
    this.#host = host;
  }

  get count(): number {
    return this.#writers.size;
  }

  add(proposal: Proposal, conn: Conn, id: number): void {
    this.#writers.set(proposal, { conn, id, sinceUs: this.#context.now() });
    this.#unproposed.push(proposal);
  }

  /** Proposes all that waits, as one message; if it is not taken (leadership is being handed over), it waits on. */
  proposeTo(raw: RawNode): void {
    if (this.#unproposed.length === 0) return;
    if (raw.proposeAll(this.#unproposed) === null) this.#unproposed = [];
  }

  /** The writer of a write that is being applied; undefined if it came to another member or in another life. */
  take(proposal: Proposal): Writer | undefined {
    const writer = this.#writers.get(proposal);
    if (writer !== undefined) this.#writers.delete(proposal);
    return writer;
  }

  leaderChanged(): void {
    this.#leaderChangedUs = this.#context.now();
  }

  /** To be called now and then: answers writes that wait too long. */
  check(hasLeader: boolean): void {
    const now = this.#context.now();
    for (const [proposal, { conn, id, sinceUs }] of this.#writers) {
      if (now - sinceUs < REQUEST_TIMEOUT_US) return;
      this.#context.mark(MARK_LATE_WRITE);
      this.#writers.delete(proposal);
      const at = this.#unproposed.indexOf(proposal);
      if (at >= 0) this.#unproposed.splice(at, 1);
      const leaderFailed = !hasLeader || this.#leaderChangedUs > sinceUs;
      this.#host.refuse(conn, id, leaderFailed ? ERROR_TIMEOUT_LEADER_FAILED : ERROR_TIMEOUT, at < 0);
    }
  }
}
