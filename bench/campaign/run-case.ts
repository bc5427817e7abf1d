/**
 * Runs one case and flattens its result into a row.
 *
 * Always: an exception out of the simulation becomes a row with outcome `bug`; the other cases of the task go on.
 */
import type { FaultPlan, ScenarioPlan } from '../../core/chaos/plan.ts';
import { type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import type { Histogram } from '../report/histogram.ts';
import { type CaseResult, emptyCase } from './case-result.ts';
import { PodLatency } from './pod-latency.ts';

/** Where the latencies of a task's cases go. */
export interface CaseHistograms {
  /** Creation to Ready, µs virtual. */
  readonly podStartup: Histogram;
  /** Heal point to converged for good, µs virtual. */
  readonly recovery: Histogram;
}

/** Runs `plan` with `seed`; never throws. `now` gives host ms. */
export function runCase(
  plan: ScenarioPlan,
  seed: number,
  histograms: CaseHistograms,
  now: () => number,
): CaseResult {
  const startedMs = now();
  const latencies: number[] = [];
  const observer = new PodLatency((latencyUs) => latencies.push(latencyUs));
  try {
    const result = runPlan(plan, seed, observer);
    for (const latencyUs of latencies) histograms.podStartup.record(latencyUs);
    if (recovered(result)) histograms.recovery.record(Math.max(0, result.times.convergedUs - result.times.healUs));
    return caseOf(result, plan.faults, observer.count, now() - startedMs);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...emptyCase(seed, 'bug', message), hostMs: now() - startedMs };
  }
}

function recovered(result: RunResult): boolean {
  return result.outcome.kind === 'pass' && result.times.healUs >= 0 && result.times.convergedUs >= 0;
}

/** The row of a finished run. */
export function caseOf(
  result: RunResult,
  faults: readonly FaultPlan[],
  podsStarted: number,
  hostMs: number,
): CaseResult {
  const { outcome, times, counts } = result;
  const hit = new Set(result.faults.filter(({ targets }) => targets.length > 0).map(({ id }) => id));
  return {
    seed: result.seed,
    outcome: outcome.kind,
    asExpected: result.asExpected,
    predicate: predicateOf(outcome),
    message: messageOf(outcome),
    failedAtUs: outcome.kind === 'fail' ? outcome.timeUs : -1,
    bootUs: times.bootUs,
    healUs: times.healUs,
    convergedUs: times.convergedUs,
    endUs: times.endUs,
    boundUs: result.bound.totalUs,
    events: counts.events,
    commits: counts.commits,
    processes: counts.processes,
    pods: counts.pods,
    podsStarted,
    neverEvaluated: result.neverEvaluated,
    idleFaults: faults.filter(({ id }) => !hit.has(id)).map(({ id }) => id),
    digest: result.digest,
    hostMs,
  };
}

function predicateOf(outcome: RunResult['outcome']): string {
  if (outcome.kind === 'fail') return outcome.predicate;
  return outcome.kind === 'excused' ? [...new Set(outcome.excuses.map(({ name }) => name))].join(' ') : '';
}

function messageOf(outcome: RunResult['outcome']): string {
  if (outcome.kind === 'pass') return '';
  if (outcome.kind !== 'excused') return outcome.message;
  return `${outcome.missing}; excused: ${outcome.excuses[0]?.about ?? ''}`;
}
