/**
 * Processes crash and stay down for the time; their connections are reset. For a kubelet this leaves its containers running.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { CrashOptions, Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

export function processCrash(pids: readonly Pid[], options: CrashOptions): FaultEffect {
  return {
    begin(cluster: Cluster) {
      for (const pid of pids) cluster.supervisor.takeDown(pid, options);
    },
    end(cluster: Cluster) {
      for (const pid of pids) cluster.supervisor.letUp(pid);
    },
  };
}
