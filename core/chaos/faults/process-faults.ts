/**
 * Processes that crash, freeze or are slow. Crashed ones stay down for the time and their connections are reset; for a kubelet this leaves its containers
 * running. Of frozen ones nothing is lost, everything waits, their clocks go on.
 */
import { slowedCosts } from '../../base/costs.ts';
import type { CrashOptions, Pid } from '../../sim/process.ts';
import type { Simulation } from '../../sim/simulation.ts';
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

/** All work of the processes takes `times` as long; faults that overlap multiply. */
export function slowProcess(pids: readonly Pid[], times: number): FaultEffect {
  let before = 0;
  let after = -1;
  const sentBy = ({ processes }: Simulation): number =>
    pids.reduce((sum, pid) => sum + (processes.sequence[pid] as number), 0);
  return {
    begin({ sim }) {
      before = sentBy(sim);
      for (const pid of pids) scaleWork(sim, pid, (slowness) => slowness * times);
    },
    end({ sim }) {
      after = sentBy(sim);
      for (const pid of pids) scaleWork(sim, pid, (slowness) => slowness / times);
    },
    done: ({ sim }) => ({
      count: (after < 0 ? sentBy(sim) : after) - before,
      what: 'messages and timers sent while slow',
    }),
  };
}

function scaleWork(sim: Simulation, pid: Pid, scaled: (slowness: number) => number): void {
  const { slowness } = sim.processes;
  const next = scaled(slowness[pid] as number);
  // Products of fractions come back to 1 only nearly.
  slowness[pid] = Math.abs(next - 1) < 1e-9 ? 1 : next;
  sim.contextOf(pid).costs = slowedCosts(sim.costs, slowness[pid] as number);
}
