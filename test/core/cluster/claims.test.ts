/** Claims in a whole cluster: devices from templates, volumes that wait for their pod, volumes made by hand. */
import { describe, expect, test } from 'vitest';
import { POINT_REQUEST } from '../../../core/api/declarations.ts';
import { Jury } from '../../../core/chaos/jury.ts';
import { assumedStorageClasses, claimsVolumes, usesClaims, withClaims } from '../../../core/cluster/claimed.ts';
import { Cluster } from '../../../core/cluster/cluster.ts';
import type { ClusterSettings } from '../../../core/cluster/description.ts';
import type { HoldQuestion } from '../../../core/sim/hold-back.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import { type AllocatedDevice, deviceKey, type ResourceClaim } from '../../../core/types/device.ts';
import type { Event } from '../../../core/types/event.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod, PodSpec } from '../../../core/types/pod.ts';
import { isPodReady } from '../../../core/types/pod-conditions.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../core/types/storage.ts';
import type { ApiRequest } from '../../../core/types/wire.ts';

const S = 1_000_000;
const RESOURCE = 'resource.k8s.io/v1';

const object = (apiVersion: string, kind: string, name: string, spec?: object, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  spec,
});

const container = { name: 'app', image: 'app:v1', resources: { requests: { cpu: '100m' } } };
const pod = (name: string, spec: Partial<PodSpec>): KubeObject =>
  object('v1', 'Pod', name, { terminationGracePeriodSeconds: 1, containers: [container], ...spec }, 'demo');

/** A cluster of three zones with one node each, running these objects from second 12 on. */
function run(objects: readonly KubeObject[], settings: ClusterSettings = {}) {
  const nodes = { count: 3, zones: ['a', 'b', 'c'], capacity: { cpu: '2', memory: '8Gi' } };
  const running = new Cluster(withClaims({ nodes, settings }, objects), { seed: 5 });
  const jury = new Jury(running.sim, []);
  running.sim.at(10 * S, 'namespace', () => running.user.apply([object('v1', 'Namespace', 'demo')]));
  running.sim.at(12 * S, 'objects', () => running.user.apply(objects));
  const of = <T extends KubeObject>(kind: string) => [...jury.world.of(kind).values()] as T[];
  const ready = () =>
    of<Pod>('Pod')
      .filter(isPodReady)
      .map(({ metadata }) => metadata.name)
      .sort();
  return { ...running, running, sim: running.sim, of, ready, jury };
}

describe('devices', () => {
  const slice = (node: number): KubeObject =>
    object(RESOURCE, 'ResourceSlice', `slice-${node}`, {
      driver: 'd.example.com',
      nodeName: `node-${node}`,
      pool: { name: `node-${node}`, generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'gpu-0' }, { name: 'gpu-1' }],
    });
  const requests = [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }];
  const base = [
    slice(0),
    slice(1),
    object(RESOURCE, 'DeviceClass', 'gpu', {
      selectors: [{ cel: { expression: 'device.driver == "d.example.com"' } }],
    }),
    object(RESOURCE, 'ResourceClaimTemplate', 'one', { spec: { devices: { requests } } }, 'demo'),
  ];
  const user = (name: string): KubeObject =>
    pod(name, { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one' }] });
  const names = ['p0', 'p1', 'p2', 'p3', 'p4'];

  test('each pod gets its own; who finds none waits until one is free', () => {
    const { sim, running, of, ready } = run([...base, ...names.map(user)]);
    sim.run(40 * S);
    const first = ready();
    expect(first).toHaveLength(4);
    const waiting = names.find((name) => !first.includes(name)) as string;
    const condition = of<Pod>('Pod').find(({ metadata }) => metadata.name === waiting)?.status?.conditions?.[0];
    expect(condition?.message).toBe(
      '0/3 nodes are available: 3 cannot allocate all claims. still not schedulable, ' +
        'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    );
    const used = of<ResourceClaim>('ResourceClaim').flatMap(({ status }) => status?.allocation?.devices.results ?? []);
    expect(new Set(used.map((device: AllocatedDevice) => deviceKey(device))).size).toBe(4);
    sim.at(41 * S, 'delete', () => running.user.delete(`Pod/demo/${first[0]}`));
    sim.run(80 * S);
    expect(ready()).toEqual(names.filter((name) => name !== first[0]));
    expect(of('ResourceClaim')).toHaveLength(4);
  });

  test('a claim that two pods name holds both on its node, and outlives them without its devices', () => {
    const shared = object(RESOURCE, 'ResourceClaim', 'shared', { devices: { requests } }, 'demo');
    const both = ['a', 'b'].map((name) =>
      pod(name, { resourceClaims: [{ name: 'gpu', resourceClaimName: 'shared' }] }),
    );
    const { sim, running, of, ready } = run([...base, shared, ...both]);
    sim.run(40 * S);
    expect(ready()).toEqual(['a', 'b']);
    expect(new Set(of<Pod>('Pod').map(({ spec }) => spec.nodeName)).size).toBe(1);
    expect(of<ResourceClaim>('ResourceClaim')[0]?.status?.reservedFor).toHaveLength(2);
    for (const name of ['a', 'b']) sim.at(41 * S, 'delete', () => running.user.delete(`Pod/demo/${name}`));
    sim.run(60 * S);
    const [left] = of<ResourceClaim>('ResourceClaim');
    expect([left?.status?.allocation, left?.metadata.finalizers]).toEqual([undefined, undefined]);
  });

  describe('for a PodGroup', () => {
    const VERSION = 'scheduling.k8s.io/v1beta1';
    const settings: ClusterSettings = { deviceGates: ['DRAWorkloadResourceClaims'], podGroups: VERSION };
    const entries = [{ name: 'gpu', resourceClaimTemplateName: 'one' }];
    const members = ['a', 'b', 'c'].map((name) =>
      pod(name, { resourceClaims: entries, schedulingGroup: { podGroupName: 'g' } }),
    );
    const group = object(
      VERSION,
      'PodGroup',
      'g',
      { schedulingPolicy: { basic: {} }, resourceClaims: entries },
      'demo',
    );

    test('one claim is made, and reserved for the group alone', () => {
      const { sim, of, ready } = run([...base, group, ...members], settings);
      sim.run(40 * S);
      expect(ready()).toEqual(['a', 'b', 'c']);
      const users = of<ResourceClaim>('ResourceClaim').map(({ status }) =>
        status?.reservedFor?.map(({ name }) => name),
      );
      expect(users).toEqual([['g']]);
    });

    /** Kubernetes 1.37, pkg/controller/resourceclaim/controller.go syncClaim. */
    test('one whose group has gone gives its devices back and goes', () => {
      const { sim, running, of } = run([...base, group, ...members], settings);
      for (const name of ['a', 'b', 'c']) sim.at(31 * S, 'delete', () => running.user.delete(`Pod/demo/${name}`));
      sim.at(32 * S, 'delete', () => running.user.delete('PodGroup/demo/g'));
      sim.run(31 * S);
      expect(of('ResourceClaim')).toHaveLength(1);
      sim.run(70 * S);
      expect(of('ResourceClaim')).toEqual([]);
    });

    test('a claim that is deleted is made again, and the pods that waited for it get their node', () => {
      const [slice0, , ...rest] = base;
      const { sim, running, of, ready } = run([...rest, group, ...members], settings);
      sim.run(30 * S);
      const nameOf = () => of<ResourceClaim>('ResourceClaim').map(({ metadata }) => metadata.name);
      const named = () =>
        of<Pod>('Pod').map(({ status }) => status?.resourceClaimStatuses?.map((one) => one.resourceClaimName));
      const [first] = nameOf();
      expect(named()).toEqual([[first], [first], [first]]);
      sim.at(31 * S, 'delete', () => running.user.delete(`ResourceClaim/demo/${first}`));
      sim.run(40 * S);
      const [second] = nameOf();
      expect([nameOf().length, second === first]).toEqual([1, false]);
      expect(named()).toEqual([[second], [second], [second]]);
      sim.at(41 * S, 'devices', () => running.user.apply([slice0 as KubeObject]));
      sim.run(60 * S);
      expect(ready()).toEqual(['a', 'b', 'c']);
    });
  });

  describe('with NoExecute taints', () => {
    const settings: ClusterSettings = { deviceGates: ['DRADeviceTaints'] };
    const taint = { key: 'k', value: 'v', effect: 'NoExecute' };
    const rule = (deviceSelector: object | null): KubeObject =>
      object(RESOURCE, 'DeviceTaintRule', 'broken', { deviceSelector, taint });
    const tolerant = (toleration: object): KubeObject[] => {
      const exactly = { deviceClassName: 'gpu', tolerations: [{ key: 'k', operator: 'Exists', ...toleration }] };
      const own = { devices: { requests: [{ name: 'gpu', exactly }] } };
      return [slice(0), base[2] as KubeObject, object(RESOURCE, 'ResourceClaimTemplate', 'one', { spec: own }, 'demo')];
    };
    const tainted = {
      ...slice(0),
      spec: { ...(slice(0).spec as object), devices: [{ name: 'gpu-0', taints: [taint] }] },
    };
    const effect = 'NoExecute';

    test.each([
      ['a rule for all devices', [...base, user('p0')], rule({}), 1],
      ['a rule for another device', [...base, user('p0')], rule({ device: 'gpu-7' }), null],
      ['a rule without selector', [...base, user('p0')], rule(null), null],
      ['its driver', [slice(0), ...base.slice(2), user('p0')], tainted, 1],
      [
        'a rule that is tolerated for a time',
        [...tolerant({ effect, tolerationSeconds: 20 }), user('p0')],
        rule({}),
        21,
      ],
      ['a rule that is tolerated for ever', [...tolerant({ effect }), user('p0')], rule({}), null],
      ['a rule and no devices in use', [...base, pod('p0', {})], rule({}), null],
    ])('a pod goes because of %s', (_, objects, change, afterS) => {
      const { sim, running, of, ready } = run(objects as KubeObject[], settings);
      sim.run(40 * S);
      expect(ready()).toEqual(['p0']);
      sim.at(41 * S, 'taint', () => running.user.apply([change as KubeObject]));
      const at = (second: number) => {
        sim.run(second * S);
        return of<Pod>('Pod').map(
          ({ status }) => status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason,
        );
      };
      if (afterS === null) expect(at(120)).toEqual([undefined]);
      else {
        expect(at(39.9 + afterS)).toEqual([undefined]);
        expect(at(40.5 + afterS)).toEqual(['DeletionByDeviceTaintManager']);
        expect(at(60 + afterS)).toEqual([]);
      }
    });

    test('nobody goes while the gate is off', () => {
      const { sim, running, of } = run([...base, user('p0')]);
      sim.at(40 * S, 'taint', () => running.user.apply([rule({})]));
      sim.run(90 * S);
      expect(of<Pod>('Pod').map(({ metadata }) => metadata.deletionTimestamp)).toEqual([undefined]);
    });
  });

  describe('for extended resources', () => {
    const GPU = 'example.com/gpu';
    const settings: ClusterSettings = { deviceGates: ['DRAExtendedResource'] };
    const gpus = object(RESOURCE, 'DeviceClass', 'gpu', { extendedResourceName: GPU });
    const asking = (name: string): KubeObject =>
      pod(name, {
        containers: [{ ...container, resources: { requests: { cpu: '100m', [GPU]: '1' }, limits: { [GPU]: '1' } } }],
      });
    /** Longer than what a claim's name has of it. */
    const alike = [0, 1, 2, 3, 4].map((i) => `${'x'.repeat(40)}-${i}`);

    test('each pod gets its own, also where names are alike; who finds none waits', () => {
      const { sim, of, ready, jury } = run([slice(0), slice(1), gpus, ...alike.map(asking)], settings);
      sim.run(40 * S);
      const claims = of<ResourceClaim>('ResourceClaim');
      const used = claims.flatMap(({ status }) => status?.allocation?.devices.results ?? []);
      expect(new Set(used.map((device) => deviceKey(device))).size).toBe(4);
      expect([used.length, ready().length]).toEqual([4, 4]);
      const named = of<Pod>('Pod').flatMap(
        ({ status }) => status?.extendedResourceClaimStatus?.resourceClaimName ?? [],
      );
      expect(named.sort()).toEqual(claims.map(({ metadata }) => metadata.name).sort());
      expect(jury.violations).toEqual([]);
    });

    test('a class that comes later is noticed', () => {
      const { sim, running, ready } = run([slice(0), asking('a')], settings);
      sim.at(20 * S, 'class', () => running.user.apply([gpus]));
      sim.run(40 * S);
      expect(ready()).toEqual(['a']);
    });

    test('a pod whose binding failed gets another claim before the first is seen to go', () => {
      const { sim, of, ready, jury } = run([slice(0), gpus, asking('a')], settings);
      let refusals = 0;
      sim.observation.setInterceptor(POINT_REQUEST, (_pid, request) => {
        if ((request as ApiRequest).subresource !== 'binding' || refusals++ > 0) return undefined;
        return new StatusError(500, 'InternalError', 'refused');
      });
      sim.observation.setInterceptor(findPoint('informer.feed') as number, (pid, question) => {
        const { plural } = (question as HoldQuestion).about as { readonly plural: string };
        return plural === 'resourceclaims' && sim.processes.names[pid]?.startsWith('scheduler') ? 5 * S : undefined;
      });
      sim.run(40 * S);
      expect([refusals, ready()]).toEqual([2, ['a']]);
      const [claim, ...others] = of<ResourceClaim>('ResourceClaim');
      expect(others).toEqual([]);
      expect(of<Pod>('Pod')[0]?.status?.extendedResourceClaimStatus?.resourceClaimName).toBe(claim?.metadata.name);
      expect(jury.violations).toEqual([]);
    });
  });

  test('a device that several may have is no device twice allocated', () => {
    const shared = { name: 'gpu', allowMultipleAllocations: true, capacity: { memory: { value: '2Gi' } } };
    const halves = [{ name: 'gpu', exactly: { deviceClassName: 'gpu', capacity: { requests: { memory: '1Gi' } } } }];
    const pool = { name: 'p', generation: 1, resourceSliceCount: 1 };
    const { sim, of, ready, jury } = run(
      [
        ...base.slice(2, 3),
        object(RESOURCE, 'ResourceSlice', 's', {
          driver: 'd.example.com',
          nodeName: 'node-0',
          pool,
          devices: [shared],
        }),
        object(RESOURCE, 'ResourceClaimTemplate', 'one', { spec: { devices: { requests: halves } } }, 'demo'),
        ...names.slice(0, 3).map(user),
      ],
      { deviceGates: ['DRAConsumableCapacity'] },
    );
    sim.run(40 * S);
    expect(ready()).toHaveLength(2);
    expect(of<ResourceClaim>('ResourceClaim').flatMap(({ status }) => status?.allocation ?? [])).toHaveLength(2);
    expect(jury.violations).toEqual([]);
  });
});

test('a pod that got its node without the scheduler waits there for its claims', () => {
  const objects = [
    object(RESOURCE, 'ResourceClaim', 'none', { devices: { requests: [] } }, 'demo'),
    object(
      'v1',
      'PersistentVolumeClaim',
      'none',
      { storageClassName: '', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      'demo',
    ),
    pod('device', { nodeName: 'node-0', resourceClaims: [{ name: 'd', resourceClaimName: 'none' }] }),
    pod('volume', { nodeName: 'node-0', volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'none' } }] }),
    pod('plain', { nodeName: 'node-0' }),
  ];
  const { sim, ready, of } = run(objects);
  sim.run(40 * S);
  expect(ready()).toEqual(['plain']);
  const said = of<KubeObject & { readonly message: string }>('Event').map(({ message }) => message);
  expect(said).toContain('MountVolume.SetUp failed for volume "v" : error processing PVC demo/none: PVC is not bound');
  expect(
    said.some((text) => /prepare dynamic resources: pod device .* is not allowed to use ResourceClaim none/.test(text)),
  ).toBe(true);
});

describe('volumes', () => {
  const claim = (name: string, spec: object = {}): KubeObject =>
    object(
      'v1',
      'PersistentVolumeClaim',
      name,
      { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
      'demo',
    );
  const using = (name: string, claimName: string, spec: Partial<PodSpec> = {}): KubeObject =>
    pod(name, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }], ...spec });
  const volume = (name: string, node: string, size: string): KubeObject =>
    object('v1', 'PersistentVolume', name, {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/data' },
      storageClassName: 'local',
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
    });
  const storageClass = (name: string, more: object): KubeObject => ({
    ...object('storage.k8s.io/v1', 'StorageClass', name),
    ...more,
  });

  test('a claim without class gets its volume where its pod goes, and holds it in that zone', () => {
    const { sim, running, of, ready } = run([claim('data'), using('web', 'data')]);
    sim.run(40 * S);
    expect(ready()).toEqual(['web']);
    const [bound] = of<PersistentVolumeClaim>('PersistentVolumeClaim');
    expect([bound?.status?.phase, bound?.spec?.storageClassName]).toEqual(['Bound', 'standard']);
    const [made] = of<PersistentVolume>('PersistentVolume');
    const node = Number(of<Pod>('Pod')[0]?.spec.nodeName?.slice(-1));
    expect(made?.spec?.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values).toEqual([
      'abc'[node],
    ]);
    sim.at(41 * S, 'delete', () => running.user.delete('PersistentVolumeClaim/demo/data'));
    sim.run(60 * S);
    expect(of('PersistentVolume')).toEqual([]);
  });

  test('of volumes made by hand the smallest that fits is taken, and its pod goes there', () => {
    const objects = [
      storageClass('local', { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }),
      volume('big', 'node-2', '5Gi'),
      volume('right', 'node-2', '2Gi'),
      volume('small', 'node-1', '500Mi'),
      claim('data', { storageClassName: 'local' }),
      using('web', 'data'),
    ];
    const { sim, of, ready } = run(objects);
    sim.run(40 * S);
    expect(ready()).toEqual(['web']);
    expect(of<PersistentVolumeClaim>('PersistentVolumeClaim')[0]?.spec?.volumeName).toBe('right');
    expect(of<Pod>('Pod')[0]?.spec.nodeName).toBe('node-2');
    const phases = of<PersistentVolume>('PersistentVolume').map(({ metadata, status }) => [
      metadata.name,
      status?.phase,
    ]);
    expect(Object.fromEntries(phases)).toEqual({ big: 'Available', right: 'Bound', small: 'Available' });
  });

  test('a class that binds at once draws a zone before the pod comes; an ephemeral volume has its claim made', () => {
    const template = {
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
    };
    const objects = [
      storageClass('fast', {
        provisioner: 'x.example.com',
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values: ['b'] }] }],
      }),
      pod('web', { volumes: [{ name: 'tmp', ephemeral: { volumeClaimTemplate: template } }] }),
    ];
    const { sim, of, ready } = run(objects);
    sim.run(40 * S);
    expect(ready()).toEqual(['web']);
    expect(of<Pod>('Pod')[0]?.spec.nodeName).toBe('node-1');
    expect(of<PersistentVolumeClaim>('PersistentVolumeClaim')[0]?.metadata.name).toBe('web-tmp');
  });

  test('what cannot be bound is told: no class, no volume, no claim', () => {
    const objects = [
      storageClass('local', { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }),
      claim('nothing', { storageClassName: '' }),
      claim('unmatched', { storageClassName: 'local' }),
      using('a', 'nothing'),
      using('b', 'unmatched'),
      using('c', 'missing'),
    ];
    const { sim, of, ready } = run(objects);
    sim.run(40 * S);
    expect(ready()).toEqual([]);
    const said = of<Pod>('Pod').map(({ metadata, status }) => [
      metadata.name,
      status?.conditions?.[0]?.message?.split(': ')[1],
    ]);
    expect(Object.fromEntries(said)).toEqual({
      a: expect.stringMatching(/^pod has unbound immediate PersistentVolumeClaims/),
      b: expect.stringMatching(/^3 node\(s\) didn't find available persistent volumes to bind/),
      c: expect.stringMatching(/^persistentvolumeclaim "missing" not found/),
    });
    // Not by the controller's own name.
    const teller = of<Event>('Event').find(({ reason }) => reason === 'FailedBinding')?.source?.component;
    expect(teller).toBe('persistentvolume-controller');
  });
});

test('a volume that is not made in time sends its pod back; one that goes is lost to its claim', () => {
  const claim = object(
    'v1',
    'PersistentVolumeClaim',
    'data',
    { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    'demo',
  );
  const user = pod('web', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] });
  const pluginConfig = [{ name: 'VolumeBinding', args: { bindTimeoutSeconds: 4 } }];
  const controllers = ['persistentvolume-binder-controller', 'node-lifecycle-controller'];
  const configuration = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ pluginConfig }],
  };
  const late = run([claim, user], { controllers, schedulerConfiguration: configuration });
  late.sim.run(25 * S);
  expect(late.of<Pod>('Pod')[0]?.status?.conditions?.[0]).toMatchObject({
    reason: 'SchedulerError',
    message: expect.stringMatching(
      /^running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded$/,
    ),
  });
  const lost = run([claim, user]);
  lost.sim.run(30 * S);
  const [volume] = lost.of('PersistentVolume');
  lost.sim.at(31 * S, 'delete', () => lost.running.user.delete(`PersistentVolume/${volume?.metadata.name}`));
  lost.sim.run(40 * S);
  expect(lost.of<PersistentVolumeClaim>('PersistentVolumeClaim')[0]?.status?.phase).toBe('Lost');
});

test('which objects have claims, and which classes they take for granted', () => {
  const claims = (spec: object) => object('v1', 'PersistentVolumeClaim', 'x', spec, 'demo');
  expect(usesClaims([pod('p', { volumes: [{ name: 'v', configMap: { name: 'c' } }] })])).toBe(false);
  expect(usesClaims([pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] })])).toBe(true);
  expect(
    usesClaims([
      object('batch/v1', 'CronJob', 'c', { jobTemplate: { spec: { template: { spec: { resourceClaims: [{}] } } } } }),
    ]),
  ).toBe(true);
  expect(usesClaims([object('apps/v1', 'StatefulSet', 's', { volumeClaimTemplates: [claims({})] })])).toBe(true);
  const devices = [object('resource.k8s.io/v1', 'ResourceClaim', 'r'), pod('p', { resourceClaims: [{ name: 'r' }] })];
  expect([usesClaims(devices), claimsVolumes(devices)]).toEqual([true, false]);
  expect(claimsVolumes([...devices, claims({})])).toBe(true);
  expect(
    usesClaims([
      { ...object('v1', 'Pod', 'odd'), spec: { volumes: 7, resourceClaims: 'x' } },
      object('v1', 'Pod', 'none'),
    ]),
  ).toBe(false);
  const names = (objects: readonly KubeObject[]) => assumedStorageClasses(objects).map(({ metadata }) => metadata.name);
  expect(names([claims({}), claims({ storageClassName: 'gp3' }), claims({ storageClassName: '' })])).toEqual([
    'standard',
    'gp3',
  ]);
  expect(names([claims({ storageClassName: 'gp3' }), object('storage.k8s.io/v1', 'StorageClass', 'gp3')])).toEqual([]);
  expect(
    names([
      claims({ storageClassName: 'manual' }),
      object('v1', 'PersistentVolume', 'pv', { storageClassName: 'manual' }),
    ]),
  ).toEqual([]);
  expect(names([claims({ storageClassName: 'gone', volumeName: 'pv' })])).toEqual([]);
});
