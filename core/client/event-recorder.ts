/**
 * Writes Event objects for people to read; never in the way of the component that reports.
 *
 * `event` only queues (at most 1,000; more are dropped, as in the real broadcaster). One event at a time goes out through the
 * client and its token bucket: created, or counted up by a patch (see `event-correlator.ts`). An answer that refuses an event drops it; no
 * answer at all is tried again every 10 s, the first time sooner, 12 times. Works without tasks and holds nothing before the first event, so that each node
 * may have one. Source: client-go 1.34 tools/record.
 */
import { scaleDraw } from '../base/random.ts';
import { Ring } from '../base/ring.ts';
import type { Context } from '../sim/context.ts';
import type { Conn, Payload, Pid } from '../sim/process.ts';
import type { Event } from '../types/event.ts';
import type { ObjectMeta, ObjectReference } from '../types/object.ts';
import { EVENTS } from '../types/resource-type.ts';
import type { StatusError } from '../types/status-error.ts';
import { formatTime } from '../types/time.ts';
import { type ApiResponse, VERB } from '../types/wire.ts';
import type { RequestListener } from './call.ts';
import type { ConnectionClient } from './connection-client.ts';
import type { Component, Dispatcher } from './dispatcher.ts';
import { type Correlation, EventCorrelator } from './event-correlator.ts';
import { EventNames } from './event-name.ts';
import { MARK_EVENT_DROPPED } from './marks.ts';
import { OP_RECORDER_NEXT } from './ops.ts';

/** Events that may wait to be sent (client-go: maxQueuedEvents). */
const QUEUED_EVENTS_MAX = 1_000;
const TRIES_MAX = 12;
const RETRY_US = 10_000_000;
const NOTHING: ObjectReference = Object.freeze({});

export type EventType = 'Normal' | 'Warning';

/** What an event is about; every KubeObject is one. */
export interface InvolvedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ObjectMeta, 'name' | 'namespace' | 'uid' | 'resourceVersion'>;
}

/** The reference that an Event keeps to the version of the object it is about. */
export function referenceTo({ apiVersion, kind, metadata }: InvolvedObject): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind, namespace, name, uid, apiVersion, resourceVersion };
}

/** What recorders share that report as the same component. */
export interface EventRecorderSettings {
  /** e.g. `deployment-controller`. */
  readonly component: string;
  /** false: no Event objects at all. */
  readonly enabled: boolean;
}

interface Pending {
  readonly involved: InvolvedObject;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  readonly wallUs: number;
}

export class EventRecorder implements Component, RequestListener {
  readonly #ctx: Context;
  readonly #client: ConnectionClient;
  readonly #settings: EventRecorderSettings;
  readonly #host: string;
  readonly #source: Event['source'];
  readonly #index: number;
  #queue: Ring<Pending> | null = null;
  #correlator: EventCorrelator | null = null;
  #pending: Pending | null = null;
  /** What the last new event was about, and the reference to it: a pod's start is several events about one version. */
  #involved: InvolvedObject | null = null;
  #reference: ObjectReference = NOTHING;
  #correlation: Correlation | null = null;
  #creating = false;
  #tries = 0;
  readonly #names = new EventNames();

  /** `host`: the node's name where there is one, else ''. Without `library` the owner routes OP_RECORDER_NEXT by pid. */
  constructor(
    client: ConnectionClient,
    settings: EventRecorderSettings,
    library: Dispatcher | null,
    host = '',
    index = 0,
  ) {
    this.#ctx = client.ctx;
    this.#client = client;
    this.#settings = settings;
    this.#host = host;
    this.#source = { component: settings.component, host: host === '' ? undefined : host };
    this.#index = library === null ? index : library.register(this);
  }

  /** Events that wait or are being sent. */
  get depth(): number {
    return (this.#queue?.size ?? 0) + (this.#pending === null ? 0 : 1);
  }

  /** Whether it makes Event objects at all: where it does not, a message need not be written. */
  get enabled(): boolean {
    return this.#settings.enabled;
  }

  /** Reports `reason` about `involved`. Returns at once; nothing is guaranteed about the Event object. */
  event(involved: InvolvedObject, type: EventType, reason: string, message: string): void {
    if (!this.#settings.enabled) return;
    this.#queue ??= new Ring('event recorder', QUEUED_EVENTS_MAX);
    if (this.#queue.size >= QUEUED_EVENTS_MAX) {
      this.#ctx.mark(MARK_EVENT_DROPPED);
      return;
    }
    this.#queue.push({ involved, type, reason, message, wallUs: this.#ctx.wallUs() });
    if (this.#pending === null) this.#next();
  }

  receive(_op: number, _from: Pid, _a: number, _b: number, _payload: Payload | null, _conn: Conn): void {
    if (this.#pending !== null) this.#send();
  }

  onResponse(_tag: number, response: ApiResponse | null, error: StatusError | null): void {
    if (error !== null && response === null && this.#tries < TRIES_MAX) {
      this.#ctx.setTimer(this.#retryUs(), OP_RECORDER_NEXT, 0, this.#index);
      return;
    }
    if (error !== null && error.isNotFound && !this.#creating && response !== null) {
      this.#creating = true;
      this.#send();
      return;
    }
    this.#pending = null;
    this.#next();
  }

  /** The first wait is drawn, so that not all clients of a server that is away come back together. */
  #retryUs(): number {
    if (this.#tries > 1) return RETRY_US;
    return scaleDraw(this.#ctx.draw(`${this.#ctx.name}/${this.#index}/${this.#names.count}`, 'event-retry'), RETRY_US);
  }

  /** Takes the next event that is not suppressed and sends it. */
  #next(): void {
    this.#correlator ??= new EventCorrelator();
    const correlator = this.#correlator;
    for (;;) {
      const pending = this.#queue?.shift();
      if (pending === undefined) return;
      const { involved, type, reason, message, wallUs } = pending;
      const { metadata, kind } = involved;
      const key = metadata.uid ?? `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
      const makeName = (): string => this.#names.next(metadata.name, wallUs);
      const correlation = correlator.correlate(key, type, reason, message, wallUs, makeName);
      if (correlation === null) {
        this.#ctx.mark(MARK_EVENT_DROPPED);
        continue;
      }
      this.#pending = pending;
      this.#correlation = correlation;
      this.#creating = correlation.count === 1;
      this.#tries = 0;
      this.#send();
      return;
    }
  }

  #send(): void {
    const { involved, type, reason, wallUs } = this.#pending as Pending;
    const { name, message, count, firstWallUs, combined } = this.#correlation as Correlation;
    const namespace = involved.metadata.namespace ?? 'default';
    this.#tries++;
    if (!this.#creating) {
      const patch = { count, lastTimestamp: formatTime(wallUs), message };
      const request = this.#client.patchRequest(EVENTS, namespace, name, '', patch, 'strategic');
      this.#client.send(request, 0, this);
      return;
    }
    const { component } = this.#settings;
    const event: Event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: this.#referenceTo(involved),
      reason,
      message,
      source: this.#source,
      firstTimestamp: formatTime(firstWallUs),
      lastTimestamp: formatTime(wallUs),
      count,
      type,
      // What client-go's aggregator makes carries the source only.
      reportingComponent: combined ? '' : component,
      reportingInstance: combined ? '' : this.#host,
    };
    this.#client.send(this.#client.writeRequest(VERB.create, EVENTS, namespace, name, '', event), 0, this);
  }

  /** The reference an event keeps to its object; the same for one event after the other about the same. */
  #referenceTo(involved: InvolvedObject): ObjectReference {
    if (involved === this.#involved) return this.#reference;
    this.#involved = involved;
    this.#reference = referenceTo(involved);
    return this.#reference;
  }
}
