/**
 * Runs a property over plans: fast-check draws and shrinks a little, then the minimiser takes over, which knows what a fault, an operation and an object is.
 *
 * Always: a failure says why the property does not hold; what is wrong with the call itself, or with seatrial, is thrown.
 */
import * as fc from 'fast-check';
import { isMinimised, minimise } from '../../core/chaos/minimise/minimise.ts';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import { scenarioText } from '../../scenarios/plan-to-file.ts';
import { checkOptions, checkWhole, shown } from '../simulate/program-options.ts';
import { SEED_MAX } from '../simulate/simulate.ts';

export interface CheckOptions {
  /** Plans that are drawn, from 1 on. Default 100. */
  readonly numRuns?: number | undefined;
  /** Of the draws. Default 1. */
  readonly seed?: number | undefined;
  /** Of every simulation. Default 1. */
  readonly runSeed?: number | undefined;
  /** Plans that fast-check may try to shrink with, before the minimiser does. Default 50. */
  readonly shrinkRuns?: number | undefined;
  /** What must hold of a run: false or an error says that it does not; absent: that the run comes out as its plan expects. */
  readonly holds?: ((result: RunResult) => boolean) | undefined;
}

/** A plan for which the property does not hold. */
export interface PlanFailure {
  readonly plan: ScenarioPlan;
  /** Why: the message of what `holds` threw, or how the run came out. */
  readonly message: string;
  /** The plan as a scenario file: `seatrial replay FILE --seed N` shows it again. */
  readonly scenario: string;
  /** The seed of the run. */
  readonly seed: number;
  /** Simulations that shrinking took. */
  readonly shrinkRuns: number;
}

/** Why the property does not hold of a run, or null. */
type Judge = (result: RunResult, plan: ScenarioPlan) => string | null;

const OPTIONS: readonly (keyof CheckOptions)[] = ['numRuns', 'seed', 'runSeed', 'shrinkRuns', 'holds'];

/**
 * The smallest failing plan that was found, or null where the property holds for all that were drawn.
 *
 * @throws RangeError for an impossible number, TypeError for an unknown option or a `holds` that does not answer true or false
 */
export function checkPlans(drawn: fc.Arbitrary<ScenarioPlan>, options: CheckOptions = {}): PlanFailure | null {
  checkOptions('checkPlans', options, OPTIONS);
  const { numRuns = 100, seed = 1, runSeed = 1, shrinkRuns = 50 } = options;
  checkWhole('numRuns', numRuns, 1);
  checkWhole('seed', seed, Number.MIN_SAFE_INTEGER);
  checkWhole('runSeed', runSeed, 0, SEED_MAX);
  checkWhole('shrinkRuns', shrinkRuns, 0);
  const judge = judgeOf(options.holds);
  let tries = 0;
  let failed = false;
  const errors: unknown[] = [];
  const property = fc.property(drawn, (plan) => {
    if (errors.length > 0 || (failed && tries >= shrinkRuns)) return true;
    if (failed) tries++;
    try {
      const right = judge(runPlan(plan, runSeed), plan) === null;
      failed ||= !right;
      return right;
    } catch (error) {
      errors.push(error);
      return false;
    }
  });
  const details = fc.check(property, { seed, numRuns });
  if (errors.length > 0) throw errors[0];
  if (!details.failed) return null;
  if (details.counterexample === null) throw new Error('the drawing of plans itself failed');
  return smallest(details.counterexample[0], runSeed, tries, judge);
}

function judgeOf(holds: unknown): Judge {
  if (holds === undefined) return unexpected;
  if (typeof holds !== 'function') throw new TypeError(`holds: expected a function, not ${shown(holds)}`);
  return (result) => {
    let answer: unknown;
    try {
      answer = holds(result);
    } catch (error) {
      return error instanceof Error ? error.message || error.name : String(error);
    }
    if (typeof answer === 'boolean')
      return answer ? null : `your property does not hold (verdict ${verdictOf(result)})`;
    const what = answer instanceof Promise ? 'a promise (runs are synchronous)' : shown(answer);
    throw new TypeError(`holds: expected true or false from it, not ${what}`);
  };
}

/** The property that is meant when there is none: the run comes out as its plan expects. */
function unexpected(result: RunResult, { expect }: ScenarioPlan): string | null {
  if (result.asExpected) return null;
  const wanted = typeof expect === 'string' ? '' : `, expected fail ${expect.fail}`;
  return `${verdictOf(result)}${wanted}`;
}

function verdictOf({ outcome }: RunResult): string {
  return outcome.kind === 'fail' ? `${outcome.predicate}: ${outcome.message}` : outcome.kind;
}

/**
 * Hands the plan over to the minimiser, which shrinks failures of predicates; a failure of another kind stays as it is, and so does one
 * that the smaller plan no longer shows.
 */
function smallest(plan: ScenarioPlan, seed: number, tries: number, judge: Judge): PlanFailure {
  const why = (each: ScenarioPlan) => judge(runPlan({ ...each, expect: plan.expect }, seed), plan);
  const small = minimise({ ...plan, expect: 'pass' }, seed);
  const shrinkRuns = tries + (isMinimised(small) ? small.runs : 0);
  const failure = (each: ScenarioPlan, message: string): PlanFailure => {
    return { plan: each, message, scenario: scenarioText(each), seed, shrinkRuns };
  };
  const message = isMinimised(small) ? why(small.plan) : null;
  if (isMinimised(small) && message !== null) return failure(small.plan, message);
  return failure(plan, why(plan) ?? 'the property does not hold each time: `holds` depends on more than the run');
}
