/**
 * Opcodes of the client library's own timers, 40 to 59; in all of them `b` is the registration index of the component the
 * timer belongs to (see `dispatcher.ts`).
 */

export const OP_CLIENT_FIRST = 40;
/** Look for open requests that waited too long. */
export const OP_TRANSPORT_SWEEP = 40;
/** The back-off after a lost connection is over: dial again. */
export const OP_TRANSPORT_DIAL = 41;
/** The earliest request held back by the token bucket or by a Retry-After may go. */
export const OP_CLIENT_RELEASE = 42;
/** The back-off of a reflector is over; `a` = the reflector's generation when it was set. */
export const OP_REFLECTOR_BACKOFF = 43;
/** The earliest delayed key of a work queue is due. */
export const OP_QUEUE_DUE = 44;
/** Keys were added outside an event of the library: start workers. */
export const OP_QUEUE_PUMP = 45;
/** The event recorder sends its next event. */
export const OP_RECORDER_NEXT = 46;
/** An informer looks again at what a fault holds back. */
export const OP_INFORMER_FEED = 47;
/** The recorder of series forgets what was silent. */
export const OP_SERIES_FINISH = 48;
/** One past the last. */
export const OP_CLIENT_END = 60;
