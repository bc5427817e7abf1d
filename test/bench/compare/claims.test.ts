/** Claims in comparisons: devices and volumes are had once, shared ones hold their pods together, and what goes gives them back. */
import { describe, expect, test } from 'vitest';
import { prepareRun } from '../../../bench/compare/experiment-input.ts';
import { kindFacts } from '../../../bench/compare/kind-facts.ts';
import { dumpWorkload, manifestWorkload, type ObjectWorkload } from '../../../bench/compare/object-workload.ts';
import type { ClusterDump } from '../../../bench/trial/cluster-dump.ts';
import { NAMED_POLICIES, namedProfile, type Placement } from '../../../core/cluster/placement.ts';
import type { PolicyModule } from '../../../core/cluster/policy-module.ts';
import type { DeviceGate, KubeObject, Node, Pod } from '../../../core/cluster/vocabulary.ts';
import { RULES } from './small-workload.ts';

const ZONE = 'topology.kubernetes.io/zone';
const RESOURCE = 'resource.k8s.io/v1';
const NODES = ['a', 'a', 'b', 'b'].map((zone, i) => {
  const allocatable = { cpu: '8', memory: '32Gi', pods: '110' };
  const labels = { 'kubernetes.io/hostname': `n${i}`, [ZONE]: zone };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: `n${i}`, labels }, status: { allocatable } } as Node;
});

const object = (apiVersion: string, kind: string, name: string, rest: object): KubeObject => {
  const isNamespaced = kind.includes('Claim');
  return { apiVersion, kind, metadata: { name, ...(isNamespaced ? { namespace: 'd' } : {}) }, ...rest } as KubeObject;
};
const slice = (node: string, count: number): KubeObject => {
  const devices = Array.from({ length: count }, (_, i) => ({ name: `g${i}` }));
  const pool = { name: node, generation: 1, resourceSliceCount: 1 };
  return object(RESOURCE, 'ResourceSlice', node, { spec: { driver: 'gpu.example', nodeName: node, pool, devices } });
};
const ONE_GPU = { devices: { requests: [{ name: 'g', exactly: { deviceClassName: 'gpu' } }] } };
const GPUS = [
  object(RESOURCE, 'DeviceClass', 'gpu', { spec: {} }),
  object(RESOURCE, 'ResourceClaimTemplate', 'one', { spec: { spec: ONE_GPU } }),
  object(RESOURCE, 'ResourceClaim', 'ours', { spec: ONE_GPU }),
  slice('n0', 2),
  slice('n2', 1),
];

/** A workload of `replicas` pods with these fields of their spec. */
function workload(
  kind: 'Deployment' | 'StatefulSet',
  replicas: number,
  podSpec: object,
  more: object = {},
): KubeObject {
  const container = { name: 'c', image: 'x', resources: { requests: { cpu: '100m', memory: '1Mi' } } };
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container], ...podSpec } };
  const spec = { replicas, selector: { matchLabels: { app: 'web' } }, template, ...more };
  return { apiVersion: 'apps/v1', kind, metadata: { name: 'web', namespace: 'd' }, spec } as KubeObject;
}

function manifests(...objects: readonly KubeObject[]): ObjectWorkload {
  return withGates([], objects);
}

function withGates(gates: readonly DeviceGate[], objects: readonly KubeObject[]): ObjectWorkload {
  const dump: ClusterDump = { nodes: NODES, pods: [], budgets: [], priorityClasses: [], objects: [], leftOut: 0 };
  return manifestWorkload('test', objects, { description: { nodes: { count: 4 } }, text: '', dump } as never, gates);
}

function placementOf(
  { workload: compared }: ObjectWorkload,
  policy = 'kube-default',
  module?: PolicyModule,
): Placement {
  const facts = kindFacts(compared);
  const profileOf = () => {
    const profile = namedProfile(policy, { typicalPods: facts.typical });
    if (profile === undefined) throw new Error(policy);
    return profile;
  };
  const loaded = { name: policy, profileOf, module, queue: 'fifo', gangs: false } as const;
  return prepareRun(compared, facts, loaded, { ...RULES, nodeOrder: 'name' }, 1).placement;
}

/** Names of the nodes of `count` pods of the first kind, '-' for none. */
function placed(placement: Placement, count: number): string {
  const rows = placement.takesBatches
    ? [...placement.placeBatch(Array.from({ length: count }, () => 0))]
    : Array.from({ length: count }, () => placement.place(0));
  return rows.map((row) => (row < 0 ? '-' : `n${placement.nodeOf(row)}`)).join(' ');
}

const perPod = { resourceClaims: [{ name: 'g', resourceClaimTemplateName: 'one' }] };
const shared = { resourceClaims: [{ name: 'g', resourceClaimName: 'ours' }] };

describe('devices', () => {
  test.each(NAMED_POLICIES.map(({ name }) => [name]))('%s gives each once', (policy) => {
    const placement = placementOf(manifests(workload('Deployment', 4, perPod), ...GPUS), policy);
    expect(placed(placement, 4).split(' ').sort()).toEqual(['-', 'n0', 'n0', 'n2']);
  });

  test('one that goes gives its device back, and one that finds none holds none', () => {
    const placement = placementOf(manifests(workload('Deployment', 4, perPod), ...GPUS));
    const rows = [0, 1, 2, 3].map(() => placement.place(0));
    expect(rows[3]).toBe(-1);
    const node = placement.nodeOf(rows[1] as number);
    placement.remove(rows[1] as number);
    expect(placement.scoresOf(0, 0).map((each) => each.node)).toEqual([node]);
    expect(placed(placement, 2)).toBe(`n${node} -`);
  });

  test('a claim that pods share holds them together until the last has gone', () => {
    const placement = placementOf(manifests(workload('Deployment', 3, shared), ...GPUS));
    const rows = [placement.place(0), placement.place(0)];
    const [first, second] = rows.map((row) => placement.nodeOf(row));
    expect(second).toBe(first);
    for (const row of rows) placement.remove(row);
    expect(
      placement
        .scoresOf(0, 0)
        .map(({ node }) => node)
        .sort(),
    ).toEqual([0, 2]);
  });

  test('a module may not choose a node without the device', () => {
    const place: PolicyModule = { place: () => 'n1' };
    const placement = placementOf(manifests(workload('Deployment', 1, perPod), ...GPUS), 'kube-default', place);
    expect(() => placement.place(0)).toThrow(/place chose "n1", which does not fit the pod/);
  });

  test('without slices they are taken for granted, and their pods named', () => {
    const { notes, workload: compared } = manifests(workload('Deployment', 1, perPod), ...GPUS.slice(0, 3));
    expect(notes).toEqual([expect.stringMatching(/^no ResourceSlice is given.*\(d\/web\)$/)]);
    expect(compared.objects.map(({ kind }) => kind)).toEqual(['ReplicaSet']);
    const named = manifests(
      workload('Deployment', 1, { resourceClaims: [{ name: 'g', resourceClaimName: 'no' }] }),
      ...GPUS,
    );
    expect(named.notes.at(-1)).toBe('d/web fits nowhere: ResourceClaim d/no is not given');
    const rule = object(RESOURCE, 'DeviceTaintRule', 'cold', { spec: { taint: { key: 'k', effect: 'NoSchedule' } } });
    expect(manifests(workload('Deployment', 1, perPod), ...GPUS, rule).notes).toContain(
      'DeviceTaintRule spec: feature gate DRADeviceTaints is off, as by default in Kubernetes 1.34: it taints no device (cold)',
    );
  });

  test.each<[string, readonly DeviceGate[], string]>([
    ['keep pods off with their gate', ['DRADeviceTaints'], 'n2 - -'],
    ['keep nobody off without it', [], 'n0 n0 n2'],
  ])('taints of a rule %s', (_, gates, nodes) => {
    const taint = { key: 'k', value: 'v', effect: 'NoSchedule' };
    const rule = object(RESOURCE, 'DeviceTaintRule', 'cold', { spec: { deviceSelector: { pool: 'n0' }, taint } });
    const placement = placementOf(withGates(gates, [workload('Deployment', 3, perPod), ...GPUS, rule]));
    expect(placed(placement, 3).split(' ').sort()).toEqual(nodes.split(' ').sort());
  });

  describe('that stand for extended resources', () => {
    const requests = { 'gpu.example/card': 1, cpu: '100m' };
    const asking = { containers: [{ name: 'c', image: 'x', resources: { requests } }] };
    const stands = object(RESOURCE, 'DeviceClass', 'card', { spec: { extendedResourceName: 'gpu.example/card' } });
    const given = (gates: readonly DeviceGate[]) =>
      withGates(gates, [workload('Deployment', 4, asking), ...GPUS, stands]);

    test('are had once with their gate, and go with their pod', () => {
      const input = given(['DRAExtendedResource']);
      const placement = placementOf(input);
      const rows = [0, 1, 2, 3].map(() => placement.place(0));
      expect(rows.map((row) => (row < 0 ? '-' : placement.nodeOf(row))).sort()).toEqual(['-', 0, 0, 2]);
      placement.remove(rows[0] as number);
      expect(placed(placement, 2).split(' ')).toContain('-');
      const claims = [...placement.core.objects.list('ResourceClaim')].map(({ metadata }) => metadata.name);
      expect(claims.filter((name) => name.endsWith('-extended-resources'))).toHaveLength(3);
      expect([...kindFacts(input.workload).hosted]).toEqual([1]);
    });

    test('stand for none without it', () => {
      expect(placed(placementOf(given([])), 1)).toBe('-');
    });

    test('are assumed to be claimed only where a class is given', () => {
      const gates: readonly DeviceGate[] = ['DRAExtendedResource'];
      const { notes } = given(gates);
      const without = withGates(gates, [workload('Deployment', 4, asking)]);
      expect(notes).toHaveLength(1);
      expect(without.notes).toEqual([]);
    });

    test('of a pod that stays are counted once', () => {
      const owner = { kind: 'DaemonSet', name: 'agent', uid: 'o', controller: true };
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'agent', namespace: 'd', uid: 'u', ownerReferences: [owner] },
        spec: { nodeName: 'n0', ...asking },
      } as unknown as Pod;
      const results = [{ request: 'r', driver: 'gpu.example', pool: 'n0', device: 'g0' }];
      const status = {
        allocation: { devices: { results } },
        reservedFor: [{ resource: 'pods', name: 'agent', uid: 'u' }],
      };
      const claim = object(RESOURCE, 'ResourceClaim', 'agent-x', { spec: ONE_GPU, status });
      const metadata = {
        ...claim.metadata,
        annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
        ownerReferences: [{ kind: 'Pod', name: 'agent', uid: 'u', controller: true }],
      };
      const free = { ...pod, metadata: { name: 'web', namespace: 'd' }, spec: asking } as unknown as Pod;
      const objects = [...GPUS, stands, { ...claim, metadata }] as KubeObject[];
      const dump = { nodes: NODES, pods: [pod, free], budgets: [], priorityClasses: [], objects, leftOut: 0 };
      const placement = placementOf(dumpWorkload('dump', dump, ['DRAExtendedResource']));
      const rows = [0, 1, 2].map(() => placement.place(0));
      expect(rows.map((row) => (row < 0 ? '-' : placement.nodeOf(row))).sort()).toEqual(['-', 0, 2]);
    });
  });

  test('of a dump: pods that stay keep theirs, the others bring their claims without devices', () => {
    const claimOf = (pod: string, device: string) => {
      const results = [{ request: 'g', driver: 'gpu.example', pool: 'n0', device }];
      const owner = { apiVersion: 'v1', kind: 'Pod', name: pod, uid: pod, controller: true };
      const status = { allocation: { devices: { results } }, reservedFor: [{ resource: 'pods', name: pod, uid: pod }] };
      const claim = object(RESOURCE, 'ResourceClaim', `${pod}-g`, { spec: ONE_GPU, status });
      return { ...claim, metadata: { ...claim.metadata, ownerReferences: [owner] } } as KubeObject;
    };
    const podOf = (name: string, owner: string) =>
      ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'd', ownerReferences: [{ kind: owner, name: owner, uid: 'o', controller: true }] },
        spec: { nodeName: 'n0', containers: [{ name: 'c', image: 'x' }], ...perPod },
        status: { phase: 'Running', resourceClaimStatuses: [{ name: 'g', resourceClaimName: `${name}-g` }] },
      }) as unknown as Pod;
    const pods = [podOf('agent', 'DaemonSet'), podOf('web', 'ReplicaSet')];
    // The template itself is not part of the dump.
    const objects = [
      ...GPUS.filter(({ kind }) => kind !== 'ResourceClaimTemplate'),
      claimOf('agent', 'g0'),
      claimOf('web', 'g1'),
    ];
    const placement = placementOf(
      dumpWorkload('dump', { nodes: NODES, pods, budgets: [], priorityClasses: [], objects, leftOut: 0 }),
    );
    const kind = 1;
    const rows = [0, 1, 2].map(() => placement.place(kind));
    expect(rows.map((row) => (row < 0 ? '-' : placement.nodeOf(row))).sort()).toEqual(['-', 0, 2]);
  });
});

const storageClass = (provisioner: string) =>
  object('storage.k8s.io/v1', 'StorageClass', 'disk', { provisioner, volumeBindingMode: 'WaitForFirstConsumer' });
const claimSpec = {
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'disk',
  resources: { requests: { storage: '1Gi' } },
};
const data = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
const local = (name: string, node: string) => {
  const required = {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }],
  };
  const spec = {
    capacity: { storage: '2Gi' },
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'disk',
    nodeAffinity: { required },
  };
  return object('v1', 'PersistentVolume', name, { spec });
};

describe('volumes that wait for their consumer', () => {
  test.each([
    [
      'of a class that is given',
      [storageClass('disk.example'), object('v1', 'PersistentVolumeClaim', 'data', { spec: claimSpec })],
    ],
    [
      'of a class that is taken for granted',
      [object('v1', 'PersistentVolumeClaim', 'data', { spec: { ...claimSpec, storageClassName: undefined } })],
    ],
  ])('are made in the zone of the first pod, and the others follow: %s', (_, objects) => {
    const placement = placementOf(manifests(workload('Deployment', 4, data), ...objects));
    const nodes = placed(placement, 4).split(' ');
    const zone = ['n0', 'n1'].includes(nodes[0] as string) ? ['n0', 'n1'] : ['n2', 'n3'];
    expect(new Set(nodes)).toEqual(new Set(zone));
  });

  test('made by hand they are had once, by a set whose pods each have their own', () => {
    const own = { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec }] };
    const set = workload('StatefulSet', 3, {}, own);
    const placement = placementOf(
      manifests(set, storageClass('kubernetes.io/no-provisioner'), local('v1', 'n1'), local('v2', 'n3')),
    );
    const rows = [0, 1, 2].map(() => placement.place(0));
    expect(rows.map((row) => (row < 0 ? '-' : placement.nodeOf(row))).sort()).toEqual(['-', 1, 3]);
    const gone = rows.find((row) => row >= 0 && placement.nodeOf(row) === 3) as number;
    placement.remove(gone);
    expect(placed(placement, 2)).toBe('n3 -');
  });

  test('provisioned ones of a set go anywhere, without the reference path', () => {
    const own = { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec }] };
    const { workload: compared, notes } = manifests(workload('StatefulSet', 3, {}, own), storageClass('disk.example'));
    expect(compared.kinds[0]?.spec.volumes).toBeUndefined();
    expect(notes).toEqual([]);
  });
});
