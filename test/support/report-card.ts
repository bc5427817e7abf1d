/**
 * Report cards made by hand, for what is shown of them.
 */
import type { CardRow, CardWorkload } from '../../bench/trial/card.ts';
import type { ReportCard } from '../../bench/trial/run-trial.ts';

/** Of a workload that hangs on something not simulated. */
export const CARD_ROW: CardRow = {
  workload: 'Deployment/demo/web',
  trial: 'drain',
  mark: 'unknown',
  subject: '',
  seed: 1,
  counted: 'pods',
  replicas: 3,
  floor: 2,
  lowest: 2,
  boundUs: 60_000_000,
  belowFloorUs: 0,
  longestNoneUs: 0,
  recoveryUs: 0,
  readyBefore: 3,
  neverReady: false,
  neverWhole: false,
  reasons: ['not simulated: HorizontalPodAutoscaler web'],
  blockers: [],
  waiting: null,
  cases: 1,
  replay: 'seatrial trial app.yaml --only drain --seed 1',
  digest: '',
  curve: [],
};

/** A card of these rows, a workload for each that they name. */
export function cardOf(...rows: CardRow[]): ReportCard {
  const workloads = [...new Set(rows.map(({ workload }) => workload))].map((id): CardWorkload => {
    const own = rows.filter(({ workload }) => workload === id);
    return {
      id,
      mark: 'unknown',
      replicas: 3,
      services: [],
      budgets: [],
      notSimulated: [],
      assumable: ['HorizontalPodAutoscaler'],
      assumed: [],
      rows: own,
    };
  });
  return {
    schema: '',
    paths: ['app.yaml'],
    cluster: { text: '3 nodes', reasons: [] },
    assumptions: [],
    assumptionsInShort: [],
    assumedHarmless: [],
    notSimulated: [],
    trials: ['drain'],
    seeds: [1],
    tolerateUs: 0,
    workloads,
    rows: { failed: 0, degraded: 0, unknown: rows.length, survived: 0 },
    verdict: 'unknown',
    runs: 1,
    complete: true,
    broken: [],
    digest: '',
  };
}
