/**
 * The smallest value of one number from which a scenario no longer heals by itself, by bisection.
 *
 * Always: deterministic; what it reports was run. Where failing does not grow with the number there are several thresholds, and one of them is
 * found: a value that fails right above one that heals.
 */
import type { ScenarioPlan } from '../plan.ts';
import { type RunResult, runPlan } from '../run-plan.ts';
import type { Parameter, ParameterUnit } from './parameters.ts';

/** One value that was tried, with every seed. */
export interface Trial {
  readonly value: number;
  /** The first seed that failed, and how; null = every one healed. */
  readonly failure: { readonly seed: number; readonly predicate: string; readonly message: string } | null;
}

export interface Threshold {
  /** The largest value below the threshold, all seeds healed; null when even the least value fails. */
  readonly heals: Trial | null;
  /** The smallest value above it, some seed failed; null when even the largest heals. */
  readonly fails: Trial | null;
  /** In the order in which they were tried. */
  readonly trials: readonly Trial[];
  /** false when it was stopped before the two sides were close. */
  readonly complete: boolean;
}

export interface ThresholdOptions {
  readonly from: number;
  readonly to: number;
  readonly seeds: readonly number[];
  readonly onTrial?: (value: number, tried: number) => void;
  /** Asked before each further value; true ends the search with what is known. */
  readonly isOver?: () => boolean;
  /** Runs one case; {@link runPlan} where nothing else is wanted. */
  readonly runCase?: (plan: ScenarioPlan, seed: number) => RunResult;
}

/** The finest step: durations to a tenth of a second, shares and counts to one. */
const STEPS: Readonly<Record<ParameterUnit, number>> = { duration: 100_000, percent: 1, count: 1 };
/** Relative precision that is enough. */
const PRECISION = 0.01;

/** Looks for the threshold of `parameter` between the two values. */
export function findThreshold(parameter: Parameter, options: ThresholdOptions): Threshold {
  const trials: Trial[] = [];
  const tryValue = (value: number): Trial => {
    options.onTrial?.(value, trials.length);
    const trial = { value, failure: firstFailure(parameter.withValue(value), options) };
    trials.push(trial);
    return trial;
  };
  const least = tryValue(options.from);
  if (least.failure !== null) return { heals: null, fails: least, trials, complete: true };
  if (options.isOver?.() === true) return { heals: least, fails: null, trials, complete: false };
  const most = tryValue(options.to);
  if (most.failure === null) return { heals: most, fails: null, trials, complete: true };
  let [heals, fails] = [least, most];
  const step = STEPS[parameter.unit];
  for (;;) {
    const middle = Math.round((heals.value + fails.value) / 2 / step) * step;
    const isFine = fails.value - heals.value <= Math.max(step, PRECISION * fails.value);
    if (isFine || middle <= heals.value || middle >= fails.value) return { heals, fails, trials, complete: true };
    if (options.isOver?.() === true) return { heals, fails, trials, complete: false };
    const trial = tryValue(middle);
    if (trial.failure === null) heals = trial;
    else fails = trial;
  }
}

function firstFailure(plan: ScenarioPlan, { seeds, runCase = runPlan }: ThresholdOptions): Trial['failure'] {
  for (const seed of seeds) {
    const { outcome } = runCase(plan, seed);
    if (outcome.kind === 'fail') return { seed, predicate: outcome.predicate, message: outcome.message };
    if (outcome.kind === 'over-budget') return { seed, predicate: 'budget', message: outcome.message };
  }
  return null;
}
