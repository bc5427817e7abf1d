/**
 * What can be seen, weakened and counted at a store member: observation point, bug switches, marks of rare paths.
 */
import { defineBug, defineCounter, defineMark, definePoint } from '../sim/registry.ts';

export const POINT_STORE_COMMIT = definePoint(
  'store.commit',
  'a StoreEvent for each change, when the first member applies it',
);
export const POINT_STORE_APPLY = definePoint('store.apply', 'a StoreEvent for each change that any member applies');
export const POINT_STORE_APPLIED = definePoint(
  'store.applied',
  'the state of a member of a group after each entry it applied',
);
export const POINT_STORE_LEADER = definePoint('store.leader', 'a member became leader: its term');
export const POINT_STORE_ACK = definePoint('store.ack', 'a write is answered: the revision of the answer');
/** Subject: {@link LeaseChange}; by each member that applies it, renewals by the leader. */
export const POINT_STORE_LEASE = definePoint('store.lease', 'a lease was granted, renewed or revoked');
export const POINT_STORE_READ = definePoint(
  'store.read',
  'a linearizable read is served: when it came (µs of true time), and the revision',
);
export const BUG_ACK_BEFORE_SYNC = defineBug(
  'store-ack-before-sync',
  'writes are applied and answered without waiting for fsync',
);
export const BUG_RESUME_SKIPS_EVENT = defineBug(
  'store-watch-resume-skips',
  'a watch that starts in the past begins one revision late',
);
export const BUG_IGNORE_COMPARE = defineBug(
  'store-ignore-compare',
  'the mod revision compare of a single-key write always holds',
);
export const BUG_READ_LOCAL = defineBug(
  'store-read-unconfirmed',
  'a member of a group serves linearizable reads without asking the leader',
);
export const BUG_READ_ID_REUSED = defineBug(
  'store-read-id-reused',
  'a read barrier asks for every confirmation with the same request id, so that a late answer confirms reads that came after it',
);
export const BUG_VOTE_NOT_PERSISTED = defineBug(
  'store-vote-not-persisted',
  'a member does not write its vote to the log, and so may vote twice in a term after a restart',
);
export const BUG_COMMIT_ANY_TERM = defineBug(
  'store-commit-older-term',
  'a leader commits entries of older terms by counting replicas',
);
export const BUG_NO_PRE_VOTE = defineBug(
  'store-no-pre-vote',
  'a member that misses its leader raises the term at once, and no leader looks whether it still has a quorum',
);
export const BUG_APPLY_AGAIN = defineBug(
  'store-apply-again',
  'after a crash entries that the backend holds are applied once more',
);
export const BUG_INDEX_AHEAD = defineBug(
  'store-consistent-index-ahead',
  'the consistent index is written on its own, ahead of the data it stands for',
);
export const BUG_SEND_BEFORE_SYNC = defineBug(
  'store-promise-before-sync',
  'a follower answers appends and votes before its log is durable',
);
export const BUG_SNAPSHOT_KEEPS_WATCHES = defineBug(
  'store-snapshot-keeps-watches',
  'after a snapshot from the leader, watches go on without what it brought',
);
export const BUG_DROP_VICTIMS = defineBug(
  'store-watch-drops-victims',
  'events that do not fit the channel of a slow watcher are dropped',
);
export const BUG_COMPACTED_UNTOLD = defineBug(
  'store-watch-compacted-untold',
  'a watcher behind a compaction, whose channel is full, passes for one in step',
);
export const BUG_PROGRESS_OVERTAKES = defineBug(
  'store-progress-overtakes',
  'progress notices do not queue behind the events of their stream',
);
export const BUG_PROGRESS_ELIDED = defineBug(
  'store-progress-elided',
  'a watch that has had an event is told of no progress any more',
);
export const BUG_FUTURE_EARLY = defineBug(
  'store-watch-future-early',
  'a watch from a revision that is still to come gets events at once',
);
export const BUG_TOMBSTONE = defineBug(
  'store-compaction-drops-tombstone',
  'a compaction removes a deletion that is exactly at its revision',
);
export const BUG_HASH_ANY_COMPACTION = defineBug(
  'store-hash-any-compaction',
  'hashes of members are compared whatever each of them has compacted',
);
export const BUG_SPACE_ALARM_IGNORED = defineBug(
  'store-no-space-ignored',
  'writes are applied although the alarm for space is active',
);
export const BUG_ALARM_UNLOGGED = defineBug(
  'store-alarm-unlogged',
  'a member that runs out of space notes the alarm for itself, not in the log',
);
export const BUG_DEFRAGMENT_INDEX = defineBug(
  'store-defragment-forgets-index',
  'a defragmentation commits the data and not the index up to which it goes',
);
export const BUG_STALE_REVOKE = defineBug(
  'store-old-leader-revokes-leases',
  'expired leases are revoked by who believes to lead, without asking a quorum',
);
export const BUG_RENEW_EXPIRED = defineBug(
  'store-renew-expired',
  'a lease that has expired is renewed although its revocation may be under way',
);
export const BUG_TRUSTS_LEADER = defineBug(
  'store-trusts-silent-leader',
  'a follower that knows a leader does not count for how long it has heard nothing from it',
);
export const BUG_STAYS_BEHIND = defineBug(
  'store-watch-stays-behind',
  'a watch that begins in the past is not fed from history',
);
export const POINT_STORE_APPLY_BATCH = definePoint(
  'store.apply-batch',
  'a member has a batch to apply: its last index; an interceptor may answer with extra time in µs',
);
export const POINT_STORE_SNAPSHOT = definePoint(
  'store.send-snapshot',
  'a leader sends a snapshot; an interceptor may answer with extra time in µs',
);
export const MARK_ALARM = defineMark('store-space-alarm', 'a member that ran out of space raised the alarm');
export const MARK_CORRUPT = defineMark('store-corrupt', 'a leader found that the hashes of members differ');
export const MARK_DEFRAGMENTED = defineMark('store-defragmented', 'a member defragmented its backend');
export const MARK_VICTIM = defineMark('store-watch-victim', 'events did not fit the channel of a slow watcher');
export const MARK_LEASE_EXPIRED = defineMark('store-lease-expired', 'a leader revoked an expired lease');
export const MARK_LEASE_FORWARDED = defineMark(
  'store-lease-forwarded',
  'a member sent the renewal of a lease on to the leader',
);
export const MARK_ELECTED = defineMark('store-elected', 'a member became leader of its group');
export const MARK_REPLACED = defineMark(
  'store-snapshot-installed',
  'a member took its state from a snapshot of the leader',
);
export const MARK_READ_AGAIN = defineMark('store-read-again', 'a read barrier was asked for again');
export const MARK_LATE_WRITE = defineMark(
  'store-write-timeout',
  'a write was not committed within the request timeout',
);
export const MARK_NO_LEADER = defineMark('store-no-leader', 'watches ended because their member had no leader');
export const MARK_SKIPPED = defineMark('store-applied-before', 'recovery skipped entries that the backend holds');
export const COUNT_RANGES = defineCounter('store.ranges', 'reads that members served');
export const COUNT_RANGE_KEYS = defineCounter('store.range-keys', 'keys that these reads returned');
export const MARK_REPLAY = defineMark('store-watch-replay', 'a watch was fed from history');
export const MARK_REPLAY_AGAIN = defineMark(
  'store-watch-replay-several',
  'a watch needed more than one batch from history',
);
export const MARK_FUTURE = defineMark('store-watch-future', 'a watch asked for a revision beyond the next');
export const MARK_SNAPSHOT = defineMark('store-snapshot', 'a member saved a snapshot and trimmed its log');
export const MARK_RECOVERED = defineMark('store-recovered', 'a member rebuilt a store that was not empty');
export const MARK_TORN = defineMark('store-torn-tail', 'recovery dropped a torn last record');
export const MARK_GROUP = defineMark('store-group-commit', 'several writes shared one fsync');
export const MARK_OVERLOAD = defineMark('store-too-many-requests', 'a write was refused because too many wait');
export const MARK_NO_SPACE = defineMark('store-no-space', 'a write was refused by the quota');
export const MARK_DAMAGED = defineMark('store-damaged', 'a member refused to start over damaged files');
export const MARK_LOG_LOST = defineMark(
  'store-log-lost',
  'a member ended itself because its log and the leader contradict each other',
);
export const MARK_SYNC_FAILED = defineMark('store-sync-failed', 'a member ended itself because fsync failed');

/** What became of a lease. */
export interface LeaseChange {
  readonly change: 'granted' | 'renewed' | 'revoked';
  readonly id: bigint;
  /** Its time to live, s; 0 where it is revoked. */
  readonly ttlS: number;
}
