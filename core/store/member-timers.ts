/**
 * Opcodes of what a store member sends itself: timers and completed syncs. One list, because all of them come to the same process.
 */

/** {@link ApplyDelay}: everything up to the index in `a` is due to be applied. */
export const OP_APPLY_DUE = 89;
/** The write-ahead log is durable; of a single member up to the index in `a`. */
export const OP_WAL_SYNCED = 90;
/** Watchers that are behind get their next batch. */
export const OP_CATCH_UP = 91;
/** The next step of a physical compaction. */
export const OP_COMPACT_STEP = 92;
/** Progress notices. */
export const OP_PROGRESS_TICK = 93;
/** Raft's clock. */
export const OP_TICK = 94;
/** A snapshot of index `b` should have arrived at member `a`. */
export const OP_SNAPSHOT_LATE = 95;
/** The backend's batch is to be committed; and its commit failed. */
export const OP_BACKEND_DUE = 97;
export const OP_BACKEND_FAILED = 98;
/** The lessor looks for expired leases. */
export const OP_LEASE_LOOP = 99;
/** A request about a lease, token `a`, got no answer from the leader. */
export const OP_FORWARD_LATE = 100;
/** Slow watchers are tried again. */
export const OP_UNBLOCK = 101;
/** Members are compared by their hashes. */
export const OP_COMPARE = 102;
/** A defragmentation is done: of request `a` on connection `b`. */
export const OP_DEFRAGMENTED = 103;
