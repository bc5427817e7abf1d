/**
 * Opcodes of the node side's own timers, 128 to 159.
 */

/** A kubelet's 10 s tick: renew the lease, look at the node status. */
export const OP_NODE_TICK = 128;
/** Try again to register; `a` = what was being done. */
export const OP_NODE_REGISTER = 129;
/** The next step of a pod; `a` = row, `b` = the row's generation. */
export const OP_POD_STEP = 130;
/** Write a pod's status again after a failed write; `a` = row, `b` = the row's generation. */
export const OP_POD_WRITE = 131;
/** The cohort's tick: leases that are due now. */
export const OP_COHORT_TICK = 132;
/** Programmed rules become active at the proxies of the cohort; `a` = table version. */
export const OP_PROXY_SYNC = 133;
/** A kubelet looks for its lease again after a back-off. */
export const OP_LEASE_RETRY = 134;
