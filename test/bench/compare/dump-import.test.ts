/** A user's cluster from one `kubectl get … -o json`: volumes, owners, services, priorities and measurements count offline as they do there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompareArgs } from '../../../bench/cli/compare.ts';
import { onceShuffled } from '../../../bench/compare/arrivals.ts';
import { readCompareInput } from '../../../bench/compare/compare-input.ts';
import { prepareRun } from '../../../bench/compare/experiment-input.ts';
import { kindFacts } from '../../../bench/compare/kind-facts.ts';
import { placeAll } from '../../../bench/compare/place-all.ts';
import type { CompareWorkload } from '../../../bench/compare/workload.ts';
import { CPU_USAGE_LABEL, namedProfile } from '../../../core/cluster/placement.ts';
import { formatProblems, ProblemList } from '../../../scenarios/problem.ts';
import { RULES } from './small-workload.ts';

const ZONE = 'topology.kubernetes.io/zone';
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'seatrial-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const node = (name: string, zone: string, cpu: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, [ZONE]: zone } },
  status: { capacity: { cpu, memory: '256Gi' }, allocatable: { cpu, memory: '256Gi', pods: '110' } },
});
const NODES = [node('big', 'a', '64'), node('a1', 'a', '8'), node('b1', 'b', '8'), node('b2', 'b', '8')];

const pod = (name: string, owner: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    labels: { app: owner, 'pod-template-hash': '5d4' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${owner}-5d4`, uid: 'u', controller: true }],
  },
  spec: {
    nodeName: 'big',
    containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '500m', memory: '1Gi' } } }],
    ...more,
  },
  status: { phase: 'Running' },
});
const replicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web-5d4', namespace: 'shop' },
  spec: { replicas: 8, selector: { matchLabels: { app: 'web', 'pod-template-hash': '5d4' } } },
};
const WEB = Array.from({ length: 8 }, (_, i) => pod(`web-5d4-${i}`, 'web'));

function read(items: readonly unknown[]): {
  workload: CompareWorkload | undefined;
  text: string;
  notes: readonly string[];
} {
  writeFileSync(path.join(folder, 'dump.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const problems = new ProblemList();
  const input = readCompareInput({ cluster: path.join(folder, 'dump.json') } as unknown as CompareArgs, problems);
  return { workload: input?.workload, text: formatProblems(problems.problems), notes: input?.assumptions ?? [] };
}

/** How many pods each node gets under kube-default. */
function perNode(workload: CompareWorkload | undefined): Record<string, number> {
  if (workload === undefined) throw new Error('no workload');
  const facts = kindFacts(workload);
  const profile = namedProfile('kube-default', { typicalPods: facts.typical });
  if (profile === undefined) throw new Error('no profile');
  const policy = { name: 'p', profileOf: () => profile, module: undefined, queue: 'fifo', gangs: false } as const;
  const run = prepareRun(workload, facts, policy, RULES, 1);
  expect(placeAll(run, onceShuffled(workload, 1), false).left).toEqual([]);
  const counts: Record<string, number> = {};
  run.nodeOf.forEach((index, slot) => {
    counts[workload.nodes[index]?.metadata.name ?? ''] = run.placement.rowsOn(slot).length;
  });
  return counts;
}

test('the pods of an owner that is in the dump are spread by default, as the scheduler would', () => {
  expect(perNode(read([...NODES, ...WEB]).workload)).toMatchObject({ big: 6 });
  expect(perNode(read([...NODES, ...WEB, replicaSet]).workload)).toEqual({ big: 2, a1: 2, b1: 2, b2: 2 });
});

test('pods with bound claims stay where their volumes are', () => {
  const claims = { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] };
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'shop', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { volumeName: 'pv-1', accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
  };
  const volume = (operator: string) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'pv-1' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteMany'],
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator, values: ['b'] }] }] },
      },
    },
  });
  const pods = Array.from({ length: 4 }, (_, i) => pod(`db-5d4-${i}`, 'db', claims));
  expect(perNode(read([...NODES, ...pods, claim, volume('In')]).workload)).toEqual({ big: 0, a1: 0, b1: 2, b2: 2 });
  expect(read([...NODES, ...pods, claim, volume('Is')]).text).toMatch(
    /error DMP-002: PersistentVolume pv-1: spec\.nodeAffinity\.required\.nodeSelectorTerms is no list of node selector terms/,
  );
  const lost = read([...NODES, ...pods, claim]);
  expect(lost.notes).toContain('shop/db-5d4-0 fits nowhere: volume pv-1 is not in the dump; so do 3 more pods');
});

test('what pods were measured to use counts for all pods of their owner', () => {
  const metrics = (i: number, cpu: string) => ({
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind: 'PodMetrics',
    metadata: { name: `web-5d4-${i}`, namespace: 'shop' },
    containers: [{ name: 'c', usage: { cpu, memory: '1Gi' } }],
  });
  const { workload } = read([...NODES, ...WEB, metrics(0, '900m'), metrics(1, '300000000n')]);
  expect(workload?.kinds).toHaveLength(1);
  expect(workload?.kinds[0]?.metadata.labels).toMatchObject({ [CPU_USAGE_LABEL]: '600m' });
});

test('an absurd request of a dump is refused with the pod', () => {
  const huge = pod('huge', 'x', { containers: [{ name: 'c', resources: { requests: { memory: '1e30' } } }] });
  expect(read([...NODES, huge]).text).toContain(
    'Pod huge: container c: memory "1e30" is more than any node has (100 TiB)',
  );
});
