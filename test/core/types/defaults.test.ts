import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { ConfigMap } from '../../../core/types/config-map.ts';
import { defaultPullPolicy } from '../../../core/types/defaults/container.ts';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import { withGeneratedSelector } from '../../../core/types/defaults/job-selector.ts';
import { withNamespaceFinalizer } from '../../../core/types/defaults/others.ts';
import { defaultPodSpec, initialPodStatus } from '../../../core/types/defaults/pod-spec.ts';
import type { Job } from '../../../core/types/job.ts';
import { jsonEqual } from '../../../core/types/json-value.ts';
import type { Namespace } from '../../../core/types/namespace.ts';
import type { Node } from '../../../core/types/node.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import {
  CONFIGMAPS,
  DEPLOYMENTS,
  JOBS,
  NAMESPACES,
  NODES,
  PODS,
  type ResourceType,
  ResourceTypes,
  SECRETS,
  SERVICES,
} from '../../../core/types/resource-type.ts';
import type { Service } from '../../../core/types/service.ts';
import { formatMicroTime, formatTime } from '../../../core/types/time.ts';
import { checkShape } from '../../../core/types/validation/shape.ts';
import { validateCreate } from '../../../core/types/validation/validate.ts';
import { lacksData, SHARED_DIR } from '../../support/needs.ts';

const types = new ResourceTypes();
const base = path.join(SHARED_DIR, 'controlplane');

function scenarios(): string[] {
  return readdirSync(base).filter((name) => existsSync(path.join(base, name, 'final.json')));
}

function finalObjects(scenario: string): readonly KubeObject[] {
  const text = readFileSync(path.join(base, scenario, 'final.json'), 'utf8');
  return Object.values(JSON.parse(text, unmasked) as Record<string, KubeObject[]>).flat();
}

/** Recorded times count from the scenario's start: `t+49s`, with decimals for a MicroTime; addresses are numbered: `ip-6`. */
function unmasked(_key: string, value: unknown): unknown {
  const [, seconds, decimals = ''] = /^t([+-]\d+)(\.\d+)?s$/.exec(String(value)) ?? [];
  if (seconds === undefined) return typeof value === 'string' ? value.replace(/^ip-(?=\d+$)/, '10.0.0.') : value;
  return decimals === '' ? formatTime(START_US + Number(seconds) * 1e6) : formatMicroTime(START_US);
}
const START_US = 1_735_689_600_000_000;

/** Fields that the server or a controller fills in, not defaulting. */
const SERVER_FIELDS = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'podCIDR', 'podCIDRs'];

function comparable(spec: unknown): unknown {
  return Object.fromEntries(Object.entries(spec ?? {}).filter(([key]) => !SERVER_FIELDS.includes(key)));
}

describe.skipIf(lacksData('controlplane/deployment-create/final.json'))('recorded objects', () => {
  it('are complete: defaulting returns every one of them as it is', () => {
    let count = 0;
    for (const scenario of scenarios()) {
      for (const object of finalObjects(scenario)) {
        const type = types.byKind(object.apiVersion, object.kind);
        if (type === undefined) continue;
        expect(checkShape(type, object), `${scenario} ${object.kind}/${object.metadata.name}`).toBeNull();
        expect(applyDefaults(type, object), `${scenario} ${object.kind}/${object.metadata.name}`).toBe(object);
        expect(validateCreate(type, object)?.message ?? null, `${scenario} ${object.kind}`).toBeNull();
        count++;
      }
    }
    expect(count).toBeGreaterThan(1000);
  });

  it('come out of their manifests', () => {
    let count = 0;
    for (const scenario of scenarios()) {
      const final = new Map(finalObjects(scenario).map((o) => [`${o.kind}/${o.metadata.name}`, o]));
      const manifests = parseAllDocuments(readFileSync(path.join(base, scenario, 'manifests.yaml'), 'utf8'));
      for (const document of manifests) {
        const object = document.toJS() as KubeObject | null;
        const stored = object === null ? undefined : final.get(`${object.kind}/${object.metadata.name}`);
        const type = object === null ? undefined : types.byKind(object.apiVersion, object.kind);
        if (object === null || stored === undefined || type === undefined) continue;
        const changedLater = (stored.metadata.generation ?? 1) > 1;
        if (changedLater || ['Pod', 'Node', 'Lease'].includes(object.kind)) continue;
        let defaulted = applyDefaults(type, object);
        if (type === JOBS) defaulted = withGeneratedSelector(defaulted as Job, stored.metadata.uid as string);
        if (type === NAMESPACES) defaulted = withNamespaceFinalizer(defaulted as Namespace);
        expect(comparable(defaulted.spec), `${scenario} ${object.kind}/${object.metadata.name}`).toEqual(
          comparable(stored.spec),
        );
        expect(jsonEqual(defaulted.metadata.labels ?? {}, stored.metadata.labels ?? {}) || type === JOBS).toBe(true);
        count++;
      }
    }
    expect(count).toBeGreaterThan(80);
  });
});

const pod = (spec: unknown): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'demo' },
  spec: spec as Pod['spec'],
});

describe('defaulting', () => {
  it('works once for a shared spec and shares what it leaves alone', () => {
    const spec = { containers: [{ name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] }], tolerations: [] };
    const first = applyDefaults(PODS, pod(spec)) as Pod;
    const second = applyDefaults(PODS, pod(spec)) as Pod;
    expect(first.spec).toBe(second.spec);
    expect(first.spec.tolerations).toBe(spec.tolerations);
    expect(first.spec.containers[0]?.env).toBe(spec.containers[0]?.env);
    expect(applyDefaults(PODS, first)).toBe(first);
    expect(spec.containers[0]).not.toHaveProperty('imagePullPolicy');
  });

  it('fills containers, probes, volumes and requests of a pod', () => {
    const spec = defaultPodSpec(
      pod({
        serviceAccountName: 'sa',
        hostNetwork: true,
        containers: [
          {
            name: 'a',
            image: 'a',
            ports: [{ containerPort: 80 }],
            resources: { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: 0.5 } },
            readinessProbe: { httpGet: { port: 80 } },
            livenessProbe: { grpc: { port: 9 }, periodSeconds: 0, timeoutSeconds: 7 },
            env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
          },
        ],
        volumes: [{ name: 'e' }, { name: 'c', configMap: { name: 'c' } }, { name: 'h', hostPath: { path: '/x' } }],
      }).spec,
    );
    expect(spec).toMatchObject({ serviceAccount: 'sa', restartPolicy: 'Always', enableServiceLinks: true });
    expect(spec.containers[0]).toMatchObject({
      imagePullPolicy: 'Always',
      ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }],
      resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
      readinessProbe: { httpGet: { path: '/', scheme: 'HTTP' }, periodSeconds: 10, failureThreshold: 3 },
      livenessProbe: { grpc: { service: '' }, periodSeconds: 10, timeoutSeconds: 7, successThreshold: 1 },
      env: [{ valueFrom: { fieldRef: { apiVersion: 'v1' } } }],
    });
    expect(spec.volumes).toEqual([
      { name: 'e', emptyDir: {} },
      { name: 'c', configMap: { name: 'c', defaultMode: 420 } },
      { name: 'h', hostPath: { path: '/x', type: '' } },
    ]);
  });

  it.each([
    ['a', 'Always'],
    ['a:latest', 'Always'],
    ['a:v1', 'IfNotPresent'],
    ['host:5000/a', 'Always'],
    ['host:5000/a:v1', 'IfNotPresent'],
    ['a@sha256:abc', 'IfNotPresent'],
    ['a:latest@sha256:abc', 'IfNotPresent'],
    [`a:latest@sha256:${'a'.repeat(64)}`, 'Always'],
    ['Foo', 'IfNotPresent'],
    ['Foo.io:5000/bar', 'Always'],
    ['foo/Bar', 'IfNotPresent'],
    ['localhost/Bar', 'IfNotPresent'],
    ['FOO/bar', 'Always'],
    ['a'.repeat(64), 'IfNotPresent'],
    ['a..b', 'IfNotPresent'],
  ])('pulls %s %s', (image, policy) => {
    expect(defaultPullPolicy(image)).toBe(policy);
  });

  it('leaves a device claim as it is that lacks nothing, and completes its requests one by one', () => {
    const type = types.register('resource.k8s.io/v1', 'ResourceClaim');
    const whole = { name: 'a', exactly: { deviceClassName: 'gpu', allocationMode: 'All' } };
    const partial = { name: 'b', exactly: { deviceClassName: 'gpu' } };
    const either = { name: 'c', firstAvailable: [{ name: 'd', deviceClassName: 'gpu' }] };
    const claim = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name: 'c' } };
    const given = { ...claim, spec: { devices: { requests: [whole, partial, either], config: [] } } };
    const spec = applyDefaults(type, given).spec as typeof given.spec;
    const counted = { allocationMode: 'ExactCount', count: 1 };
    expect(spec.devices.requests).toEqual([
      whole,
      { ...partial, exactly: { ...partial.exactly, ...counted } },
      { ...either, firstAvailable: [{ ...either.firstAvailable[0], ...counted }] },
    ]);
    expect(spec.devices.requests[0]).toBe(whole);
    expect(applyDefaults(type, { ...claim, spec }).spec).toBe(spec);
    expect(applyDefaults(type, claim).spec).toEqual({});
  });

  it('leaves templates without what only pods get', () => {
    const template = { spec: { containers: [{ name: 'a', image: 'a:1', resources: { limits: { cpu: '1' } } }] } };
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { template } };
    const spec = (applyDefaults(DEPLOYMENTS, object).spec as { template: typeof template }).template.spec;
    expect(spec).not.toHaveProperty('enableServiceLinks');
    expect(spec.containers[0]?.resources).toEqual({ limits: { cpu: '1' } });
  });

  it('keeps Recreate without rolling parameters and drops nulls', () => {
    const spec = {
      replicas: null,
      strategy: { type: 'Recreate', rollingUpdate: null },
      template: { metadata: null, spec: null },
    };
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', annotations: null }, spec };
    const result = applyDefaults(DEPLOYMENTS, object as unknown as KubeObject);
    expect(result.metadata).toEqual({ name: 'd' });
    expect(result.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect((result.spec as { strategy: object }).strategy).not.toHaveProperty('rollingUpdate');
  });

  it('follows the service type', () => {
    const service = (spec: object): Service =>
      applyDefaults(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec }) as Service;
    expect(service({ ports: [{ port: 80 }] }).spec).toEqual({
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    });
    expect(service({ type: 'LoadBalancer' }).spec).toMatchObject({
      externalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
    });
    expect(service({ type: 'ExternalName' }).spec).not.toHaveProperty('internalTrafficPolicy');
    expect(service({ sessionAffinity: 'ClientIP' }).spec.sessionAffinityConfig).toEqual({
      clientIP: { timeoutSeconds: 10_800 },
    });
  });

  // Kubernetes 1.34.1, core/v1, apps/v1 and batch/v1 defaults.go, by running them.
  it.each([
    ['Pod', 'v1', { containers: [], restartPolicy: '', dnsPolicy: '', schedulerName: '' }, 'restartPolicy', 'Always'],
    ['DaemonSet', 'apps/v1', { updateStrategy: { type: '' } }, 'updateStrategy.type', 'RollingUpdate'],
    ['StatefulSet', 'apps/v1', { podManagementPolicy: '' }, 'podManagementPolicy', 'OrderedReady'],
    ['Service', 'v1', { type: '', ports: [{ port: 1, targetPort: '' }] }, 'ports.0.targetPort', 1],
    ['Service', 'v1', { type: '', internalTrafficPolicy: '' }, 'internalTrafficPolicy', ''],
    ['Job', 'batch/v1', { completionMode: '' }, 'completionMode', ''],
    [
      'Pod',
      'v1',
      { containers: [{ name: 'a', image: 'a:1', imagePullPolicy: '' }] },
      'containers.0.imagePullPolicy',
      'IfNotPresent',
    ],
  ])(
    'takes an empty text of a %s (%s) for none unless the field is a pointer: %j',
    (kind, apiVersion, spec, path, value) => {
      const type = types.byKind(apiVersion, kind) as ResourceType;
      const object = applyDefaults(type, { apiVersion, kind, metadata: { name: 'x' }, spec });
      expect(path.split('.').reduce((at: unknown, key) => (at as Record<string, unknown>)[key], object.spec)).toBe(
        value,
      );
    },
  );

  it('reads nulls in maps of texts as empty ones, and stores what a claim of a volume asks for as it does any other', () => {
    const map = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', labels: { a: null } },
      data: { b: null },
    };
    const result = applyDefaults(CONFIGMAPS, map as unknown as KubeObject);
    expect([result.metadata.labels, (result as ConfigMap).data]).toEqual([{ a: '' }, { b: '' }]);
    const spec = { resources: { requests: { storage: '1024Mi' } } };
    const volumes = [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec } } }];
    const stored = { resources: { requests: { storage: '1Gi' } }, volumeMode: 'Filesystem' };
    expect(defaultPodSpec({ containers: [], volumes }).volumes?.[0]).toEqual({
      name: 'v',
      ephemeral: { volumeClaimTemplate: { spec: stored } },
    });
  });

  it('gives a node its capacity to allocate only where it does not say what it has', () => {
    const node = (status: object) =>
      (applyDefaults(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status }) as Node).status;
    const capacity = { cpu: '4000m', memory: '8Gi' };
    expect(node({ capacity })?.allocatable).toEqual({ cpu: '4', memory: '8Gi' });
    expect(node({ capacity, allocatable: { cpu: '3900m' } })?.allocatable).toEqual({ cpu: '3900m' });
  });

  it('encodes secrets and computes the first status of a pod', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { k: 'käse' } };
    expect(applyDefaults(SECRETS, secret)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      type: 'Opaque',
      data: { k: Buffer.from('käse').toString('base64') },
    });
    const gated = pod({ containers: [], schedulingGates: [{ name: 'g' }] }).spec;
    expect(initialPodStatus(gated)).toMatchObject({
      qosClass: 'BestEffort',
      conditions: [{ reason: 'SchedulingGated' }],
    });
  });

  it('survives input of the wrong shape, which checkShape reports', () => {
    for (const spec of [undefined, null, 3, 'x', [], { template: 3 }, { template: { spec: { containers: 3 } } }]) {
      const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec };
      const wrong = spec !== undefined && spec !== null;
      expect(checkShape(DEPLOYMENTS, object)?.code, JSON.stringify(spec)).toBe(wrong ? 400 : undefined);
    }
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', labels: { a: 1 } } };
    expect(checkShape(CONFIGMAPS, configMap as unknown as KubeObject)?.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ' +
        'ConfigMap.metadata.labels of type string',
    );
  });
});
