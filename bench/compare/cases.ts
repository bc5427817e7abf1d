/**
 * The cases of a comparison: policy × seed × experiment, then one experiment under other rules for the sensitivity.
 */
import type { ExperimentName, SelectionRules } from './compare-result.ts';

/** One run. */
export interface CompareCase {
  /** Index of the policy. */
  readonly policy: number;
  readonly seed: number;
  readonly experiment: ExperimentName;
  readonly rules: SelectionRules;
  /** Index of the rules among the variants, −1 for the rules of the comparison. */
  readonly variant: number;
}

/** What is to be compared. */
export interface CasePlan {
  readonly policyCount: number;
  readonly seeds: readonly number[];
  readonly experiments: readonly ExperimentName[];
  readonly rules: SelectionRules;
  readonly variants: readonly SelectionRules[];
  /** Seeds of the variants: the first ones. */
  readonly variantSeeds: number;
}

/** All cases, those of one policy and experiment side by side. */
export function casesOf(plan: CasePlan): CompareCase[] {
  const cases: CompareCase[] = [];
  const policies = Array.from({ length: plan.policyCount }, (_, policy) => policy);
  for (const experiment of plan.experiments) {
    // A fork is between the first policy and each of the others.
    for (const policy of experiment === 'fork' ? policies.slice(1) : policies) {
      for (const seed of plan.seeds) cases.push({ policy, seed, experiment, rules: plan.rules, variant: -1 });
    }
  }
  const experiment = sensitiveExperiment(plan.experiments);
  plan.variants.forEach((rules, variant) => {
    for (const policy of policies) {
      for (const seed of plan.seeds.slice(0, plan.variantSeeds)) {
        if (experiment !== null) cases.push({ policy, seed, experiment, rules, variant });
      }
    }
  });
  return cases;
}

/** The experiment whose sensitivity is told: the fill-up, or the first that measures anything; null for forks alone. */
export function sensitiveExperiment(experiments: readonly ExperimentName[]): ExperimentName | null {
  return experiments.includes('fill-up') ? 'fill-up' : (experiments.find((name) => name !== 'fork') ?? null);
}

/** Other tie rules, node orders and samplings than those of the comparison: one thing changes at a time. */
export function otherRules(rules: SelectionRules): SelectionRules[] {
  const variants: SelectionRules[] = [
    { ...rules, tieRule: 'uniform' },
    { ...rules, tieRule: 'first' },
    { ...rules, nodeOrder: 'name' },
    { ...rules, nodeOrder: 'drawn' },
    { ...rules, sample: 'adaptive' },
    { ...rules, sample: 'all' },
  ];
  return variants.filter(({ tieRule, nodeOrder, sample }) => {
    return tieRule !== rules.tieRule || nodeOrder !== rules.nodeOrder || sample !== rules.sample;
  });
}

/** `first tie, order drawn, all nodes`. */
export function describeRules({ tieRule, nodeOrder, sample }: SelectionRules): string {
  const ties = { first: 'ties: first in order', uniform: 'ties: drawn', name: 'ties: smallest name' }[tieRule];
  const nodes = sample === 'all' ? 'all nodes scored' : `sample: ${sample}`;
  return `${ties}; node order: ${nodeOrder}; ${nodes}`;
}
