/**
 * Clocks that run at another rate, or stand at another wall time.
 */
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

export function clockRate(pids: readonly Pid[], rate: number): FaultEffect {
  return {
    begin(cluster) {
      for (const pid of pids) cluster.sim.clocks.setRate(pid, rate);
    },
    end(cluster) {
      for (const pid of pids) cluster.sim.clocks.setRate(pid, 1);
    },
    done: () => ({ count: pids.length, what: 'clocks changed' }),
  };
}

export function clockOffset(pids: readonly Pid[], offsetUs: number): FaultEffect {
  return {
    begin(cluster) {
      for (const pid of pids) cluster.sim.clocks.setWallOffset(pid, offsetUs);
    },
    end(cluster) {
      for (const pid of pids) cluster.sim.clocks.setWallOffset(pid, 0);
    },
    done: () => ({ count: pids.length, what: 'clocks changed' }),
  };
}
