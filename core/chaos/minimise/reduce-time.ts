/**
 * Cuts time: nothing that comes after the violation is needed for it, and a failure to converge seldom needs a long safety phase.
 */
import type { ScenarioPlan } from '../plan.ts';
import type { Outcome } from '../run-plan.ts';
import type { Trials } from './trials.ts';

const S = 1_000_000;

/** The plan with the shortest safety phase, and without what would begin later. `outcome` is how the plan comes out. */
export function reduceTime(plan: ScenarioPlan, outcome: Outcome, trials: Trials): ScenarioPlan {
  if (outcome.kind !== 'fail') return plan;
  const { warmUpUs, safetyUs } = plan.phases;
  const healUs = warmUpUs + safetyUs;
  if (outcome.timeUs <= healUs) {
    const endUs = Math.max(S, Math.ceil(outcome.timeUs / S + 1) * S);
    return trials.better(plan, endingAt(plan, Math.min(endUs, healUs)));
  }
  let current = plan;
  const lastUs = lastInstant(plan);
  for (let endUs = Math.floor(healUs / 2 / S) * S; endUs >= S; endUs = Math.floor(endUs / 2 / S) * S) {
    const candidate = endingAt(current, Math.max(endUs, Math.min(lastUs + S, healUs)));
    if (candidate.phases.safetyUs >= current.phases.safetyUs || !trials.fails(candidate)) break;
    current = candidate;
  }
  return current;
}

/** The plan with warm-up and safety phase ending `endUs` after the start; what begins later is gone. */
function endingAt(plan: ScenarioPlan, endUs: number): ScenarioPlan {
  const warmUpUs = Math.min(plan.phases.warmUpUs, endUs);
  return {
    ...plan,
    operations: plan.operations.filter(({ atUs }) => atUs <= endUs),
    faults: plan.faults.filter(({ trigger }) => trigger.kind !== 'at' || trigger.atUs <= endUs),
    phases: { ...plan.phases, warmUpUs, safetyUs: endUs - warmUpUs },
  };
}

/** When the last timed thing of a plan begins or ends, µs. */
function lastInstant(plan: ScenarioPlan): number {
  let lastUs = 0;
  for (const { atUs } of plan.operations) lastUs = Math.max(lastUs, atUs);
  for (const { trigger, forUs } of plan.faults) {
    if (trigger.kind === 'at') lastUs = Math.max(lastUs, trigger.atUs + Math.min(forUs ?? 0, 30 * S));
  }
  return lastUs;
}
