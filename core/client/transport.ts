/**
 * One connection to an API server with everything under way on it.
 *
 * Dials through the balancer when there is something to send, keeps the connection as long as it lives, and after a failed
 * dial waits 20 ms · 2^n, at most 1 s, before the next. When a connection closes, each request on it fails: a write that
 * was sent has an unknown outcome unless the server was never reached. Time-outs are found by a sweep over all open requests,
 * set for the first that could be due and seldom moved when that is answered: one timer serves many requests. Answers
 * mostly come in the order of the requests, so the open ones are a list searched from its oldest; an idle transport holds
 * no container at all. Cost: no allocation a message.
 */
import { assert } from '../base/assert.ts';
import type { Context } from '../sim/context.ts';
import { CLOSED_RESET, CLOSED_TIMEOUT, OP_CONN_CLOSED, REFUSED } from '../sim/ops.ts';
import { type Conn, NO_TIMER, type Payload, type Pid, type Timer } from '../sim/process.ts';
import { StatusError } from '../types/status-error.ts';
import {
  type ApiResponse,
  OP_REQUEST,
  OP_RESPONSE,
  OP_WATCH_CLOSED,
  OP_WATCH_EVENTS,
  type WatchEvents,
} from '../types/wire.ts';
import type { Balancer } from './balancer.ts';
import type { Call } from './call.ts';
import { DialHistory } from './dial-history.ts';
import type { Component, Dispatcher } from './dispatcher.ts';
import { BUG_UNKNOWN_IS_FAILURE, MARK_REDISPATCH, MARK_REQUEST_TIMEOUT, MARK_UNKNOWN_OUTCOME } from './marks.ts';
import { OP_TRANSPORT_DIAL, OP_TRANSPORT_SWEEP } from './ops.ts';
import { LOST, POINT_RESPONSE } from './points.ts';

/** Most requests and watches open on one connection. */
const OPEN_CALLS_MAX = 1 << 16;
/** What a refused dial says, as Go's net package does. */
const CONNECTION_REFUSED = 'connect: connection refused';
const CONNECTION_RESET = 'read: connection reset by peer';
const CONNECTION_LOST = 'http2: client connection lost';

/** What transports share that are configured alike. */
export interface TransportSettings {
  readonly balancer: Balancer;
  /** Whether it looks for time-outs itself; otherwise the owner calls {@link Transport.sweep}. */
  readonly sweeps: boolean;
}

/** Whether an error says that nobody listened. */
export function isConnectionRefused(error: StatusError): boolean {
  return error.code === 503 && error.message === CONNECTION_REFUSED;
}

/** Whether an error says that an established connection broke: client-go repeats reads then. */
export function isConnectionReset(error: StatusError): boolean {
  return error.code === 503 && (error.message === CONNECTION_RESET || error.message === CONNECTION_LOST);
}

/** Whether a watch takes an error of its connection for its end (IsProbableEOF); a lost connection it does not. */
export function endsWatch(error: StatusError): boolean {
  return error.code === 503 && error.message === CONNECTION_RESET;
}

export class Transport implements Component {
  readonly ctx: Context;
  readonly settings: TransportSettings;
  readonly #library: Dispatcher | null;
  readonly #index: number;
  #conn: Conn = -1;
  #nextId = 1;
  #dials: DialHistory | null = null;
  /** Whether the server has answered on this connection. */
  #established = false;
  #sweepTimer: Timer = NO_TIMER;
  /** When the sweep comes, µs of the process's clock. */
  #sweepUs = Number.POSITIVE_INFINITY;
  #first: Call | null = null;
  #last: Call | null = null;
  #openCount = 0;

  /** `library` routes the connection's messages; a fleet gives null, routes by pid and names the timers' `b` in `index`. */
  constructor(ctx: Context, settings: TransportSettings, library: Dispatcher | null, index = 0) {
    this.ctx = ctx;
    this.settings = settings;
    this.#library = library;
    this.#index = library === null ? index : library.register(this);
  }

  /** A request id not used before on this transport. */
  nextId(): number {
    return this.#nextId++;
  }

  /** Requests and watches under way. */
  get openCount(): number {
    return this.#openCount;
  }

  /** The connection in use, −1 for none. */
  get conn(): Conn {
    return this.#conn;
  }

  /** Sends `call`, dialling first where needed. Its owner hears the outcome later, never during this call. */
  start(call: Call, timeoutUs: number): void {
    assert(this.#openCount < OPEN_CALLS_MAX, 'transport: too many open requests');
    call.dueUs = this.ctx.now() + timeoutUs;
    call.sent = false;
    call.next = null;
    if (this.#last === null) this.#first = call;
    else this.#last.next = call;
    this.#last = call;
    this.#openCount++;
    if (this.#conn >= 0) this.#put(call);
    else if (this.#dials?.waiting !== true) this.#dial();
    let sweepDueUs = call.dueUs;
    // A sweep that nobody needs any more is put off where it would come soon: who asks now and then has none and hardly moves the timer.
    if (sweepDueUs - this.#sweepUs > timeoutUs / 2 && !this.#needsSweep()) {
      this.#sweepUs = Number.POSITIVE_INFINITY;
      sweepDueUs = this.#firstDeadlineUs();
    }
    this.#armSweep(sweepDueUs);
  }

  /** Ends a watch from this side; its listener hears nothing more. */
  stopWatch(id: number): void {
    const call = this.#find(id);
    if (call === null) return;
    this.#remove(call);
    if (call.sent && this.#conn >= 0) this.ctx.sendOn(this.#conn, OP_WATCH_CLOSED, id, 0, null);
  }

  /** Closes the connection; everything open is forgotten without notice. For owners that stop. */
  shutdown(): void {
    if (this.#conn >= 0) {
      this.#library?.unbindConnection(this.#conn);
      this.ctx.close(this.#conn);
    }
    this.#conn = -1;
    this.#first = null;
    this.#last = null;
    this.#openCount = 0;
  }

  /** true if the event was for this transport. */
  receive(op: number, _from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): boolean {
    switch (op) {
      case OP_WATCH_EVENTS:
        if (conn === this.#conn) this.#onWatchEvents(a, payload as WatchEvents);
        return true;
      case OP_RESPONSE:
        if (conn === this.#conn) this.#onResponse(a, payload as ApiResponse);
        return true;
      case OP_WATCH_CLOSED:
        if (conn === this.#conn) this.#onWatchClosed(a);
        return true;
      case OP_CONN_CLOSED:
        if (conn === this.#conn) this.#onClosed(a, b);
        return true;
      case OP_TRANSPORT_SWEEP:
        this.#sweepTimer = NO_TIMER;
        this.#sweepUs = Number.POSITIVE_INFINITY;
        this.sweep();
        this.#armSweep(this.#firstDeadlineUs());
        return true;
      case OP_TRANSPORT_DIAL:
        if (this.#dials !== null) this.#dials.waiting = false;
        if (this.#conn < 0 && this.#first !== null) this.#dial();
        return true;
      default:
        return false;
    }
  }

  /** Fails every request that is overdue; O(open requests). */
  sweep(): void {
    const now = this.ctx.now();
    let overdue: Call | null = null;
    let lastOverdue: Call | null = null;
    for (let call = this.#first; call !== null; ) {
      const next: Call | null = call.next;
      if (call.dueUs <= now) {
        this.#remove(call);
        if (lastOverdue === null) overdue = call;
        else lastOverdue.next = call;
        lastOverdue = call;
      }
      call = next;
    }
    while (overdue !== null) {
      const call: Call = overdue;
      overdue = call.next;
      call.next = null;
      this.ctx.mark(MARK_REQUEST_TIMEOUT);
      if (call.watcher !== null && call.sent) this.ctx.sendOn(this.#conn, OP_WATCH_CLOSED, call.id, 0, null);
      const unknown = this.#unknown(call);
      call.owner.onCallDone(
        call,
        null,
        StatusError.timeout('request did not complete within the client time-out', unknown),
      );
    }
  }

  #dial(): void {
    const { balancer } = this.settings;
    const suspects = this.#dials?.suspects(this.ctx.now(), balancer.probePeriodUs) ?? 0;
    const server = balancer.pick(this.ctx, this.#dials?.ordinal ?? 0, suspects);
    this.#established = false;
    this.#conn = this.ctx.connect(balancer.servers[server] as Pid);
    this.#library?.bindConnection(this.#conn, this);
    for (let call = this.#first; call !== null; call = call.next) if (!call.sent) this.#put(call);
  }

  #put(call: Call): void {
    call.sent = true;
    this.ctx.sendOn(this.#conn, OP_REQUEST, call.id, 0, call.request);
  }

  /** Has a sweep come at `dueUs` at the latest; infinity: nothing asks for one. */
  #armSweep(dueUs: number): void {
    if (this.#sweepUs <= dueUs || !this.settings.sweeps) return;
    this.ctx.cancelTimer(this.#sweepTimer);
    this.#sweepUs = dueUs;
    const delayUs = Math.max(0, dueUs - this.ctx.now());
    this.#sweepTimer = this.ctx.setTimer(delayUs, OP_TRANSPORT_SWEEP, 0, this.#index);
  }

  /** Whether an open request runs out by the time the sweep comes. The first that has a deadline mostly does. */
  #needsSweep(): boolean {
    for (let call = this.#first; call !== null; call = call.next) if (call.dueUs <= this.#sweepUs) return true;
    return false;
  }

  /** When the first open request runs out, by this process's clock; O(open requests). Running watches have no deadline. */
  #firstDeadlineUs(): number {
    let first = Number.POSITIVE_INFINITY;
    for (let call = this.#first; call !== null; call = call.next) if (call.dueUs < first) first = call.dueUs;
    return first;
  }

  #onResponse(id: number, response: ApiResponse): void {
    this.#serverAnswered();
    const call = this.#find(id);
    if (call === null || this.ctx.intercept(POINT_RESPONSE, response) === LOST) return;
    if (call.watcher !== null && response.error === null) {
      call.runs();
      return;
    }
    this.#remove(call);
    call.owner.onCallDone(call, response, response.error);
  }

  #onWatchEvents(id: number, batch: WatchEvents): void {
    this.#serverAnswered();
    const call = this.#find(id);
    if (call === null) return;
    if (call.watcher === null) return;
    call.runs();
    call.watcher.onWatchEvents(call.tag, batch.events);
  }

  #onWatchClosed(id: number): void {
    this.#serverAnswered();
    const call = this.#find(id);
    if (call === null) return;
    this.#remove(call);
    call.owner.onCallDone(call, null, null);
  }

  #serverAnswered(): void {
    if (this.#established) return;
    this.#established = true;
    this.#dials?.answered(this.#server());
  }

  /** Index of the server at the other end. */
  #server(): number {
    return this.settings.balancer.servers.indexOf(this.ctx.peerOf(this.#conn));
  }

  #onClosed(reason: number, detail: number): void {
    const refused = reason === CLOSED_RESET && detail === REFUSED && !this.#established;
    this.#dials ??= new DialHistory();
    const dials = this.#dials;
    dials.ended(this.#server(), this.ctx.now());
    this.#library?.unbindConnection(this.#conn);
    this.#conn = -1;
    const othersLeft = dials.anyLeft(this.settings.balancer.servers.length);
    if (refused && othersLeft) {
      // Nobody saw anything of it, so the balancer may send the same requests to another server.
      this.ctx.mark(MARK_REDISPATCH);
      for (let call = this.#first; call !== null; call = call.next) call.sent = false;
      if (this.#first !== null) this.#dial();
      return;
    }
    if (!this.#established && !othersLeft) {
      dials.waiting = true;
      this.ctx.setTimer(dials.backOffUs(), OP_TRANSPORT_DIAL, 0, this.#index);
    }
    this.#failAll(reason, refused);
  }

  #failAll(reason: number, refused: boolean): void {
    let call = this.#first;
    this.#first = null;
    this.#last = null;
    this.#openCount = 0;
    const dialFailed = !this.#established;
    while (call !== null) {
      const next: Call | null = call.next;
      call.next = null;
      const unknown = !refused && this.#unknown(call);
      let message = reason === CLOSED_TIMEOUT ? CONNECTION_LOST : CONNECTION_RESET;
      if (dialFailed && reason === CLOSED_RESET && !unknown) message = CONNECTION_REFUSED;
      call.owner.onCallDone(call, null, StatusError.connectionLost(message, unknown));
      call = next;
    }
  }

  /** Whether nobody can tell if `call` took effect. */
  #unknown(call: Call): boolean {
    if (!call.sent || !call.mutates) return false;
    this.ctx.mark(MARK_UNKNOWN_OUTCOME);
    return !this.ctx.bug(BUG_UNKNOWN_IS_FAILURE);
  }

  #find(id: number): Call | null {
    let call = this.#first;
    while (call !== null && call.id !== id) call = call.next;
    return call;
  }

  #remove(call: Call): void {
    this.#openCount--;
    if (this.#first === call) {
      this.#first = call.next;
      if (this.#first === null) this.#last = null;
      call.next = null;
      return;
    }
    let before = this.#first as Call;
    while (before.next !== call) before = before.next as Call;
    before.next = call.next;
    if (this.#last === call) this.#last = before;
    call.next = null;
  }
}
