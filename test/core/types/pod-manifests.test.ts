/**
 * What the server says of parts of a pod spec that nobody simulates, and of those where its words are not obvious. Source: Kubernetes 1.34.1,
 * pkg/registry/core/pod Strategy, by running it.
 */
import { expect, test } from 'vitest';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { DAEMONSETS, PODS, type ResourceType, STATEFULSETS } from '../../../core/types/resource-type.ts';
import { validateCreate } from '../../../core/types/validation/validate.ts';

type Json = Readonly<Record<string, unknown>>;
const REQUIRED = 'FieldValueRequired';
const INVALID = 'FieldValueInvalid';
const FORBIDDEN = 'FieldValueForbidden';
const UNKNOWN = 'FieldValueNotSupported';
const MISSING = 'FieldValueNotFound';

function causesOf(type: ResourceType, object: unknown): readonly string[] {
  const error = validateCreate(type, applyDefaults(type, object as KubeObject));
  return (error?.details?.causes ?? []).map(({ field, reason }) => `${field} ${reason}`);
}

/** Causes for a pod of one container, each without `spec.`; `container` adds to it. */
function refusals(spec: Json, container: Json = {}): readonly string[] {
  const containers = [{ name: 'a', image: 'a:1', ...container }];
  const metadata = { name: 'p', namespace: 'demo' };
  const causes = causesOf(PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec } });
  return causes.map((cause) => cause.replace('spec.', ''));
}

const volume = (source: Json): Json => ({ volumes: [{ name: 'v', ...source }] });
const claim = (spec: Json): Json => volume({ ephemeral: { volumeClaimTemplate: { spec } } });
const CLAIM = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const CLAIMED = 'volumes[0].ephemeral.volumeClaimTemplate.spec';

test.each<[Json, string, string]>([
  [volume({ hostPath: { path: '/a/../b' } }), 'volumes[0].hostPath.path', INVALID],
  [volume({ hostPath: { path: '/a', type: 'Folder' } }), 'volumes[0].hostPath.type', UNKNOWN],
  [volume({ secret: { secretName: 's', defaultMode: 512 } }), 'volumes[0].secret.defaultMode', INVALID],
  [volume({ configMap: { name: 'c', items: [{ path: 'a' }] } }), 'volumes[0].configMap.items[0].key', REQUIRED],
  [
    volume({ configMap: { name: 'c', items: [{ key: 'a', path: '/a' }] } }),
    'volumes[0].configMap.items[0].path',
    INVALID,
  ],
  [
    volume({ configMap: { name: 'c', items: [{ key: 'a', path: '..a' }] } }),
    'volumes[0].configMap.items[0].path',
    INVALID,
  ],
  [volume({ downwardAPI: { items: [{ path: 'a' }] } }), 'volumes[0].downwardAPI', REQUIRED],
  [
    volume({ downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'spec.nodeName' } }] } }),
    'volumes[0].downwardAPI.fieldRef.fieldPath',
    UNKNOWN,
  ],
  [
    volume({ downwardAPI: { items: [{ path: 'a', resourceFieldRef: { resource: 'limits.cpu' } }] } }),
    'volumes[0].downwardAPI.resourceFieldRef.containerName',
    REQUIRED,
  ],
  ...[599, 2 ** 32 + 1].map((expirationSeconds): [Json, string, string] => [
    volume({ projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds } }] } }),
    'volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds',
    INVALID,
  ]),
  [volume({ projected: { sources: [{ serviceAccountToken: {} }] } }), 'volumes[0].projected.path', REQUIRED],
  [
    volume({ projected: { sources: [{ secret: { name: 's' }, configMap: { name: 'c' } }] } }),
    'volumes[0].projected.sources[0]',
    FORBIDDEN,
  ],
  [
    volume({
      projected: { sources: ['a', 'b'].map((name) => ({ secret: { name, items: [{ key: 'k', path: 'x' }] } })) },
    }),
    'volumes[0].projected',
    INVALID,
  ],
  [volume({ emptyDir: {}, downwardAPI: {} }), 'volumes[0].downwarAPI', FORBIDDEN],
  [volume({ emptyDir: { sizeLimit: '-1' } }), 'volumes[0].emptyDir.sizeLimit', FORBIDDEN],
  [volume({ nfs: { server: 's', path: 'a' } }), 'volumes[0].nfs.path', INVALID],
  [volume({ csi: {} }), 'volumes[0].csi.driver', REQUIRED],
  [claim({ ...CLAIM, accessModes: [] }), `${CLAIMED}.accessModes`, REQUIRED],
  [claim({ ...CLAIM, resources: {} }), `${CLAIMED}.resources[storage]`, REQUIRED],
  [claim({ ...CLAIM, volumeMode: '' }), `${CLAIMED}.volumeMode`, UNKNOWN],
  [{ dnsPolicy: 'None' }, 'dnsConfig', REQUIRED],
  [{ dnsPolicy: 'None', dnsConfig: {} }, 'dnsConfig.nameservers', REQUIRED],
  [{ dnsConfig: { nameservers: ['a'] } }, 'dnsConfig.nameservers[0]', INVALID],
  [{ dnsConfig: { nameservers: Array.from('1234', (n) => `10.0.0.${n}`) } }, 'dnsConfig.nameservers', INVALID],
  [{ dnsConfig: { searches: ['-a'] } }, 'dnsConfig.searches[0]', INVALID],
  [{ dnsConfig: { options: [{ value: '2' }] } }, 'dnsConfig.options[0]', REQUIRED],
  [{ hostAliases: [{ ip: 'a' }] }, 'hostAliases[0].ip', INVALID],
  [{ hostAliases: [{ ip: '10.0.0.1', hostnames: ['A'] }] }, 'hostAliases[0].hostnames[0]', INVALID],
  [{ readinessGates: [{ conditionType: 'a b' }] }, 'readinessGates[0].conditionType', INVALID],
  [{ schedulingGates: [{ name: 'a b' }] }, 'schedulingGates[0]', INVALID],
  [{ schedulingGates: [{ name: 'a' }], nodeName: 'n' }, 'nodeName', FORBIDDEN],
  [{ os: { name: 'plan9' } }, 'os', UNKNOWN],
  [{ os: {} }, 'os.name', REQUIRED],
  [{ runtimeClassName: '' }, 'runtimeClassName', INVALID],
  [{ securityContext: { fsGroup: -1 } }, 'securityContext.fsGroup', INVALID],
  [{ shareProcessNamespace: true, hostPID: true }, 'securityContext.shareProcessNamespace', INVALID],
  [{ overhead: { 'example.com/a': '0.5' } }, 'overhead.limits[example.com/a]', INVALID],
])('a pod with %j is refused at %s', (spec, field, reason) => {
  expect(refusals(spec)).toEqual([`${field} ${reason}`]);
});

const env = (source: Json): Json => ({ env: [{ name: 'A', ...source }] });
const from = (valueFrom: Json): Json => env({ valueFrom });
const VALUE = 'containers[0].env[0].valueFrom';

test.each<[Json, string, string]>([
  [from({}), VALUE, INVALID],
  [from({ fieldRef: { fieldPath: 'spec.host' } }), '', ''],
  [from({ fieldRef: { fieldPath: "metadata.labels['a']" } }), '', ''],
  [from({ fieldRef: { fieldPath: "metadata.labels['-']" } }), `${VALUE}.fieldRef`, INVALID],
  [from({ fieldRef: { fieldPath: 'metadata.labels' } }), `${VALUE}.fieldRef.fieldPath`, UNKNOWN],
  [from({ fieldRef: { fieldPath: 'spec.x' } }), `${VALUE}.fieldRef.fieldPath`, INVALID],
  [from({ resourceFieldRef: { resource: 'limits.gpu' } }), `${VALUE}.resourceFieldRef.resource`, UNKNOWN],
  [from({ resourceFieldRef: { resource: 'limits.cpu', divisor: '1k' } }), `${VALUE}.resourceFieldRef.divisor`, INVALID],
  [from({ resourceFieldRef: { resource: 'limits.hugepages-2Mi', divisor: '1Mi' } }), '', ''],
  [from({ secretKeyRef: { key: 'k' } }), `${VALUE}.secretKeyRef.name`, INVALID],
  [from({ configMapKeyRef: { name: 'c', key: 'a b' } }), `${VALUE}.configMapKeyRef.key`, INVALID],
  [{ envFrom: [{}] }, 'containers[0].envFrom', INVALID],
  [{ envFrom: [{ secretRef: {} }] }, 'containers[0].envFrom[0].secretRef.name', REQUIRED],
  [{ envFrom: [{ configMapRef: { name: 'A' } }] }, 'containers[0].envFrom[0].configMapRef.name', INVALID],
  [{ envFrom: [{ configMapRef: { name: 'a-' } }] }, '', ''],
  [{ envFrom: [{ prefix: 'a=', secretRef: { name: 's' } }] }, 'containers[0].envFrom[0].prefix', INVALID],
  [{ volumeMounts: [{ name: 'v', mountPath: '/a' }] }, 'containers[0].volumeMounts[0].name', MISSING],
  [{ lifecycle: { preStop: { sleep: { seconds: 31 } } } }, 'containers[0].lifecycle.preStop.sleep', INVALID],
  [
    { livenessProbe: { exec: { command: ['a'] }, terminationGracePeriodSeconds: 0 } },
    'containers[0].livenessProbe.terminationGracePeriodSeconds',
    INVALID,
  ],
  [
    { readinessProbe: { exec: { command: ['a'] }, terminationGracePeriodSeconds: 1 } },
    'containers[0].readinessProbe.terminationGracePeriodSeconds',
    INVALID,
  ],
  [
    { readinessProbe: { httpGet: { port: 1, httpHeaders: [{ name: 'a b' }] } } },
    'containers[0].readinessProbe.httpGet.httpHeaders',
    INVALID,
  ],
  [
    { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
    'containers[0].securityContext',
    INVALID,
  ],
  [{ securityContext: { runAsUser: 2 ** 31 } }, 'containers[0].securityContext.runAsUser', INVALID],
  [{ resources: { limits: { 'hugepages-2Mi': '4Mi' } } }, 'containers[0].resources', FORBIDDEN],
  [{ resources: { limits: { cpu: 1, 'hugepages-2Mi': '4Mi' } } }, '', ''],
  [{ resources: { claims: [{}] } }, 'containers[0].resources.claims[0]', REQUIRED],
])('a container with %j is refused at %s', (container, field, reason) => {
  expect(refusals({}, container)).toEqual(field === '' ? [] : [`${field} ${reason}`]);
});

test("huge pages come in whole pages, and ports of the host's network are those of the container", () => {
  expect(refusals({}, { resources: { limits: { cpu: 1, 'hugepages-2Mi': '3Mi' } } })).toEqual([
    'containers[0].resources.limits[hugepages-2Mi] FieldValueInvalid',
    'containers[0].resources.requests[hugepages-2Mi] FieldValueInvalid',
  ]);
  const ports = [{ containerPort: 80, hostPort: 81 }];
  expect(refusals({ hostNetwork: true }, { ports })).toEqual(['containers[0].ports[0].hostPort FieldValueInvalid']);
  expect(refusals({}, { ports })).toEqual([]);
});

test("a template on the host's network may leave its host ports open, but not name others", () => {
  const refused = (port: Json, list = 'containers') => {
    const container = { name: 'a', image: 'a:1' };
    const lists = { containers: [container], [list]: [{ ...container, name: 'b', ports: [port] }] };
    const template = { metadata: { labels: { app: 'a' } }, spec: { hostNetwork: true, ...lists } };
    const metadata = { name: 'd', namespace: 'demo' };
    return causesOf(DAEMONSETS, { metadata, spec: { selector: { matchLabels: { app: 'a' } }, template } });
  };
  expect(refused({ containerPort: 80 })).toEqual([]);
  expect(refused({ containerPort: 80, hostPort: 80 })).toEqual([]);
  expect(refused({ containerPort: 80, hostPort: 81 })).toEqual([
    'spec.template.spec.containers[0].ports[0].hostPort FieldValueInvalid',
  ]);
  expect(refused({ containerPort: 80, hostPort: 81 }, 'initContainers')).toEqual([]);
});

test('a host port is taken once by the containers, and once by each init container: those run one after the other', () => {
  const ports = [{ containerPort: 80, hostPort: 81 }];
  const of = (name: string): Json => ({ name, image: 'a:1', ports });
  const twice = { ...of('a'), ports: [...ports, { containerPort: 82, hostPort: 81 }] };
  expect(refusals({ containers: [of('a'), of('b')] })).toEqual(['containers[1].ports[0].hostPort FieldValueDuplicate']);
  expect(refusals({ initContainers: [of('i'), of('j')], containers: [of('b')] })).toEqual([]);
  expect(refusals({ initContainers: [twice], containers: [of('b')] })).toEqual([
    'initContainers[0].ports[1].hostPort FieldValueDuplicate',
  ]);
});

test('a mount of a volume with a fault is one of no volume', () => {
  const mounts = { volumeMounts: [{ name: 'v', mountPath: '/a', subPath: '../b' }] };
  expect(refusals(volume({ secret: {} }), mounts)).toEqual([
    'volumes[0].secret.secretName FieldValueRequired',
    'containers[0].volumeMounts[0].name FieldValueNotFound',
    'containers[0].volumeMounts.subPath FieldValueInvalid',
  ]);
});

test('a negative grace period is one second', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {},
    spec: { containers: [], terminationGracePeriodSeconds: -5 },
  };
  expect(applyDefaults(PODS, pod as unknown as KubeObject).spec).toMatchObject({ terminationGracePeriodSeconds: 1 });
});

const term = (requirement: Json, preferred = false): Json => {
  const preference = { matchExpressions: [requirement] };
  const nodeAffinity = preferred
    ? { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] }
    : { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [preference] } };
  return { affinity: { nodeAffinity } };
};
const podTerm = (parts: Json): Json => ({
  affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z', ...parts }] } },
});
const NODE_VALUES =
  'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[0]';
const POD_TERM = 'affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]';

test.each<[Json, readonly string[]]>([
  [term({ key: 'a', operator: 'In', values: ['b c'] }), [`${NODE_VALUES} FieldValueInvalid`]],
  [term({ key: 'a', operator: 'In', values: ['b c'] }, true), []],
  [podTerm({ matchLabelKeys: ['a'] }), [`${POD_TERM}.matchLabelKeys FieldValueForbidden`]],
  [
    podTerm({ labelSelector: {}, matchLabelKeys: ['a'], mismatchLabelKeys: ['a'] }),
    [`${POD_TERM}.matchLabelKeys[0] FieldValueInvalid`],
  ],
  [podTerm({ labelSelector: {}, mismatchLabelKeys: ['a b'] }), [`${POD_TERM}.mismatchLabelKeys[0] FieldValueInvalid`]],
  [podTerm({ namespaces: ['A'] }), [`${POD_TERM}.namespace FieldValueInvalid`]],
  [
    podTerm({ topologyKey: '' }),
    ['Required', 'Invalid', 'Invalid'].map((reason) => `${POD_TERM}.topologyKey FieldValue${reason}`),
  ],
  [{ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a b', whenUnsatisfiable: 'ScheduleAnyway' }] }, []],
  [
    { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'z' }] },
    ['topologySpreadConstraints[0].whenUnsatisfiable FieldValueNotSupported'],
  ],
])('a pod placed by %j is refused at %j', (spec, causes) => {
  expect(refusals(spec)).toEqual(causes);
});

test('claims of a StatefulSet are looked at as those of pods are', () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  const spec = {
    selector: { matchLabels: { a: 'b' } },
    template,
    volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: {} }],
  };
  expect(
    causesOf(STATEFULSETS, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 's', namespace: 'd' },
      spec,
    }),
  ).toEqual([
    'spec.volumeClaimTemplates[0].spec.accessModes FieldValueRequired',
    'spec.volumeClaimTemplates[0].spec.resources[storage] FieldValueRequired',
  ]);
});
