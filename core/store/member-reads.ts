/**
 * The read barrier of a member: linearizable reads wait until the leader has confirmed itself and its commit index is applied here.
 *
 * One confirmation serves all reads that came before it was asked for; those that come meanwhile wait for the next. A
 * confirmation that does not come is asked for again with a new request after 500 ms (never with an old one: an answer to that
 * may be older than the read), and a read that waits longer than etcd's request timeout is refused (etcd 3.6, v3_server.go).
 */
import type { EntryData } from '../raft/entry.ts';
import type { Context } from '../sim/context.ts';
import { ERROR_TIMEOUT } from './errors.ts';
import { BUG_READ_ID_REUSED, BUG_READ_LOCAL, MARK_READ_AGAIN, POINT_STORE_READ } from './member-names.ts';
import type { ReplicaHost, WaitingRead } from './member-replica.ts';

/** Time after which an unanswered confirmation is asked for again, µs. */
const RETRY_US = 500_000;
/** etcd's request timeout: 5 s and two election timeouts, µs. */
export const REQUEST_TIMEOUT_US = 7_000_000;

/** A confirmation asked for: told apart by identity. */
class ReadRequest implements EntryData {
  readonly byteLength = 8;
}

/** A read and when it came. What the observation point shows. */
export interface TimedRead extends WaitingRead {
  /** On the member's own clock, µs. */
  readonly sinceUs: number;
  /** True time, µs: for those who look from outside. */
  readonly cameUs: number;
  /** The store's revision when it is served. */
  revision: number;
}

export class ReadBarrier {
  readonly #context: Context;
  readonly #host: ReplicaHost;
  readonly #ask: (request: EntryData) => void;
  /** Reads that the running confirmation serves, and those for the next. */
  #batch: TimedRead[] = [];
  #next: TimedRead[] = [];
  /** The running confirmation; null: none. */
  #asked: ReadRequest | null = null;
  #askedUs = 0;
  /** What the last confirmation was asked with. */
  #reused: ReadRequest | null = null;
  /** Index that must be applied before the batch is served; −1: not confirmed yet. */
  #confirmedIndex = -1;

  /** `ask` sends a confirmation request to the leader; its answer comes by {@link confirmed}. */
  constructor(context: Context, host: ReplicaHost, ask: (request: EntryData) => void) {
    this.#context = context;
    this.#host = host;
    this.#ask = ask;
  }

  /** Whether reads wait here. */
  get isWaiting(): boolean {
    return this.#batch.length > 0 || this.#next.length > 0;
  }

  /** Takes a read. */
  add({ payload, conn, id }: WaitingRead): void {
    const cameUs = this.#context.sim.now;
    const timed: TimedRead = { payload, conn, id, sinceUs: this.#context.now(), cameUs, revision: 0 };
    if (this.#context.bug(BUG_READ_LOCAL)) this.#serve(timed);
    else this.#next.push(timed);
  }

  /** Asks for a confirmation if reads wait and none runs. */
  start(): void {
    if (this.#batch.length > 0 || this.#next.length === 0) return;
    this.#batch = this.#next;
    this.#next = [];
    this.#request();
  }

  #request(): void {
    this.#confirmedIndex = -1;
    if (this.#reused === null || !this.#context.bug(BUG_READ_ID_REUSED)) this.#reused = new ReadRequest();
    this.#asked = this.#reused;
    this.#askedUs = this.#context.now();
    this.#ask(this.#asked);
  }

  /** The leader has confirmed `request` at commit index `index`. */
  confirmed(request: unknown, index: number, appliedIndex: number): void {
    if (request !== this.#asked || this.#confirmedIndex >= 0) return;
    this.#confirmedIndex = index;
    this.applied(appliedIndex);
  }

  /** Entries up to `index` are applied: serves the batch if it waits for no more. */
  applied(index: number): void {
    if (this.#confirmedIndex < 0 || index < this.#confirmedIndex) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#asked = null;
    this.#confirmedIndex = -1;
    for (const read of batch) this.#serve(read);
    this.start();
  }

  #serve(read: TimedRead): void {
    read.revision = this.#host.engine.revision;
    this.#context.observe(POINT_STORE_READ, read);
    this.#host.serve(read);
  }

  /** The leader changed: a confirmation by the old one may never come. */
  leaderChanged(): void {
    if (this.#batch.length > 0 && this.#confirmedIndex < 0) this.#again();
  }

  #again(): void {
    this.#context.mark(MARK_READ_AGAIN);
    this.#request();
  }

  /** To be called now and then: asks again, refuses what waits too long. */
  check(): void {
    const now = this.#context.now();
    this.#batch = this.#keepYoung(this.#batch, now);
    this.#next = this.#keepYoung(this.#next, now);
    if (this.#batch.length === 0) {
      this.#asked = null;
      this.#confirmedIndex = -1;
      this.start();
    } else if (this.#confirmedIndex < 0 && now - this.#askedUs >= RETRY_US) this.#again();
  }

  #keepYoung(reads: TimedRead[], now: number): TimedRead[] {
    if (reads.length === 0) return reads;
    return reads.filter(({ conn, id, sinceUs }) => {
      if (now - sinceUs < REQUEST_TIMEOUT_US) return true;
      this.#host.refuse(conn, id, ERROR_TIMEOUT);
      return false;
    });
  }
}
