/**
 * A group that begins again with what one member has, after a majority was lost for good (`etcdutl snapshot restore --bump-revision
 * --mark-compacted`, then one member that starts alone).
 *
 * Always: the new group holds what that member had applied and nothing else. Its index goes on, so that whoever applied more before shows as
 * what it is: acknowledged writes that are gone.
 */
import { NONE } from '../raft/message.ts';
import type { Disk } from '../sim/disk.ts';
import type { KeyInterner } from './key-interner.ts';
import { GroupSnapshot } from './member-records.ts';
import { SNAPSHOT_FILE } from './member-wal.ts';
import { Engine } from './v3/engine.ts';

/**
 * With what member `id` alone begins, from its state as it is. The revision is raised by `bumpRevisions` and everything before is compacted, so
 * that every watch ends and clients read anew.
 */
export function restoredGroup(
  state: GroupSnapshot,
  id: number,
  keys: KeyInterner,
  bumpRevisions: number,
): GroupSnapshot {
  const { index, term, image, hardState, sizeBytes, stateHash } = state;
  const engine = new Engine({ keys });
  engine.load(image);
  engine.restore(engine.backup(), bumpRevisions, true);
  const confState = { voters: [id], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
  const alone = { ...hardState, vote: NONE, commit: index };
  return new GroupSnapshot(index, term, confState, engine.image(), alone, sizeBytes, stateHash);
}

/** Gives a member that is down a disk with nothing but this. */
export function putSnapshot(disk: Disk, snapshot: GroupSnapshot): void {
  disk.lose();
  disk.put(SNAPSHOT_FILE, snapshot, snapshot.sizeBytes);
}
