/**
 * What kube-apiserver does every five minutes: compact the store to the revision seen one interval earlier.
 *
 * One process for the cluster stands for the servers, which in reality agree through the key `compact_rev_key` that one of them does it.
 */
import type { Context } from '../sim/context.ts';
import { OP_CONN_CLOSED } from '../sim/ops.ts';
import type { Behaviour, Conn, Payload, Pid, Timer } from '../sim/process.ts';
import {
  OP_STORE_RANGE,
  OP_STORE_REQUEST,
  OP_STORE_RESPONSE,
  StoreRange,
  StoreRangeResponse,
  StoreRequest,
} from '../store/client-interface.ts';

const OP_COMPACT_TICK = 96;
const OP_STORM_TICK = 97;
/** Ids of the requests. */
const REGULAR = 1;
const STORM = 2;
const COMPACTION = 3;

export interface CompactorOptions {
  /** Store members; where one does not answer, the next is asked. */
  readonly store: readonly Pid[];
  readonly periodUs: number;
}

export class Compactor implements Behaviour {
  readonly #ctx: Context;
  readonly #options: CompactorOptions;
  #conn: Conn = -1;
  #member = 0;
  /** Revision seen one interval ago; 0 = none. */
  #earlier = 0;
  /** Period of a storm, µs; 0 = there is none. */
  #stormPeriodUs = 0;
  #stormTimer: Timer = -1;
  /** Compactions that storms have asked for. */
  stormCount = 0;

  constructor(ctx: Context, options: CompactorOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  start(): void {
    this.#ctx.setTimer(this.#options.periodUs, OP_COMPACT_TICK);
  }

  /** From now on, besides, compacts to the newest revision each `periodUs`, as a client that has lost its measure; 0 ends it. */
  storm(periodUs: number): void {
    this.#ctx.cancelTimer(this.#stormTimer);
    this.#stormPeriodUs = periodUs;
    if (periodUs > 0) this.#stormTimer = this.#ctx.setTimer(periodUs, OP_STORM_TICK);
  }

  receive(op: number, _from: Pid, a: number, _b: number, payload: Payload | null, conn: Conn): void {
    if (op === OP_COMPACT_TICK) this.#tick();
    else if (op === OP_STORM_TICK) this.#stormTick();
    else if (op === OP_STORE_RESPONSE && payload instanceof StoreRangeResponse) this.#seen(a, payload.revision);
    else if (op === OP_CONN_CLOSED && conn === this.#conn) this.#lost();
  }

  #tick(): void {
    this.#ctx.setTimer(this.#options.periodUs, OP_COMPACT_TICK);
    this.#ask(REGULAR);
  }

  #stormTick(): void {
    this.stormCount++;
    this.#stormTimer = this.#ctx.setTimer(this.#stormPeriodUs, OP_STORM_TICK);
    this.#ask(STORM);
  }

  /** Asks for the newest revision. */
  #ask(id: number): void {
    if (this.#conn < 0) this.#conn = this.#ctx.connect(this.#options.store[this.#member] as Pid);
    this.#ctx.sendOn(this.#conn, OP_STORE_RANGE, id, 0, StoreRange.between('\0', '\0', 1));
  }

  #lost(): void {
    this.#conn = -1;
    this.#member = (this.#member + 1) % this.#options.store.length;
  }

  #seen(id: number, revision: number): void {
    const compacted = id === STORM ? revision : this.#earlier;
    if (compacted > 0)
      this.#ctx.sendOn(this.#conn, OP_STORE_REQUEST, COMPACTION, 0, StoreRequest.compaction(compacted));
    if (id === REGULAR) this.#earlier = revision;
  }
}
