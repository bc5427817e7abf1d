/**
 * Named limits of one API server. Source: Kubernetes 1.34 defaults unless a line says otherwise.
 */

/** Requests under way: `--max-requests-inflight` and `--max-mutating-requests-inflight`. */
export const READS_IN_FLIGHT = 400;
export const WRITES_IN_FLIGHT = 200;
/** Requests that may wait for a seat (priority levels have 64 to 128 queues of 50). */
export const SEAT_QUEUE_MAX = 6400;
/** Longest wait for a seat: a quarter of the request time-out, µs. */
export const SEAT_WAIT_US = 15_000_000;
/** Longest time a request may take, µs. */
export const REQUEST_TIMEOUT_US = 60_000_000;
/** How long a read of a future revision waits for the cache, µs. */
export const FRESH_WAIT_US = 3_000_000;
/** How often the store is asked for progress while reads wait for the cache, µs (storage/cacher progressRequestPeriod). */
export const PROGRESS_REQUEST_US = 100_000;
/** Events the window of a kind starts with and may grow to; younger than this they are kept. */
export const WINDOW_SLOTS_MIN = 128;
export const WINDOW_SLOTS_MAX = 102_400;
export const WINDOW_AGE_US = 75_000_000;
/** Bookmark period, and how long before the end of a watch the last one comes, µs. */
export const BOOKMARK_PERIOD_US = 60_000_000;
export const BOOKMARK_BEFORE_END_US = 2_000_000;
/** Length of a watch when the client says nothing: uniform between these, µs. */
export const WATCH_MIN_US = 1_800_000_000;
export const WATCH_MAX_US = 3_600_000_000;
/** Watches one server may hold. */
export const WATCHES_MAX = 1 << 20;
/** Period of the sweep, µs. */
export const SWEEP_PERIOD_US = 1_000_000;
/** Dial back-off to the store, µs (gRPC: 1 s × 1.6; the client's own retries are faster at first). */
export const DIAL_BACKOFF_US = 100_000;
export const DIAL_BACKOFF_MAX_US = 3_000_000;
/** Largest object the store takes, bytes (etcd `--max-request-bytes`). */
export const OBJECT_BYTES_MAX = 1_572_864;
/** How often a generated name is drawn again when it is taken. */
export const NAME_TRIES = 8;
/** Requests of one server that wait for the store at one time. */
export const STORE_CALLS_MAX = 1 << 16;
/** Tries of one read-modify-write cycle before it is given up as a bug. */
export const UPDATE_TRIES_MAX = 10_000;
/** Records of disrupted pods a budget may hold (policy/v1, eviction subresource). */
export const DISRUPTED_PODS_MAX = 2_000;
/** Answers that take longer than this are sent by a timer, so that they do not hold up the connection, µs. */
export const LONG_ANSWER_US = 5_000;
