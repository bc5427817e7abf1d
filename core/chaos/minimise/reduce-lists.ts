/**
 * Takes faults, operations and objects of the workload away, by delta debugging.
 */
import type { FaultPlan, ScenarioPlan } from '../plan.ts';
import { minimalList } from './delta-debugging.ts';
import type { Trials } from './trials.ts';

/** Faults that are needed. Faults of a kind are looked at together first: whole kinds fall at once. */
export function reduceFaults(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  if (plan.faults.length === 0) return plan;
  const kinds = [...new Set(plan.faults.map(({ kind }) => kind))];
  const needed = minimalList(kinds, (some) => trials.fails(withFaults(plan, (fault) => some.includes(fault.kind))));
  const ofKinds = withFaults(plan, ({ kind }) => needed.includes(kind));
  const faults = minimalList(ofKinds.faults, (some) => trials.fails({ ...ofKinds, faults: some }));
  return { ...ofKinds, faults };
}

function withFaults(plan: ScenarioPlan, keeps: (fault: FaultPlan) => boolean): ScenarioPlan {
  return { ...plan, faults: plan.faults.filter(keeps) };
}

/** Operations that are needed. */
export function reduceOperations(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  return {
    ...plan,
    operations: minimalList(plan.operations, (operations) => trials.fails({ ...plan, operations })),
  };
}

/** Objects of the workload that are needed. */
export function reduceObjects(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  return { ...plan, workload: minimalList(plan.workload, (workload) => trials.fails({ ...plan, workload })) };
}
