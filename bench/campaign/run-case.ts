/**
 * Runs one case and flattens its result into a row.
 *
 * Always: an exception out of the simulation becomes a row with outcome `bug`; the other cases of the task go on.
 */
import type { Jury } from '../../core/chaos/jury.ts';
import type { FaultPlan, ScenarioPlan } from '../../core/chaos/plan.ts';
import { type RunObserver, type RunResult, runPlan } from '../../core/chaos/run-plan.ts';
import type { Histogram } from '../report/histogram.ts';
import { type CaseResult, emptyCase } from './case-result.ts';
import { PodLatency } from './pod-latency.ts';
import { WorkloadRecovery } from './workload-recovery.ts';

/** Where the latencies of a task's cases go. */
export interface CaseHistograms {
  /** Creation to Ready, µs virtual. */
  readonly podStartup: Histogram;
  /** How long workloads were short of Ready pods, µs virtual. */
  readonly recovery: Histogram;
}

/** Runs `plan` with `seed`; never throws. `now` gives host ms. */
export function runCase(plan: ScenarioPlan, seed: number, histograms: CaseHistograms, now: () => number): CaseResult {
  const startedMs = now();
  const watch = new CaseWatch();
  try {
    const result = runPlan(plan, seed, watch);
    // Recorded at the end, so that a case that ends in an exception leaves nothing behind.
    for (const latencyUs of watch.podLatencies) histograms.podStartup.record(latencyUs);
    for (const shortUs of watch.recoveries) histograms.recovery.record(shortUs);
    return caseOf(result, plan.faults, watch.podLatencies.length, now() - startedMs);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...emptyCase(seed, 'bug', message), hostMs: now() - startedMs };
  }
}

/** Collects what a run shows about pods and workloads, µs virtual. */
export class CaseWatch implements RunObserver {
  /** Creation to Ready, in the order of becoming Ready. */
  readonly podLatencies: number[] = [];
  /** Shortfalls of workloads, in the order of their ends. */
  readonly recoveries: number[] = [];
  readonly #pods = new PodLatency((latencyUs) => this.podLatencies.push(latencyUs));
  readonly #workloads = new WorkloadRecovery((shortUs) => this.recoveries.push(shortUs));

  begin(cluster: unknown, jury: Pick<Jury, 'onCommit'>): void {
    this.#pods.begin(cluster, jury);
    this.#workloads.begin(cluster, jury);
  }
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
