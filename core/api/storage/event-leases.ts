/**
 * The store leases under which Events lie, so that they go by themselves: each is attached to one when it is written, and goes with it.
 *
 * One lease serves all Events of a while: at most 60 s or a twentieth of the time to live, at most 1,000 of them; it is granted that much longer, never
 * renewed and never revoked. Who needs one while it is being granted waits. Source: kube-apiserver 1.34 --event-ttl (1 h), apiserver
 * storage/etcd3/lease_manager.go.
 */
import type { Payload } from '../../sim/process.ts';
import {
  OP_STORE_REQUEST,
  OP_STORE_TXN,
  StoreErrorResponse,
  StoreRequest,
  StoreTxn,
} from '../../store/client-interface.ts';
import type { ApiCore } from '../core.ts';
import type { StoreCaller } from './store-client.ts';
import type { StoredObject } from './stored-object.ts';

/** How long Events live, s. */
export const EVENT_TTL_S = 3_600;
const REUSE_S_MAX = 60;
/** The share of the time to live for which a lease is handed out: one in so many. */
const REUSE_DIVISOR = 20;
/** Events attached to one lease (LeaseMaxObjectCount). */
const ATTACHED_MAX = 1_000;
const US_PER_S = 1_000_000;
const LEASE_ID_BITS = 20;

/** A write that waits for a lease. */
interface Waiting {
  readonly caller: StoreCaller;
  readonly storeKey: number;
  readonly expected: number;
  readonly value: StoredObject;
  readonly delayUs: number;
}

export class EventLeases implements StoreCaller {
  readonly #core: ApiCore;
  readonly #ttlS: number;
  readonly #reuseS: number;
  /** The lease of now, 0 before the first; until when it is handed out, µs; Events that it holds. */
  #lease = 0;
  #lastUs = 0;
  #attached = 0;
  /** The one that is being granted, 0 for none, and when it was asked for, µs. */
  #asked = 0;
  #askedUs = 0;
  #waiting: Waiting[] = [];

  constructor(core: ApiCore, ttlS: number) {
    this.#core = core;
    this.#ttlS = ttlS;
    this.#reuseS = Math.min(REUSE_S_MAX, Math.floor(ttlS / REUSE_DIVISOR));
  }

  /** As StoreClient.write, for an Event: it will be deleted when its time to live is over. */
  write(caller: StoreCaller, storeKey: number, expected: number, value: StoredObject, delayUs: number): void {
    const write = { caller, storeKey, expected, value, delayUs };
    if (this.#lease !== 0 && this.#core.ctx.now() < this.#lastUs && this.#attached < ATTACHED_MAX) this.#attach(write);
    else {
      this.#waiting.push(write);
      if (this.#asked === 0) this.#ask();
    }
  }

  onStoreAnswer(core: ApiCore, answer: Payload): void {
    const granted = this.#asked;
    const waiting = this.#take();
    if (answer instanceof StoreErrorResponse) {
      for (const { caller } of waiting) caller.onStoreAnswer(core, answer);
      return;
    }
    this.#lease = granted;
    this.#lastUs = this.#askedUs + this.#reuseS * US_PER_S;
    this.#attached = 0;
    for (const write of waiting) this.#attach(write);
  }

  onStoreLost(core: ApiCore): void {
    // Nothing of the writes has left.
    for (const { caller } of this.#take()) caller.onStoreLost(core, false);
  }

  /** Nobody waits any more. */
  #take(): readonly Waiting[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#asked = 0;
    return waiting;
  }

  #attach({ caller, storeKey, expected, value, delayUs }: Waiting): void {
    this.#attached++;
    this.#core.store.send(caller, OP_STORE_TXN, new StoreTxn(storeKey, expected, value, this.#lease), delayUs);
  }

  #ask(): void {
    const { ctx, store } = this.#core;
    const draws = ctx.random('event-lease');
    this.#asked = draws.nextUint32() * 2 ** LEASE_ID_BITS + (draws.nextUint32() >>> (32 - LEASE_ID_BITS)) + 1;
    this.#askedUs = ctx.now();
    const leaseGrant = { id: BigInt(this.#asked), ttl: this.#ttlS + this.#reuseS };
    store.send(this, OP_STORE_REQUEST, new StoreRequest({ op: 'leaseGrant', leaseGrant }), 0);
  }
}
