/** What admission adds to pods, nodes and services, and what it lets pass unseen: one row a rule. */
import { setFlagsFromString } from 'node:v8';
import { expect, test } from 'vitest';
import { withDefaultTolerations } from '../../../core/api/admission/pods.ts';
import type { Node } from '../../../core/types/node.ts';
import type { Container, Pod, Toleration } from '../../../core/types/pod.ts';
import { NODES, PODS, SERVICES } from '../../../core/types/resource-type.ts';
import type { Service } from '../../../core/types/service.ts';
import { VERB } from '../../../core/types/wire.ts';
import { bootstrapped, pod } from './objects.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

test.each<[string, Partial<Toleration>[] | undefined, string[]]>([
  ['none', undefined, [NOT_READY, UNREACHABLE]],
  ['an empty list', [], [NOT_READY, UNREACHABLE]],
  ['all taints', [{ operator: 'Exists' }], []],
  ['all taints, with an empty key and effect', [{ key: '', operator: 'Exists', effect: '' as never }], []],
  ['one key with any effect', [{ key: NOT_READY, operator: 'Exists', effect: '' as never }], [UNREACHABLE]],
  ['one key with NoExecute', [{ key: UNREACHABLE, operator: 'Exists', effect: 'NoExecute' }], [NOT_READY]],
  ['another effect', [{ key: NOT_READY, operator: 'Exists', effect: 'NoSchedule' }], [NOT_READY, UNREACHABLE]],
  ['another key', [{ key: 'gpu', operator: 'Exists' }], [NOT_READY, UNREACHABLE]],
])('tolerations for 300 s are added beside %s', (_name, given, added) => {
  const all = withDefaultTolerations(given as readonly Toleration[] | undefined);
  expect(all.slice(given?.length ?? 0).map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual(
    added.map((key) => [key, 300]),
  );
});

test('the token volume is mounted where nothing else is, and only where it is wanted', () => {
  const h = bootstrapped({ admission: { tokenVolume: true } });
  const path = '/var/run/secrets/kubernetes.io/serviceaccount';
  const own: Container = { name: 'own', image: 'a', volumeMounts: [{ name: 'mine', mountPath: path }] } as Container;
  const other: Container = {
    name: 'other',
    image: 'a',
    volumeMounts: [{ name: 'mine', mountPath: '/data' }],
  } as Container;
  const made = (name: string, more: object) =>
    h.create(PODS, {
      ...pod(name),
      spec: { containers: [own, other], volumes: [{ name: 'mine', emptyDir: {} }], ...more },
    });
  const mountsOf = (name: string, more: object = {}) =>
    (made(name, more) as Pod).spec.containers.map(({ volumeMounts }) => volumeMounts?.map((mount) => mount.name));
  expect(mountsOf('a')).toEqual([['mine'], ['mine', 'kube-api-access']]);
  expect(mountsOf('b', { automountServiceAccountToken: false })).toEqual([['mine'], ['mine']]);
  const plain = bootstrapped().create(PODS, pod('c')) as Pod;
  expect([plain.spec.volumes, plain.spec.containers[0]?.volumeMounts]).toEqual([undefined, undefined]);
});

test.each([
  ['a value of a label', { labels: { app: 'bad value!' } }, 422],
  ['a key of a label', { labels: { app: 'web', 'bad key!': '' } }, 422],
  ['an annotation', { annotations: { 'bad key!': '' } }, 422],
  ['a prefix of names', { generateName: 'Bad_' }, 422],
  ['a finalizer', { finalizers: ['x y'] }, 422],
  ['another fine value', { labels: { app: 'shop' } }, 201],
])('a pod whose spec was admitted before is refused for %s', (_name, metadata, code) => {
  const h = bootstrapped();
  const { spec } = pod('x');
  const labels = { app: 'web' };
  const create = (more: object) =>
    h.call(VERB.create, PODS, {
      object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: '', generateName: 'web-', labels, ...more }, spec },
    }).code;
  expect([create({}), create(metadata), create({})]).toEqual([201, code, 201]);
});

test.each([
  [[], ['NoSchedule']],
  [[{ key: NOT_READY, effect: 'NoSchedule' }], ['NoSchedule']],
  [[{ key: NOT_READY, effect: 'NoExecute' }], ['NoExecute', 'NoSchedule']],
  [[{ key: 'gpu', effect: 'NoSchedule' }], ['NoSchedule', 'NoSchedule']],
])('a new node with the taints %j', (taints, effects) => {
  const made = bootstrapped().create(NODES, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: { taints },
  });
  expect((made as Node).spec?.taints?.map(({ effect }) => effect)).toEqual(effects);
});

test('empty names and lists mean none: a pod without a node goes at once, one without gates is bound', () => {
  const h = bootstrapped();
  const spec = { ...(pod('p').spec as object), nodeName: '', schedulingGates: [] };
  for (const name of ['p', 'q']) h.create(PODS, { ...pod(name), spec });
  h.object(VERB.delete, PODS, { name: 'p' });
  expect(h.get(PODS, 'p').code).toBe(404);
  const object = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'q' }, target: { kind: 'Node', name: 'n' } };
  expect(h.call(VERB.create, PODS, { name: 'q', subresource: 'binding', object }).code).toBe(201);
});

test('a Service that is given anew keeps its address and its node ports', () => {
  const h = bootstrapped();
  const metadata = { name: 'web', namespace: 'default' };
  const spec = { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }] };
  const service = { apiVersion: 'v1', kind: 'Service', metadata, spec };
  const made = h.create(SERVICES, service) as Service;
  const ports = [...spec.ports, { port: 81, protocol: 'TCP', name: 'b' }].map((port) => ({ name: 'a', ...port }));
  const given = { ...service, metadata: { ...metadata, resourceVersion: made.metadata.resourceVersion } };
  const next = h.object(VERB.update, SERVICES, {
    name: 'web',
    object: { ...given, spec: { ...spec, ports } },
  }) as Service;
  const [first, second] = (next.spec.ports ?? []).map(({ nodePort }) => nodePort);
  expect([next.spec.clusterIP, first]).toEqual([made.spec.clusterIP, made.spec.ports?.[0]?.nodePort]);
  expect(second).toBeGreaterThanOrEqual(30_000);
  expect(second).not.toBe(first);
});

test('each pod behind a gate says since when it waits', () => {
  const h = bootstrapped();
  const spec = { ...(pod('p').spec as object), schedulingGates: [{ name: 'example.com/wait' }] };
  for (const name of ['a', 'b']) {
    const { metadata, status } = h.create(PODS, { ...pod(name), spec }) as Pod;
    expect(status?.conditions).toMatchObject([
      { reason: 'SchedulingGated', lastTransitionTime: metadata.creationTimestamp },
    ]);
    h.run(2_000_000);
  }
});

test('the specs of templates with the same fields have one hidden class', () => {
  setFlagsFromString('--allow-natives-syntax');
  const haveSameMap = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: object, b: object) => boolean;
  const specs = [0, 1].flatMap(() => {
    const h = bootstrapped();
    return [...'abcdef'].map(
      (name) => (h.create(PODS, { ...pod(name), spec: { containers: [{ name, image: name }] } }) as Pod).spec,
    );
  });
  expect(specs.filter((spec) => !haveSameMap(spec, specs[0] as object))).toEqual([]);
});
