/**
 * A slow disk: every sync takes longer.
 */
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

export function slowDisk(pids: readonly Pid[], extraSyncUs: number): FaultEffect {
  return {
    begin(cluster) {
      for (const pid of pids) cluster.sim.diskOf(pid).conditions.extraSyncUs += extraSyncUs;
    },
    end(cluster) {
      for (const pid of pids) cluster.sim.diskOf(pid).conditions.extraSyncUs -= extraSyncUs;
    },
  };
}
