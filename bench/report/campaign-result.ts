/**
 * A campaign as a result document: a case a scenario, seed and twin.
 */
import { createHash } from 'node:crypto';
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import type { CampaignResult, CampaignScenario } from '../campaign/campaign.ts';
import { isBroken, warningsOf } from '../campaign/campaign-verdict.ts';
import type { CaseResult } from '../campaign/case-result.ts';
import { replayLine } from '../campaign/replay-line.ts';
import type { CaseStatus, Diagnostic, ResultCase, ResultMetric } from './result.ts';
import { stableJson } from './stable-json.ts';

/** The cases of `seatrial run`. */
export function campaignCases(result: CampaignResult): ResultCase[] {
  const names = result.scenarios.map(({ scenario }) => scenario.plan.name);
  return result.scenarios.flatMap(({ scenario, cases }) =>
    cases.map((each) => {
      const { name } = scenario.plan;
      const isUnique = names.indexOf(name) === names.lastIndexOf(name);
      const id = `${isUnique ? name : `${scenario.file} ${name}`}/seed-${each.seed}`;
      const params = { scenario: scenario.plan.name, file: scenario.file, twin: scenario.twin };
      return resultCase(scenario, each, { id, params, tags: [] });
    }),
  );
}

/** One case; `about` names it. */
export function resultCase(
  scenario: CampaignScenario,
  each: CaseResult,
  about: Pick<ResultCase, 'id' | 'params' | 'tags'>,
): ResultCase {
  const { file, twin, inputs } = scenario;
  return {
    ...about,
    tags: [...about.tags],
    seed: each.seed,
    status: statusOf(each),
    outcome: each.outcome === 'fail' || each.outcome === 'excused' ? `${each.outcome} ${each.predicate}` : each.outcome,
    message: messageOf(each),
    inputDigest: planDigest(scenario.plan),
    traceDigest: each.digest,
    counters: { ...each.work },
    metrics: caseMetrics(each),
    reproduce: each.outcome === 'missing' ? '' : replayLine({ file, twin, seed: each.seed, inputs }),
    source: { file, line: 1, column: 1 },
  };
}

/** Virtual times that every case has, without their unit. */
export const CASE_TIMES = [
  'boot',
  'convergence',
  'pod-startup-p50',
  'pod-startup-p90',
  'pod-startup-p99',
  'pod-startup-max',
  'recovery-p50',
  'recovery-max',
] as const;

/** Counts that every case has, its work aside. */
export const CASE_COUNTS = ['pods', 'pods-started', 'recoveries'] as const;

/** Virtual times and counts of a case; −1 and what was never measured become null. */
function caseMetrics(each: CaseResult): ResultMetric[] {
  const times: Readonly<Record<(typeof CASE_TIMES)[number], number>> = {
    boot: each.bootUs,
    convergence: each.outcome === 'pass' ? Math.max(0, each.convergedUs - each.healUs) : -1,
    'pod-startup-p50': each.startupP50Us,
    'pod-startup-p90': each.startupP90Us,
    'pod-startup-p99': each.startupP99Us,
    'pod-startup-max': each.startupMaxUs,
    'recovery-p50': each.recoveryP50Us,
    'recovery-max': each.recoveryMaxUs,
  };
  const counts: Readonly<Record<(typeof CASE_COUNTS)[number], number>> = {
    pods: each.pods,
    'pods-started': each.podsStarted,
    recoveries: each.recoveries,
  };
  return [
    ...CASE_TIMES.map((name): ResultMetric => {
      const value = times[name] < 0 ? null : times[name];
      return { name: `${name}-us`, unit: 'us', better: 'lower', kind: 'virtual', value };
    }),
    ...CASE_COUNTS.map((name): ResultMetric => {
      return { name, unit: '', better: 'equal', kind: 'virtual', value: counts[name] };
    }),
  ];
}

/** Warnings of a campaign. */
export function campaignDiagnostics(result: CampaignResult): Diagnostic[] {
  return result.scenarios.flatMap((scenario) =>
    warningsOf(scenario, result.scenarios).map((message) => {
      const { file } = scenario.scenario;
      return { severity: 'warning' as const, code: '', message, file, line: null, column: null };
    }),
  );
}

/** SHA-256 over a plan; worked out once a plan. */
export function planDigest(plan: ScenarioPlan): string {
  const known = planDigests.get(plan);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(stableJson(plan)).digest('hex');
  planDigests.set(plan, digest);
  return digest;
}

const planDigests = new WeakMap<ScenarioPlan, string>();

/** SHA-256 over plans and seeds: equal when the same work was asked for. */
export function workDigest(scenarios: readonly CampaignScenario[], seeds: readonly number[]): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(seeds));
  for (const { plan } of scenarios) hash.update(planDigest(plan));
  return hash.digest('hex');
}

function statusOf(each: CaseResult): CaseStatus {
  if (isBroken(each)) return 'broken';
  if (each.outcome === 'missing') return 'missing';
  if (each.outcome === 'excused') return 'inconclusive';
  return each.asExpected ? 'pass' : 'fail';
}

function messageOf(each: CaseResult): string {
  if (each.outcome === 'pass' && !each.asExpected) return 'passed, but a failure was expected';
  if (each.outcome === 'fail' && each.asExpected) return '';
  return each.message.replace(/\s+/g, ' ').trim();
}
