/**
 * The timeline: what is joined, what is left out, and the order.
 */
import { expect, test } from 'vitest';
import { Timeline } from '../../../bench/campaign/timeline.ts';
import type { RunResult } from '../../../core/chaos/run-plan.ts';
import type { Commit } from '../../../core/chaos/world.ts';

const RESULT: RunResult = {
  scenario: 's',
  seed: 1,
  outcome: { kind: 'pass' },
  asExpected: true,
  violations: [],
  faults: [
    {
      id: 'f1',
      kind: 'node-crash',
      targets: ['kubelet-a'],
      beginUs: 2_000_000,
      endUs: 9_000_000,
      done: { count: 1, what: 'nodes powered off' },
    },
    {
      id: 'f2',
      kind: 'partition',
      targets: [],
      beginUs: 3_000_000,
      endUs: 3_000_000,
      done: { count: 0, what: 'nothing' },
    },
  ],
  operations: [{ what: 'drain a', endUs: 4_000_000, error: 'it did not finish' }],
  exits: [{ process: 'scheduler-0', code: 1, timeUs: 5_000_000 }],
  times: { bootUs: 7_000_000, healUs: 9_000_000, convergedUs: 10_000_000, endUs: 20_000_000 },
  bound: { totalUs: 1, terms: {} },
  counts: { events: 1, commits: 1, processes: 1, pods: 1 },
  work: {},
  neverEvaluated: [],
  pendingPods: { count: 0, names: [] },
  digest: '',
};

const node = (name: string, status: string): Commit['object'] => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status }] },
});
const lease = (holder: string): Commit['object'] => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'kube-scheduler', namespace: 'kube-system' },
  spec: { holderIdentity: `${holder}_8f2a` },
});

function lines(
  ...commits: readonly (readonly [seconds: number, object: Commit['object'], previous: Commit['object']])[]
) {
  const timeline = new Timeline();
  const jury = { onCommit: [] as ((commit: Commit) => void)[] };
  timeline.begin({ sim: { now: 7_000_000 } }, jury);
  for (const [seconds, object, previous] of commits) {
    const kind = (object ?? previous)?.kind ?? '';
    const commit = { timeUs: 7_000_000 + seconds * 1_000_000, revision: 1, keyId: 1, kind, object, previous };
    for (const listener of jury.onCommit) listener(commit);
  }
  return timeline.entries(RESULT).map(({ timeUs, what }) => `${timeUs / 1_000_000} ${what}`);
}

test('faults, operations, exits and phases of the result, by time', () => {
  expect(lines()).toEqual([
    '0 cluster is up, workload is applied',
    '2 fault f1 begins: node-crash on kubelet-a',
    '3 fault f2 begins: partition on nothing',
    '4 drain a: it did not finish',
    '5 scheduler-0 ended itself with code 1',
    '9 fault f1 ends',
    '9 heal point',
    '10 converged for good',
    '20 end',
  ]);
});

test('a cluster that never comes up is not told to be up', () => {
  const times = { bootUs: -1, healUs: -1, convergedUs: -1, endUs: 300_000_000 };
  const violations = [{ predicate: 'S1', timeUs: 4_000_000, revision: 1, message: 'two of one name' }];
  const outcome = { kind: 'fail', predicate: 'NL4', message: '', timeUs: 0 } as const;
  const nothing = { faults: [], operations: [], exits: [], violations };
  const entries = new Timeline().entries({ ...RESULT, ...nothing, outcome, times });
  expect(entries.map(({ timeUs, what }) => `${timeUs / 1_000_000} ${what}`)).toEqual([
    '0 cluster starts, and never comes up: no workload is applied',
    '4 violation of S1: two of one name',
    '300 end',
  ]);
});

test('nodes that vanish within a second are one line, names counted; heartbeats are none', () => {
  const found = lines(
    ...['a', 'b', 'c', 'd', 'e', 'f'].map(
      (name, i) => [6 + i / 10, node(name, 'Unknown'), node(name, 'True')] as const,
    ),
    [6.9, node('a', 'Unknown'), node('a', 'Unknown')],
    [7.5, node('a', 'True'), node('a', 'Unknown')],
  );
  expect(found).toContain('6 a, b, c, d and 2 more: not Ready (Unknown)');
  expect(found).toContain('7.5 a: Ready');
  expect(found).toHaveLength(11);
});

test('a thing that goes and comes back within a second has all its lines', () => {
  const found = lines(
    [6, node('a', 'Unknown'), node('a', 'True')],
    [6.1, node('b', 'Unknown'), node('b', 'True')],
    [6.2, node('a', 'True'), node('a', 'Unknown')],
    [6.4, node('a', 'Unknown'), node('a', 'True')],
    [6.5, node('b', 'True'), node('b', 'Unknown')],
    [6.6, node('a', 'True'), node('a', 'Unknown')],
  );
  expect(found.filter((line) => line.includes('Ready'))).toEqual([
    '6 a, b: not Ready (Unknown)',
    '6.2 a, b: Ready',
    '6.4 a: not Ready (Unknown)',
    '6.6 a: Ready',
  ]);
});

test('a new leader, and the renewals that say nothing', () => {
  const found = lines([6, lease('one'), null], [7, lease('one'), lease('one')], [8, lease('two'), lease('one')]);
  expect(found.filter((line) => line.includes('leads'))).toEqual([
    '6 one: leads (kube-scheduler)',
    '8 two: leads (kube-scheduler)',
  ]);
});

test('a workload that goes is told as that, not as short of pods', () => {
  const web = (ready: number, metadata: object = {}): Commit['object'] => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'demo', ...metadata },
    spec: { replicas: 3 },
    status: { readyReplicas: ready },
  });
  const going = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  const found = lines(
    [6, web(3), web(2)],
    [11, web(3, going), web(3)],
    [12, web(0, going), web(3, going)],
    [13, null, web(0, going)],
  );
  expect(found.filter((line) => line.includes('demo/web'))).toEqual([
    '6 Deployment demo/web: all 3 Ready',
    '11 Deployment demo/web: is being deleted',
    '13 Deployment demo/web: gone',
  ]);
});
