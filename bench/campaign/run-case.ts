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

/** Sees a run from its beginning, and its result. */
export interface CaseRecorder extends RunObserver {
  /** Called when the run is over, unless it ended in an exception. */
  finish(result: RunResult, row: CaseResult): void;
}

/** Runs `plan` with `seed`; never throws. `now` gives host ms. */
export function runCase(
  plan: ScenarioPlan,
  seed: number,
  histograms: CaseHistograms,
  now: () => number,
  recorder?: CaseRecorder,
): CaseResult {
  const startedMs = now();
  const watch = new CaseWatch();
  try {
    const result = runPlan(plan, seed, {
      begin: (cluster, jury) => {
        watch.begin(cluster, jury);
        recorder?.begin?.(cluster, jury);
      },
    });
    // Recorded at the end, so that a case that ends in an exception leaves nothing behind.
    for (const latencyUs of watch.podLatencies) histograms.podStartup.record(latencyUs);
    for (const shortUs of watch.recoveries) histograms.recovery.record(shortUs);
    const row = caseOf(result, plan.faults, watch, now() - startedMs);
    recorder?.finish(result, row);
    return row;
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
  watch: Pick<CaseWatch, 'podLatencies' | 'recoveries'>,
  hostMs: number,
): CaseResult {
  const { outcome, times, counts } = result;
  const hit = new Set(result.faults.filter(({ done }) => done.count > 0).map(({ id }) => id));
  return {
    seed: result.seed,
    outcome: outcome.kind,
    asExpected: result.asExpected,
    predicate: predicateOf(outcome),
    message: messageOf(result),
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
    podsStarted: watch.podLatencies.length,
    ...startupQuantiles(watch.podLatencies),
    recoveries: watch.recoveries.length,
    ...recoveryQuantiles(watch.recoveries),
    work: result.work,
    neverEvaluated: result.neverEvaluated,
    idleFaults: faults.filter(({ id }) => !hit.has(id)).map(({ id }) => id),
    pendingPods: result.pendingPods,
    digest: result.digest,
    hostMs,
  };
}

function startupQuantiles(
  latenciesUs: readonly number[],
): Pick<CaseResult, 'startupP50Us' | 'startupP90Us' | 'startupP99Us' | 'startupMaxUs'> {
  const at = exactQuantiles(latenciesUs);
  return { startupP50Us: at(0.5), startupP90Us: at(0.9), startupP99Us: at(0.99), startupMaxUs: at(1) };
}

function recoveryQuantiles(shortUs: readonly number[]): Pick<CaseResult, 'recoveryP50Us' | 'recoveryMaxUs'> {
  const at = exactQuantiles(shortUs);
  return { recoveryP50Us: at(0.5), recoveryMaxUs: at(1) };
}

/** Nearest-rank quantiles of one case's values: one of them, so exact in µs; −1 where there is none. */
function exactQuantiles(values: readonly number[]): (share: number) => number {
  const sorted = Float64Array.from(values).sort();
  return (share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? -1;
}

function predicateOf(outcome: RunResult['outcome']): string {
  if (outcome.kind === 'fail') return outcome.predicate;
  return outcome.kind === 'excused' ? [...new Set(outcome.excuses.map(({ name }) => name))].join(' ') : '';
}

function messageOf({ outcome, asExpected }: Pick<RunResult, 'outcome' | 'asExpected'>): string {
  if (outcome.kind === 'pass') return '';
  if (outcome.kind === 'fail' && outcome.excuse !== undefined && !asExpected)
    return `${outcome.message} (checks: {excuses: [${outcome.excuse}]} would excuse it)`;
  if (outcome.kind !== 'excused') return outcome.message;
  return `${outcome.missing}; excused: ${outcome.excuses[0]?.about ?? ''}`;
}
