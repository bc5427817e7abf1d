/** Rules of single plugins that are easy to get wrong, one situation each; all were found by comparison with the real code. */
import { expect, test } from 'vitest';
import { observe } from '../../../../bench/conform/scheduler/observed.ts';
import { decodeConfigurationBody } from '../../../../core/scheduler/configuration/decode.ts';
import type { SchedulerVersion } from '../../../../core/scheduler/configuration/default-plugins.ts';
import { decide } from '../../../../core/scheduler/framework/decide.ts';
import { Framework } from '../../../../core/scheduler/framework/framework.ts';
import { PlainCluster } from '../../../../core/scheduler/framework/plain-cluster.ts';
import { podInfoOf } from '../../../../core/scheduler/framework/pod-info.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import type { Pod, PodSpec } from '../../../../core/types/pod.ts';
import { makeNode, makePod } from '../objects.ts';

const ZONE = 'topology.kubernetes.io/zone';
const IN_USE =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

interface Situation {
  readonly version?: SchedulerVersion;
  readonly config?: unknown;
  readonly objects: readonly object[];
  readonly pod: Pod;
}

function decided({ version = '1.34', config = null, objects, pod }: Situation) {
  const { configuration, problems } = decodeConfigurationBody(config, version);
  expect(problems).toEqual([]);
  const cluster = new PlainCluster();
  for (const object of objects) cluster.put(object as KubeObject);
  cluster.put(pod);
  const [profile] = configuration.profiles;
  return observe(
    decide(new Framework(profile, version), podInfoOf(pod), cluster, { postFilter: true, limits: null }),
    '',
  );
}

function labelled(name: string, labels: Record<string, string>) {
  const node = makeNode(name);
  return { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...labels } } };
}

function running(name: string, nodeName: string, spec: Partial<PodSpec> = {}, startTime?: string): Pod {
  const pod = makePod(name, spec.priority === undefined ? {} : { cpu: '2' }, { ...spec, nodeName });
  return startTime === undefined ? pod : { ...pod, status: { startTime } };
}

function preferring(expression: object): Pod {
  const preference = { matchExpressions: [expression] } as never;
  const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] };
  return makePod('p', {}, { affinity: { nodeAffinity } });
}

function claim(name: string, mode: string, volumeName: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    spec: { accessModes: [mode], volumeName, storageClassName: 'now', resources: { requests: { storage: '1Gi' } } },
    status: { phase: 'Bound' },
  };
}

function volume(name: string, spec: object, labels: Record<string, string> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels },
    spec: { capacity: { storage: '1Gi' }, storageClassName: 'now', ...spec },
    status: { phase: 'Bound' },
  };
}

const using = (...names: string[]): Partial<PodSpec> => ({
  volumes: names.map((claimName, i) => ({ name: `v${i}`, persistentVolumeClaim: { claimName } })),
});

test.each([
  ['DoesNotExist', ['a', 'b']],
  ['Exists', []],
])('a namespaceSelector with %s is asked again without labels about pods of every namespace', (operator, rejected) => {
  const podAntiAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        topologyKey: 'kubernetes.io/hostname',
        labelSelector: {},
        namespaceSelector: { matchExpressions: [{ key: 'team', operator: operator as 'Exists' }] },
      },
    ],
  };
  const namespaces = ['default', 'other'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: name === 'other' ? { team: 'x', tier: 'y' } : {} },
  }));
  const [ownNamespace, other] = namespaces as [object, object];
  const spread = operator === 'Exists' ? [ownNamespace] : [ownNamespace, other];
  const far = running('far', 'b');
  const { filter } = decided({
    objects: [
      ...['a', 'b', 'c'].map((name) => makeNode(name)),
      ...spread,
      running('near', 'a'),
      { ...far, metadata: { ...far.metadata, namespace: 'other' } },
    ],
    pod: makePod('p', {}, { affinity: { podAntiAffinity } }),
  });
  expect(Object.keys(filter)).toEqual(rejected);
});

test.each([
  ['9223372036854775807', 'Gt', '1', ['a']],
  ['9223372036854775808', 'Gt', '1', []],
  ['9007199254740993', 'Gt', '9007199254740992', ['a']],
  ['-3', 'Lt', '0', ['a']],
])('a label %s that shall be %s %s is read as 64 bits', (value, operator, bound, best) => {
  const requirement = { key: 'gen', operator: operator as 'Gt', values: [bound] };
  const required = { nodeSelectorTerms: [{ matchExpressions: [requirement] }] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
  const { best: found = [] } = decided({
    objects: [labelled('a', { gen: value }), makeNode('b')],
    pod: makePod('p', {}, { affinity }),
  });
  expect(found).toEqual(best);
});

test('a preference that is left out weighs nothing', () => {
  const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5 }] };
  const { best } = decided({ objects: [makeNode('a')], pod: makePod('p', {}, { affinity: { nodeAffinity } }) });
  expect(best).toEqual(['a']);
});

test.each([
  ['1.34', 'characters'],
  ['1.36', 'bytes'],
] as const)('%s counts a long label in %s', (version, unit) => {
  const long = 'x'.repeat(64);
  const { failure } = decided({
    version,
    objects: [makeNode('a'), makeNode('b')],
    pod: preferring({ key: 'k', operator: 'In', values: [long] }),
  });
  expect(failure?.message).toBe(
    `running PreScore plugin "NodeAffinity": [0].matchExpressions[0].values[0][k]: Invalid value: "${long}": must be no more than 63 ${unit}`,
  );
});

test.each([
  [
    'filter',
    'NodePorts',
    'preFilter',
    'running "NodePorts" filter plugin: reading "PreFilterNodePorts" from cycleState: not found',
  ],
  [
    'score',
    'TaintToleration',
    'preScore',
    'running Score plugins: plugin "TaintToleration" failed with: failed to read "PreScoreTaintToleration" from cycleState: not found',
  ],
])('a plugin at %s (%s) without its %s ends the cycle', (_point, name, missing, message) => {
  const { failure } = decided({
    config: { profiles: [{ plugins: { [missing]: { disabled: [{ name: missing === 'preScore' ? '*' : name }] } } }] },
    objects: [makeNode('a'), makeNode('b')],
    pod: makePod('p', {}),
  });
  expect(failure).toEqual({ message, error: true });
});

test('an error in the dry runs of preemption ends PostFilter', () => {
  const points = {
    preFilter: { disabled: [{ name: 'NodePorts' }] },
    filter: { disabled: [{ name: 'NodePorts' }], enabled: [{ name: 'NodeResourcesFit' }, { name: 'NodePorts' }] },
  };
  const { failure, preemption } = decided({
    config: { profiles: [{ plugins: points }] },
    objects: [makeNode('a', { cpu: '2' }), running('r', 'a', { priority: 0 })],
    pod: makePod('p', { cpu: '2' }, { priority: 10 }),
  });
  const error =
    'preemption: running "NodePorts" filter plugin: reading "PreFilterNodePorts" from cycleState: not found';
  expect(preemption).toBeUndefined();
  expect(failure).toEqual({ message: `0/1 nodes are available: 1 Insufficient cpu. ${error}`, postFilterError: error });
});

test('who refuses the nominated node is named along with who leaves nodes out', () => {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['a'] }];
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
  const pod = makePod('p', { cpu: '9' }, { affinity: { nodeAffinity: required as never } });
  const message = (nominatedNodeName: string) =>
    decided({ objects: [makeNode('a'), makeNode('b')], pod: { ...pod, status: { nominatedNodeName } } }).failure
      ?.message;
  const left = "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s)";
  expect(message('a')).toMatch(`${left} [NodeAffinity NodeResourcesFit].`);
  expect(message('gone')).toMatch(`${left} [NodeAffinity].`);
});

test('several pods with one ReadWriteOncePod claim: without all of a node the others do not count', () => {
  const pod = makePod('p', {}, { ...using('once'), priority: 10 });
  const { filter, preemption } = decided({
    objects: [
      makeNode('a'),
      makeNode('b'),
      claim('once', 'ReadWriteOncePod', 'pv'),
      volume('pv', { csi: { driver: 'd', volumeHandle: 'h' } }),
      running('a1', 'a', { ...using('once'), priority: 0 }),
      running('a2', 'a', { ...using('once'), priority: 0 }),
      running('b1', 'b', { priority: 0 }),
    ],
    pod,
  });
  expect(filter).toMatchObject({ a: { reasons: [IN_USE] }, b: { reasons: [IN_USE] } });
  expect(preemption?.candidates?.map(({ node }) => node)).toEqual(['a']);
  expect(preemption?.rejected).toMatchObject({ b: { plugin: 'VolumeRestrictions' } });
});

test.each([
  ['z1__z2', ['c']],
  ['z1__', []],
  [' z1 __z2', ['c']],
])('a volume in the zones "%s"', (zones, rejected) => {
  const { filter } = decided({
    objects: [
      ...['z1', 'z2', 'z3'].map((zone, i) => makeNode('abc'.charAt(i), { zone })),
      claim('c', 'ReadWriteOnce', 'pv'),
      volume('pv', { csi: { driver: 'd', volumeHandle: 'h' } }, { [ZONE]: zones }),
    ],
    pod: makePod('p', {}, using('c')),
  });
  expect(Object.keys(filter)).toEqual(rejected);
});

test('fields in the affinity of a volume are not looked at', () => {
  const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }];
  const { filter } = decided({
    objects: [
      makeNode('a'),
      makeNode('b'),
      claim('c', 'ReadWriteOnce', 'pv'),
      volume('pv', { nodeAffinity: { required: { nodeSelectorTerms: terms } } }),
    ],
    pod: makePod('p', {}, using('c')),
  });
  expect(filter).toEqual({});
});

test('an attachment counts for the driver that made it', () => {
  const csiNode = (name: string) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name },
    spec: { drivers: [{ name: 'd', nodeID: name, allocatable: { count: 1 } }] },
  });
  const attachment = (nodeName: string, attacher: string) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: `on-${nodeName}` },
    spec: { attacher, nodeName, source: { persistentVolumeName: 'other' } },
  });
  const { filter } = decided({
    objects: [
      ...['a', 'b'].flatMap((name) => [makeNode(name), csiNode(name)]),
      claim('c', 'ReadWriteOnce', 'pv'),
      volume('pv', { csi: { driver: 'd', volumeHandle: 'h' } }),
      volume('other', { csi: { driver: 'd', volumeHandle: 'o' } }),
      attachment('a', 'd'),
      attachment('b', 'e'),
    ],
    pod: makePod('p', {}, using('c')),
  });
  expect(Object.keys(filter)).toEqual(['a']);
});

test('victims of equal priority and start come in the order of the node, pods that have not started the other way round', () => {
  const low = { priority: 0 };
  const objects = [
    makeNode('a', { cpu: '8' }),
    running('a1', 'a', low, '2025-01-01T00:00:01Z'),
    running('a2', 'a', low, '2025-01-01T00:00:01Z'),
    running('a3', 'a', low),
    running('a4', 'a', low),
  ];
  const { preemption } = decided({ objects, pod: makePod('p', { cpu: '8' }, { priority: 10 }) });
  expect(preemption?.candidates?.[0]?.victims).toEqual(['default/a1', 'default/a2', 'default/a4', 'default/a3']);
});

test.each([
  ['1.34', 0],
  ['1.36', 23],
] as const)('%s and the image of an image volume', (version, score) => {
  const node = makeNode('a');
  const images = [{ names: ['model:latest'], sizeBytes: 537_000_000 }];
  const { scores } = decided({
    version,
    objects: [{ ...node, status: { ...node.status, images } }, makeNode('b')],
    pod: makePod('p', {}, { volumes: [{ name: 'm', image: { reference: 'model' } }] }),
  });
  expect(scores?.['a']?.['ImageLocality']).toBe(score);
});

test('a pod-level request beside an explicit 0 gets no default in the sums of its node', () => {
  const explicit = {
    ...running('r', 'a'),
    spec: {
      nodeName: 'a',
      containers: [{ name: 'c', resources: { requests: { memory: '0' } } }, { name: 'd' }],
      resources: { requests: { cpu: '1' } },
    },
  };
  const initial = {
    ...running('r', 'a'),
    spec: {
      nodeName: 'a',
      containers: [{ name: 'c' }, { name: 'd' }],
      initContainers: [{ name: 'i', resources: { requests: { memory: '0' } } }],
      resources: { requests: { cpu: '1' } },
    },
  };
  const absent = {
    ...running('r', 'a'),
    spec: { nodeName: 'a', containers: [{ name: 'c' }, { name: 'd' }], resources: { requests: { cpu: '1' } } },
  };
  const config = {
    profiles: [
      {
        pluginConfig: [
          {
            name: 'NodeResourcesFit',
            args: { scoringStrategy: { type: 'LeastAllocated', resources: [{ name: 'memory', weight: 1 }] } },
          },
        ],
      },
    ],
  };
  const fitScore = (pod: object) =>
    decided({ config, objects: [makeNode('a', { memory: '1000Mi' }), makeNode('b'), pod], pod: makePod('p', {}) })
      .scores?.['a']?.['NodeResourcesFit'];
  expect([fitScore(explicit), fitScore(initial), fitScore(absent)]).toEqual([80, 80, 40]);
});
