/**
 * The kept cases of a trial: what is written for `explain` reads back as what was run, whatever described the cluster.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadScenarios } from '../../../bench/campaign/load-scenarios.ts';
import { RunFolder } from '../../../bench/report/run-folder.ts';
import type { CardRow } from '../../../bench/trial/card.ts';
import { casePlan } from '../../../bench/trial/case-plan.ts';
import { pendingLines } from '../../../bench/trial/pending-lines.ts';
import { type PreparedTrial, prepareTrial } from '../../../bench/trial/prepare.ts';
import type { ReportCard } from '../../../bench/trial/run-trial.ts';
import { scenarioText } from '../../../scenarios/plan-to-file.ts';
import { ProblemList } from '../../../scenarios/problem.ts';
import { deploymentText } from '../../support/trial-manifests.ts';

const S = 1_000_000;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-pending-'));
  writeFileSync(path.join(folder, 'app.yaml'), deploymentText({ name: 'web' }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const node = (name: string, zone: string, spec: string): string => `apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {topology.kubernetes.io/zone: ${zone}, disk: ssd}}
${spec}status: {capacity: {cpu: "8", memory: 32Gi, pods: "110"}, allocatable: {cpu: 7900m, memory: 30Gi, pods: "110"}}
`;
const NODES = [
  node('ip-10-0-0-1.ec2.internal', 'a', ''),
  node('worker-b', 'b', 'spec: {unschedulable: true, taints: [{key: gpu, value: "yes", effect: NoSchedule}]}\n'),
].join('---\n');
const DUMP = `${NODES}---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: demo}
spec: {nodeName: worker-b, containers: [{name: c, image: x, resources: {requests: {cpu: 1500m, memory: 1Gi}}}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: demo}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
`;

function prepared(cluster: string): PreparedTrial {
  const file = path.join(folder, 'cluster.yaml');
  writeFileSync(file, cluster);
  const paths = [path.join(folder, 'app.yaml')];
  return prepareTrial({ paths, readStdin: () => '', clusterFile: file, seeds: [1] });
}

/** Rows in which pods waited, for these reasons. */
function cardOf(...messages: string[]): ReportCard {
  const rows = messages.map((message, index) => ({
    trial: index === 0 ? 'node-crash' : 'drain',
    subject: index === 0 ? 'worker-b' : '',
    seed: 1,
    waiting: { pod: `demo/web-${index}`, atUs: 90 * S, message, faultAtUs: 60 * S },
  }));
  return { workloads: [{ id: 'Deployment/demo/web', rows: rows as unknown as CardRow[] }] } as unknown as ReportCard;
}

test.each([
  ['nodes', NODES],
  ['a dump', DUMP],
  ['a cluster section', 'nodes: [{names: [m, worker-b], count: 2, zones: [a, b]}, {name: pool, count: 3}]\n'],
])('every case on %s reads back as it was run, and its line names the digest of what is read', (_what, cluster) => {
  const { setup, cases } = prepared(cluster);
  for (const trialCase of cases) {
    const plan = casePlan(setup, trialCase, 60 * S);
    const file = path.join(folder, 'kept.yaml');
    writeFileSync(file, scenarioText(plan));
    const problems = new ProblemList();
    const [loaded] = loadScenarios([file], problems);
    expect(problems.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(loaded?.plan).toEqual(plan);
  }
  const kept = RunFolder.create(folder, { command: 'trial', subject: 'web', seeds: [1] });
  const subject = setup.cluster.nodes as readonly { names?: readonly string[] }[];
  expect(subject[0]?.names).toBeDefined();
  const [line = ''] = pendingLines(cardOf('0/2 nodes are available'), setup, kept).get('Deployment/demo/web') ?? [];
  const [again] = loadScenarios([path.join(kept.path, 'node-crash-worker-b-s1.yaml')], new ProblemList());
  expect(line).toMatch(
    /^demo\/web-0: seatrial explain demo\/web-0 .*node-crash-worker-b-s1\.yaml --seed 1 --at 1m30s /,
  );
  expect(line).toContain(`--inputs ${again?.inputs}`);
});

test('one line for each cause: other numbers of nodes are no other cause', () => {
  const { setup } = prepared(NODES);
  const kept = RunFolder.create(folder, { command: 'trial', subject: 'web', seeds: [1] });
  const lines = (...messages: string[]): number | undefined =>
    pendingLines(cardOf(...messages), setup, kept).get('Deployment/demo/web')?.length;
  expect(lines('0/4 nodes are available: 4 Insufficient cpu.', '0/3 nodes are available: 3 Insufficient cpu.')).toBe(1);
  expect(lines('0/4 nodes are available: 4 Insufficient cpu.', '0/4 nodes are available: 4 Insufficient memory.')).toBe(
    2,
  );
});

test('names of nodes: as many as there are nodes, and no prefix beside them', () => {
  expect(() => prepared('nodes: {names: [m, n], count: 3}\n')).toThrow(/count is 3, here are 2 names/);
  expect(() => prepared('nodes: {name: m, names: [n], count: 1}\n')).toThrow(/"name" and "names" exclude each other/);
  expect(() => prepared('nodes: [{names: [m], count: 1}, {names: [m], count: 1}]\n')).toThrow(
    /two nodes are named "m"/,
  );
});
