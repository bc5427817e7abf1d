/**
 * The API server process: takes requests off connections, gives them seats, runs them, keeps time.
 *
 * It serves once its caches are complete and fed; before that (after a start, or when the store had compacted its
 * position) requests get 429 with Retry-After 1, as the real storage layer answers while it initialises. A restart
 * forgets everything but what the store has.
 */
import type { Context } from '../sim/context.ts';
import { OP_CONN_CLOSED } from '../sim/ops.ts';
import type { Behaviour, Conn, Payload, Pid } from '../sim/process.ts';
import { type LeaseBatch, OP_LEASE_BATCH } from '../types/lease-batch.ts';
import { StatusError } from '../types/status-error.ts';
import { type ApiRequest, isMutating, OP_REQUEST, OP_WATCH_CLOSED, VERB } from '../types/wire.ts';
import { PodAdmission } from './admission/pods.ts';
import { type AdmissionSettings, DEFAULT_ADMISSION } from './admission/settings.ts';
import type { ClusterNames } from './cluster-names.ts';
import { ApiCore } from './core.ts';
import {
  BUG_KEEPS_LATE_SEATS,
  COUNT_LEASE_RENEWALS,
  COUNT_READS,
  COUNT_WATCHES,
  COUNT_WRITES,
  type GivenUp,
  MARK_QUEUED,
  MARK_REJECTED,
  MARK_TIMEOUT,
  POINT_GIVEN_UP,
  POINT_LINE,
  POINT_REQUEST,
} from './declarations.ts';
import { renewLeases } from './lease-batch.ts';
import {
  READS_IN_FLIGHT,
  REQUEST_TIMEOUT_US,
  SEAT_QUEUE_MAX,
  SEAT_WAIT_US,
  WINDOW_SLOTS_MAX,
  WRITES_IN_FLIGHT,
} from './limits.ts';
import { Operation } from './operation.ts';
import {
  OP_API_DIAL_STORE,
  OP_API_FEED,
  OP_API_KIND_FEED,
  OP_API_PROGRESS,
  OP_API_SEAT_FREE,
  OP_API_SEND,
  OP_API_SWEEP,
} from './ops.ts';
import { childDone, route } from './router.ts';
import type { Seats } from './seats.ts';
import { STEP_NONE } from './steps.ts';
import { releaseKind } from './storage/cache-feed.ts';
import { EVENT_TTL_S, EventLeases } from './storage/event-leases.ts';
import { StoreClient } from './storage/store-client.ts';
import { cacheAdvanced, sweepWaiting } from './verbs/fresh-reads.ts';
import { WatchHub } from './watch/watch-hub.ts';

/** How one API server is set up. */
export interface ApiServerOptions {
  /** Store members in the order in which they are tried. */
  readonly store: readonly Pid[];
  /** Which member this server dials first. */
  readonly firstMember?: number;
  readonly cluster: ClusterNames;
  readonly admission?: Partial<AdmissionSettings>;
  /** Events kept a type for resuming watches; default 102,400. */
  readonly windowEventsMax?: number;
  /** Reading and mutating requests under way at one time; default 400 and 200. */
  readonly readsInFlight?: number;
  readonly writesInFlight?: number;
  /** How long Event objects live, s (--event-ttl); default 3,600. */
  readonly eventTtlS?: number;
}

const NO_OPERATIONS: readonly Operation[] = [];
/** Open requests, ended ones among them, from which on it is worth looking for these before the next sweep. */
const OPEN_MANY = 256;

export class ApiServer implements Behaviour {
  readonly core: ApiCore;
  readonly #ctx: Context;
  /** Requests under way in order of arrival, and ended ones that have not been dropped. */
  readonly #open: Operation[] = [];
  /** Length at which ended requests are dropped. */
  #openMany = OPEN_MANY;

  constructor(ctx: Context, options: ApiServerOptions) {
    this.#ctx = ctx;
    const core = new ApiCore(
      ctx,
      options.cluster,
      { ...DEFAULT_ADMISSION, ...options.admission },
      options.windowEventsMax ?? WINDOW_SLOTS_MAX,
      options.readsInFlight ?? READS_IN_FLIGHT,
      options.writesInFlight ?? WRITES_IN_FLIGHT,
    );
    core.store = new StoreClient(core, options.store, options.firstMember ?? 0);
    core.eventLeases = new EventLeases(core, options.eventTtlS ?? EVENT_TTL_S);
    core.hub = new WatchHub(core);
    const onAdvance = () => cacheAdvanced(core);
    core.hub.onAdvance = onAdvance;
    core.pods = new PodAdmission(core);
    core.childDone = childDone;
    const seatFreed = (seats: Seats) => this.#startWaiting(seats);
    core.seatFreed = seatFreed;
    this.core = core;
  }

  /** Whether it serves (`/readyz`). */
  get ready(): boolean {
    return this.core.store.ready;
  }

  start(): void {
    for (const type of this.core.cluster.types.all) this.core.cacheOf(type);
    this.core.store.dial();
  }

  receive(op: number, _from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): void {
    switch (op) {
      case OP_REQUEST:
        this.#request(payload as ApiRequest, conn);
        return;
      case OP_LEASE_BATCH:
        this.#ctx.count(COUNT_LEASE_RENEWALS, (payload as LeaseBatch).ids.length);
        renewLeases(this.core, conn, a, payload as LeaseBatch);
        return;
      case OP_WATCH_CLOSED:
        this.core.hub.cancel(conn, a);
        return;
      case OP_CONN_CLOSED:
        if (!this.core.store.connectionClosed(conn)) this.core.hub.connectionClosed(conn);
        return;
      case OP_API_SWEEP:
        this.#sweep();
        return;
      case OP_API_DIAL_STORE:
        this.core.store.dial();
        return;
      case OP_API_SEND:
        this.core.sendHeld(a);
        return;
      case OP_API_FEED:
        this.core.store.releaseFeed();
        return;
      case OP_API_KIND_FEED:
        releaseKind(this.core, b);
        return;
      case OP_API_PROGRESS:
        this.core.store.askProgress();
        return;
      case OP_API_SEAT_FREE:
        this.#startWaiting(b === 0 ? this.core.reads : this.core.writes);
        return;
      default:
        this.core.store.receive(op, a, payload, conn);
    }
  }

  #request(request: ApiRequest, conn: Conn): void {
    const { core } = this;
    const now = this.#ctx.now();
    const { timeoutUs } = request.options;
    this.#ctx.count(
      request.verb === VERB.watch ? COUNT_WATCHES : isMutating(request.verb) ? COUNT_WRITES : COUNT_READS,
    );
    const limit = request.verb === VERB.watch || timeoutUs === undefined ? REQUEST_TIMEOUT_US : timeoutUs;
    const op = new Operation(request, conn, now + Math.min(limit, REQUEST_TIMEOUT_US));
    const refusal = this.#ctx.intercept(POINT_REQUEST, request);
    if (refusal instanceof StatusError) {
      core.fail(op, refusal);
      return;
    }
    if (!core.store.ready) {
      core.fail(op, StatusError.tooManyRequests('storage is (re)initializing', 1));
      return;
    }
    if (request.verb === VERB.watch) {
      // A watch takes its seat for its start only, which is over at once.
      this.#track(op);
      core.guarded(op, route);
      return;
    }
    const seats = core.seatsOf(op);
    if (seats.waiting.size > 0 || !seats.take(now)) {
      this.#queue(op, seats, now);
      return;
    }
    this.#run(op);
  }

  #run(op: Operation): void {
    op.holdsSeat = true;
    this.#track(op);
    this.core.guarded(op, route);
  }

  #track(op: Operation): void {
    if (this.#open.length >= this.#openMany) this.#dropEnded();
    this.#open.push(op);
    const { sweep } = this.core;
    const leftUs = op.deadlineUs - this.#ctx.now();
    if (op.deadlineUs - sweep.dueUs > leftUs / 2) this.#putOffSweep();
    sweep.by(op.deadlineUs);
  }

  /** Most requests ended long before the sweep that comes for them: where one would come soon and nobody needs it, it comes later. */
  #putOffSweep(): void {
    const { sweep, hub, waiting, reads, writes } = this.core;
    if (hub.nextUs <= sweep.dueUs || waiting.length + reads.waiting.size + writes.waiting.size > 0) return;
    let nextUs = hub.nextUs;
    this.#dropEnded();
    for (const op of this.#open) {
      if (op.deadlineUs <= sweep.dueUs) return;
      nextUs = Math.min(nextUs, op.deadlineUs);
    }
    sweep.putOff(nextUs);
  }

  #queue(op: Operation, seats: Seats, now: number): void {
    if (seats.waiting.size >= SEAT_QUEUE_MAX) {
      this.#reject(op);
      return;
    }
    this.#ctx.mark(MARK_QUEUED);
    op.queuedAtUs = now;
    seats.waiting.push(op);
    this.core.sweep.by(now + SEAT_WAIT_US);
    this.#awaitSeat(seats, now);
  }

  #reject(op: Operation): void {
    this.#ctx.mark(MARK_REJECTED);
    this.core.fail(op, StatusError.tooManyRequests('too many requests, please try again later', 1));
  }

  /** Seats whose end is computed free themselves without an event: a timer looks after who waits. */
  #awaitSeat(seats: Seats, now: number): void {
    const at = seats.nextFreeUs;
    if (at === Number.POSITIVE_INFINITY || seats.waiting.size !== 1) return;
    this.#ctx.setTimer(Math.max(0, at - now), OP_API_SEAT_FREE, 0, seats === this.core.reads ? 0 : 1);
  }

  #startWaiting(seats: Seats): void {
    const now = this.#ctx.now();
    while (seats.waiting.size > 0 && seats.take(now)) {
      this.#showLine(seats, true, now);
      this.#run(seats.waiting.shift() as Operation);
    }
    if (seats.waiting.size > 0 && seats.nextFreeUs !== Number.POSITIVE_INFINITY) {
      this.#ctx.setTimer(Math.max(0, seats.nextFreeUs - now), OP_API_SEAT_FREE, 0, seats === this.core.reads ? 0 : 1);
    }
  }

  #sweep(): void {
    const now = this.#ctx.now();
    const { core } = this;
    core.sweep.fired();
    for (const op of this.#takeLate(now)) {
      this.#ctx.mark(MARK_TIMEOUT);
      if (this.#ctx.bug(BUG_KEEPS_LATE_SEATS)) op.holdsSeat = false;
      this.#ctx.observe(POINT_GIVEN_UP, givenUp(op));
      const unknown = op.request.verb >= VERB.create;
      core.fail(
        op,
        StatusError.timeout('request did not complete within requested timeout - context deadline exceeded', unknown),
      );
    }
    sweepWaiting(core, now);
    for (const seats of [core.reads, core.writes]) this.#dropOverdue(seats, now);
    core.hub.sweep(now);
  }

  /** Open operations whose time is over. The others ask for the next sweep. */
  #takeLate(now: number): readonly Operation[] {
    this.#dropEnded();
    let late: Operation[] | null = null;
    for (const op of this.#open) {
      if (op.deadlineUs <= now) {
        late ??= [];
        late.push(op);
      } else this.core.sweep.by(op.deadlineUs);
    }
    return late ?? NO_OPERATIONS;
  }

  /** Drops operations that have ended from the open ones. */
  #dropEnded(): void {
    const open = this.#open;
    let kept = 0;
    for (let i = 0; i < open.length; i++) {
      const op = open[i] as Operation;
      if (!op.done) open[kept++] = op;
    }
    while (open.length > kept) open.pop();
    this.#openMany = Math.max(OPEN_MANY, 2 * kept);
  }

  /** Those at the head of the line have waited longest. */
  #dropOverdue(seats: Seats, now: number): void {
    for (;;) {
      const first = seats.waiting.at(0);
      if (first === undefined) return;
      if (now - first.queuedAtUs < SEAT_WAIT_US) return this.core.sweep.by(first.queuedAtUs + SEAT_WAIT_US);
      seats.waiting.shift();
      this.#showLine(seats, false, now);
      this.#reject(first);
    }
  }

  #showLine(seats: Seats, served: boolean, now: number): void {
    const { reads } = this.core;
    this.#ctx.observe(POINT_LINE, {
      what: seats === reads ? 'read' : 'write',
      served,
      taken: seats.taken(now),
    });
  }
}

/** What a late operation waited for. Some go on by operations of their own, which are no step of theirs. */
function givenUp({ request, step }: Operation): GivenUp {
  const { type, verb, subresource } = request;
  const hasSteps = step !== STEP_NONE || verb === VERB.deletecollection || subresource === 'eviction';
  return { kind: type.kind, waitedFor: hasSteps ? 'step' : 'nothing', asked: 0, current: 0 };
}
