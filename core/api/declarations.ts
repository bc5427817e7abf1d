/**
 * What can be observed, weakened and counted in the API server.
 */
import { defineBug, defineCostBug, defineCounter, defineMark, definePoint } from '../sim/registry.ts';
import { changedParts } from '../types/changed-parts.ts';
import type { CommittedWrite } from './storage/guaranteed-update.ts';

/** What a request waited for until its time was over. */
export interface GivenUp {
  readonly kind: string;
  /** `nothing`: no step of it is under way. */
  readonly waitedFor: 'revision' | 'step' | 'nothing';
  /** The revision waited for and the one that the cache has; 0 where it waited for something else. */
  readonly asked: number;
  readonly current: number;
}

/** Subject: {@link CommittedWrite} for each write of this server that the store took. */
export const POINT_WRITE = definePoint(
  'api.write',
  'a write the store took: before, after, and what the client had seen',
  {
    kindOf: (subject) => {
      const { before, after } = subject as CommittedWrite;
      return (after ?? before)?.kind ?? '';
    },
    partsOf: (subject) => {
      const { before, after } = subject as CommittedWrite;
      return changedParts(before, after);
    },
  },
);
/** Subject: {@link Delivery} for each batch that goes to a watcher. */
export const POINT_DELIVERY = definePoint('api.watch-delivery', 'a batch of events sent to one watcher');
/** Subject: the Watcher that ended. */
export const POINT_WATCH_END = definePoint('api.watch-end', 'a watcher was removed');
/** Subject: `{ sequence, payload }`, the request; numbers count from 1 in each life of a server. */
export const POINT_STORE_CALL = definePoint('api.store-call', 'an API server sends a request to the store');
/** Subject: `{ sequence, answer }`; `answer` null: the connection broke. */
export const POINT_STORE_ANSWER = definePoint('api.store-answer', 'an API server has the answer of the store, or none');
/** Subject: the StoreError. */
export const POINT_STORE_REFUSED = definePoint('api.store-refused', 'the store refuses a request of an API server');
/**
 * Subject: the key from which on it reads. A point of its own beside {@link POINT_STORE_CALL}, which is passed by every read and write: whoever judges lists
 * hears these alone, and not the whole registry that a server reads when it starts and after a gap.
 */
export const POINT_STORE_LIST = definePoint('api.store-list', 'an API server asks the store for a page of keys');
/** Subject: the StoreWatch. */
export const POINT_STORE_WATCH = definePoint('api.store-watch', 'an API server begins to watch the store');
/** Subject: what came: events, or a progress notice. */
export const POINT_STORE_EVENTS = definePoint('api.store-events', 'an API server has events of the store, or progress');
/** Subject: which class, whether the first in line got a seat or was refused, and how many seats are taken. */
export const POINT_LINE = definePoint('api.line', 'a request that waited for a seat gets one, or is refused');
/** Subject: {@link GivenUp}. */
export const POINT_GIVEN_UP = definePoint('api.given-up', 'an API server gives up a request whose time is over');
/** Subject: the ApiRequest; an interceptor may answer with a StatusError that is sent instead of serving it. */
export const POINT_REQUEST = definePoint('api.request', 'a request arrived; a fault may refuse it');
/** Subject: the ApiResponse; an interceptor may answer `false`: the answer is lost on the way. */
export const POINT_RESPONSE = definePoint('api.response', 'an answer leaves; a fault may lose it');
/** Subject: the Watcher before a batch goes out; an interceptor may answer `false`: it is too slow and is closed. */
export const POINT_WATCHER_SLOW = definePoint(
  'api.watcher-slow',
  'a watcher takes a batch; a fault may say that it cannot',
);

/** An interceptor may answer how long each batch of the store's watch is held back, µs; the subject is a HoldQuestion. */
export const POINT_CACHE_FEED = definePoint(
  'api.cache-feed',
  'events of the store arrive at a watch cache; a fault may hold them back',
);

/** As {@link POINT_CACHE_FEED} for the changes of one kind; the question is about its ResourceType. */
export const POINT_KIND_FEED = definePoint(
  'api.kind-feed',
  'a change arrives at the watch cache of its kind; a fault may hold it back',
);
/** Subject: the Watcher; an interceptor may answer `false`: it gets no bookmark this time. */
export const POINT_BOOKMARK = definePoint('api.bookmark', 'a watcher is due a bookmark; a fault may leave it out');

/** Subject: the ResourceType; an interceptor may answer `false`: the window holds nothing, whatever comes from before the newest change gets 410. */
export const POINT_WINDOW = definePoint(
  'api.watch-window',
  'a watch goes on from a position; a fault may have its window empty',
);

export const BUG_IGNORE_RESOURCE_VERSION = defineBug(
  'api.update-ignores-resource-version',
  'an update does not compare its resourceVersion with the stored one',
);
export const BUG_WINDOW_SKIP = defineBug(
  'api.window-wrap-skips-event',
  'a watch resumed from a window that has wrapped starts one event late',
);
export const BUG_EVICTION_KEEPS_BUDGET = defineBug(
  'api.eviction-keeps-budget',
  'an eviction does not take one off disruptionsAllowed',
);
export const BUG_BIND_OVERWRITES = defineBug(
  'api.bind-overwrites',
  'a binding does not look whether the pod has a node',
);

export const BUG_SLEEPS_ON = defineBug(
  'api.readers-sleep-on',
  'reads that wait for a revision are not looked at again when the watch cache has got there',
);
export const BUG_KEEPS_LATE_SEATS = defineBug(
  'api.keeps-late-seats',
  'a request that is given up because its time is over keeps its seat',
);
export const BUG_UNCHECKED_UPDATES = defineBug('api.update-unchecked', 'what an update brings is not validated');
export const BUG_STATUS_IGNORES_VERSION = defineBug(
  'api.status-ignores-resource-version',
  'a status update does not compare its resourceVersion with the stored one',
);
export const BUG_CREATES_IN_ENDING = defineBug(
  'api.creates-in-ending-namespace',
  'a create does not look whether its namespace is being deleted',
);
export const BUG_GENERATION_STAYS = defineBug('api.generation-stays', 'an update of the spec is no new generation');
export const BUG_IGNORES_FINALIZERS = defineBug(
  'api.ignores-finalizers',
  'an object is removed when its grace period is over, whatever finalizers it has',
);
export const BUG_NO_410 = defineBug(
  'api.no-410-below-window',
  'a watch from before the window begins with what the window still has',
);
export const BUG_DIRECT_FROM_NOW = defineBug(
  'api.direct-watch-from-now',
  'a watch of a kind without a watch cache begins with the next change, not after the position that its client named',
);
export const BUG_STALE_LIST = defineBug(
  'api.list-older-than-asked',
  'a list that must not be older than a revision is answered from the cache as it is',
);
export const BUG_LIST_FROM_STORE = defineBug(
  'api.list-from-store',
  'a list that the watch cache can answer is read from the store',
);
export const BUG_DELETE_RESTARTS_GRACE = defineBug(
  'api.delete-restarts-grace',
  'a second delete of a pod that is ending starts its grace period anew',
);
export const BUG_DELETE_LEAVES_HELD = defineBug(
  'api.delete-leaves-held',
  'a delete of what finalizers hold marks nothing',
);
export const BUG_UPDATE_ENDS_HELD = defineBug(
  'api.update-ends-held',
  'an update of what is being deleted ends it, whatever finalizers it has',
);
export const BUG_LISTS_LAST_TWICE = defineBug(
  'api.lists-last-twice',
  'the last object of a list from the cache stands in it twice',
);
/** A pure waste: behaviour and digest stay, only the work grows. What a gate on counters must catch. */
export const BUG_PREDICATE_TWICE = defineCostBug(
  'api.watch-predicate-twice',
  'each twentieth watch predicate is evaluated twice: the same behaviour for about 5 % more work',
);

export const COUNT_READS = defineCounter('api.reads', 'requests that read: get and list');
export const COUNT_WRITES = defineCounter('api.writes', 'requests that write');
export const COUNT_WATCHES = defineCounter('api.watches', 'requests that begin a watch');
export const COUNT_LEASE_RENEWALS = defineCounter('api.lease-renewals', 'leases renewed by batches of the fleet');
export const COUNT_WATCH_EVENTS = defineCounter('api.watch-events', 'events sent to watchers, bookmarks not counted');
export const COUNT_WATCH_PREDICATES = defineCounter(
  'api.watch-predicates',
  'times a selective watcher was asked whether an event concerns it',
);

export const MARK_GONE = defineMark('api.watch-410', 'a watch position lay before the window and got 410');
export const MARK_CONTINUE_EXPIRED = defineMark('api.continue-expired', 'a continue token was too old and got 410');
export const MARK_CACHE_WAS_STALE = defineMark(
  'api.update-retried-from-store',
  'an update built on the cache was tried again on the stored state',
);
export const MARK_SLOW_WATCHER = defineMark(
  'api.slow-watcher-closed',
  'a watcher was closed because it could not keep up',
);
export const MARK_QUEUED = defineMark('api.request-queued', 'a request waited for a seat');
export const MARK_REJECTED = defineMark(
  'api.request-rejected',
  'a request got 429: no seat within the wait, or the queue is full',
);
export const MARK_TOO_LARGE_RV = defineMark(
  'api.too-large-resource-version',
  'a read asked for a revision the cache did not reach in 3 s',
);
export const MARK_WAITED_FOR_CACHE = defineMark('api.waited-for-cache', 'a read waited until the cache had caught up');
export const MARK_TIMEOUT = defineMark('api.request-timeout', 'a request was not done within its time');
export const MARK_STORE_LOST = defineMark('api.store-lost', 'the connection to the store broke');
export const MARK_RELISTED = defineMark(
  'api.relisted',
  'the store had compacted the position of the watch: all was read again',
);
export const MARK_NAME_COLLISION = defineMark(
  'api.generated-name-collision',
  'a generated name was taken and drawn again',
);
export const MARK_LIVE_LOOKUP = defineMark(
  'api.live-lookup',
  'an object missing in the cache was looked up in the store',
);
export const MARK_EVICTION_REFUSED = defineMark('api.eviction-refused', 'an eviction got 429 from a budget');
export const MARK_DELETED_ON_UPDATE = defineMark(
  'api.deleted-on-update',
  'an update removed the last finalizer and so the object',
);
