/**
 * One request under way, from the moment a caller hands it over until its answer is known.
 *
 * It belongs to the client (bucket and retries) that made it and to the transport that carries it. Exactly one of `task` and `listener` is
 * told the outcome, once; an abandoned call tells nobody.
 */
import type { Task } from '../sim/task.ts';
import type { StatusError } from '../types/status-error.ts';
import { type ApiRequest, type ApiResponse, isMutating, type WatchEvent } from '../types/wire.ts';

/** Told the outcome of requests sent without a task. `tag` is what the caller gave. */
export interface RequestListener {
  /** Either `error` is null and `response` the answer, or `error` says what failed (`response` null when none came). */
  onResponse(tag: number, response: ApiResponse | null, error: StatusError | null): void;
}

/** Told what happens on a watch. */
export interface WatchListener {
  /** Events in order of revision, never empty. */
  onWatchEvents(tag: number, events: readonly WatchEvent[]): void;
  /** The watch is over: refused (`error`), ended by the server (`error` null) or its connection broke (`error`). */
  onWatchClosed(tag: number, error: StatusError | null): void;
}

/** Who is asked what to do when the transport knows the outcome of a call. */
export interface CallOwner {
  onCallDone(call: Call, response: ApiResponse | null, error: StatusError | null): void;
}

/** A request under way. */
export class Call {
  /** The request's id. */
  readonly id: number;
  /** null once a watch runs: it is never sent again, and each node keeps one open. */
  request: ApiRequest | null;
  readonly owner: CallOwner;
  readonly tag: number;
  task: Task | null;
  listener: RequestListener | null;
  readonly watcher: WatchListener | null;
  /**
   * µs of the sender's clock. Held back: when it may go. Sent: when the sender stops waiting; Infinity for a running watch.
   */
  dueUs = Number.POSITIVE_INFINITY;
  /** Held back for a repetition: when the sender stops waiting, counted from the first sending. */
  limitUs = 0;
  /** Answers that asked for a repetition so far. */
  retries = 0;
  /** An earlier attempt of this write may have taken effect. */
  outcomeUnknown = false;
  /** true once it was put on the current connection. */
  sent = false;
  /** Next in its list, oldest first. */
  next: Call | null = null;

  constructor(
    request: ApiRequest,
    owner: CallOwner,
    tag: number,
    task: Task | null,
    listener: RequestListener | null,
    watcher: WatchListener | null,
  ) {
    this.id = request.id;
    this.request = request;
    this.owner = owner;
    this.tag = tag;
    this.task = task;
    this.listener = listener;
    this.watcher = watcher;
  }

  /** Whether it may change the store. */
  get mutates(): boolean {
    return this.request !== null && isMutating(this.request.verb);
  }

  /** Nobody waits for the answer. */
  get isAbandoned(): boolean {
    return this.task === null && this.listener === null && this.watcher === null;
  }

  /** How long an answer is waited for, µs; `otherwiseUs` when the request does not say. */
  timeoutUs(otherwiseUs: number): number {
    return this.request?.options.timeoutUs ?? otherwiseUs;
  }

  /** The watch runs: the server has taken it up. */
  runs(): void {
    this.request = null;
    this.dueUs = Number.POSITIVE_INFINITY;
  }

  /** Nobody waits for the answer any more; the request itself may still take effect. */
  abandon(): void {
    this.task = null;
    this.listener = null;
  }
}
