/**
 * Which plan a numbered case of a search runs: the same on any thread, alone or among others.
 */
import { simultaneous } from '../orders/simultaneous.ts';
import type { ScenarioPlan } from '../plan.ts';
import { Draws } from './draws.ts';
import { OrderPlans } from './order-plans.ts';
import { aimedPoints, pairPlan, patternCount, patternPlan } from './pattern-plans.ts';
import { referenceRun, type TaskPoint } from './reference-run.ts';
import { swarmPlan } from './swarm-plan.ts';

/** Profiles that search over a target. */
export const SEARCH_PROFILES = ['lite', 'swarm', 'pattern', 'pairs', 'orders'] as const;
export type SearchProfile = (typeof SEARCH_PROFILES)[number];

/** Everything that decides the cases of a search. */
export interface SearchSpec {
  readonly profile: SearchProfile;
  /** Without faults, but for `orders`, which keeps them. */
  readonly base: ScenarioPlan;
  /** Seed of the draws and of each simulation. */
  readonly seed: number;
}

/** Gives the plans of a spec; the reference run of targeted profiles is made once. */
export class CasePlans {
  readonly #spec: SearchSpec;
  #points: readonly TaskPoint[] | null = null;
  #orders: OrderPlans | null = null;

  constructor(spec: SearchSpec) {
    this.#spec = spec;
  }

  /** How many different cases there are; Infinity where they are drawn. */
  get count(): number {
    const { profile } = this.#spec;
    if (profile === 'orders') return this.#allOrders.count;
    return profile === 'pattern' ? patternCount(this.#aimed) : Number.POSITIVE_INFINITY;
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
      case 'orders':
        return this.#allOrders.plan(number);
      case 'pairs':
        return pairPlan(base, this.#aimed, number, new Draws(seed, number));
    }
  }

  get #allOrders(): OrderPlans {
    const { base, seed } = this.#spec;
    this.#orders ??= new OrderPlans(base, simultaneous(base, seed).ties);
    return this.#orders;
  }

  get #aimed(): readonly TaskPoint[] {
    this.#points ??= aimedPoints(referenceRun(this.#spec.base, this.#spec.seed).points);
    return this.#points;
  }
}
