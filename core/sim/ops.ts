/**
 * Opcodes of the kernel's own events. Numbers below 32 are the kernel's; components number theirs from 32.
 */

/** A connection ended. `a` = one of the reasons below; `conn` = the connection. */
export const OP_CONN_CLOSED = 1;
/** The peer is gone and its machine said so (reset), or nobody listened (refused). */
export const CLOSED_RESET = 1;
/** `b` of a reset that answered the dial itself: no living process saw anything that was sent on the connection. */
export const REFUSED = 1;
/** No sign of life within the health check's time (ping after 30 s without reads, 15 s for the answer). */
export const CLOSED_TIMEOUT = 2;
/** The peer closed it in order. */
export const CLOSED_BY_PEER = 3;

/** Wakes a sleeping task; `a` = the task's id. */
export const OP_TASK_TIMER = 2;
/** First packet of a connection: nothing to do for a live process. */
export const OP_CONN_OPEN = 3;
/** The busy time of a process ended, or it was resumed: deliver what waited. */
export const OP_WAKE = 4;
/** Look whether a connection's silent peer is still silent. `a` = which end asks. */
export const OP_HEALTH_CHECK = 5;
/** A scheduled action of the harness (fault, operation of a scenario). */
export const OP_ACTION = 6;
/** A task that a fault delayed goes on. */
export const OP_TASK_DELAYED = 7;
/** A process starts or restarts. */
export const OP_START = 8;
