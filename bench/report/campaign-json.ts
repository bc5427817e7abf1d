/**
 * A campaign as data: result.json, `-o json`, `-o ndjson` and metrics.csv.
 *
 * Always: result.json holds virtual times and counts only, so it is byte-identical for equal seeds and build; host times go
 * to metrics.csv and run.json.
 */
import type { CampaignResult, ScenarioResult } from '../campaign/campaign.ts';
import { type CampaignVerdict, countOutcomes, neverEvaluated, warningsOf } from '../campaign/campaign-verdict.ts';
import type { CaseResult } from '../campaign/case-result.ts';
import { replayLine } from '../campaign/replay-line.ts';
import { formatSeeds } from '../cli/seeds.ts';
import type { Histogram } from './histogram.ts';
import type { Metric } from './metrics-csv.ts';

/** Quantiles that reports show, percent. */
const QUANTILES = [50, 90, 99, 100] as const;

/** The deterministic part of a campaign. */
export function campaignJson(result: CampaignResult, verdict: CampaignVerdict): Record<string, unknown> {
  return {
    schema: 'seatrial/campaign/v1',
    seeds: formatSeeds(result.seeds),
    complete: result.complete,
    verdict,
    scenarios: result.scenarios.map((each) => scenarioJson(each, result.scenarios)),
  };
}

/** One line of JSON a case, then one for the whole. */
export function campaignNdjson(result: CampaignResult, verdict: CampaignVerdict): string {
  const lines: unknown[] = [];
  for (const group of result.scenarios) {
    const { scenario, cases } = group;
    for (const each of cases) {
      lines.push({
        type: 'case',
        file: scenario.file,
        twin: scenario.twin,
        scenario: scenario.plan.name,
        ...caseJson(each),
        ...again(group, each),
      });
    }
  }
  lines.push({ type: 'campaign', seeds: formatSeeds(result.seeds), complete: result.complete, verdict });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function scenarioJson(result: ScenarioResult, campaign: readonly ScenarioResult[]): Record<string, unknown> {
  const { scenario, cases } = result;
  return {
    file: scenario.file,
    twin: scenario.twin,
    name: scenario.plan.name,
    expect: scenario.plan.expect,
    outcomes: countOutcomes(cases),
    asExpected: cases.every((each) => each.asExpected),
    warnings: warningsOf(result, campaign),
    neverEvaluated: neverEvaluated(result),
    podStartupUs: quantilesJson(result.podStartup),
    recoveryUs: quantilesJson(result.recovery),
    cases: cases.map((each) => ({ ...caseJson(each), ...again(result, each) })),
  };
}

/** The line that shows a case again, where there is a reason to. */
function again(
  { scenario: { file, twin, inputs } }: ScenarioResult,
  { asExpected, seed, outcome }: CaseResult,
): object {
  return asExpected || outcome === 'missing' ? {} : { replay: replayLine({ file, twin, seed, inputs }) };
}

function caseJson(result: CaseResult): Record<string, unknown> {
  const { hostMs: _host, neverEvaluated: _never, ...deterministic } = result;
  return deterministic;
}

/** `{count, p50, p90, p99, p100}`, values as recorded; null quantiles when empty. */
function quantilesJson(histogram: Histogram): Record<string, number | null> {
  const quantiles: Record<string, number | null> = { count: histogram.count };
  for (const percent of QUANTILES) quantiles[`p${percent}`] = histogram.quantile(percent);
  return quantiles;
}

/** Every number of the campaign. */
export function campaignMetrics(result: CampaignResult): Metric[] {
  const metrics: Metric[] = [];
  for (const scenario of result.scenarios) {
    const subject = scenario.scenario.plan.name;
    for (const [name, histogram] of [
      ['pod-startup', scenario.podStartup],
      ['recovery', scenario.recovery],
    ] as const) {
      metrics.push({ subject, seed: '', name: `${name}-count`, kind: 'count', unit: '', value: histogram.count });
      for (const percent of QUANTILES) {
        const value = histogram.quantile(percent);
        metrics.push({ subject, seed: '', name: `${name}-p${percent}`, kind: 'virtual', unit: 'us', value });
      }
    }
    for (const each of scenario.cases) metrics.push(...caseMetrics(subject, each));
  }
  metrics.push({ subject: '', seed: '', name: 'elapsed', kind: 'host', unit: 'ms', value: result.elapsedMs });
  return metrics;
}

function caseMetrics(subject: string, each: CaseResult): Metric[] {
  const { seed } = each;
  const known = (value: number): number | null => (value < 0 ? null : value);
  return [
    { subject, seed, name: 'boot', kind: 'virtual', unit: 'us', value: known(each.bootUs) },
    { subject, seed, name: 'heal', kind: 'virtual', unit: 'us', value: known(each.healUs) },
    { subject, seed, name: 'converged', kind: 'virtual', unit: 'us', value: known(each.convergedUs) },
    { subject, seed, name: 'end', kind: 'virtual', unit: 'us', value: known(each.endUs) },
    { subject, seed, name: 'events', kind: 'count', unit: '', value: each.events },
    { subject, seed, name: 'commits', kind: 'count', unit: '', value: each.commits },
    { subject, seed, name: 'pods-started', kind: 'count', unit: '', value: each.podsStarted },
    { subject, seed, name: 'case', kind: 'host', unit: 'ms', value: each.hostMs },
  ];
}
