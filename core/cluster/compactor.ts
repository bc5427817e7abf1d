/**
 * What kube-apiserver does every five minutes: compact the store to the revision seen one interval earlier.
 *
 * One process for the cluster stands for the servers, which in reality agree through the key `compact_rev_key` that one of them does it.
 */
import type { Context } from '../sim/context.ts';
import { OP_CONN_CLOSED } from '../sim/ops.ts';
import type { Behaviour, Conn, Payload, Pid } from '../sim/process.ts';
import {
  OP_STORE_RANGE,
  OP_STORE_REQUEST,
  OP_STORE_RESPONSE,
  StoreRange,
  StoreRangeResponse,
  StoreRequest,
} from '../store/client-interface.ts';

const OP_COMPACT_TICK = 96;

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

  constructor(ctx: Context, options: CompactorOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  start(): void {
    this.#ctx.setTimer(this.#options.periodUs, OP_COMPACT_TICK);
  }

  receive(op: number, _from: Pid, _a: number, _b: number, payload: Payload | null, conn: Conn): void {
    if (op === OP_COMPACT_TICK) this.#tick();
    else if (op === OP_STORE_RESPONSE && payload instanceof StoreRangeResponse) this.#seen(payload.revision);
    else if (op === OP_CONN_CLOSED && conn === this.#conn) this.#lost();
  }

  #tick(): void {
    this.#ctx.setTimer(this.#options.periodUs, OP_COMPACT_TICK);
    if (this.#conn < 0) this.#conn = this.#ctx.connect(this.#options.store[this.#member] as Pid);
    this.#ctx.sendOn(this.#conn, OP_STORE_RANGE, 1, 0, StoreRange.between('\0', '\0', 1));
  }

  #lost(): void {
    this.#conn = -1;
    this.#member = (this.#member + 1) % this.#options.store.length;
  }

  #seen(revision: number): void {
    if (this.#earlier > 0) {
      this.#ctx.sendOn(this.#conn, OP_STORE_REQUEST, 2, 0, StoreRequest.compaction(this.#earlier));
    }
    this.#earlier = revision;
  }
}
