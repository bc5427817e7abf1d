/** What claims mean for nodes: as columns here, against the volume plugins of the reference framework on the same objects. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareRun } from '../../../bench/compare/experiment-input.ts';
import { kindFacts } from '../../../bench/compare/kind-facts.ts';
import { dumpWorkload } from '../../../bench/compare/object-workload.ts';
import { allOf } from '../../../bench/compare/volume-places.ts';
import type { ClusterDump } from '../../../bench/trial/cluster-dump.ts';
import { explainPod } from '../../../core/cluster/explain.ts';
import { DATA_NODE_LABEL, DATA_ZONE_LABEL, namedProfile } from '../../../core/cluster/placement.ts';
import type { KubeObject, Node, Pod } from '../../../core/cluster/vocabulary.ts';
import { standardConfiguration } from '../../../scenarios/scheduler-configuration-file.ts';
import { RULES } from './small-workload.ts';

const ZONE = 'topology.kubernetes.io/zone';

const NODES = Array.from({ length: 5 }, (_, i) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: `n${i}`,
    labels: { 'kubernetes.io/hostname': `n${i}`, ...(i === 4 ? {} : { [ZONE]: i < 2 ? 'a' : 'b' }) },
  },
  spec: {},
  status: { allocatable: { cpu: '8', memory: '32Gi', pods: '110' } },
})) as Node[];

const term = (key: string, values: readonly string[]) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values }] }] },
});

interface VolumePlan {
  readonly hosts: readonly number[];
  readonly zoneLabel: string;
  readonly bound: boolean;
  readonly mode: string;
  readonly allowed: string;
}

const plan: fc.Arbitrary<VolumePlan> = fc.record({
  hosts: fc.subarray([0, 1, 2, 3, 4], { maxLength: 3 }),
  zoneLabel: fc.constantFrom('', 'a', 'a__b', 'c'),
  bound: fc.boolean(),
  mode: fc.constantFrom('WaitForFirstConsumer', 'WaitForFirstConsumer', 'Immediate'),
  allowed: fc.constantFrom('', 'a', 'b'),
});

function objectsOf(plans: readonly VolumePlan[]): KubeObject[] {
  return plans.flatMap(({ hosts, zoneLabel, bound, mode, allowed }, i) => {
    const nodeAffinity =
      hosts.length === 0
        ? {}
        : {
            nodeAffinity: term(
              'kubernetes.io/hostname',
              hosts.map((n) => `n${n}`),
            ),
          };
    const topology = { matchLabelExpressions: [{ key: ZONE, values: [allowed] }] };
    return [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: `c${i}`,
          namespace: 'd',
          annotations: bound ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {},
        },
        spec: { storageClassName: `s${i}`, ...(bound ? { volumeName: `v${i}` } : {}), accessModes: ['ReadWriteOnce'] },
        status: { phase: bound ? 'Bound' : 'Pending' },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: `v${i}`, labels: zoneLabel === '' ? {} : { [ZONE]: zoneLabel } },
        spec: {
          storageClassName: bound ? `s${i}` : 'other',
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          claimRef: { namespace: 'd', name: `c${i}` },
          ...nodeAffinity,
        },
      },
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: `s${i}` },
        provisioner: 'disk.example',
        volumeBindingMode: mode,
        ...(allowed === '' ? {} : { allowedTopologies: [topology] }),
      },
    ] as unknown as KubeObject[];
  });
}

const podWith = (claims: number): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'd' },
    spec: {
      containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '1', memory: '1Gi' } } }],
      volumes: Array.from({ length: claims }, (_, i) => ({
        name: `v${i}`,
        persistentVolumeClaim: { claimName: `c${i}` },
      })),
    },
  }) as unknown as Pod;

function dumpOf(objects: readonly KubeObject[], pods: readonly Pod[]): ClusterDump {
  return { nodes: NODES, pods, budgets: [], priorityClasses: [], objects, leftOut: 0 };
}

/** Nodes that take a pod, by the columns. */
function byColumns(objects: readonly KubeObject[], pod: Pod): string[] {
  const { workload } = dumpWorkload('test', dumpOf(objects, [pod]));
  const facts = kindFacts(workload);
  const profile = namedProfile('kube-default', { typicalPods: facts.typical });
  if (profile === undefined) throw new Error('no profile');
  const policy = { name: 'p', profileOf: () => profile, module: undefined, queue: 'fifo', gangs: false } as const;
  const { placement, nodeOf } = prepareRun(workload, facts, policy, RULES, 1);
  return placement
    .scoresOf(0, 0)
    .map(({ node }) => NODES[nodeOf[node] as number]?.metadata.name ?? '')
    .sort();
}

function byFramework(objects: readonly KubeObject[], pod: Pod): string[] {
  const found = explainPod([...NODES, ...objects, pod], 'd', 'p', standardConfiguration('1.34'));
  return (found?.nodes ?? []).filter(({ plugin }) => plugin === '').map(({ name }) => name);
}

test('the same nodes as the volume plugins say, on random volumes, claims and classes', () => {
  fc.assert(
    fc.property(fc.array(plan, { minLength: 1, maxLength: 3 }), (plans) => {
      const objects = objectsOf(plans);
      const pod = podWith(plans.length);
      const known = byFramework(objects, pod).sort();
      expect(byColumns(objects, pod)).toEqual(known);
    }),
    { seed: 8, numRuns: 150 },
  );
});

test('a driver takes as many volumes a node as its CSINode says', () => {
  const volumes = objectsOf([{ hosts: [], zoneLabel: '', bound: false, mode: 'WaitForFirstConsumer', allowed: '' }]);
  const csiNode = (i: number): KubeObject =>
    ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: { name: `n${i}` },
      spec: {
        drivers: [{ name: 'disk.example', nodeID: `n${i}`, topologyKeys: [], allocatable: { count: i === 1 ? 1 : 0 } }],
      },
    }) as unknown as KubeObject;
  expect(byColumns([...volumes, ...[0, 1, 2, 3].map(csiNode)], podWith(1))).toEqual(['n1', 'n4']);
});

test('places of the data are known to policies, and a claim that is missing is told', () => {
  const plans = [{ hosts: [2], zoneLabel: 'b', bound: true, mode: 'Immediate', allowed: '' }];
  const { workload, notes } = dumpWorkload('test', dumpOf(objectsOf(plans), [podWith(1)]));
  expect(workload.kinds[0]?.metadata.labels).toMatchObject({ [DATA_NODE_LABEL]: 'n2', [DATA_ZONE_LABEL]: 'b' });
  expect(notes).toEqual([]);
  const missing = dumpWorkload('test', dumpOf([], [podWith(1), podWith(2)]));
  expect(missing.notes).toEqual(['d/p fits nowhere: claim d/c0 is not in the dump; so do 1 more pods']);
});

test('terms of several volumes hold together', () => {
  const a = { matchExpressions: [{ key: 'a', operator: 'Exists' as const }] };
  const b = { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['n1'] }] };
  expect(allOf([[a, b], [a]])).toEqual([
    { matchExpressions: [...a.matchExpressions, ...a.matchExpressions] },
    { matchExpressions: a.matchExpressions, matchFields: b.matchFields },
  ]);
  expect(allOf([[a], [{}]])).toEqual([]);
});
