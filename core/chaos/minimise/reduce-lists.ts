/**
 * Takes faults, operations and objects of the workload away, by delta debugging.
 */

import type { KubeObject } from '../../types/object.ts';
import { explain } from '../explain/causal-chain.ts';
import type { FaultPlan, ScenarioPlan } from '../plan.ts';
import { minimalList } from './delta-debugging.ts';
import { withoutLost } from './named-objects.ts';
import { withReferences } from './references.ts';
import type { Trials } from './trials.ts';

/** Fewer faults than this are sooner tried one by one. */
const SLICE_MIN = 3;

/**
 * The plan with those faults alone that lie in the causal past of the violation, where it still fails: one traced run instead of many.
 */
export function causalSlice(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  if (plan.faults.length < SLICE_MIN || trials.exhausted) return plan;
  trials.runs++;
  const { faults } = explain(plan, trials.seed);
  return trials.better(
    plan,
    withFaults(plan, ({ id }) => faults.has(id)),
  );
}

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

/** Objects of the workload that are needed, with those that they refer to. What is done to an object goes with it. */
export function reduceObjects(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  const withObjects = (kept: readonly KubeObject[]): ScenarioPlan => {
    return withoutLost({ ...plan, workload: withReferences(kept, plan.workload) }, plan);
  };
  return withObjects(minimalList(plan.workload, (kept) => trials.fails(withObjects(kept))));
}
