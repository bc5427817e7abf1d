/** The table of values that make sense: what it calls refused the server refuses, and what it does not the server stores. */
import { expect, test } from 'vitest';
import { CLAIM_TYPES } from '../../../core/types/claim-types.ts';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { type ResourceType, ResourceTypes } from '../../../core/types/resource-type.ts';
import { checkShape } from '../../../core/types/validation/shape.ts';
import type { Limited, Shape } from '../../../core/types/validation/shape-parts.ts';
import { shapeOf } from '../../../core/types/validation/shapes.ts';
import { validateStatusUpdate, validateUpdate } from '../../../core/types/validation/validate.ts';

const METADATA = { name: 'x', namespace: 'demo', uid: 'u', resourceVersion: '1' };
const types = new ResourceTypes();
for (const { apiVersion, kind } of CLAIM_TYPES) types.register(apiVersion, kind);
const of = (apiVersion: string, kind: string, rest: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: METADATA,
  ...rest,
});
const typeOf = ({ apiVersion, kind }: KubeObject): ResourceType =>
  types.byKind(apiVersion, kind) ?? types.register(apiVersion, kind);

const selector = { matchLabels: { app: 'web' } };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'app:v1' }] } };
const TIMES = { initialDelaySeconds: 1, periodSeconds: 1, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 1 };
const http = { httpGet: { path: '/', port: 80, scheme: 'HTTP' }, ...TIMES };
const container = {
  name: 'app',
  image: 'app:v1',
  ports: [{ containerPort: 80, hostPort: 8080, protocol: 'TCP' }],
  imagePullPolicy: 'Always',
  terminationMessagePolicy: 'File',
  livenessProbe: http,
  readinessProbe: { grpc: { port: 80 }, ...TIMES },
  startupProbe: http,
};
const probed = { preStop: { httpGet: http.httpGet } };
const term = { topologyKey: 'zone', labelSelector: selector };
const affinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] };
const nodeTerm = { matchExpressions: [{ key: 'a', operator: 'Exists' }] };
const condition = { type: 'Ready', status: 'True', reason: 'It', lastTransitionTime: '2025-01-01T00:00:00Z' };
const running = { name: 'app', restartCount: 0, state: {} };
const deviceSpec = (taint: object): object => ({
  driver: 'd.example.com',
  pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
  nodeName: 'n',
  devices: [{ name: 'a', taints: [taint] }],
});
const toleration = { key: 'a', operator: 'Exists', effect: 'NoSchedule' };
const request = { deviceClassName: 'c', allocationMode: 'All', tolerations: [toleration] };
const requests = [
  { name: 'one', exactly: request },
  { name: 'two', firstAvailable: [{ ...request, name: 'three' }] },
];
const turned = [requests[1], requests[0]];
const modes = { accessModes: ['ReadWriteOnce'], volumeMode: 'Block' };

const SAMPLES: readonly KubeObject[] = [
  of('v1', 'Pod', {
    spec: {
      restartPolicy: 'Always',
      preemptionPolicy: 'Never',
      dnsPolicy: 'Default',
      volumes: [{ name: 'v', hostPath: { path: '/a', type: 'File' } }],
      os: { name: 'linux' },
      initContainers: [{ name: 'init', image: 'app:v1', restartPolicy: 'Always' }],
      containers: [{ ...container, lifecycle: probed }],
      tolerations: [toleration],
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          minDomains: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: selector,
          nodeAffinityPolicy: 'Honor',
          nodeTaintsPolicy: 'Honor',
        },
      ],
      affinity: {
        podAffinity: affinity,
        podAntiAffinity: affinity,
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: nodeTerm }] },
      },
    },
    status: {
      phase: 'Running',
      qosClass: 'BestEffort',
      observedGeneration: 1,
      conditions: [condition],
      containerStatuses: [running],
      initContainerStatuses: [running],
      ephemeralContainerStatuses: [running],
    },
  }),
  of('v1', 'Node', {
    spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
    status: { conditions: [condition] },
  }),
  of('v1', 'Namespace', { status: { phase: 'Active', conditions: [condition] } }),
  of('apps/v1', 'Deployment', {
    spec: {
      replicas: 1,
      minReadySeconds: 0,
      revisionHistoryLimit: 1,
      progressDeadlineSeconds: 9,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      selector,
      template,
    },
    status: {
      observedGeneration: 1,
      replicas: 9,
      updatedReplicas: 0,
      readyReplicas: 0,
      availableReplicas: 0,
      unavailableReplicas: 0,
      terminatingReplicas: 0,
      collisionCount: 0,
      conditions: [condition],
    },
  }),
  of('apps/v1', 'ReplicaSet', {
    spec: { replicas: 1, minReadySeconds: 0, selector, template },
    status: {
      observedGeneration: 1,
      replicas: 9,
      fullyLabeledReplicas: 0,
      readyReplicas: 0,
      availableReplicas: 0,
      terminatingReplicas: 0,
      conditions: [condition],
    },
  }),
  of('apps/v1', 'StatefulSet', {
    spec: {
      replicas: 1,
      minReadySeconds: 0,
      revisionHistoryLimit: 1,
      ordinals: { start: 0 },
      podManagementPolicy: 'Parallel',
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      selector,
      template,
    },
    status: {
      observedGeneration: 1,
      replicas: 9,
      readyReplicas: 0,
      currentReplicas: 0,
      updatedReplicas: 0,
      availableReplicas: 0,
      collisionCount: 0,
      conditions: [condition],
    },
  }),
  of('apps/v1', 'DaemonSet', {
    spec: {
      minReadySeconds: 0,
      revisionHistoryLimit: 1,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      selector,
      template,
    },
    status: {
      observedGeneration: 1,
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
      updatedNumberScheduled: 0,
      numberAvailable: 0,
      numberUnavailable: 0,
      collisionCount: 0,
      conditions: [condition],
    },
  }),
  of('batch/v1', 'Job', {
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 1,
      activeDeadlineSeconds: 9,
      ttlSecondsAfterFinished: 9,
      completionMode: 'Indexed',
      podReplacementPolicy: 'Failed',
      backoffLimitPerIndex: 1,
      maxFailedIndexes: 1,
      template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } },
    },
    status: { active: 0, succeeded: 0, failed: 0, terminating: 0, ready: 0, conditions: [condition] },
  }),
  of('v1', 'Service', {
    spec: {
      type: 'NodePort',
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 9 } },
      externalTrafficPolicy: 'Local',
      internalTrafficPolicy: 'Local',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      trafficDistribution: 'PreferClose',
      ports: [{ port: 80, protocol: 'TCP', nodePort: 30_000 }],
      clusterIP: '10.0.0.1',
    },
    status: { conditions: [condition] },
  }),
  of('discovery.k8s.io/v1', 'EndpointSlice', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
  }),
  of('coordination.k8s.io/v1', 'Lease', { spec: { leaseDurationSeconds: 15, leaseTransitions: 0 } }),
  of('scheduling.k8s.io/v1', 'PriorityClass', { value: 1, preemptionPolicy: 'Never' }),
  of('policy/v1', 'PodDisruptionBudget', {
    spec: { minAvailable: 1, selector, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
      conditions: [condition],
    },
  }),
  of('v1', 'PersistentVolumeClaim', {
    spec: { ...modes, resources: { requests: { storage: '1Gi' } } },
    status: { phase: 'Bound', conditions: [condition] },
  }),
  of('v1', 'PersistentVolume', {
    spec: { ...modes, capacity: { storage: '1Gi' }, persistentVolumeReclaimPolicy: 'Retain', hostPath: { path: '/x' } },
    status: { phase: 'Bound' },
  }),
  of('storage.k8s.io/v1', 'StorageClass', {
    provisioner: 'p.example.com',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  }),
  of('resource.k8s.io/v1', 'ResourceClaim', {
    spec: { devices: { requests } },
    status: { devices: [{ conditions: [condition] }] },
  }),
  of('resource.k8s.io/v1', 'ResourceClaimTemplate', { spec: { spec: { devices: { requests } } } }),
  of('resource.k8s.io/v1', 'ResourceClaim', {
    spec: { devices: { requests: turned } },
    status: { devices: [{ conditions: [condition] }] },
  }),
  of('resource.k8s.io/v1', 'ResourceClaimTemplate', { spec: { spec: { devices: { requests: turned } } } }),
  of('resource.k8s.io/v1', 'DeviceTaintRule', { spec: { taint: { key: 'a', effect: 'NoSchedule' } } }),
  of('scheduling.k8s.io/v1alpha1', 'PodGroup', {
    spec: { schedulingPolicy: { gang: { minCount: 2 } }, preemptionPolicy: 'Never' },
    status: { conditions: [condition] },
  }),
  of('resource.k8s.io/v1', 'ResourceSlice', { spec: deviceSpec({ key: 'a', effect: 'NoSchedule' }) }),
];

type Path = readonly (string | number)[];

/** Where the table limits a value; lists and maps by their first entry, which stands for all. */
function limitsOf(shape: Shape | undefined, path: Path = []): (readonly [Path, Limited])[] {
  if (shape === undefined || typeof shape === 'string') return [];
  if (shape.scalar !== undefined) return [[path, shape]];
  if (shape.list !== undefined) return limitsOf(shape.list, [...path, 0]);
  if (shape.entries !== undefined) return [];
  return Object.entries(shape.fields).flatMap(([name, field]) => limitsOf(field, [...path, name]));
}

/** Fields that stand in a sample once for all places where they can be. */
const IS_ELSEWHERE =
  /template\.|^spec\.initContainers|^spec\.containers\.0\.restartPolicy|exactly|firstAvailable|postStart|(liveness|startup)Probe\.(grpc|tcpSocket)|readinessProbe\.httpGet|(volumeClaim|rollingUpdate\.partition|minReadySeconds|revisionHistoryLimit)/;

function valueAt(object: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, part) => (at as Record<string | number, unknown> | undefined)?.[part], object);
}

function withValue(object: KubeObject, path: Path, value: unknown): KubeObject {
  const copy = structuredClone(object);
  const parent = valueAt(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  parent[path.at(-1) as string] = value;
  return copy;
}

const ROWS = SAMPLES.flatMap((sample) => {
  const old = applyDefaults(typeOf(sample), sample);
  return limitsOf(shapeOf(typeOf(sample))).map(
    ([path, limited]) => [`${sample.kind} ${path.join('.')}`, old, path, limited] as const,
  );
}).filter(([, old, path]) => valueAt(old, path) !== undefined || !IS_ELSEWHERE.test(path.join('.')));

test.each(ROWS)('%s', (_name, old, path, limited) => {
  expect(valueAt(old, path)).toBeDefined();
  const wrong = limited.scalar === 'string' ? 'Foo' : limited.min - 1;
  const next = withValue(old, path, wrong);
  const type = typeOf(old);
  expect(checkShape(type, next)).toBeNull();
  const check = path[0] === 'status' ? validateStatusUpdate : validateUpdate;
  const causes = check(type, next, old)?.details?.causes ?? [];
  expect(causes.length > 0).toBe(limited.isRefused || WITH_RULES.test(`${old.kind} ${path.join('.')}`));
  expect(check(type, old, old)).toBeNull();
});

/** Texts that the server refuses by a rule of its own. */
const WITH_RULES =
  /^(Namespace status.phase|Pod status.qosClass|Pod spec\..*restartPolicy|PodDisruptionBudget status.conditions.0.status)$/;

test('every kind with limits has a sample', () => {
  const kinds = SAMPLES.map(({ kind }) => kind);
  const all = types.all.filter((type) => limitsOf(shapeOf(type)).length > 0).map(({ kind }) => kind);
  expect(all.filter((kind) => !kinds.includes(kind))).toEqual([]);
});
