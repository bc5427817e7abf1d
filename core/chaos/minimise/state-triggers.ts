/**
 * Turns instants into states: "at 20.013 s" becomes "when the ReplicaSet controller has sent the second write of its third sync".
 *
 * A trigger on state survives a change of costs or code that would move the instant. One extra run records the task points that came
 * just before each timed fault; the nearest one with which the failure stays is taken.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { PointHook } from '../../sim/task.ts';
import type { FaultPlan, ScenarioPlan, Trigger } from '../plan.ts';
import { runPlan } from '../run-plan.ts';
import type { Trials } from './trials.ts';

/** Points tried for each fault, the nearest first. */
const CANDIDATES_MAX = 4;

/** The plan with state triggers where the failure stays the same. */
export function stateTriggers(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  let current = plan;
  plan.faults.forEach((fault, index) => {
    if (fault.trigger.kind !== 'at' || trials.exhausted) return;
    for (const trigger of pointsBefore(current, trials, fault.trigger.atUs, fault)) {
      const faults = current.faults.map((each, place) => (place === index ? { ...each, trigger } : each));
      const candidate = { ...current, faults };
      if (!trials.fails(candidate)) continue;
      current = candidate;
      break;
    }
  });
  return current;
}

/** Task points reached last before `atUs`, the nearest first. Points of the fault's own target come before others. */
function pointsBefore(plan: ScenarioPlan, trials: Trials, atUs: number, fault: FaultPlan): Trigger[] {
  const seen: { readonly trigger: Trigger; readonly process: string }[] = [];
  trials.runs++;
  runPlan({ ...plan, faults: plan.faults.filter(({ trigger }) => trigger.kind === 'at') }, trials.seed, {
    begin: (cluster) => recordPoints(cluster, atUs, (process, trigger) => seen.push({ process, trigger })),
  });
  const recent = seen.slice(-64).reverse();
  const component = fault.target.component ?? '';
  const own = component === '' ? [] : recent.filter(({ process }) => process.startsWith(component));
  const ordered = [...own, ...recent.filter((each) => !own.includes(each))];
  return ordered.slice(0, CANDIDATES_MAX).map(({ trigger }) => trigger);
}

function recordPoints(cluster: Cluster, atUs: number, found: (process: string, trigger: Trigger) => void): void {
  const { sim } = cluster;
  const untilUs = sim.now + atUs;
  const hook: PointHook = (task, phase) => {
    if (phase !== 'yielded' || sim.now > untilUs || task.ordinal === 0) return null;
    const trigger: Trigger = {
      kind: 'task',
      label: task.label,
      ...(task.key === '' ? {} : { key: task.key }),
      run: task.ordinal,
      point: task.point,
    };
    found(sim.processes.names[task.pid] as string, trigger);
    return null;
  };
  sim.tasks.hook = hook;
}
