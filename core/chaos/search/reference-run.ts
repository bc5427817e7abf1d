/**
 * The fault-free run from which targeted plans are derived: which numbered points the tasks of controllers and the scheduler reach.
 *
 * A point is "the n-th run of this task on this key has sent its k-th request and has no answer yet". Source: Sieve (OSDI 2022), whose plans come
 * from one reference trace, too.
 */
import type { PointHook } from '../../sim/task.ts';
import type { ScenarioPlan } from '../plan.ts';
import { type RunResult, runPlan } from '../run-plan.ts';

/** A place where a fault can be put exactly. */
export interface TaskPoint {
  /** `controller-manager`, `scheduler` … */
  readonly component: string;
  readonly label: string;
  readonly key: string;
  readonly run: number;
  readonly point: number;
  /** When it was reached, µs since the cluster was up. */
  readonly timeUs: number;
}

export interface ReferenceRun {
  readonly result: RunResult;
  readonly points: readonly TaskPoint[];
}

/** Tasks that go on for ever and say nothing about any object. */
const ENDLESS: ReadonlySet<string> = new Set(['leader-election', 'events']);

/** Runs `base` without faults and lists the points in the order in which they were reached. */
export function referenceRun(base: ScenarioPlan, seed: number): ReferenceRun {
  const points: TaskPoint[] = [];
  const result = runPlan({ ...base, faults: [] }, seed, {
    begin: ({ sim }) => {
      const originUs = sim.now;
      const hook: PointHook = (task, phase) => {
        if (phase !== 'yielded' || task.ordinal === 0 || ENDLESS.has(task.label)) return null;
        const process = sim.processes.names[task.pid] as string;
        const { label, key, ordinal: run, point } = task;
        points.push({ component: process.replace(/-\d+$/, ''), label, key, run, point, timeUs: sim.now - originUs });
        return null;
      };
      sim.tasks.hook = hook;
    },
  });
  return { result, points };
}
