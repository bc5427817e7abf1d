/**
 * Processes freeze: nothing is lost, everything waits, their clocks go on.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

export function processPause(pids: readonly Pid[]): FaultEffect {
  return {
    begin(cluster: Cluster) {
      for (const pid of pids) cluster.supervisor.pause(pid);
    },
    end(cluster: Cluster) {
      for (const pid of pids) cluster.supervisor.unpause(pid);
    },
  };
}
