/** Dumps of `kubectl get nodes,pods,pdb,pc -A`: told apart by content, checked, and what they mean for a trial. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpWorkload, manifestWorkload } from '../../../bench/compare/object-workload.ts';
import { isDump } from '../../../bench/trial/cluster-dump.ts';
import { readCluster, readClusterFile } from '../../../bench/trial/cluster-file.ts';
import { takenOver, withoutDumpedPods } from '../../../bench/trial/dumped-pods.ts';
import { readTrialInput } from '../../../bench/trial/input.ts';
import type { KubeObject } from '../../../core/cluster/vocabulary.ts';
import { formatProblems, ProblemList } from '../../../scenarios/problem.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const node = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, resourceVersion: '7', labels: { 'topology.kubernetes.io/zone': 'a' }, managedFields: [{}] },
  spec,
  status: { capacity: { cpu: '4', memory: '16Gi' }, allocatable: { cpu: '3900m', memory: '15Gi', pods: '110' } },
});

const pod = (name: string, nodeName: string, owner: object | undefined, extra: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    labels: { app: name.split('-')[0], 'pod-template-hash': name },
    ...(owner && { ownerReferences: [{ controller: true, ...owner }] }),
  },
  spec: { nodeName, containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '500m', memory: '1Gi' } } }] },
  status: { phase: 'Running' },
  ...extra,
});

const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
};
const otherBudget = {
  ...budget,
  metadata: { name: 'db', namespace: 'shop' },
  spec: { selector: { matchLabels: { app: 'db' } } },
};
const priority = {
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name: 'high', uid: 'u' },
  value: 10,
};
const systemPriority = { ...priority, metadata: { name: 'system-node-critical' }, value: 2_000_000_000 };
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'shop' } };

const ITEMS: readonly unknown[] = [
  node('n1'),
  node('n2', { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] }),
  pod('web-1', 'n1', { kind: 'ReplicaSet', name: 'web-5d4f' }),
  pod('web-2', 'n2', { kind: 'ReplicaSet', name: 'web-5d4f' }),
  pod('log-1', 'n1', { kind: 'DaemonSet', name: 'log' }),
  pod('db-0', 'n1', { kind: 'StatefulSet', name: 'db' }),
  pod('late-1', '', { kind: 'ReplicaSet', name: 'late-1' }),
  pod('done-1', 'n1', { kind: 'Job', name: 'done' }, { status: { phase: 'Succeeded' } }),
  budget,
  otherBudget,
  priority,
  systemPriority,
  service,
];

function write(name: string, items: readonly unknown[], asYaml = false): string {
  const file = path.join(folder, name);
  const list = { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
  writeFileSync(file, asYaml ? `# a comment\n${JSON.stringify(list, null, 1)}` : JSON.stringify(list));
  return file;
}

test('a dump gives nodes, running pods, budgets and priorities; what is over or of another kind is left out', () => {
  const problems = new ProblemList();
  const input = readCluster(write('dump.json', ITEMS), problems);
  expect(problems.problems).toEqual([]);
  const dump = input?.dump;
  expect(dump?.nodes.map(({ metadata }) => metadata.name)).toEqual(['n1', 'n2']);
  expect(dump?.pods.map(({ metadata }) => metadata.name)).toEqual(['web-1', 'web-2', 'log-1', 'db-0', 'late-1']);
  expect([dump?.budgets.length, dump?.priorityClasses.length, dump?.leftOut]).toEqual([2, 2, 1]);
  const groups = input?.description.nodes as readonly { taints: readonly object[]; unschedulable?: boolean }[];
  expect(groups.map(({ taints, unschedulable }) => [taints, unschedulable])).toEqual([
    [[], undefined],
    [[], true],
  ]);
  expect(readCluster(write('dump.yaml', ITEMS, true), new ProblemList())).toEqual(input);
});

test('nodes alone are no dump; a cluster section still is one', () => {
  expect(readCluster(write('nodes.json', [node('n1')]), new ProblemList())).toMatchObject({ description: {} });
  expect(readCluster(write('nodes.json', [node('n1')]), new ProblemList())?.dump).toBeUndefined();
  const section = path.join(folder, 'section.yaml');
  writeFileSync(section, 'nodes: {count: 3}\n');
  expect(readClusterFile(section, new ProblemList())?.dump).toBeUndefined();
});

test('what a dump has in a version that Kubernetes has not is refused where it would be read', () => {
  const items = [
    node('n1'),
    { ...pod('p', 'n1', undefined), apiVersion: 'v2' },
    { ...budget, apiVersion: 'policy/v2' },
  ];
  const left = { apiVersion: 'extensions/v1beta1', kind: 'Deployment', metadata: { name: 'd', namespace: 'shop' } };
  const problems = new ProblemList();
  expect(readCluster(write('versions.json', [...items, left]), problems)).toBeNull();
  expect(problems.problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'MAN-021: Pod p: apiVersion: Kubernetes has no Pod in v2',
    'MAN-021: PodDisruptionBudget web: apiVersion: Kubernetes has no PodDisruptionBudget in policy/v2',
  ]);
});

test('every broken object of a dump is named, with its position', () => {
  const problems = new ProblemList();
  const file = write(
    'broken.yaml',
    [
      { ...node('n1'), status: { allocatable: { cpu: 'many', memory: '1Gi' } } },
      { ...pod('p', 'n1', undefined), spec: { containers: {} } },
      { ...pod('q', 'n1', undefined), spec: { containers: [{ name: 'c', resources: { requests: { cpu: '-1' } } }] } },
      node('n2'),
      node('n2'),
      { ...pod('r', 'n1', undefined), spec: { containers: [{ name: 'c' }], affinity: 'near' } },
      pod('s', 'n1', undefined, { metadata: { name: 's', ownerReferences: 'me', labels: { a: 1 } } }),
      { ...pod('t', 'n1', undefined), spec: { containers: [{ name: 'c' }], tolerations: null } },
    ],
    true,
  );
  expect(readCluster(file, problems)).toBeNull();
  const text = formatProblems(problems.problems);
  expect(text).toMatch(/broken\.yaml:\d+:\d+ error DMP-002: Node n1: status\.allocatable must hold cpu and memory/);
  expect(text).toContain('Pod p: no list of containers');
  expect(text).toContain('Pod q: container c asks for what is no quantity');
  expect(text).toMatch(/MAN-010: Node n2 is given twice, first in \S+broken\.yaml:\d+/);
  expect(text).toMatch(/broken\.yaml:\d+:\d+ error MAN-011: Pod r: spec\.affinity: expected/);
  expect(text).toMatch(/MAN-011: Pod s: metadata\./);
  expect(text).not.toContain('Pod t');
  const empty = new ProblemList();
  expect(readCluster(write('empty.json', [budget]), empty)).toBeNull();
  expect(formatProblems(empty.problems)).toContain('DMP-001: the dump holds no Node');
});

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    replicas: 3,
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'x', resources: { limits: { cpu: '500m', memory: '1Gi' } } }] },
    },
  },
} as unknown as KubeObject;

test('in a trial, pods that are not of the manifests take their room, and budgets of the manifests come along', () => {
  const input = readCluster(write('dump.json', ITEMS), new ProblemList());
  if (input?.dump === undefined) throw new Error('a dump');
  const { description, kept } = withoutDumpedPods(input.description, input.dump, [deployment]);
  expect(kept).toBe(2);
  const groups = description.nodes as readonly { readonly allocatable: object }[];
  expect(groups[0]?.allocatable).toMatchObject({ cpu: '2900m', memory: String(13 * 2 ** 30), pods: '108' });
  expect(groups[1]?.allocatable).toMatchObject({ cpu: '3900m' });
  expect(takenOver(input.dump, [deployment])).toEqual([
    { ...priority, metadata: { name: 'high' } },
    { ...budget, metadata: { name: 'web', namespace: 'shop' } },
  ]);
});

test('in a comparison, a dump alone is placed anew but for pinned pods; with manifests its pods stay', () => {
  const cluster = readClusterFile(write('dump.json', ITEMS), new ProblemList());
  if (cluster?.dump === undefined) throw new Error('a dump');
  const alone = dumpWorkload('dump.json', cluster.dump).workload;
  expect([alone.kinds.length, [...alone.kindOf], [...alone.bound]]).toEqual([4, [0, 0, 2, 3], [1, 0]]);
  const together = manifestWorkload('web', [deployment], cluster).workload;
  expect([...together.bound]).toEqual([1, 0, 1, 1, 2, 0, 3, 0]);
  expect([...together.kindOf]).toEqual([0, 0, 0, 4]);
  expect(together.nodes.map(({ spec }) => spec?.unschedulable)).toEqual([false, true]);
});

test('nodes beside anything else that scheduling asks for are a dump, nodes alone are not', () => {
  const listOf = (...kinds: string[]) => ({ kind: 'List', items: kinds.map((kind) => ({ kind })) });
  for (const kind of ['ResourceSlice', 'PersistentVolume', 'Pod']) expect(isDump(listOf('Node', kind))).toBe(true);
  expect(isDump(listOf('Node', 'Node'))).toBe(false);
});

test('what is given twice is told once, where the same file is the input as well', () => {
  const problems = new ProblemList();
  const group = {
    apiVersion: 'scheduling.k8s.io/v1alpha1',
    kind: 'PodGroup',
    metadata: { name: 'g', namespace: 'demo' },
    spec: { schedulingPolicy: { gang: { minCount: 2 } } },
  };
  const file = write('groups.yaml', [node('n1'), group, group], true);
  readCluster(file, problems);
  readTrialInput([file], () => '', problems);
  const doubles = formatProblems(problems.problems)
    .split('\n')
    .filter((line) => line.includes('twice'));
  expect(doubles).toEqual([expect.stringMatching(/error MAN-010: PodGroup g is given twice, first in /)]);
});
