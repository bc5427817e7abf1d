/** What an update, a patch or a deletion may change, kind by kind. */
import { expect, test } from 'vitest';
import { POINT_CACHE_FEED } from '../../../core/api/declarations.ts';
import { claimType, deviceTaintRuleType } from '../../../core/types/claim-types.ts';
import { applyMergePatch } from '../../../core/types/merge-patch.ts';
import type { Taint } from '../../../core/types/node.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import {
  CONFIGMAPS,
  DAEMONSETS,
  DEPLOYMENTS,
  ENDPOINTSLICES,
  LEASES,
  NAMESPACES,
  PODDISRUPTIONBUDGETS,
  PODS,
  type ResourceType,
  SERVICES,
} from '../../../core/types/resource-type.ts';
import type { Service } from '../../../core/types/service.ts';
import { parseTime } from '../../../core/types/time.ts';
import { OPERATOR_USER } from '../../../core/types/user-names.ts';
import { VERB } from '../../../core/types/wire.ts';
import type { ApiHarness, RequestParts } from '../../support/api-harness.ts';
import { bootstrapped, configMap, deployment, pod } from './objects.ts';

const merge = (h: ApiHarness, type: ResourceType, name: string, patch: object, parts: RequestParts = {}) =>
  h.call(VERB.patch, type, { name, patch, patchType: 'merge', ...parts });
const withoutVersion = ({ metadata, ...rest }: KubeObject): KubeObject => {
  const { resourceVersion: _, ...kept } = metadata;
  return { ...rest, metadata: kept } as KubeObject;
};

test('taints of devices get the time of the request, and keep one they have', () => {
  const h = bootstrapped();
  const slices = claimType(h.cluster.types, 'ResourceSlice');
  const rules = deviceTaintRuleType(h.cluster.types);
  const of = (kind: string, spec: object) => ({
    apiVersion: 'resource.k8s.io/v1',
    kind,
    metadata: { name: 'x' },
    spec,
  });
  const taint = { key: 'k', effect: 'NoExecute' };
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 };
  const old = { ...taint, key: 'old', timeAdded: '2020-01-01T00:00:00Z' };
  const devices = [{ name: 'a', taints: [taint, old] }, { name: 'b' }];
  const slice = h.create(slices, of('ResourceSlice', { driver: 'd', nodeName: 'n', pool, devices }));
  const rule = h.create(rules, of('DeviceTaintRule', { taint }));
  const stamped = { ...taint, timeAdded: rule.metadata.creationTimestamp };
  expect(rule.spec).toEqual({ taint: stamped });
  expect((slice.spec as { devices: unknown }).devices).toEqual([
    { name: 'a', taints: [{ ...taint, timeAdded: slice.metadata.creationTimestamp }, old] },
    { name: 'b' },
  ]);
  h.run(5_000_000);
  const given = (spec: unknown) => h.object(VERB.update, rules, { name: 'x', object: { ...rule, spec } }).spec;
  expect(given({ ...(rule.spec as object) })).toEqual({ taint: stamped });
  expect(merge(h, rules, 'x', { spec: { taint: { key: 'l' } } }).object?.spec).toEqual({
    taint: { ...stamped, key: 'l' },
  });
  const again = merge(h, rules, 'x', { spec: { taint: { timeAdded: null } } }).object?.spec as { taint: Taint };
  expect(parseTime(again.taint.timeAdded ?? '')).toBeGreaterThan(parseTime(stamped.timeAdded ?? ''));
  for (const spec of [{ taint: null }, { taint: 'x' }, { taint: { key: 'k', timeAdded: 5 } }])
    expect(merge(h, rules, 'x', { spec }).code).toBeLessThan(500);
});

test('an update without a version is taken where that is allowed; one for another name is not', () => {
  const h = bootstrapped();
  const made = withoutVersion(h.create(CONFIGMAPS, configMap('c')));
  expect(h.call(VERB.update, CONFIGMAPS, { name: 'c', object: { ...made, data: { a: '2' } } }).code).toBe(200);
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'web' } } };
  const metadata = { name: 'web', namespace: 'default' };
  const budget = h.create(PODDISRUPTIONBUDGETS, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec,
  });
  const changed = { ...withoutVersion(budget), spec: { ...spec, minAvailable: 2 } };
  expect(h.call(VERB.update, PODDISRUPTIONBUDGETS, { name: 'web', object: changed }).code).toBe(422);
  expect(merge(h, CONFIGMAPS, 'c', { metadata: { name: 'd' } }).code).toBe(400);
});

type WrongTypes = readonly [what: string, type: ResourceType, name: string, patch: object, parts: RequestParts];

test.each<WrongTypes>([
  ['labels', CONFIGMAPS, 'c', { metadata: { labels: ['a'] } }, {}],
  ['a part outside spec', CONFIGMAPS, 'c', { data: { a: 5 } }, {}],
  ['a spec', DEPLOYMENTS, 'd', { spec: { replicas: '3' } }, {}],
  ['a status', PODS, 'p', { status: 'x' }, { subresource: 'status' }],
  ['a count of a status', DEPLOYMENTS, 'd', { status: { replicas: '3' } }, { subresource: 'status' }],
  [
    "the phase in a patch like a kubelet's",
    PODS,
    'p',
    { status: { phase: 5 } },
    { subresource: 'status', patchType: 'strategic' },
  ],
  [
    'the status that an operator writes',
    PODS,
    'p',
    { status: { conditions: 'x' } },
    { subresource: 'status', user: `${OPERATOR_USER}x` },
  ],
  ['the containers of a resize', PODS, 'p', { spec: { containers: 'x' } }, { subresource: 'resize' }],
  ['the finalizers of a namespace', NAMESPACES, 'default', { spec: { finalizers: 'x' } }, { subresource: 'finalize' }],
])('a write with %s of the wrong type is refused, by patch and by update', (_what, type, name, patch, parts) => {
  const h = bootstrapped();
  h.create(CONFIGMAPS, configMap('c'));
  h.create(DEPLOYMENTS, deployment('d'));
  h.create(PODS, pod('p'));
  const before = h.get(type, name).object as KubeObject;
  const { patchType: _, ...updated } = parts;
  const object = applyMergePatch(before, patch) as KubeObject;
  const error = { message: expect.stringContaining('cannot unmarshal') };
  const causes = [{ field: 'patch', reason: 'FieldValueInvalid' }];
  expect(merge(h, type, name, patch, parts)).toMatchObject({ code: 422, error: { ...error, details: { causes } } });
  expect(h.call(VERB.update, type, { name, object, ...updated })).toMatchObject({ code: 400, error });
  expect(h.get(type, name).object).toEqual(before);
});

test('an update is of the object that the path and the uid name; only some kinds it may create', () => {
  const h = bootstrapped();
  const made = h.create(CONFIGMAPS, configMap('c'));
  const update = (name: string, object: KubeObject, type = CONFIGMAPS) =>
    h.call(VERB.update, type, { name, object }).code;
  expect(update('d', made)).toBe(400);
  expect(update('c', { ...made, metadata: { ...made.metadata, namespace: 'kube-system' } })).toBe(400);
  const other = withoutVersion({ ...made, metadata: { ...made.metadata, uid: 'another' } });
  expect(update('c', { ...other, data: { a: '2' } } as KubeObject)).toBe(409);
  const nobody = withoutVersion({ ...made, metadata: { ...made.metadata, uid: '' } });
  expect(update('c', { ...nobody, data: { a: '3' } } as KubeObject)).toBe(200);
  expect(update('new', configMap('new'))).toBe(404);
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l', namespace: 'default' } };
  const known = { ...lease, metadata: { ...lease.metadata, uid: 'u', resourceVersion: '5' } };
  expect(update('l', known, LEASES)).toBe(409);
  expect(update('l', { ...lease, metadata: { ...lease.metadata, resourceVersion: '5' } }, LEASES)).toBe(201);
  expect(update('m', { ...lease, metadata: { ...lease.metadata, name: 'm' }, spec: {} } as KubeObject, LEASES)).toBe(
    201,
  );
});

test('a change that a lagging cache shows as made already is made', () => {
  const h = bootstrapped({ servers: 2 });
  const made = withoutVersion(h.create(CONFIGMAPS, configMap('c')));
  h.run(100_000);
  h.sim.observation.setInterceptor(POINT_CACHE_FEED, (pid) => (pid === h.servers[1] ? 1_000_000 : 0));
  merge(h, CONFIGMAPS, 'c', { data: { a: '2' } });
  const back = h.call(VERB.update, CONFIGMAPS, { name: 'c', object: made, server: 1 });
  expect((back.object as unknown as { data: unknown }).data).toEqual({ a: '1' });
  expect((h.get(CONFIGMAPS, 'c').object as unknown as { data: unknown }).data).toEqual({ a: '1' });
});

test('what counts as a new generation', () => {
  const h = bootstrapped();
  const generation = (answer: { readonly object: KubeObject | null }) => answer.object?.metadata.generation;
  h.create(DEPLOYMENTS, deployment('web'));
  const note = { metadata: { annotations: { note: 'x' } } };
  const label = { metadata: { labels: { note: 'x' } } };
  expect([generation(merge(h, DEPLOYMENTS, 'web', label)), generation(merge(h, DEPLOYMENTS, 'web', note))]).toEqual([
    1, 2,
  ]);
  h.create(ENDPOINTSLICES, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web', namespace: 'default' },
    addressType: 'IPv4',
    endpoints: [],
    ports: [],
  });
  const slices = [note, label, { ports: [{ port: 80 }] }].map((patch) => merge(h, ENDPOINTSLICES, 'web', patch));
  expect(slices.map(generation)).toEqual([1, 2, 3]);
});

test('the status of a Deployment carries annotations and no labels, that of a pod no owners', () => {
  const h = bootstrapped();
  h.create(DEPLOYMENTS, deployment('web'));
  const metadata = { labels: { a: 'b' }, annotations: { a: 'b' } };
  const { object } = merge(h, DEPLOYMENTS, 'web', { metadata }, { subresource: 'status' });
  expect([object?.metadata.labels, object?.metadata.annotations]).toEqual([undefined, { a: 'b' }]);
  h.create(PODS, pod('p'));
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'q', uid: 'x' }];
  const owned = merge(h, PODS, 'p', { metadata: { ownerReferences } }, { subresource: 'status' });
  expect(owned.object?.metadata.ownerReferences).toBeUndefined();
});

test('a resize changes the amounts of containers and nothing else', () => {
  const h = bootstrapped();
  const made = h.create(PODS, pod('p')) as Pod;
  const [container] = made.spec.containers;
  const resources = { requests: { cpu: '200m', memory: '64Mi' } };
  const spec = { ...made.spec, containers: [{ ...container, image: 'app:v2', resources }], priority: 7 };
  const parts = { name: 'p', subresource: 'resize', object: { ...made, spec } } as const;
  const next = h.object(VERB.update, PODS, parts) as Pod;
  expect(next.spec).toEqual({ ...made.spec, containers: [{ ...container, resources }] });
});

test('a namespace loses its own finalizer by its subresource only, and stays while others hold it', () => {
  const h = bootstrapped();
  const metadata = { name: 'demo', finalizers: ['example.com/hold'] };
  h.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata });
  const none = { spec: { finalizers: [] } };
  expect(merge(h, NAMESPACES, 'demo', none).object?.spec).toEqual({ finalizers: ['kubernetes'] });
  const marked = h.object(VERB.delete, NAMESPACES, { name: 'demo' });
  const finalize = { name: 'demo', subresource: 'finalize', object: { ...marked, ...none } } as const;
  h.object(VERB.update, NAMESPACES, finalize);
  h.object(VERB.delete, NAMESPACES, { name: 'demo' });
  expect(h.get(NAMESPACES, 'demo').code).toBe(200);
  merge(h, NAMESPACES, 'demo', { metadata: { finalizers: null } });
  h.call(VERB.delete, NAMESPACES, { name: 'demo' });
  expect(h.get(NAMESPACES, 'demo').code).toBe(404);
});

test('a dry run deletes and changes nothing', () => {
  const h = bootstrapped();
  const { resourceVersion } = h.create(PODS, pod('p')).metadata;
  const options = { dryRun: true };
  for (const answer of [
    h.call(VERB.delete, PODS, { name: 'p', options }),
    merge(h, PODS, 'p', { metadata: { labels: { a: 'b' } } }, { options }),
  ]) {
    expect([answer.code, answer.object?.metadata.resourceVersion]).toEqual([200, resourceVersion]);
  }
  h.run(50_000);
  expect(h.get(PODS, 'p').object?.metadata).toMatchObject({ resourceVersion, labels: { app: 'web' } });
});

test('all ports of all services have node ports of their own', () => {
  const h = bootstrapped();
  const ports = Array.from({ length: 150 }, (_, i) => ({ name: `p${i}`, port: 1000 + i }));
  const taken = ['a', 'b'].flatMap((name) => {
    const metadata = { name, namespace: 'default' };
    const spec = { type: 'NodePort', selector: { app: name }, ports };
    const made = h.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata, spec }) as Service;
    h.run(50_000);
    return made.spec.ports?.map(({ nodePort }) => nodePort) ?? [];
  });
  expect([taken.length, new Set(taken).size]).toEqual([300, 300]);
});

test('a status from outside is looked at, one of a component is not', () => {
  const h = bootstrapped();
  h.create(DEPLOYMENTS, deployment('web'));
  const sent = (user: string) =>
    merge(h, DEPLOYMENTS, 'web', { status: { replicas: 2, readyReplicas: 3 } }, { subresource: 'status', user });
  const { code, error } = sent('somebody');
  expect([code, error?.message]).toEqual([
    422,
    'Deployment.apps "web" is invalid: status.readyReplicas: Invalid value: 3: cannot be greater than status.replicas',
  ]);
  expect(sent('system:serviceaccount:kube-system:deployment-controller').code).toBe(200);
  // What is wrong already does not stop what is right.
  expect(merge(h, DEPLOYMENTS, 'web', { metadata: { labels: { a: 'b' } } }).code).toBe(200);
});

test('what a user leaves out of a status is 0, and what belongs to the server stays', () => {
  const h = bootstrapped();
  const { spec } = deployment('ds') as { spec: Record<string, unknown> };
  const { replicas: _, ...rest } = spec;
  const set = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'ds', namespace: 'default' }, spec: rest };
  const made = h.create(DAEMONSETS, set);
  const { annotations: __, ...metadata } = made.metadata;
  const object = { ...made, metadata: { ...metadata, labels: { a: null } }, status: { numberReady: 1 } };
  const next = h.object(VERB.update, DAEMONSETS, { name: 'ds', subresource: 'status', object });
  expect(next.status).toMatchObject({ numberReady: 1, currentNumberScheduled: 0, desiredNumberScheduled: 0 });
  expect(next.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' });
  expect(next.metadata.labels).toEqual({ a: '' });
});

test('a Service loses with its type what the server gave it for that, but nothing that the update changes as well', () => {
  const h = bootstrapped();
  const made = h.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'default' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], loadBalancerClass: 'a.io/b' },
  }) as Service;
  const to = (spec: object) =>
    h.call(VERB.update, SERVICES, { name: 's', object: { ...made, spec: { ...made.spec, ...spec } } });
  expect(to({ type: 'ClusterIP', externalTrafficPolicy: 'Local' }).code).toBe(422);
  const local = to({ type: 'ClusterIP' }).object?.spec as Service['spec'];
  expect(local.ports).toEqual([{ port: 80, protocol: 'TCP', targetPort: 80 }]);
  expect(local).toMatchObject({ type: 'ClusterIP', clusterIP: made.spec.clusterIP });
  for (const field of ['loadBalancerClass', 'allocateLoadBalancerNodePorts', 'externalTrafficPolicy'] as const)
    expect(local[field]).toBeUndefined();
  const named = merge(h, SERVICES, 's', { spec: { type: 'ExternalName', externalName: 'a.example' } }).object?.spec;
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const)
    expect((named as Service['spec'])[field]).toBeUndefined();
});

test.each(['CSINode', 'CSIStorageCapacity'])('an update of a %s names the version that it changes', (kind) => {
  const h = bootstrapped();
  const type = claimType(h.cluster.types, kind);
  const object = {
    apiVersion: type.apiVersion,
    kind,
    metadata: { name: 'x', ...(type.namespaced && { namespace: 'default' }) },
    ...(kind === 'CSINode' ? { spec: { drivers: [] } } : { storageClassName: 'fast' }),
  } as KubeObject;
  h.create(type, object);
  const { code, error } = h.call(VERB.update, type, { name: 'x', object });
  expect([code, error?.details?.causes?.[0]?.field]).toEqual([422, 'metadata.resourceVersion']);
});
