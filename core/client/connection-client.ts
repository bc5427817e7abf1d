/**
 * A client without tasks: one token bucket, retries and a transport, for columnar components and as the base of `Client`.
 *
 * A request over the rate, or one the server asked to repeat later, waits in a list sorted by due time with one timer for its head; an
 * idle client holds no container. Repeats: answers with Retry-After (429 or 5xx) up to 10 times, reads on a broken
 * connection after 1 s, each costing a token; one time-out, counted from the first sending, bounds them all. Watches take no token
 * at first, and are repeated only until they run.
 * About 200 bytes a node together with its transport. Source: client-go 1.34 rest/request.go and with_retry.go.
 */
import { assert } from '../base/assert.ts';
import type { Context } from '../sim/context.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import type { Task } from '../sim/task.ts';
import type { KubeObject } from '../types/object.ts';
import type { ResourceType } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import {
  ApiRequest,
  type ApiResponse,
  NO_OPTIONS,
  type PatchType,
  type RequestOptions,
  type Subresource,
  VERB,
  type Verb,
} from '../types/wire.ts';
import { Call, type CallOwner, type RequestListener, type WatchListener } from './call.ts';
import type { Component, Dispatcher } from './dispatcher.ts';
import { HeldCalls } from './held-calls.ts';
import {
  BUG_BUSY_IS_FAILURE,
  BUG_UNKNOWN_IS_FAILURE,
  MARK_BUCKET_WAIT,
  MARK_RETRY_AFTER,
  MARK_UNKNOWN_OUTCOME,
} from './marks.ts';
import { OP_CLIENT_RELEASE } from './ops.ts';
import { type CallEnd, POINT_CALL_ENDED } from './points.ts';
import type { BucketRate } from './token-bucket.ts';
import { endsWatch, isConnectionReset, type Transport } from './transport.ts';

/** client-go gives up after so many repetitions. */
const RETRIES_MAX = 10;
const RESET_RETRY_US = 1_000_000;

/** What clients share that are configured alike. */
export interface ClientSettings {
  readonly rate: BucketRate;
  /** How long an answer is waited for where the request does not say, µs. */
  readonly timeoutUs: number;
}

export class ConnectionClient implements Component, CallOwner {
  readonly ctx: Context;
  readonly transport: Transport;
  /** Who the server thinks it is, e.g. `system:kube-scheduler`. */
  readonly user: string;
  readonly settings: ClientSettings;
  readonly #index: number;
  #fullAtUs = 0;
  #held: HeldCalls | null = null;

  /** With `library` null (fleets) the owner routes events by pid and names the timers' `b` in `index`. */
  constructor(
    ctx: Context,
    transport: Transport,
    user: string,
    settings: ClientSettings,
    library: Dispatcher | null,
    index = 0,
  ) {
    this.ctx = ctx;
    this.transport = transport;
    this.user = user;
    this.settings = settings;
    this.#index = library === null ? index : library.register(this);
  }

  // Requests of this client's user, each with a fresh id. What they carry must not change afterwards.

  /** A request without a body: get, list, watch, delete, deletecollection. `name` is '' where many are meant. */
  request(
    verb: Verb,
    type: ResourceType,
    namespace: string,
    name: string,
    options: RequestOptions = NO_OPTIONS,
  ): ApiRequest {
    const id = this.transport.nextId();
    return new ApiRequest(id, verb, type, namespace, name, '', null, null, '', options, this.user);
  }

  /** A request that carries a whole object: create and update. `localId`: that of the object that is named, where it is known. */
  writeRequest(
    verb: Verb,
    type: ResourceType,
    namespace: string,
    name: string,
    subresource: Subresource,
    object: KubeObject,
    options: RequestOptions = NO_OPTIONS,
    localId = -1,
  ): ApiRequest {
    const id = this.transport.nextId();
    return new ApiRequest(id, verb, type, namespace, name, subresource, object, null, '', options, this.user, localId);
  }

  /** A request that carries a patch. */
  patchRequest(
    type: ResourceType,
    namespace: string,
    name: string,
    subresource: Subresource,
    patch: unknown,
    patchType: PatchType,
    options: RequestOptions = NO_OPTIONS,
  ): ApiRequest {
    const id = this.transport.nextId();
    const { user } = this;
    return new ApiRequest(id, VERB.patch, type, namespace, name, subresource, null, patch, patchType, options, user);
  }

  /** Sends a request made by one of these; `listener.onResponse(tag, …)` hears the outcome later, never during this call. */
  send(request: ApiRequest, tag: number, listener: RequestListener): Call {
    assert(request.verb !== VERB.watch, 'client: a watch needs a watch listener');
    const call = new Call(request, this, tag, null, listener, null);
    this.#submit(call);
    return call;
  }

  /** Sends a request whose outcome resumes (with the ApiResponse) or fails (with a StatusError) `task`. */
  sendFor(task: Task, request: ApiRequest): Call {
    const call = new Call(request, this, 0, task, null, null);
    this.#submit(call);
    return call;
  }

  /** Opens a watch (verb watch); the answer is the id for {@link stopWatch}. Its first try is not throttled. */
  watch(request: ApiRequest, tag: number, listener: WatchListener): number {
    assert(request.verb === VERB.watch, 'client: not a watch');
    this.transport.start(new Call(request, this, tag, null, null, listener), this.settings.timeoutUs);
    return request.id;
  }

  /** Ends a watch; its listener hears nothing more. */
  stopWatch(id: number): void {
    if (this.#held?.drop(id) !== true) this.transport.stopWatch(id);
  }

  /** true if the event was for this client or its transport. */
  receive(op: number, from: Pid, a: number, b: number, payload: Payload | null, conn: Conn): boolean {
    if (op !== OP_CLIENT_RELEASE) return this.transport.receive(op, from, a, b, payload, conn);
    this.#release();
    return true;
  }

  onCallDone(call: Call, response: ApiResponse | null, error: StatusError | null): void {
    if (call.watcher !== null) {
      if (error !== null && call.request !== null && this.#repeats(call, response, error)) return;
      call.watcher.onWatchClosed(call.tag, error);
      return;
    }
    let outcome = error;
    if (error !== null) {
      this.#noteUnknown(call, response, error);
      if (this.#repeats(call, response, error)) return;
      if (call.outcomeUnknown && !error.outcomeUnknown) outcome = withUnknownOutcome(error);
    }
    this.#end(call, response, outcome);
  }

  /** Tells whoever waits, if anybody does. */
  #end(call: Call, response: ApiResponse | null, outcome: StatusError | null): void {
    const { task, listener } = call;
    call.abandon();
    if (this.ctx.sim.observation.isObserved(POINT_CALL_ENDED)) {
      const end: CallEnd = { request: call.request as ApiRequest, response, error: outcome, retries: call.retries };
      this.ctx.observe(POINT_CALL_ENDED, end);
    }
    if (listener !== null) listener.onResponse(call.tag, response, outcome);
    else if (task === null) return;
    else if (outcome !== null) this.ctx.fail(task, outcome);
    else this.ctx.resume(task, response);
  }

  /** A server that gave up waiting (504) does not know either; what was unknown once stays so over repetitions. */
  #noteUnknown(call: Call, response: ApiResponse | null, error: StatusError): void {
    if (error.outcomeUnknown) call.outcomeUnknown = true;
    if (response === null || !call.mutates || (error.code !== 504 && !error.outcomeUnknown)) return;
    this.ctx.mark(MARK_UNKNOWN_OUTCOME);
    call.outcomeUnknown = !this.ctx.bug(BUG_UNKNOWN_IS_FAILURE);
  }

  #repeats(call: Call, response: ApiResponse | null, error: StatusError): boolean {
    if (call.retries >= RETRIES_MAX || call.isAbandoned) return false;
    let delayUs: number;
    if (response !== null && this.ctx.bug(BUG_BUSY_IS_FAILURE)) return false;
    if (response !== null && (error.code === 429 || error.code >= 500) && error.retryAfterSeconds >= 0) {
      delayUs = error.retryAfterSeconds * 1_000_000;
      this.ctx.mark(MARK_RETRY_AFTER);
    } else if (
      response === null &&
      (call.watcher === null ? !call.mutates && isConnectionReset(error) : endsWatch(error))
    ) {
      delayUs = RESET_RETRY_US;
    } else return false;
    call.retries++;
    // What was sent is due when its time-out runs out; a repetition gets what is left of it, and no token where nothing is.
    call.limitUs = call.watcher === null ? call.dueUs : Number.POSITIVE_INFINITY;
    const dueUs = this.ctx.now() + delayUs;
    this.#hold(call, dueUs < call.limitUs ? Math.min(dueUs + this.#reserve(dueUs), call.limitUs) : call.limitUs);
    return true;
  }

  #submit(call: Call): void {
    const now = this.ctx.now();
    const waitUs = this.#reserve(now);
    if (waitUs === 0) {
      this.transport.start(call, call.timeoutUs(this.settings.timeoutUs));
      return;
    }
    this.ctx.mark(MARK_BUCKET_WAIT);
    this.#hold(call, now + waitUs);
  }

  #reserve(atUs: number): number {
    const { rate } = this.settings;
    if (rate.tokenUs === 0) return 0;
    this.#fullAtUs = rate.take(this.#fullAtUs, atUs);
    return rate.waitUs(this.#fullAtUs, atUs);
  }

  #hold(call: Call, dueUs: number): void {
    this.#held ??= new HeldCalls();
    this.#held.hold(this.ctx, this.#index, call, dueUs);
  }

  #release(): void {
    const held = this.#held;
    if (held === null) return;
    for (let call = held.takeDue(this.ctx); call !== null; call = held.takeDue(this.ctx)) {
      if (call.isAbandoned) continue;
      const isFresh = call.retries === 0 || call.watcher !== null;
      const leftUs = isFresh ? call.timeoutUs(this.settings.timeoutUs) : call.limitUs - this.ctx.now();
      if (leftUs > 0) this.transport.start(call, leftUs);
      else
        this.#end(
          call,
          null,
          StatusError.timeout('the client time-out ended before a repetition', call.outcomeUnknown),
        );
    }
    held.rearm(this.ctx, this.#index);
  }
}

/** The same error with `outcomeUnknown`. */
function withUnknownOutcome({ code, reason, message, details }: StatusError): StatusError {
  return new StatusError(code, reason, message, details, true);
}
