/**
 * One request under way, from the moment a caller hands it over until its answer is known.
 *
 * It belongs to the lane (bucket and retries) that made it and to the transport that carries it. Exactly one of `task` and `listener` is
 * told the outcome, once; an abandoned call tells nobody.
 */
import type { Task } from '../sim/task.ts';
import type { StatusError } from '../types/status-error.ts';
import type { ApiRequest, ApiResponse, WatchEvent } from '../types/wire.ts';

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
  readonly request: ApiRequest;
  readonly owner: CallOwner;
  readonly tag: number;
  task: Task | null;
  listener: RequestListener | null;
  readonly watcher: WatchListener | null;
  /** When the sender stops waiting, µs of its own clock; counts from each sending. Infinity for a running watch. */
  deadlineUs = Number.POSITIVE_INFINITY;
  /** When a held-back call may go, µs. */
  dueUs = 0;
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
    this.request = request;
    this.owner = owner;
    this.tag = tag;
    this.task = task;
    this.listener = listener;
    this.watcher = watcher;
  }

  /** Nobody waits for the answer any more; the request itself may still take effect. */
  abandon(): void {
    this.task = null;
    this.listener = null;
  }
}
