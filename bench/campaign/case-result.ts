/**
 * What one case (a scenario with one seed) came to, as plain data.
 *
 * Always: everything but `hostMs` is a pure function of plan, seed and build; times are virtual µs since the cluster was up.
 */
import type { PendingPods } from '../../core/chaos/pending-pods.ts';

/**
 * Outcomes of a case, best first; the number that travels in columns is the place in this list.
 * `bug`: an assertion of seatrial; `broken`: the worker died or ran out of time; `missing`: never run (interrupted).
 */
export const CASE_OUTCOMES = ['pass', 'excused', 'fail', 'over-budget', 'bug', 'broken', 'missing'] as const;

export type CaseOutcome = (typeof CASE_OUTCOMES)[number];

export interface CaseResult {
  readonly seed: number;
  readonly outcome: CaseOutcome;
  /** true if the outcome is what the scenario expects. */
  readonly asExpected: boolean;
  /** Id of the predicate that failed; names of the excuses, or ''. */
  readonly predicate: string;
  /** What went wrong, one sentence; '' for a pass. */
  readonly message: string;
  /** When the predicate failed, µs; −1 = it did not. */
  readonly failedAtUs: number;
  /** How long the cluster took to come up, µs. */
  readonly bootUs: number;
  /** The heal point, µs; −1 = not reached. */
  readonly healUs: number;
  /** Since when everything matched for good, µs; −1 = never. */
  readonly convergedUs: number;
  readonly endUs: number;
  /** The computed bound of convergence after heal, µs. */
  readonly boundUs: number;
  readonly events: number;
  readonly commits: number;
  readonly processes: number;
  /** Pods at the end. */
  readonly pods: number;
  /** Pods that became Ready. */
  readonly podsStarted: number;
  /** Of these, quantiles of creation to Ready, µs; −1 = none. */
  readonly startupP50Us: number;
  readonly startupP90Us: number;
  readonly startupP99Us: number;
  readonly startupMaxUs: number;
  /** How often a workload was short of Ready pods and got them back. */
  readonly recoveries: number;
  /** How long that took, µs; −1 = never. */
  readonly recoveryP50Us: number;
  readonly recoveryMaxUs: number;
  /** Work by name of the counter; empty without a run. */
  readonly work: Readonly<Record<string, number>>;
  /** Ids of predicates that had nothing to judge. */
  readonly neverEvaluated: readonly string[];
  /** Ids of faults that hit nothing, or never began. */
  readonly idleFaults: readonly string[];
  /** Pods that have no node at the end. */
  readonly pendingPods: PendingPods;
  /** 64 hex digits; '' when there is none. */
  readonly digest: string;
  /** Host time of the case, ms. */
  readonly hostMs: number;
}

export const NOBODY_PENDING: PendingPods = { count: 0, names: [] };

/** A case without a run: never started, or lost with its worker. */
export function emptyCase(seed: number, outcome: 'bug' | 'broken' | 'missing', message: string): CaseResult {
  return {
    seed,
    outcome,
    asExpected: false,
    predicate: '',
    message,
    failedAtUs: -1,
    bootUs: -1,
    healUs: -1,
    convergedUs: -1,
    endUs: -1,
    boundUs: -1,
    events: 0,
    commits: 0,
    processes: 0,
    pods: 0,
    podsStarted: 0,
    startupP50Us: -1,
    startupP90Us: -1,
    startupP99Us: -1,
    startupMaxUs: -1,
    recoveries: 0,
    recoveryP50Us: -1,
    recoveryMaxUs: -1,
    work: {},
    neverEvaluated: [],
    idleFaults: [],
    pendingPods: NOBODY_PENDING,
    digest: '',
    hostMs: 0,
  };
}
