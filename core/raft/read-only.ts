/**
 * Linearizable reads that wait for a quorum to confirm the leader.
 *
 * Each read gets the next position; heartbeats carry the newest one, and an answer confirms it and all before it. Positions are
 * counted, never chosen by the caller, so no two reads can be confused (etcd-io/raft read_only since 3.7).
 */
import type { Message } from './message.ts';
import { jointCommitted } from './quorum.ts';
import type { GroupConfig } from './tracker.ts';

/** A quorum must answer a heartbeat sent after the read came. */
export const READ_ONLY_SAFE = 0;
/** The leader trusts its lease; needs check-quorum and clocks of bounded drift. */
export const READ_ONLY_LEASE_BASED = 1;

/** A read and the commit index at which it came. */
export interface PendingRead {
  readonly request: Message;
  readonly index: number;
}

export class ReadOnly {
  readonly option: number;
  readonly #acks = new Map<number, number>();
  #unconfirmed: PendingRead[] = [];
  #confirmed = 0;
  readonly #acked = (id: number): number => this.#acks.get(id) ?? -1;

  constructor(option: number) {
    this.option = option;
  }

  add(index: number, request: Message): void {
    this.#unconfirmed.push({ request, index });
  }

  /** Position the next heartbeat asks to confirm; 0 = none waits. */
  get position(): number {
    return this.#unconfirmed.length === 0 ? 0 : this.#confirmed + this.#unconfirmed.length;
  }

  /** A node has answered the heartbeat with this position. */
  ack(id: number, position: number): void {
    if (position !== 0) this.#acks.set(id, Math.max(this.#acks.get(id) ?? 0, position));
  }

  /** Takes out the reads that a quorum has now confirmed, oldest first. */
  takeConfirmed(config: GroupConfig): readonly PendingRead[] {
    const confirmed = jointCommitted(config.incoming, config.outgoing, this.#acked);
    if (confirmed <= this.#confirmed) return [];
    const count = confirmed - this.#confirmed;
    const reads = this.#unconfirmed.slice(0, count);
    this.#unconfirmed = this.#unconfirmed.slice(count);
    this.#confirmed = confirmed;
    return reads;
  }
}
