/**
 * What all parts of one API server share: its context, its caches, its seats, its line to the store, and how an
 * operation ends. Holds no rule of any kind or verb.
 */
import { assert } from '../base/assert.ts';
import type { Context } from '../sim/context.ts';
import type { Conn } from '../sim/process.ts';
import type { KubeObject } from '../types/object.ts';
import type { ResourceType } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { ApiResponse, isMutating, OP_RESPONSE } from '../types/wire.ts';
import type { PodAdmission } from './admission/pods.ts';
import type { AdmissionSettings } from './admission/settings.ts';
import type { ClusterNames } from './cluster-names.ts';
import { POINT_RESPONSE } from './declarations.ts';
import { LeaseContents } from './lease-contents.ts';
import { LONG_ANSWER_US } from './limits.ts';
import type { Operation } from './operation.ts';
import { OP_API_SEND } from './ops.ts';
import { Seats } from './seats.ts';
import type { EventLeases } from './storage/event-leases.ts';
import type { StoreClient } from './storage/store-client.ts';
import { SweepTimer } from './sweep-timer.ts';
import { TypeCache } from './watch/type-cache.ts';
import type { WatchHub } from './watch/watch-hub.ts';

/** What a verb does when one of its sub-operations has ended. */
export type ChildDone = (core: ApiCore, parent: Operation, child: Operation, response: ApiResponse) => void;

export class ApiCore {
  readonly ctx: Context;
  readonly cluster: ClusterNames;
  readonly admission: AdmissionSettings;
  readonly reads: Seats;
  readonly writes: Seats;
  readonly caches: TypeCache[] = [];
  readonly leaseContents = new LeaseContents();
  readonly sweep: SweepTimer;
  /** Reads that wait for the cache, in order of arrival. */
  readonly waiting: Operation[] = [];
  /** Everything up to this store revision is in the caches, but for what is held back of a kind: see {@link revisionOf}. */
  revision = 0;
  /** Set right after construction, as they need the core themselves. */
  store!: StoreClient;
  eventLeases!: EventLeases;
  hub!: WatchHub;
  pods!: PodAdmission;
  /** Called when an operation with a parent ends, and when a seat may be free. */
  childDone!: ChildDone;
  seatFreed!: (seats: Seats) => void;
  /** Operations whose answer waits for a timer, by slot. */
  readonly #held: ({ op: Operation; response: ApiResponse } | undefined)[] = [];

  readonly #windowEventsMax: number;

  constructor(
    ctx: Context,
    cluster: ClusterNames,
    admission: AdmissionSettings,
    windowEventsMax: number,
    readsInFlight: number,
    writesInFlight: number,
  ) {
    this.ctx = ctx;
    this.sweep = new SweepTimer(ctx);
    this.reads = new Seats('read requests', readsInFlight);
    this.writes = new Seats('mutating requests', writesInFlight);
    this.#windowEventsMax = windowEventsMax;
    this.cluster = cluster;
    this.admission = admission;
  }

  /** The cache of a type, made on first use. */
  cacheOf(type: ResourceType): TypeCache {
    const known = this.caches[type.id];
    if (known !== undefined) return known;
    while (this.caches.length < type.id) this.cacheOf(this.cluster.types.byId(this.caches.length));
    const cache = new TypeCache(this, type, this.#windowEventsMax);
    this.caches.push(cache);
    return cache;
  }

  /** Up to which revision the changes of a type are in its cache. */
  revisionOf(type: ResourceType): number {
    return this.cacheOf(type).revisionOf(this.revision);
  }

  /** Which seats a request sits on. */
  seatsOf(op: Operation): Seats {
    return isMutating(op.request.verb) ? this.writes : this.reads;
  }

  /** Answers with one object. */
  answer(op: Operation, code: number, object: KubeObject): void {
    this.finish(
      op,
      ApiResponse.ofObject(op.request.id, code, object),
      isMutating(op.request.verb) ? 0 : this.ctx.costs.apiRequestUs,
    );
  }

  /** Answers with a failure. */
  fail(op: Operation, error: StatusError): void {
    this.finish(op, ApiResponse.ofError(op.request.id, error), this.ctx.costs.apiRequestUs);
  }

  /** Ends an operation: `response` leaves after `delayUs`, the seat is free from then on. */
  finish(op: Operation, response: ApiResponse, delayUs: number): void {
    if (op.done) return;
    op.done = true;
    op.current = null;
    op.next = null;
    if (op.parent !== null) {
      this.childDone(this, op.parent, op, response);
      return;
    }
    if (delayUs > LONG_ANSWER_US) this.#hold(op, response, delayUs);
    else this.#send(op.conn, response, delayUs);
    if (!op.holdsSeat) return;
    op.holdsSeat = false;
    const seats = this.seatsOf(op);
    const now = this.ctx.now();
    seats.release(now + delayUs, now);
    if (seats.waiting.size > 0) this.seatFreed(seats);
  }

  /** Sends the answer held in `slot`. */
  sendHeld(slot: number): void {
    const held = this.#held[slot];
    assert(held !== undefined, 'no answer is held in this slot');
    this.#held[slot] = undefined;
    this.#send(held.op.conn, held.response, 0);
  }

  /** Runs `body`; a StatusError it throws is the operation's answer. */
  guarded(op: Operation, body: (core: ApiCore, op: Operation) => void): void {
    try {
      body(this, op);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.fail(op, error);
    }
  }

  #send(conn: Conn, response: ApiResponse, delayUs: number): void {
    if (this.ctx.intercept(POINT_RESPONSE, response) === false) return;
    this.ctx.observe(POINT_RESPONSE, response);
    this.ctx.sendOn(conn, OP_RESPONSE, response.id, 0, response, delayUs);
  }

  /** A long answer would hold up what follows on its connection, so a timer sends it. */
  #hold(op: Operation, response: ApiResponse, delayUs: number): void {
    let slot = this.#held.indexOf(undefined);
    if (slot < 0) slot = this.#held.push(undefined) - 1;
    this.#held[slot] = { op, response };
    this.ctx.setTimer(delayUs, OP_API_SEND, slot);
  }
}
