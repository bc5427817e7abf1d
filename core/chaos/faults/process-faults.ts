/**
 * Processes that crash or freeze. Crashed ones stay down for the time and their connections are reset; for a kubelet this leaves its containers
 * running. Of frozen ones nothing is lost, everything waits, their clocks go on.
 */
import type { CrashOptions, Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

export function processCrash(pids: readonly Pid[], options: CrashOptions): FaultEffect {
  let running = 0;
  return {
    begin(cluster) {
      for (const pid of pids) {
        if (cluster.sim.isRunning(pid)) running++;
        cluster.supervisor.takeDown(pid, options);
      }
    },
    end(cluster) {
      for (const pid of pids) cluster.supervisor.letUp(pid);
    },
    done: () => ({ count: running, what: 'processes taken down' }),
  };
}

export function processPause(pids: readonly Pid[]): FaultEffect {
  let running = 0;
  return {
    begin(cluster) {
      for (const pid of pids) {
        if (cluster.sim.isRunning(pid)) running++;
        cluster.supervisor.pause(pid);
      }
    },
    end(cluster) {
      for (const pid of pids) cluster.supervisor.unpause(pid);
    },
    done: () => ({ count: running, what: 'processes frozen' }),
  };
}
