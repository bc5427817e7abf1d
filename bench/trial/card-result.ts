/**
 * The report card as a result document: a case a workload and trial.
 */
import type { ExitCode } from '../cli/exit.ts';
import type { CaseStatus, ResultCase, ResultDocument, ResultMetric } from '../report/result.ts';
import { resultDocument } from '../report/result-parts.ts';
import { type CardRow, isJob } from './card.ts';
import type { Mark } from './mark.ts';
import type { ReportCard } from './run-trial.ts';

/** What the card does not know about itself. */
export interface CardContext {
  readonly exitCode: ExitCode;
  /** The verdict's line. */
  readonly verdict: string;
  /** A mark from which on a row is a finding. */
  readonly failOn: 'degraded' | 'failed';
  readonly reproduce: string;
}

/** The document; the card's own fields stand at its top level. */
export function cardResult(card: ReportCard, context: CardContext): ResultDocument {
  const rows = card.workloads.flatMap((workload) => workload.rows.map((row) => caseOf(row, context.failOn)));
  return resultDocument({
    command: 'trial',
    suite: { id: '', digest: '' },
    cases: [...rows, ...brokenCases(card)],
    verdict: context.verdict,
    exitCode: context.exitCode,
    complete: card.complete,
    reproduce: context.reproduce,
    own: { ...card },
  });
}

function caseOf(row: CardRow, failOn: CardContext['failOn']): ResultCase {
  const { workload, trial, subject, seed, mark } = row;
  return {
    id: `${workload} ${trial}`,
    params: { workload, trial, subject, replicas: row.replicas, floor: row.floor },
    tags: [trial],
    seed: row.cases === 0 ? null : seed,
    status: statusOf(mark, failOn),
    outcome: mark,
    message: [...row.reasons, ...row.blockers].join('; '),
    inputDigest: '',
    traceDigest: row.digest,
    counters: {},
    metrics: row.cases === 0 ? [] : metricsOf(row),
    reproduce: row.replay,
    source: null,
  };
}

/** Null where there is nothing to measure; a Job is judged by its completion alone, so its cells are empty as on the card. */
function metricsOf(row: CardRow): ResultMetric[] {
  const ofJob = isJob(row.workload);
  const time = (name: string, us: number): ResultMetric => {
    return { name: `${name}-us`, unit: 'us', better: 'lower', kind: 'virtual', value: ofJob || us < 0 ? null : us };
  };
  return [
    { name: 'lowest-ready', unit: '', better: 'higher', kind: 'virtual', value: ofJob ? null : row.lowest },
    time('none-ready', row.longestNoneUs),
    time('below-floor', row.belowFloorUs),
    time('recovery', row.recoveryUs),
    time('bound', row.boundUs),
  ];
}

function statusOf(mark: Mark, failOn: CardContext['failOn']): CaseStatus {
  if (mark === 'unknown') return 'inconclusive';
  if (mark === 'failed' || (mark === 'degraded' && failOn === 'degraded')) return 'fail';
  return 'pass';
}

function brokenCases(card: ReportCard): ResultCase[] {
  return card.broken.map(({ trial, subject, seed, cause, replay }) => ({
    id: `${trial} ${subject} seed ${seed}`,
    params: { trial, subject },
    tags: [trial],
    seed,
    status: 'broken',
    outcome: 'broken',
    message: cause.split('\n')[0] ?? '',
    inputDigest: '',
    traceDigest: '',
    counters: {},
    metrics: [],
    reproduce: replay,
    source: null,
  }));
}
