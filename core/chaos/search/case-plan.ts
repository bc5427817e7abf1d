/**
 * Which plan a numbered case of a search runs: the same on any thread, alone or among others.
 */
import type { ScenarioPlan } from '../plan.ts';
import { Draws } from './draws.ts';
import { aimedPoints, pairPlan, patternCount, patternPlan } from './pattern-plans.ts';
import { referenceRun, type TaskPoint } from './reference-run.ts';
import { swarmPlan } from './swarm-plan.ts';

/** Profiles that search over a target. */
export const SEARCH_PROFILES = ['lite', 'swarm', 'pattern', 'pairs'] as const;
export type SearchProfile = (typeof SEARCH_PROFILES)[number];

/** Everything that decides the cases of a search. */
export interface SearchSpec {
  readonly profile: SearchProfile;
  /** Without faults. */
  readonly base: ScenarioPlan;
  /** Seed of the draws and of each simulation. */
  readonly seed: number;
}

/** Gives the plans of a spec; the reference run of targeted profiles is made once. */
export class CasePlans {
  readonly #spec: SearchSpec;
  #points: readonly TaskPoint[] | null = null;

  constructor(spec: SearchSpec) {
    this.#spec = spec;
  }

  /** How many different cases there are; Infinity where they are drawn. */
  get count(): number {
    return this.#spec.profile === 'pattern' ? patternCount(this.#aimed) : Number.POSITIVE_INFINITY;
  }

  /** The plan of case `number`; `weights` as in {@link swarmPlan}. */
  plan(number: number, weights: readonly number[] | undefined): ScenarioPlan {
    const { profile, base, seed } = this.#spec;
    switch (profile) {
      case 'lite':
      case 'swarm':
        return swarmPlan(base, number, { seed, lite: profile === 'lite', weights });
      case 'pattern':
        return patternPlan(base, this.#aimed, number);
      case 'pairs':
        return pairPlan(base, this.#aimed, number, new Draws(seed, number));
    }
  }

  get #aimed(): readonly TaskPoint[] {
    this.#points ??= aimedPoints(referenceRun(this.#spec.base, this.#spec.seed).points);
    return this.#points;
  }
}
