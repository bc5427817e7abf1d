/**
 * Makes what is left readable: round instants, short faults, plain targets.
 */
import type { FaultPlan, Operation, ScenarioPlan, Target } from '../plan.ts';
import type { Trials } from './trials.ts';

const S = 1_000_000;

/** The plan with simpler parameters of faults and operations. */
export function reduceParameters(plan: ScenarioPlan, trials: Trials): ScenarioPlan {
  const { interleaving: _interleaving, ...ordered } = plan;
  let current = plan.interleaving === undefined ? plan : trials.better(plan, ordered);
  plan.faults.forEach((_fault, index) => {
    for (const simplify of FAULT_STEPS) {
      const fault = current.faults[index] as FaultPlan;
      for (const simpler of simplify(fault)) {
        const faults = current.faults.map((each, place) => (place === index ? simpler : each));
        const candidate = { ...current, faults };
        if (!trials.fails(candidate)) continue;
        current = candidate;
        break;
      }
    }
  });
  plan.operations.forEach((_operation, index) => {
    for (const simpler of simplerOperations(current.operations[index] as Operation)) {
      const operations = current.operations.map((each, place) => (place === index ? simpler : each));
      current = trials.better(current, { ...current, operations });
    }
  });
  return current;
}

/** The operation at a whole second, and a deletion as it is without more words. */
function simplerOperations(operation: Operation): readonly Operation[] {
  const atUs = Math.round(operation.atUs / S) * S;
  const found: Operation[] = atUs === operation.atUs ? [] : [{ ...operation, atUs }];
  if (operation.kind === 'delete' && operation.cascade !== undefined) {
    const { cascade: _cascade, ...plain } = { ...operation, atUs };
    found.push(plain);
  }
  return found;
}

/** Each gives simpler versions of a fault, the simplest first. */
const FAULT_STEPS: readonly ((fault: FaultPlan) => readonly FaultPlan[])[] = [
  (fault) => simplerTargets(fault.target).map((target) => ({ ...fault, target })),
  (fault) =>
    fault.forUs === null ? [] : shorter(fault.forUs).map((forUs): FaultPlan => ({ ...fault, forUs }) as FaultPlan),
  (fault) => {
    if (fault.trigger.kind !== 'at') return [];
    const atUs = Math.round(fault.trigger.atUs / S) * S;
    return atUs === fault.trigger.atUs ? [] : [{ ...fault, trigger: { kind: 'at', atUs } }];
  },
  (fault) => (fault.kind === 'partition' && fault.direction !== 'both' ? [{ ...fault, direction: 'both' }] : []),
];

function simplerTargets(target: Target): readonly Target[] {
  if (target.component === undefined || target.instance !== 'all') return [];
  return [{ ...target, instance: 0 }];
}

function shorter(forUs: number): readonly number[] {
  const found: number[] = [];
  for (const seconds of [1, 5, 10, 30]) if (seconds * S < forUs) found.push(seconds * S);
  const rounded = Math.round(forUs / S) * S;
  if (rounded > 0 && rounded !== forUs) found.push(rounded);
  return found;
}
