/** Where triggers, predicates and faults may listen in the client library. */
import { definePoint } from '../sim/registry.ts';
import { callOutcome } from '../types/call-outcome.ts';
import type { KubeObject } from '../types/object.ts';
import type { StatusError } from '../types/status-error.ts';
import type { ApiRequest, ApiResponse, WatchEvent } from '../types/wire.ts';

/** A caller hears the outcome of its request; the subject is a {@link CallEnd}. */
export const POINT_CALL_ENDED = definePoint('client.call-ended', 'a component learns the outcome of a request', {
  kindOf: (subject) => (subject as CallEnd).request.type.kind,
  partsOf: (subject) => {
    const { request, error, retries } = subject as CallEnd;
    return callOutcome(request.verb, error, retries);
  },
});
/**
 * An answer arrived and has not been looked at; the subject is the ApiResponse. An interceptor that answers {@link LOST} loses
 * it: the caller waits until its time-out.
 */
export const POINT_RESPONSE = definePoint(
  'client.response',
  'an answer of the API server arrives at a client; a fault may lose it',
);
/** A worker takes a key or is done with it; the subject is the WorkQueue, see its currentKey. */
export const POINT_QUEUE_ADD = definePoint('queue.add', 'a key is added while it is worked on');
export const POINT_QUEUE_BEGIN = definePoint('queue.begin', 'a worker begins with a key of a work queue');
export const POINT_QUEUE_END = definePoint('queue.end', 'a worker is done with a key of a work queue');
/** A change arrives at an informer; the subject is a HoldQuestion about its ResourceType, an interceptor answers how long changes are held back, µs. */
export const POINT_INFORMER_FEED = definePoint(
  'informer.feed',
  'a change arrives at an informer; a fault may hold it back',
);
/** An informer's handlers have seen a change; an interceptor may answer `true`: they see it once more, as after a resync or a new list. */
export const POINT_INFORMER_REPEAT = definePoint(
  'informer.repeat',
  'an informer has told its handlers of a change; a fault may have it told twice',
);
/** Subject: how long the wait is at most beyond its base, µs; an interceptor may answer `false`: no longer than the base. */
export const POINT_JITTER = definePoint(
  'client.jitter',
  'a client draws how long it waits; a fault may leave that out',
);
/** An informer has replaced its copy by a list; the subject is an {@link InformerList}. */
export const POINT_INFORMER_LISTED = definePoint('informer.listed', 'an informer has taken in a list', {
  kindOf: (subject) => (subject as InformerList).kind,
});
/** An informer's handlers have seen a change; the subject is the WatchEvent. */
export const POINT_INFORMER_EVENT = definePoint(
  'informer.event',
  'an informer has taken in a watch event and told its handlers',
  { kindOf: (subject) => (subject as WatchEvent).object.kind },
);

/** What an interceptor of {@link POINT_RESPONSE} answers to lose a response. */
export const LOST = 'lost';

/** `error` null = success; with `error.outcomeUnknown` nobody knows. */
export interface CallEnd {
  readonly request: ApiRequest;
  readonly response: ApiResponse | null;
  readonly error: StatusError | null;
  /** How often it was sent again. */
  readonly retries: number;
}

/** What an informer listed, and how new it is. */
export interface InformerList {
  readonly kind: string;
  readonly objects: readonly KubeObject[];
  readonly revision: number;
}
