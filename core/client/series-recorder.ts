/**
 * Writes Event objects as kube-scheduler does, with the newer recorder of events.k8s.io; never in the way of the component that reports.
 *
 * `event` only queues (at most 1,000 writes; more are dropped). One write at a time goes out through the client and its token bucket: what becomes of an event is
 * said in `event-series.ts`. An answer that refuses an event drops it; no answer at all is tried again every 10 s, 12 times.
 * Source: client-go 1.34 tools/events.
 */
import { Ring } from '../base/ring.ts';
import type { Context } from '../sim/context.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import type { Event } from '../types/event.ts';
import { EVENTS } from '../types/resource-type.ts';
import type { StatusError } from '../types/status-error.ts';
import { formatMicroTime } from '../types/time.ts';
import { type ApiResponse, VERB } from '../types/wire.ts';
import type { RequestListener } from './call.ts';
import type { ConnectionClient } from './connection-client.ts';
import type { Component, Dispatcher } from './dispatcher.ts';
import { EventNames } from './event-name.ts';
import { type EventRecorderSettings, type EventType, type InvolvedObject, referenceTo } from './event-recorder.ts';
import { EventSeriesCache, SERIES_FINISH_US, type Series } from './event-series.ts';
import { MARK_EVENT_DROPPED } from './marks.ts';
import { OP_RECORDER_NEXT, OP_SERIES_FINISH } from './ops.ts';

/** Writes that may wait. */
const QUEUED_WRITES_MAX = 1_000;
const TRIES_MAX = 12;
const RETRY_US = 10_000_000;
/** The source of an Event of the newer API: its conversion to core/v1 leaves it empty, and both times null. */
const NO_SOURCE = Object.freeze({});

/** What is reported, beside the object and the type. */
export interface Note {
  readonly reason: string;
  /** What the component did: `Scheduling`. */
  readonly action: string;
  readonly message: string;
  /** Another object that has to do with it. */
  readonly related?: InvolvedObject | undefined;
}

interface Write {
  readonly event: Event;
  /** As it was when this was queued; undefined of a first event. */
  readonly series: Event['series'];
  /** The Event is not there yet, or no more. */
  creates: boolean;
}

export class SeriesRecorder implements Component, RequestListener {
  readonly #ctx: Context;
  readonly #client: ConnectionClient;
  readonly #settings: EventRecorderSettings;
  readonly #index: number;
  readonly #names = new EventNames();
  readonly #cache = new EventSeriesCache();
  readonly #startUs: number;
  #queue: Ring<Write> | null = null;
  #pending: Write | null = null;
  #tries = 0;
  #willFinish = false;

  constructor(client: ConnectionClient, settings: EventRecorderSettings, library: Dispatcher) {
    this.#ctx = client.ctx;
    this.#client = client;
    this.#settings = settings;
    this.#index = library.register(this);
    this.#startUs = client.ctx.now();
  }

  /** Writes that wait or are being sent. */
  get depth(): number {
    return (this.#queue?.size ?? 0) + (this.#pending === null ? 0 : 1);
  }

  /** Whether it makes Event objects at all: where it does not, a message need not be written. */
  get enabled(): boolean {
    return this.#settings.enabled;
  }

  /** Reports a note about `involved`. Returns at once; nothing is guaranteed about the Event object. */
  event(involved: InvolvedObject, type: EventType, note: Note): void {
    if (!this.#settings.enabled) return;
    const wallUs = this.#ctx.wallUs();
    const series = this.#cache.take(this.#eventOf(involved, type, note, wallUs), wallUs);
    this.#finishLater();
    if (series.count <= 2) this.#write(series);
  }

  #eventOf(involved: InvolvedObject, type: EventType, note: Note, wallUs: number): Event {
    const { reason, action, message, related } = note;
    const { name, namespace = 'default' } = involved.metadata;
    const { component } = this.#settings;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: this.#names.next(name, wallUs), namespace },
      involvedObject: referenceTo(involved),
      reason,
      message,
      source: NO_SOURCE,
      firstTimestamp: null,
      lastTimestamp: null,
      type,
      eventTime: formatMicroTime(wallUs),
      action,
      related: related === undefined ? undefined : referenceTo(related),
      reportingComponent: component,
      reportingInstance: `${component}-${this.#ctx.name}`,
    };
  }

  receive(op: number, _from: Pid, _a: number, _b: number, _payload: Payload | null, _conn: Conn): void {
    if (op === OP_SERIES_FINISH) this.#finish();
    else if (this.#pending !== null) this.#send();
  }

  // ---- writes ----------------------------------------------------------------------------------------------------

  #write(series: Series): void {
    this.#queue ??= new Ring('series recorder', QUEUED_WRITES_MAX);
    if (this.#queue.size >= QUEUED_WRITES_MAX) {
      this.#ctx.mark(MARK_EVENT_DROPPED);
      return;
    }
    const { event, count, lastWallUs } = series;
    const told = count === 1 ? undefined : { count, lastObservedTime: formatMicroTime(lastWallUs) };
    this.#queue.push({ event, series: told, creates: count === 1 });
    if (this.#pending === null) this.#next();
  }

  #next(): void {
    this.#pending = this.#queue?.shift() ?? null;
    if (this.#pending === null) return;
    this.#tries = 0;
    this.#send();
  }

  #send(): void {
    const { event, series, creates } = this.#pending as Write;
    const { name, namespace = '' } = event.metadata;
    this.#tries++;
    const whole = series === undefined ? event : { ...event, series };
    const request = creates
      ? this.#client.writeRequest(VERB.create, EVENTS, namespace, name, '', whole)
      : this.#client.patchRequest(EVENTS, namespace, name, '', { series }, 'strategic');
    this.#client.send(request, 0, this);
  }

  onResponse(_tag: number, response: ApiResponse | null, error: StatusError | null): void {
    if (error !== null && response === null && this.#tries < TRIES_MAX) {
      this.#ctx.setTimer(RETRY_US, OP_RECORDER_NEXT, 0, this.#index);
      return;
    }
    const write = this.#pending as Write;
    if (error?.isNotFound === true && !write.creates && response !== null) {
      write.creates = true;
      this.#send();
      return;
    }
    this.#pending = null;
    this.#next();
  }

  // ---- the end of a series ---------------------------------------------------------------------------------------

  /** Six minutes after the start, and every six from then on; while nothing is remembered there is nothing to do. */
  #finishLater(): void {
    if (this.#willFinish || this.#cache.isEmpty) return;
    this.#willFinish = true;
    const passed = (this.#ctx.now() - this.#startUs) % SERIES_FINISH_US;
    this.#ctx.setTimer(SERIES_FINISH_US - passed, OP_SERIES_FINISH, 0, this.#index);
  }

  #finish(): void {
    this.#willFinish = false;
    for (const series of this.#cache.finish(this.#ctx.wallUs())) this.#write(series);
    this.#finishLater();
  }
}
