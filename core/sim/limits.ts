/**
 * Named limits of the kernel. Reaching one is an assertion or a finding, never silent growth.
 */

/** Most processes of one simulation: the process id takes 17 bits of an event's order key. */
export const PROCESSES_MAX = 1 << 17;
/** Most events one process may send in a run: the sequence number takes 36 bits of the order key. */
export const SEQUENCE_MAX = 2 ** 36;
/** Most events pending at one time. */
export const PENDING_EVENTS_MAX = 1 << 24;
/** Most deliveries that may wait for one busy or paused process. */
export const INBOX_MAX = 1 << 20;
/** Most messages one cut or held link keeps for retransmission. */
export const HELD_MESSAGES_MAX = 1 << 20;
/** Slots an event queue starts with; it doubles. Large initial queues cost small runs dearly. */
export const QUEUE_SLOTS_INITIAL = 256;
/** Virtual time between two checkpoints of the digest chain, µs. */
export const CHECKPOINT_PERIOD_US = 1_000_000;
/** Latest instant a run may reach, µs (about 285 virtual years): times stay exact integers in doubles. */
export const TIME_US_MAX = 2 ** 53 - 1;
