/**
 * How a member finds its group, and the group's settings that a harness may change.
 */
import type { Pid } from '../sim/process.ts';
import type { GroupBeats } from './group-beats.ts';

/** How a member finds its group. */
export interface GroupOptions {
  /** This member's id in the group, from 1. */
  readonly id: number;
  /** Ids of the first members; empty for one that joins later, as a learner. */
  readonly voters: readonly number[];
  /** Process of a member; undefined for one that does not exist. */
  readonly peer: (id: number) => Pid | undefined;
  /** etcd's --snapshot-count; default 10,000. */
  readonly snapshotEntries?: number;
  /** etcd's --snapshot-catchup-entries; default 5,000. */
  readonly catchUpEntries?: number;
  /** Most bytes of entries in one message; default 1 MiB, as etcd sets its Raft. */
  readonly messageBytes?: number;
  /** Shared by the group: carries heartbeats that nobody would notice. Absent: each is sent, and each tick is an event. */
  readonly beats?: GroupBeats;
}
