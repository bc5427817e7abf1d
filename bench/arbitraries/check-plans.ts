/**
 * Runs a property over plans: fast-check draws and shrinks a little, then the minimiser takes over, which knows what a fault, an operation and an object is.
 */
import * as fc from 'fast-check';
import { isMinimised, minimise } from '../../core/chaos/minimise/minimise.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';

export interface CheckOptions {
  /** Plans that are drawn. Default 100. */
  readonly numRuns?: number | undefined;
  /** Of the draws. Default 1. */
  readonly seed?: number | undefined;
  /** Of every simulation. Default 1. */
  readonly runSeed?: number | undefined;
  /** Plans that fast-check may try to shrink with, before the minimiser does. Default 50. */
  readonly shrinkRuns?: number | undefined;
  /** What must hold of a run; absent: that it comes out as its plan expects. */
  readonly holds?: ((result: RunResult) => boolean) | undefined;
}

/** A plan for which the property does not hold. */
export interface PlanFailure {
  readonly plan: ScenarioPlan;
  /** What went wrong, in one line. */
  readonly message: string;
  /** The plan as a scenario file: `seatrial replay FILE --seed N` shows it again. */
  readonly scenario: string;
  /** The seed of the run. */
  readonly seed: number;
  /** Simulations that shrinking took. */
  readonly shrinkRuns: number;
}

/** The smallest failing plan that was found, or null where the property holds for all that were drawn. */
export function checkPlans(drawn: fc.Arbitrary<ScenarioPlan>, options: CheckOptions = {}): PlanFailure | null {
  const { numRuns = 100, seed = 1, runSeed = 1, shrinkRuns = 50 } = options;
  const holds = options.holds ?? ((result: RunResult) => result.asExpected);
  let tries = 0;
  let failed = false;
  const property = fc.property(drawn, (plan) => {
    if (failed && tries >= shrinkRuns) return true;
    if (failed) tries++;
    const right = holds(runPlan(plan, runSeed));
    failed ||= !right;
    return right;
  });
  const details = fc.check(property, { seed, numRuns });
  if (!details.failed) return null;
  if (details.counterexample === null) throw new Error('the drawing of plans itself failed');
  return smallest(details.counterexample[0], runSeed, tries);
}

/** Hands the plan over to the minimiser, which shrinks failures of predicates; a failure of another kind stays as it is. */
function smallest(plan: ScenarioPlan, seed: number, tries: number): PlanFailure {
  const small = minimise({ ...plan, expect: 'pass' }, seed);
  const found = isMinimised(small) ? small.plan : plan;
  const { outcome } = isMinimised(small) ? small.result : runPlan(plan, seed);
  const message = outcome.kind === 'fail' ? `${outcome.predicate}: ${outcome.message}` : outcome.kind;
  const shrinkRuns = tries + (isMinimised(small) ? small.runs : 0);
  return { plan: found, message, scenario: scenarioText(found), seed, shrinkRuns };
}
