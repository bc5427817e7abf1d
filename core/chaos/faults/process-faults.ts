/**
 * Processes that crash, freeze or are slow. Crashed ones stay down for the time and their connections are reset; for a kubelet this leaves its containers
 * running. Of frozen ones nothing is lost, everything waits, their clocks go on.
 */
import type { CostTable } from '../../base/costs.ts';
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

/** By process: how many times as dear its work is, all faults together. */
const SLOWNESS = new WeakMap<Simulation, Map<Pid, number>>();

/** What costs nothing as a rule (a controller's sync) costs this while its process is slow, µs. */
const FREE_US = 10;

/** No piece of work takes longer, µs: clients wait no longer for an answer. */
const COST_MAX_US = 60_000_000;

/** Everything that the processes do takes `times` as long: each cost in µs of their table. */
export function slowProcess(pids: readonly Pid[], times: number): FaultEffect {
  let before = 0;
  let after = -1;
  const sentBy = ({ processes }: Simulation): number =>
    pids.reduce((sum, pid) => sum + (processes.sequence[pid] as number), 0);
  return {
    begin({ sim }) {
      before = sentBy(sim);
      for (const pid of pids) scaleCosts(sim, pid, times);
    },
    end({ sim }) {
      after = sentBy(sim);
      for (const pid of pids) scaleCosts(sim, pid, 1 / times);
    },
    done: ({ sim }) => ({
      count: (after < 0 ? sentBy(sim) : after) - before,
      what: 'messages and timers sent while slow',
    }),
  };
}

function scaleCosts(sim: Simulation, pid: Pid, times: number): void {
  let slowness = SLOWNESS.get(sim);
  if (slowness === undefined) {
    slowness = new Map();
    SLOWNESS.set(sim, slowness);
  }
  const product = (slowness.get(pid) ?? 1) * times;
  slowness.set(pid, product);
  const scaled = Object.entries(sim.costs).map(([name, cost]: [string, number]) => [
    name,
    name.endsWith('Us')
      ? Math.min(COST_MAX_US, Math.round((cost === 0 && product > 1 ? FREE_US : cost) * product))
      : cost,
  ]);
  sim.contextOf(pid).costs = Object.fromEntries(scaled) as CostTable;
}
