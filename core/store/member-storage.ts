/**
 * Raft's view of a member's log, and the two faces of its snapshots: Raft's, and the record on disk.
 */
import type { HardState, RaftSnapshot } from '../raft/snapshot.ts';
import { MemoryStorage } from '../raft/storage.ts';
import { GroupSnapshot } from './member-records.ts';

/** Raft's view of the log; snapshots for followers are made when they are asked for. */
export class MemberStorage extends MemoryStorage {
  readonly #current: () => RaftSnapshot;

  constructor(current: () => RaftSnapshot) {
    super();
    this.#current = current;
  }

  override snapshot(): RaftSnapshot {
    return this.#current();
  }
}

/** A snapshot as Raft handles it. */
export const asRaft = (snapshot: GroupSnapshot): RaftSnapshot => ({
  index: snapshot.index,
  term: snapshot.term,
  confState: snapshot.confState,
  data: snapshot,
});

/** The leader's snapshot as this member stores it: with its own term and vote. */
export function withState(snapshot: GroupSnapshot, state: HardState): GroupSnapshot {
  const { index, term, confState, image, sizeBytes, stateHash } = snapshot;
  return new GroupSnapshot(index, term, confState, image, state, sizeBytes, stateHash);
}
