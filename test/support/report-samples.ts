/**
 * Small results for tests of the report page.
 */

import type { ClusterReplay } from '../../bench/replay/cluster-replay.ts';
import type { CampaignData } from '../../bench/report/page/result-shapes.ts';
import type { CardRow } from '../../bench/trial/card.ts';
import type { ReportCard } from '../../bench/trial/run-trial.ts';

const DIGEST = '0'.repeat(64);

function rowOf(workload: string, trial: CardRow['trial'], failed: boolean): CardRow {
  return {
    workload,
    trial,
    mark: failed ? 'failed' : 'survived',
    subject: failed ? 'node-1' : '',
    seed: 1,
    counted: 'endpoints',
    replicas: 1,
    floor: 0,
    lowest: failed ? 0 : 1,
    boundUs: 300_000_000,
    belowFloorUs: 0,
    longestNoneUs: failed ? 60_000_000 : 0,
    recoveryUs: failed ? 70_000_000 : 0,
    readyBefore: 1,
    neverReady: false,
    neverWhole: false,
    reasons: failed ? ['none ready for 1m'] : [],
    waiting: null,
    blockers: failed ? ['single replica: while it moves nothing serves'] : [],
    cases: 3,
    replay: failed ? 'seatrial trial shop --only node-crash --seed 1' : '',
    digest: DIGEST,

    curve: [],
  };
}

/** A card of one workload that fails one of two trials. */
export function cardOf(id: string): ReportCard {
  return {
    schema: 'seatrial/report-card/v1',
    paths: ['shop'],
    cluster: { text: '9 nodes', reasons: ['they fit'] },
    assumptions: ['probes pass after 1s'],
    assumptionsInShort: ['probes pass after 1s'],
    assumedHarmless: [],
    notSimulated: [],
    trials: ['node-crash', 'drain'],
    seeds: [1, 2],
    tolerateUs: 10_000_000,
    workloads: [
      {
        id,
        mark: 'failed',
        replicas: 1,
        services: ['web'],
        budgets: [],
        notSimulated: [],
        assumable: [],
        assumed: [],
        rows: [rowOf(id, 'node-crash', true), rowOf(id, 'drain', false)],
      },
    ],
    rows: { failed: 1, degraded: 0, unknown: 0, survived: 1 },
    verdict: 'failed',
    runs: 6,
    complete: true,
    broken: [],
    digest: DIGEST,
  };
}

/** A campaign of so many scenarios with two seeds each; the second seed of the first one is not as expected. */
export function campaignOf(scenarioCount: number, name = 'scenario'): CampaignData {
  return {
    schema: 'seatrial/campaign/v1',
    seeds: '1..2',
    complete: true,
    verdict: 'not as expected',
    scenarios: Array.from({ length: scenarioCount }, (_, index) => ({
      file: `scenario-${index}.yaml`,
      twin: false,
      name: `${name}-${index}`,
      expect: 'pass' as const,
      outcomes: { pass: 2 },
      asExpected: index > 0,
      warnings: [],
      neverEvaluated: [],
      podStartupUs: { count: 4, p50: 2_000_000, p90: 3_000_000, p99: 3_000_000, p100: 3_000_000 },
      recoveryUs: { count: 1, p50: 9_000_000, p90: 9_000_000, p99: 9_000_000, p100: 9_000_000 },
      cases: [1, 2].map((seed) => ({
        seed,
        outcome: index === 0 && seed === 2 ? 'fail' : 'pass',
        asExpected: index > 0 || seed === 1,
        predicate: index === 0 && seed === 2 ? 'RS2' : '',
        message: '',
        healUs: 60_000_000,
        convergedUs: 61_000_000,
        endUs: 120_000_000,
        boundUs: 180_000_000,
        events: 1000,
        digest: DIGEST,
        ...(index === 0 && seed === 2 ? { replay: 'seatrial replay scenario-0.yaml --seed 2' } : {}),
      })),
    })),
  };
}

/** A replay of so many nodes over ten frames; node 0 is away from frame 4 on. */
export function replayOf(title: string, nodeCount: number): ClusterReplay {
  const zeros = new Array(10).fill(0).join(' ');
  return {
    title,
    seed: 1,
    outcome: 'pass',
    again: `seatrial replay ${title} --seed 1`,
    frameUs: 1_000_000,
    frameCount: 10,
    endUs: 9_500_000,
    healUs: 9_000_000,
    zones: ['a', 'b'],
    nodes: Array.from({ length: nodeCount }, (_, index) => `node-${index}`),
    nodeZones: Array.from({ length: nodeCount }, (_, index) => index % 2).join(' '),
    cells: Array.from({ length: nodeCount }, (_, index) => (index === 0 ? '0 5 4 6' : '0 9')),
    podsMax: 2,
    pending: zeros,
    readyPods: zeros,
    notReadyPods: zeros,
    notReadyNodes: '0 0 0 0 1 1 1 1 1 1',
    leaders: { 'kube-scheduler': [{ timeUs: 0, holder: 'scheduler-0' }] },
    faults: [
      { id: 'crash', kind: 'node-crash', targets: [title], targetCount: 1, nodes: [0], beginUs: 3_000_000, endUs: -1 },
    ],
    timeline: [
      { timeUs: 0, what: 'cluster is up' },
      { timeUs: 3_000_000, what: `fault crash begins on ${title}` },
    ],
  };
}
