/**
 * The report card as data: a row for each workload and trial, with the worst case of all nodes, zones and seeds.
 *
 * Always: a pure function of setup, measures and rules; the same bytes however many workers ran the cases.
 */
import { createHash } from 'node:crypto';
import { appliesTo, TRIALS, type TrialCase, type TrialName, type TrialSetup } from './battery.ts';
import { blockersOf } from './blockers.ts';
import { workloadBoundOf } from './bounds.ts';
import { type Judgement, judge, MARKS, type Mark, withRemarks, withUncertainty } from './mark.ts';
import { type CaseMeasures, type Measure, type WaitingPod, wasNeverReady, wasNotReady } from './measure.ts';
import type { Workload } from './workload.ts';

export const CARD_SCHEMA = 'seatrial/report-card/v1';

/** A finished case, or one that never ran (null: interrupted). */
export interface FinishedCase {
  readonly trialCase: TrialCase;
  readonly result: CaseMeasures | null;
}

/** One row. Times are virtual µs. */
export interface CardRow {
  readonly workload: string;
  readonly trial: TrialName;
  readonly mark: Mark;
  /** The worst case: what it was done to, and the seed. */
  readonly subject: string;
  readonly seed: number;
  /** `endpoints` behind a Service, else `pods`. */
  readonly counted: 'endpoints' | 'pods';
  readonly replicas: number;
  readonly floor: number;
  readonly lowest: number;
  readonly boundUs: number;
  readonly belowFloorUs: number;
  readonly longestNoneUs: number;
  /** −1 = not back until the end. */
  readonly recoveryUs: number;
  /** Ready when the fault of the worst case began. */
  readonly readyBefore: number;
  /** In the worst case Ready neither before the fault nor at the end. */
  readonly neverReady: boolean;
  /** In the worst case short of Ready pods before the fault, and not as it should be at the end. */
  readonly neverWhole: boolean;
  readonly reasons: readonly string[];
  readonly blockers: readonly string[];
  /** Of the worst case: a pod that waited for a node, and when the fault began; null for a row that survived. */
  readonly waiting: (WaitingPod & { readonly faultAtUs: number }) | null;
  /** Cases that were run for this row. */
  readonly cases: number;
  /** Repeats this trial with this seed; '' for a row that needs none. */
  readonly replay: string;
  /** What the replay line prints. */
  readonly digest: string;
  /** Of the worst case: time since the fault's beginning, ready and floor in turn; empty for a row that survived. */
  readonly curve: readonly number[];
}

/** All rows of a workload, worst first. */
export interface CardWorkload {
  readonly id: string;
  readonly mark: Mark;
  readonly replicas: number;
  readonly services: readonly string[];
  readonly budgets: readonly string[];
  readonly notSimulated: readonly string[];
  /** The words that declare those harmless, for `--assume`. */
  readonly assumable: readonly string[];
  /** What was declared harmless and its marks do not hang on. */
  readonly assumed: readonly string[];
  readonly rows: readonly CardRow[];
}

export interface CardInput {
  readonly setup: TrialSetup;
  readonly cases: readonly FinishedCase[];
  readonly tolerateUs: number;
  readonly replayOf: (trial: TrialName, seed: number) => string;
}

/** The workloads of the card, worst first; those of equal mark keep the order of the manifests. */
export function cardWorkloads(input: CardInput): CardWorkload[] {
  const runnable = input.setup.workloads.filter((workload) => workload.runnable);
  return input.setup.workloads
    .map((workload) => workloadCard(input, workload, runnable.indexOf(workload)))
    .sort((left, right) => rank(left.mark) - rank(right.mark) || badRows(right) - badRows(left));
}

/** The digest of runs: SHA-256 over their digests in the order of the cases. */
export function digestOf(cases: readonly FinishedCase[]): string {
  const hash = createHash('sha256');
  for (const { result } of cases) if (result !== null && result.digest !== '') hash.update(`${result.digest}\n`);
  return hash.digest('hex');
}

function workloadCard(input: CardInput, workload: Workload, index: number): CardWorkload {
  const rows: CardRow[] = [];
  for (const trial of input.setup.trials) {
    if (!appliesTo(trial, workload)) continue;
    const row = index < 0 ? unknownRow(workload, trial) : worstRow(input, workload, index, trial);
    if (row !== null) rows.push(row);
  }
  rows.sort((left, right) => rank(left.mark) - rank(right.mark));
  const { id, replicas, services, budgets, uncertainties, assumed } = workload;
  return {
    id,
    mark: rows[0]?.mark ?? 'unknown',
    replicas,
    services,
    budgets: budgets.map(({ name }) => name),
    notSimulated: uncertainties.map(({ what }) => what),
    assumable: [...new Set(uncertainties.map(({ kind }) => kind))],
    assumed,
    rows,
  };
}

interface Judged {
  readonly finished: FinishedCase;
  readonly measure: Measure;
  readonly judgement: Judgement;
  /** Whether it would not have survived either if all were simulated: only then something was in its way. */
  readonly isHurt: boolean;
  readonly boundUs: number;
}

function worstRow(input: CardInput, workload: Workload, index: number, trial: TrialName): CardRow | null {
  const moves = TRIALS.find(({ name }) => name === trial)?.moves === true;
  const uncertainties = workload.uncertainties.filter(({ scope }) => scope === 'all' || moves);
  let worst: Judged | null = null;
  let cases = 0;
  for (const finished of input.cases) {
    const measure = finished.trialCase.trial === trial ? finished.result?.measures[index] : undefined;
    if (measure === undefined) continue;
    cases++;
    const boundUs = workloadBoundOf(input.setup, finished.trialCase, workload.kind);
    const plain = withRemarks(
      workload,
      trial,
      measure,
      judge(workload, trial, measure, { tolerateUs: input.tolerateUs, boundUs }),
    );
    const judgement = withUncertainty(plain, uncertainties);
    const judged = { finished, measure, judgement, isHurt: plain.mark !== 'survived', boundUs };
    if (worst === null || isWorse(judged, worst)) worst = judged;
  }
  return worst === null ? null : rowOf(input, workload, worst, cases);
}

/**
 * By mark, then by whether it would survive if all were simulated, then by the time with none, by how far the floor was missed; the first case
 * wins a tie.
 */
function isWorse(left: Judged, right: Judged): boolean {
  const keys = ({ judgement, isHurt, measure }: Judged): number[] => [
    -rank(judgement.mark),
    isHurt ? 1 : 0,
    measure.lack === '' ? 0 : 1,
    measure.longestNoneUs,
    missing(measure),
    measure.blockedNodes.length,
    measure.recoveryUs,
    -measure.lowest,
  ];
  const ours = keys(left);
  const theirs = keys(right);
  for (let i = 0; i < ours.length; i++) {
    if (ours[i] !== theirs[i]) return (ours[i] as number) > (theirs[i] as number);
  }
  return false;
}

/** How far the floor was missed; negative where there were more. */
function missing({ missed, floor, lowest }: Measure): number {
  return missed === null ? floor - lowest : missed.floor - missed.ready;
}

function rowOf(input: CardInput, workload: Workload, worst: Judged, cases: number): CardRow {
  const { finished, measure, judgement, boundUs } = worst;
  const { trial, subject, seed } = finished.trialCase;
  const needsReplay = judgement.mark !== 'survived';
  const same = input.cases.filter(({ trialCase }) => trialCase.trial === trial && trialCase.seed === seed);
  return {
    workload: workload.id,
    trial,
    mark: judgement.mark,
    subject,
    seed,
    counted: workload.services.length > 0 ? 'endpoints' : 'pods',
    replicas: measure.replicas,
    floor: measure.floor,
    lowest: measure.lowest,
    boundUs,
    belowFloorUs: measure.belowFloorUs,
    longestNoneUs: measure.longestNoneUs,
    recoveryUs: measure.recoveryUs,
    readyBefore: measure.readyBefore,
    neverReady: wasNeverReady(workload.kind, measure),
    neverWhole: wasNotReady(workload.kind, measure) && measure.lack !== '',
    reasons: judgement.reasons,
    blockers: worst.isHurt ? blockersOf(workload, trial, measure) : [],
    waiting:
      worst.isHurt && measure.waiting !== null
        ? { ...measure.waiting, faultAtUs: finished.result?.faultAtUs ?? 0 }
        : null,
    cases,
    replay: needsReplay ? input.replayOf(trial, seed) : '',
    digest: needsReplay ? digestOf(same) : '',
    curve: needsReplay ? measure.curve : [],
  };
}

/** The row of a workload whose kind is not simulated. */
function unknownRow(workload: Workload, trial: TrialName): CardRow {
  return {
    workload: workload.id,
    trial,
    mark: 'unknown',
    subject: '',
    seed: 0,
    counted: 'pods',
    replicas: workload.replicas,
    floor: 0,
    lowest: 0,
    boundUs: 0,
    belowFloorUs: 0,
    longestNoneUs: 0,
    recoveryUs: 0,
    readyBefore: 0,
    neverReady: false,
    neverWhole: false,
    reasons: workload.uncertainties.map(({ what }) => what),
    blockers: [],
    waiting: null,
    cases: 0,
    replay: '',
    digest: '',
    curve: [],
  };
}

function rank(mark: Mark): number {
  return MARKS.indexOf(mark);
}

function badRows({ rows }: CardWorkload): number {
  return rows.filter(({ mark }) => mark === 'failed' || mark === 'degraded').length;
}

/** Whether a workload, by its id `Kind/namespace/name`, is a Job: it is judged by its completion alone. */
export function isJob(workload: string): boolean {
  return workload.startsWith('Job/');
}

/** Number of rows by mark. */
export function countMarks(workloads: readonly CardWorkload[]): Record<Mark, number> {
  const counts: Record<Mark, number> = { failed: 0, degraded: 0, unknown: 0, survived: 0 };
  for (const { rows } of workloads) for (const { mark } of rows) counts[mark]++;
  return counts;
}
