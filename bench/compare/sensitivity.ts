/**
 * Would another tie rule, node order or sampling have given another answer? Published rankings have hinged on it.
 */
import { describeRules, sensitiveExperiment } from './cases.ts';
import type { SelectionRules, SensitivityRow } from './compare-result.ts';
import { leadingMetric, type MetricFacts } from './metrics.ts';
import type { RunOutcome } from './run-outcome.ts';
import { type FinishedRuns, outcomesOf } from './summarize.ts';

/** Sentences, at most: many policies change places in many ways. */
const FINDINGS_MAX = 12;

/** Rows by rules, then policy, and what they mean. */
export interface Sensitivity {
  readonly rows: readonly SensitivityRow[];
  readonly findings: readonly string[];
}

/** The leading metric of one experiment under the rules of the comparison and all others, over the same seeds. */
export function sensitivityOf(runs: FinishedRuns, demandIn: 'gpu' | 'cpu'): Sensitivity {
  const experiment = sensitiveExperiment(runs.experiments);
  if (runs.variants.length === 0 || experiment === null) return { rows: [], findings: [] };
  const metric = leadingMetric(experiment, demandIn);
  const own = rowsOf(runs, runs.rules, -1, metric, []);
  if (own.every(({ mean }) => mean === null)) return { rows: [], findings: [] };
  const others = runs.variants.map((rules, variant) => rowsOf(runs, rules, variant, metric, own));
  const sign = metric.better === 'higher' ? 1 : -1;
  const findings = others.flatMap((rows) => findingsOf(own, rows, sign));
  const more = findings.length - FINDINGS_MAX;
  const shown = findings.slice(0, FINDINGS_MAX);
  return { rows: [...own, ...others.flat()], findings: more > 0 ? [...shown, `and ${more} more`] : shown };
}

function rowsOf(
  runs: FinishedRuns,
  rules: SelectionRules,
  variant: number,
  { name, better, experiment }: MetricFacts,
  own: readonly SensitivityRow[],
): SensitivityRow[] {
  const sign = better === 'higher' ? 1 : -1;
  const outcomes = outcomesOf(runs, experiment, variant).map((list) => list.slice(0, runs.sensitivitySeeds));
  const means = outcomes.map((list) => meanOf(list, (outcome) => outcome.values[name] ?? null));
  return runs.policies.map(({ name: policyName }, policy) => {
    const mean = means[policy] ?? null;
    const before = own[policy]?.mean ?? null;
    return {
      policy: policyName,
      rules,
      metric: name,
      mean,
      difference: mean === null || before === null ? null : mean - before,
      seeds: outcomes[policy]?.length ?? 0,
      rank: 1 + means.filter((other) => other !== null && mean !== null && sign * (other - mean) > 0).length,
      tiesMean: meanOf(outcomes[policy] ?? [], (outcome) => outcome.tiesMean),
    };
  });
}

function meanOf(list: readonly (RunOutcome | null)[], figureOf: (outcome: RunOutcome) => number | null): number | null {
  const values = list.flatMap((outcome) => (outcome === null ? [] : (figureOf(outcome) ?? [])));
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Pairs of policies that change places. */
function findingsOf(own: readonly SensitivityRow[], rows: readonly SensitivityRow[], sign: 1 | -1): string[] {
  const findings: string[] = [];
  for (let a = 0; a < own.length; a++) {
    for (let b = a + 1; b < own.length; b++) {
      const before = compare(own[a]?.mean, own[b]?.mean);
      const after = compare(rows[a]?.mean, rows[b]?.mean);
      if (before === 0 || after === 0 || before === after) continue;
      const [winner, loser] = sign * after > 0 ? [rows[a], rows[b]] : [rows[b], rows[a]];
      const rules = describeRules((rows[a] as SensitivityRow).rules);
      findings.push(`with ${rules}, ${winner?.policy} is ahead of ${loser?.policy}`);
    }
  }
  return findings;
}

function compare(a: number | null | undefined, b: number | null | undefined): number {
  return a === null || a === undefined || b === null || b === undefined ? 0 : Math.sign(a - b);
}
