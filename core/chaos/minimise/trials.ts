/**
 * Asks of candidate plans whether they still fail in the same way, and counts.
 *
 * Always: a plan is run once however often it is asked for; when the budget of runs is used up every further answer is no, so that a
 * search that believes it ends at once with what it has.
 */

import { bearsRemovals } from '../fault-needs.ts';
import type { ScenarioPlan } from '../plan.ts';
import { type RunResult, runPlan } from '../run-plan.ts';
import { lostNames } from './named-objects.ts';
import { signatureOf } from './signature.ts';

export class Trials {
  readonly seed: number;
  readonly signature: string;
  readonly #runsMax: number;
  /** Simulations run so far. */
  runs = 0;
  /**
   * true when the plan passes without its faults: then every candidate has to, or the search would slip to another failure of the same
   * signature, such as a workload whose ConfigMap was taken away.
   */
  readonly #faultsMatter: boolean;
  /** true when the plan's cluster has what its faults need: then that of every candidate has to, or the search would slip likewise. */
  readonly #needsMatter: boolean;
  /** What is shrunk: a candidate that names an object which it has no more is none. */
  readonly #whole: ScenarioPlan | undefined;
  readonly #answers = new Map<string, boolean>();

  constructor(seed: number, signature: string, runsMax: number, plan?: ScenarioPlan) {
    this.seed = seed;
    this.signature = signature;
    this.#runsMax = runsMax;
    this.#whole = plan;
    this.#needsMatter = plan !== undefined && bearsRemovals(plan);
    this.#faultsMatter =
      plan !== undefined && plan.faults.length > 0 && !this.#failsSo({ ...plan, faults: [] }, runsMax);
  }

  /** true when no further run is allowed. */
  get exhausted(): boolean {
    return this.runs >= this.#runsMax;
  }

  /** true if the plan fails with the same signature. */
  readonly fails = (plan: ScenarioPlan): boolean => this.#fails(plan, this.#runsMax);

  /** As {@link fails}, whatever the budget says. */
  failsAnyway(plan: ScenarioPlan): boolean {
    return this.#fails(plan, Number.POSITIVE_INFINITY);
  }

  #fails(plan: ScenarioPlan, runsMax: number): boolean {
    if (this.#needsMatter && !bearsRemovals(plan)) return false;
    if (this.#whole !== undefined && lostNames(plan, this.#whole).size > 0) return false;
    if (!this.#faultsMatter) return this.#failsSo(plan, runsMax);
    return plan.faults.length > 0 && this.#failsSo(plan, runsMax) && !this.#failsSo({ ...plan, faults: [] }, runsMax);
  }

  #failsSo(plan: ScenarioPlan, runsMax: number): boolean {
    const key = JSON.stringify(plan);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    if (this.runs >= runsMax) return false;
    const answer = signatureOf(this.run(plan).outcome) === this.signature;
    this.#answers.set(key, answer);
    return answer;
  }

  /** The candidate if it still fails, else the plan itself. */
  better(plan: ScenarioPlan, candidate: ScenarioPlan): ScenarioPlan {
    return this.fails(candidate) ? candidate : plan;
  }

  /** Runs a plan whatever the budget says. */
  run(plan: ScenarioPlan): RunResult {
    this.runs++;
    return runPlan(plan, this.seed);
  }
}
