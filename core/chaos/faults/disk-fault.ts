/**
 * Disks that are slow: every sync takes longer; and disks that fail: every sync does, and the process ends itself at its next one.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { DiskConditions } from '../../sim/disk.ts';
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

/** Every sync takes so much longer, µs. */
export function slowDisk(pids: readonly Pid[], extraSyncUs: number): FaultEffect {
  const add = (us: number) => (conditions: DiskConditions) => {
    conditions.extraSyncUs += us;
  };
  return diskEffect(pids, 'syncs slowed', add(extraSyncUs), add(-extraSyncUs));
}

/** Every sync fails: the process finds out at its next one, and ends itself. */
export function diskFailure(pids: readonly Pid[], reason: 'io-error' | 'no-space'): FaultEffect {
  const set = (value: boolean) => (conditions: DiskConditions) => {
    conditions[reason === 'no-space' ? 'full' : 'failing'] = value;
  };
  return diskEffect(pids, 'syncs failed', set(true), set(false));
}

/** Syncs between begin and end are what it did. */
function diskEffect(
  pids: readonly Pid[],
  what: string,
  begin: (conditions: DiskConditions) => void,
  end: (conditions: DiskConditions) => void,
): FaultEffect {
  const syncs = (cluster: Cluster): number => pids.reduce((sum, pid) => sum + cluster.sim.diskOf(pid).syncs, 0);
  let before = 0;
  let after = -1;
  return {
    begin(cluster) {
      before = syncs(cluster);
      for (const pid of pids) begin(cluster.sim.diskOf(pid).conditions);
    },
    end(cluster) {
      after = syncs(cluster);
      for (const pid of pids) end(cluster.sim.diskOf(pid).conditions);
    },
    done: (cluster) => ({ count: (after < 0 ? syncs(cluster) : after) - before, what }),
  };
}
