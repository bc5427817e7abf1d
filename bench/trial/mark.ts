/**
 * Marks: what a measure is worth.
 *
 * failed: none Ready for longer than tolerated although replicas ≥ 1, or not converged at the end. degraded: floor or bound broken otherwise. survived: the
 * rest. unknown: the mark hangs on something that was read and is not simulated. A Job survives when it completes.
 */
import { formatDuration } from '../../scenarios/duration.ts';
import { changesWorkload, type TrialName } from './battery.ts';
import { type Measure, wasNeverReady, wasNotReady } from './measure.ts';
import type { Uncertainty, Workload } from './workload.ts';

export const MARKS = ['failed', 'degraded', 'unknown', 'survived'] as const;
export type Mark = (typeof MARKS)[number];

/** How the reason of an *unknown* mark begins that says what it hangs on. */
export const NOT_SIMULATED = 'not simulated: ';
/** How the reason begins of one that no fault brought down. */
export const NEVER_READY = 'never ready, even without a fault: ';
/** How the reason begins that it lacked pods before the fault. */
export const NOT_READY_BEFORE = 'was not ready before the fault';
/** How the reason begins that says what it lacks at the end. */
export const NOT_CONVERGED = 'not converged: ';

/** A mark with what was broken. */
export interface Judgement {
  readonly mark: Mark;
  /** What was broken, one phrase each; for unknown: what it hangs on. */
  readonly reasons: readonly string[];
}

/** What a case is judged by. */
export interface Rules {
  /** Longest time with none Ready, µs. */
  readonly tolerateUs: number;
  /** Longest time to come back, µs; in a drain: of one node. */
  readonly boundUs: number;
}

/** Judges one case of one workload; what is not simulated is not yet looked at. */
export function judge(workload: Workload, trial: TrialName, measure: Measure, rules: Rules): Judgement {
  // All else that it lacks follows from that.
  if (wasNeverReady(workload.kind, measure)) {
    const rolled = changesWorkload(trial) && workload.kind !== 'Job';
    const lack = rolled ? `0 of ${measure.replicas} replicas are ready` : measure.lack;
    return { mark: 'failed', reasons: [`${NEVER_READY}${lack}`] };
  }
  const before = beforehand(workload, measure);
  const failures = failuresOf(workload, measure, rules);
  if (failures.length > 0) return { mark: 'failed', reasons: [...before, ...failures] };
  const breaches = breachesOf(workload, trial, measure, rules);
  return breaches.length > 0
    ? { mark: 'degraded', reasons: [...before, ...breaches] }
    : { mark: 'survived', reasons: [] };
}

/** That it lacked something before the fault; what stood in its way is among the blockers. */
function beforehand({ kind }: Workload, measure: Measure): string[] {
  if (!wasNotReady(kind, measure)) return [];
  const { readyBefore, replicas } = measure;
  return [`${NOT_READY_BEFORE}${replicas > 1 && kind !== 'Job' ? ` (${readyBefore} of ${replicas})` : ''}`];
}

function failuresOf(workload: Workload, measure: Measure, { tolerateUs }: Rules): string[] {
  const found: string[] = [];
  const counts =
    workload.kind !== 'Job' &&
    measure.replicas >= 1 &&
    !(workload.kind === 'DaemonSet' && measure.onFailed >= measure.replicas);
  if (counts && measure.longestNoneUs > tolerateUs) found.push(`none ready for ${seconds(measure.longestNoneUs)}`);
  if (measure.lack !== '') found.push(`${NOT_CONVERGED}${measure.lack}`);
  return found;
}

function breachesOf(workload: Workload, trial: TrialName, measure: Measure, { boundUs }: Rules): string[] {
  if (workload.kind === 'Job') return [];
  const found: string[] = [];
  const { missed } = measure;
  if (missed !== null) {
    // Without a budget the floor is what stands off the node being drained: more of its pods may be away while it lasts.
    const moves = trial === 'drain' && workload.budgets.length === 0;
    const during = moves ? ' while the next node was drained' : '';
    found.push(
      `below the floor for ${seconds(measure.belowFloorUs)}${during}: ${missed.ready} ready, floor ${missed.floor}`,
    );
  }
  if (trial === 'drain') {
    if (measure.blockedNodes.length > 0)
      found.push(`drain of ${measure.blockedNodes.join(', ')} not done within ${seconds(boundUs)}`);
  } else if (measure.recoveryUs > boundUs)
    found.push(`back after ${seconds(measure.recoveryUs)}, bound ${seconds(boundUs)}`);
  return found;
}

/** What a reader of a row that survived should know: a StatefulSet's pod was away as long as its node. */
export function withRemarks(workload: Workload, trial: TrialName, measure: Measure, judgement: Judgement): Judgement {
  const waited = workload.kind === 'StatefulSet' && measure.onFailed > 0 && measure.recoveryUs > 0;
  if (judgement.mark !== 'survived' || !waited || (trial !== 'node-crash' && trial !== 'zone-loss')) return judgement;
  return { mark: 'survived', reasons: ['a StatefulSet does not replace a pod before its node is back'] };
}

/** The mark with what is not simulated taken into account. */
export function withUncertainty(judgement: Judgement, uncertainties: readonly Uncertainty[]): Judgement {
  const hanging = uncertainties.filter(({ effect }) => effect === 'either' || judgement.mark === 'survived');
  if (hanging.length === 0) return judgement;
  const names = hanging.map(({ what }) => what).join(', ');
  return { mark: 'unknown', reasons: [...judgement.reasons, `${NOT_SIMULATED}${names}`] };
}

/** Virtual µs for people: whole seconds from 10 s on, tenths below: `5m18s`, `2.7s`; never 0 for what is more. */
export function seconds(us: number): string {
  const tenths = Math.max(us > 0 ? 1 : 0, Math.round(us / 100_000));
  return tenths < 100 ? `${tenths / 10}s` : formatDuration(Math.round(us / 1_000_000) * 1_000_000);
}
