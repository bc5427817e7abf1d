/** Rare paths of the client library that a campaign should have reached, its bug switches, and what it counts. */
import { defineBug, defineCounter, defineMark } from '../sim/registry.ts';

export const MARK_BUCKET_WAIT = defineMark('client-bucket-wait', 'a request waited for its client token bucket');
export const MARK_UNKNOWN_OUTCOME = defineMark(
  'client-unknown-outcome',
  'a write was sent and its outcome never became known',
);
export const MARK_REQUEST_TIMEOUT = defineMark('client-request-timeout', 'a request got no answer in time');
export const MARK_RETRY_AFTER = defineMark(
  'client-retry-after',
  'a request was repeated because the server asked for it',
);
export const MARK_REDISPATCH = defineMark(
  'client-redispatch',
  'the balancer turned a refused connection to another server',
);
export const MARK_RELIST_AFTER_GONE = defineMark(
  'informer-relist-after-410',
  'a watch position was too old and the informer listed again',
);
export const MARK_WATCH_RESUMED = defineMark(
  'informer-watch-resumed',
  'a watch went on from its last revision after it broke',
);
export const MARK_RELIST_DELETED = defineMark(
  'informer-relist-deletion',
  'an object vanished between two lists and only the relist showed it',
);
export const MARK_STALE_EVENT = defineMark('informer-stale-event', 'an event not newer than the last one was ignored');
export const MARK_EXPECTATION_EXPIRED = defineMark(
  'expectation-expired',
  'a controller gave up waiting for its own writes to show',
);
export const MARK_LEASE_LOST = defineMark('leader-lease-lost', 'a leader could not renew within its deadline');
export const MARK_LEASE_CONFLICT = defineMark(
  'leader-lease-conflict',
  'two candidates wrote the lease, one was refused',
);
export const MARK_EVENT_DROPPED = defineMark(
  'event-recorder-dropped',
  'an event was dropped by the queue limit or the spam filter',
);

export const BUG_KEEPS_OFF_EXPIRED = defineBug(
  'leader-keeps-off-expired-lease',
  'a candidate takes a lease that was released, and none that has run out',
);
export const BUG_TAKES_VALID_LEASE = defineBug(
  'leader-takes-valid-lease',
  'a candidate does not wait until the lease of another holder has run out',
);
export const BUG_COUNTS_RENEWALS = defineBug(
  'leader-counts-renewals',
  'a leader counts each renewal of its own lease as a transition',
);
export const BUG_KEEPS_LEADING = defineBug(
  'leader-keeps-leading',
  'a leader goes on after its renew deadline has passed',
);
export const BUG_UNKNOWN_IS_FAILURE = defineBug(
  'client-unknown-is-failure',
  'a write without an answer is reported as refused, without outcomeUnknown',
);
export const BUG_BUSY_IS_FAILURE = defineBug(
  'client-busy-is-failure',
  'a request is not sent again although the server says when to',
);
export const BUG_RELIST_AT_ZERO = defineBug(
  'informer-relist-any',
  'a relist takes any revision, so a cache may go back in time',
);
export const BUG_MISSES_DELETIONS = defineBug(
  'informer-misses-deletions',
  'a relist does not look for objects that are gone',
);

export const COUNT_INFORMER_EVENTS = defineCounter('informer.events', 'watch events that informers took in');
export const BUG_LOST_WAKE_UP = defineBug(
  'queue-lost-wake-up',
  'a key that is added while it is worked on does not run again',
);
export const BUG_NO_BACK_OFF = defineBug('queue-no-back-off', 'a key that failed runs again at once');
export const BUG_KEY_TWICE = defineBug(
  'queue-key-twice',
  'a key that is added while it is worked on is given to another worker at once',
);
