/** Timers of the scheduler process. Source of the numbers: components count from 32, this one from 160. */

/** One scheduling cycle is due. */
export const OP_SCHEDULING_CYCLE = 160;
/** Look for back-offs that are over. */
export const OP_FLUSH_BACKOFF = 161;
/** Look for pods that have been unschedulable for too long. */
export const OP_FLUSH_UNSCHEDULABLE = 162;
/** Look for groups of pods that have waited for each other for too long. */
export const OP_GANG_TIMEOUT = 163;
