/**
 * Operation codes the API server sends to itself (timers), from 96 on.
 */

/** Once a second: overdue requests, reads that wait for the cache, bookmarks, ends of watches. */
export const OP_API_SWEEP = 96;
/** Dial the store again. */
export const OP_API_DIAL_STORE = 97;
/** A seat is free although no answer says so: start what waits. */
export const OP_API_SEAT_FREE = 98;
/** A long answer is written: send it. `a` = operation slot. */
export const OP_API_SEND = 99;
/** See whether batches for the watch cache are still held back. */
export const OP_API_FEED = 100;
/** The same of one kind: `b` = id of its type. */
export const OP_API_KIND_FEED = 101;
/** Somebody still waits for the cache: ask the store for progress. */
export const OP_API_PROGRESS = 102;
