/**
 * From the values of all runs to the result: statistics by policy, paired comparisons with the baseline, sensitivity.
 *
 * Always: pairs are runs of one seed, so what the seeds have in common cancels; a verdict needs a corrected p below
 * 1 − confidence. The main metrics of an experiment over all policies are one family of Holm's correction, the rest, which
 * nobody asked about first, is a second one together with them.
 */
import { createHash } from 'node:crypto';
import { holm } from '../stats/holm.ts';
import { comparePaired } from '../stats/paired-comparison.ts';
import { quantile } from '../stats/quantile.ts';
import type { CompareCase } from './cases.ts';
import {
  COMPARE_SCHEMA,
  type CompareResult,
  type Curve,
  type ExperimentName,
  type ExperimentResult,
  type ForkedRun,
  type MetricComparison,
  type MetricResult,
  type PolicyAnswer,
  type PolicyValues,
  type SelectionRules,
} from './compare-result.ts';
import { curvesOf } from './curves.ts';
import { isTested, leadingMetric, type MetricFacts, metricsOf } from './metrics.ts';
import type { PolicySpec } from './policy-spec.ts';
import type { CompareOptions } from './run-compare.ts';
import type { RunOutcome } from './run-outcome.ts';
import { sensitivityOf } from './sensitivity.ts';
import { workloadFacts } from './workload.ts';

export const CONFIDENCE = 0.95;

/** All runs of a comparison. */
export interface FinishedRuns extends CompareOptions {
  readonly variants: readonly SelectionRules[];
  readonly cases: readonly CompareCase[];
  /** By case number; null without a result. */
  readonly outcomes: readonly (RunOutcome | null)[];
  /** Cause by case number. */
  readonly broken: ReadonlyMap<number, string>;
  readonly complete: boolean;
}

/** Sums up. */
export function summarize(runs: FinishedRuns): CompareResult {
  const { policies, seeds, workload, rules } = runs;
  const facts = workloadFacts(workload);
  const measured = runs.experiments.filter((name) => name !== 'fork');
  const experiments = measured.map((name) => experimentOf(runs, name, facts.demandIn));
  const { rows, findings } = sensitivityOf(runs, facts.demandIn);
  return {
    schema: COMPARE_SCHEMA,
    workload: facts,
    policies: policies.map(({ name, about, queue, gangs }) => ({ name, about, queue, gangs })),
    baseline: policies[0]?.name ?? '',
    seeds,
    rules,
    confidence: CONFIDENCE,
    experiments,
    sensitivity: rows,
    sensitivityFindings: findings,
    assumptions: runs.assumptions,
    answers: answersOf(runs, facts.demandIn),
    forks: forksOf(runs),
    complete: runs.complete && runs.broken.size === 0,
    broken: [...runs.broken]
      .sort(([a], [b]) => a - b)
      .map(([number, cause]) => ({ case: caseName(runs, number), cause })),
    digest: digestOf(runs),
  };
}

/** The answer of each policy's worst seed by the experiment's leading metric; a seed without a value is the worst. */
function answersOf(runs: FinishedRuns, demandIn: 'gpu' | 'cpu'): PolicyAnswer[] {
  return runs.experiments.flatMap((experiment) => {
    if (experiment === 'fork') return [];
    const { name: leading, better } = leadingMetric(experiment, demandIn);
    const sign = better === 'higher' ? 1 : -1;
    return runs.policies.flatMap(({ name }, policy): PolicyAnswer[] => {
      const found = runs.cases.flatMap((each, number) => {
        const outcome = runs.outcomes[number];
        if (each.policy !== policy || each.experiment !== experiment || each.variant >= 0) return [];
        if (outcome?.answer === undefined) return [];
        const value = outcome.values[leading] ?? null;
        const rank = value === null ? Number.NEGATIVE_INFINITY : sign * value;
        return [{ seed: each.seed, text: outcome.answer, rank }];
      });
      const worst = found.toSorted((a, b) => a.rank - b.rank || a.seed - b.seed)[0];
      return worst === undefined ? [] : [{ experiment, policy: name, seed: worst.seed, text: worst.text }];
    });
  });
}

function forksOf(runs: FinishedRuns): ForkedRun[] {
  return runs.cases.flatMap(({ policy, seed }, number) => {
    const fork = runs.outcomes[number]?.fork;
    return fork === undefined ? [] : [{ policy: runs.policies[policy]?.name ?? '', seed, ...fork }];
  });
}

/** `fgd/seed-7/fill-up`. */
export function caseName({ cases, policies }: Pick<FinishedRuns, 'cases' | 'policies'>, number: number): string {
  const each = cases[number] as CompareCase;
  const policy = policies[each.policy] as PolicySpec;
  const rules = each.variant < 0 ? '' : `/${each.rules.tieRule}-${each.rules.nodeOrder}-${each.rules.sample}`;
  return `${policy.name}/seed-${each.seed}/${each.experiment}${rules}`;
}

function experimentOf(runs: FinishedRuns, name: ExperimentName, demandIn: 'gpu' | 'cpu'): ExperimentResult {
  const outcomes = outcomesOf(runs, name);
  const metrics = metricsOf(name, demandIn)
    .map((facts) => metricOf(runs, facts, outcomes))
    .filter(({ byPolicy }) => byPolicy.some(({ mean }) => mean !== null));
  const curves: readonly Curve[] = curvesOf(runs, name, demandIn, outcomes);
  return { name, about: aboutOf(runs, name), metrics: withHolm(metrics), curves };
}

/** Outcomes by policy, then seed, under the rules of the comparison. */
export function outcomesOf(runs: FinishedRuns, name: ExperimentName, variant = -1): (RunOutcome | null)[][] {
  return runs.policies.map((_, policy) => {
    const found: (RunOutcome | null)[] = [];
    runs.cases.forEach((each, number) => {
      if (each.policy !== policy || each.experiment !== name || each.variant !== variant) return;
      found.push(runs.outcomes[number] ?? null);
    });
    return found;
  });
}

function metricOf(runs: FinishedRuns, facts: MetricFacts, outcomes: readonly (RunOutcome | null)[][]): MetricResult {
  const { name, unit, better, about, main } = facts;
  const byPolicy = outcomes.map((list, policy) =>
    valuesOf(
      runs.policies[policy]?.name ?? '',
      list.map((outcome) => outcome?.values[name] ?? null),
    ),
  );
  const baseline = byPolicy[0] as PolicyValues;
  const others = isTested(name) ? byPolicy.slice(1) : [];
  const comparisons = others.map((values) => comparisonOf(values, baseline, better));
  return { name, unit, better, about, main, byPolicy, comparisons };
}

function valuesOf(policy: string, values: readonly (number | null)[]): PolicyValues {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { policy, values, mean: null, median: null, low: null, high: null };
  return {
    policy,
    values,
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    median: quantile(known, 0.5),
    low: Math.min(...known),
    high: Math.max(...known),
  };
}

function comparisonOf(values: PolicyValues, baseline: PolicyValues, better: 'higher' | 'lower'): MetricComparison {
  const differences: number[] = [];
  values.values.forEach((value, index) => {
    const other = baseline.values[index] ?? null;
    if (value !== null && other !== null) differences.push(value - other);
  });
  if (differences.length === 0) return nothingToCompare(values.policy);
  const { n, estimate, low, high, p, wins, ties, losses, smallestDifference } = comparePaired(differences, {
    better,
    confidence: CONFIDENCE,
  });
  const verdict = ties === n ? 'same' : 'undecided';
  return { policy: values.policy, n, estimate, low, high, p, wins, ties, losses, smallestDifference, verdict };
}

function nothingToCompare(policy: string): MetricComparison {
  const none = { estimate: null, low: null, high: null, p: null, smallestDifference: null };
  return { policy, n: 0, ...none, wins: 0, ties: 0, losses: 0, verdict: 'undecided' };
}

/** Corrects the p-values of an experiment, main metrics by themselves and the others with all, and decides. */
function withHolm(metrics: readonly MetricResult[]): MetricResult[] {
  const ofMain = corrected(metrics.filter(({ main }) => main));
  const ofAll = corrected(metrics);
  return metrics.map((metric) => ({
    ...metric,
    comparisons: metric.comparisons.map((comparison) => {
      const p = (metric.main ? ofMain : ofAll).get(comparison);
      return p === undefined ? comparison : decided(comparison, p, metric.better);
    }),
  }));
}

function corrected(metrics: readonly MetricResult[]): Map<MetricComparison, number> {
  const tested = metrics.flatMap(({ comparisons }) => comparisons).filter(({ p }) => p !== null);
  const adjusted = holm(tested.map(({ p }) => p as number));
  return new Map(tested.map((comparison, index) => [comparison, adjusted[index] as number]));
}

function decided(comparison: MetricComparison, p: number, better: 'higher' | 'lower'): MetricComparison {
  const { estimate, verdict } = comparison;
  if (verdict === 'same' || p >= 1 - CONFIDENCE || estimate === null || estimate === 0) return { ...comparison, p };
  return { ...comparison, p, verdict: estimate > 0 === (better === 'higher') ? 'better' : 'worse' };
}

function aboutOf({ fillPercent, load, horizonS, compression, disturb }: FinishedRuns, name: ExperimentName): string {
  switch (name) {
    case 'fill-up':
      return `copies of these pods, one after the other, until ${fillPercent} % of the capacity were asked for; what fits nowhere is dropped (failed)`;
    case 'compaction':
      return 'fewest nodes, of a drawn order of them, on which the whole workload still fits';
    case 'inflation':
      return 'how much more of the same fits: copies of the workload, each in another order, until the first pod does not; 250 % are two copies and half of a third';
    case 'add-nodes':
      return 'which nodes of the price list to add at least cost so that everything fits';
    default: {
      const demand =
        compression === null ? `asking for ${Math.round(load * 100)} % on average` : `${compression} times as dense`;
      const losses =
        disturb === 0 ? '' : `; ${100 * disturb} % of the nodes are lost an hour, the same for every policy`;
      return `pods come and go, ${demand}, ${horizonS / 3600} h of virtual time; what does not fit waits${losses}`;
    }
  }
}

/** Over every run's placements, and what it answered. */
function digestOf({ outcomes }: FinishedRuns): string {
  const hash = createHash('sha256');
  for (const outcome of outcomes) {
    hash.update(outcome === null ? 'none\n' : `${outcome.checksum}\n`);
    if (outcome?.answer !== undefined) hash.update(`${outcome.answer}\n`);
    if (outcome?.fork !== undefined) hash.update(`${JSON.stringify(outcome.fork)}\n`);
  }
  return hash.digest('hex');
}
