/**
 * The result of `seatrial compare`: plain data, the same bytes for the same input, seeds and build.
 *
 * Policies meet the same arrivals seed by seed, so every comparison is paired. Values are exact for a seed; the spread is the
 * one between seeds. `null` stands for a value that does not exist (a quantile of nothing). Units are the metric's.
 */

import type { ForkResult } from './fork.ts';
import type { QueueOrder } from './waiting-queue.ts';

export const COMPARE_SCHEMA = 'seatrial/compare/v1';

/** Everything a report needs. */
export interface CompareResult {
  readonly schema: typeof COMPARE_SCHEMA;
  readonly workload: WorkloadFacts;
  readonly policies: readonly PolicyFacts[];
  /** Name of the policy that the others are compared with: the first one. */
  readonly baseline: string;
  readonly seeds: readonly number[];
  /** What picks between equals, the same for all policies (but `random`, which draws by its nature). */
  readonly rules: SelectionRules;
  /** Two-sided confidence of the intervals, 0.95. */
  readonly confidence: number;
  readonly experiments: readonly ExperimentResult[];
  readonly sensitivity: readonly SensitivityRow[];
  /** Sentences about the sensitivity, worst first; empty when no other rule changes the order of the policies. */
  readonly sensitivityFindings: readonly string[];
  /** What was assumed where the input says nothing, one sentence each. */
  readonly assumptions: readonly string[];
  readonly complete: boolean;
  /** Answers in words: purchases, copies that fit; the worst seed of each policy. */
  readonly answers: readonly PolicyAnswer[];
  /** Where runs that were forked between the baseline and another policy part. */
  readonly forks: readonly ForkedRun[];
  /** Cases without a result. */
  readonly broken: readonly { readonly case: string; readonly cause: string }[];
  /** SHA-256 over all placements of all cases. */
  readonly digest: string;
}

export interface WorkloadFacts {
  /** `openb`, or the files' names. */
  readonly name: string;
  readonly source: string;
  readonly nodes: number;
  readonly gpus: number;
  readonly pods: number;
  /** Different kinds of pods. */
  readonly kinds: number;
  /** The resource that demand is measured in. */
  readonly demandIn: 'gpu' | 'cpu';
}

export interface PolicyFacts {
  /** As given on the command line; unique. */
  readonly name: string;
  readonly about: string;
  /** In which order waiting pods are tried, and whether gangs get their nodes all at once. */
  readonly queue: QueueOrder;
  readonly gangs: boolean;
}

/** `sample`: how many feasible nodes a decision looks for: all, upstream's adaptive number, or a percentage. */
export interface SelectionRules {
  readonly tieRule: 'first' | 'uniform' | 'name';
  readonly nodeOrder: 'drawn' | 'name' | 'zone-round-robin' | 'given';
  readonly sample: 'all' | 'adaptive' | `${number}%`;
}

export const EXPERIMENTS = ['fill-up', 'steady-state', 'compaction', 'inflation', 'add-nodes', 'fork'] as const;
export type ExperimentName = (typeof EXPERIMENTS)[number];

/** One policy's answer to an experiment, on the seed where it is worst. */
export interface PolicyAnswer {
  readonly experiment: ExperimentName;
  readonly policy: string;
  readonly seed: number;
  readonly text: string;
}

/** A run of the baseline that another policy takes over. */
export interface ForkedRun extends ForkResult {
  readonly policy: string;
  readonly seed: number;
}

/** One experiment with all its metrics. */
export interface ExperimentResult {
  readonly name: ExperimentName;
  /** One sentence: what was done. */
  readonly about: string;
  readonly metrics: readonly MetricResult[];
  /** Mean over the seeds, for charts. */
  readonly curves: readonly Curve[];
}

/** One metric over all policies and seeds. */
export interface MetricResult {
  readonly name: string;
  readonly unit: '%' | 's' | 'count' | 'points' | 'ratio';
  readonly better: 'higher' | 'lower';
  readonly about: string;
  /** Whether it belongs to the few that a short table shows. */
  readonly main: boolean;
  /** By policy, in the order of {@link CompareResult.policies}. */
  readonly byPolicy: readonly PolicyValues[];
  /** Every policy but the baseline; empty for bounds and gaps, which are not tested. */
  readonly comparisons: readonly MetricComparison[];
}

export interface PolicyValues {
  readonly policy: string;
  /** By seed. */
  readonly values: readonly (number | null)[];
  readonly mean: number | null;
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** `better`/`worse`: the corrected interval's test decides; `same`: equal on every seed; else `undecided`. */
export type ComparisonVerdict = 'better' | 'worse' | 'same' | 'undecided';

/** A policy against the baseline; differences are policy − baseline, paired by seed. */
export interface MetricComparison {
  readonly policy: string;
  /** Pairs of which both values exist. */
  readonly n: number;
  /** Hodges-Lehmann estimate. */
  readonly estimate: number | null;
  /** Exact signed-rank interval at {@link CompareResult.confidence}; null with too few pairs. */
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided p of the signed rank, corrected after Holm over all policies and the main metrics (other metrics: all) of the experiment. */
  readonly p: number | null;
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  /** Smallest true difference that so many seeds would find with 80 % chance. */
  readonly smallestDifference: number | null;
  readonly verdict: ComparisonVerdict;
}

/** A line for a chart: one y a policy for each x. */
export interface Curve {
  readonly name: string;
  readonly x: { readonly name: string; readonly unit: string; readonly values: readonly number[] };
  readonly y: { readonly name: string; readonly unit: string };
  readonly byPolicy: readonly { readonly policy: string; readonly values: readonly (number | null)[] }[];
}

/** The leading metric of one experiment (the fill-up where there is one) under other rules. */
export interface SensitivityRow {
  readonly policy: string;
  readonly rules: SelectionRules;
  readonly metric: string;
  /** Mean over {@link seeds}. */
  readonly mean: number | null;
  /** Mean − mean under the rules of the comparison, over the same seeds. */
  readonly difference: number | null;
  readonly seeds: number;
  /** Place among the policies under these rules, from 1. */
  readonly rank: number;
  /** Mean number of equal best nodes a decision. */
  readonly tiesMean: number | null;
}
