/**
 * What the server says of workloads and of the kinds beside them, and what an update may change. Source: Kubernetes 1.34.1, the Strategies of
 * pkg/registry/apps, batch, core, policy and scheduling, by running them.
 */
import { expect, test } from 'vitest';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import { withGeneratedSelector } from '../../../core/types/defaults/job-selector.ts';
import type { Job } from '../../../core/types/job.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { JOBS, type ResourceType, ResourceTypes, STATEFULSETS } from '../../../core/types/resource-type.ts';
import { validateCreate, validateUpdate } from '../../../core/types/validation/validate.ts';

type Json = Readonly<Record<string, unknown>>;
const types = new ResourceTypes();
const labels = { app: 'web' };
const selector = { matchLabels: labels };
const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a:1' }] } };
const once = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
const LABELS = 'spec.template.metadata.labels FieldValueInvalid';
const CONTAINERS = 'spec.template.spec.containers FieldValueRequired';

function defaulted(
  apiVersion: string,
  kind: string,
  spec: Json,
  metadata: Json = {},
): readonly [ResourceType, KubeObject] {
  const type = types.byKind(apiVersion, kind) as ResourceType;
  const named = { name: 'x', uid: 'u', ...(type.namespaced ? { namespace: 'demo' } : {}), ...metadata };
  const parts = kind === 'PriorityClass' ? spec : { spec };
  return [type, applyDefaults(type, { apiVersion, kind, metadata: named, ...parts } as unknown as KubeObject)];
}

function refusals(apiVersion: string, kind: string, spec: Json, metadata: Json = {}): readonly string[] {
  const error = validateCreate(...defaulted(apiVersion, kind, spec, metadata));
  return (error?.details?.causes ?? []).map(({ field, reason }) => `${field} ${reason}`);
}

const odd = { matchExpressions: [{ key: 'a', operator: 'Is' }] };
const ODD = ['spec.selector.matchExpressions[0].operator FieldValueInvalid', 'spec.selector FieldValueInvalid'];

test.each<[string, Json, readonly string[]]>([
  ['Deployment', { template }, ['spec.selector FieldValueRequired', LABELS]],
  ['Deployment', { selector }, [LABELS, CONTAINERS]],
  ['Deployment', { selector: odd }, ODD],
  ['Deployment', { selector, template, strategy: { type: 'Blue' } }, ['spec.strategy FieldValueNotSupported']],
  ['ReplicaSet', { selector: odd, template }, ODD],
  ['DaemonSet', { template }, [LABELS]],
  ['DaemonSet', { selector: odd, template }, [ODD[0] as string]],
  [
    'DaemonSet',
    { selector, template, updateStrategy: { type: 'Blue' } },
    ['spec.updateStrategy FieldValueNotSupported'],
  ],
  [
    'DaemonSet',
    { selector, template: { ...template, metadata: { labels: { ...labels, b: '-' } } } },
    ['spec.template.labels FieldValueInvalid'],
  ],
  [
    'DaemonSet',
    { selector, template: { ...template, metadata: { labels, annotations: { '-': '' } } } },
    ['spec.template.annotations FieldValueInvalid'],
  ],
  ['StatefulSet', { selector, template, serviceName: 'a.b' }, ['spec.serviceName FieldValueInvalid']],
  ['StatefulSet', { selector, template: { ...template, spec: { ...template.spec, hostname: 'A' } } }, []],
])('a %s with %j is refused at %j', (kind, spec, causes) => {
  expect(refusals('apps/v1', kind, spec)).toEqual(causes);
});

test.each<[Json, Json, readonly string[]]>([
  [{}, {}, [CONTAINERS, 'spec.template.spec.restartPolicy FieldValueRequired']],
  [{ template: once, manualSelector: true }, {}, ['spec.selector FieldValueRequired', LABELS]],
  [{ template: once, manualSelector: true, selector: {} }, {}, []],
  [{ template: once, selector }, {}, ['spec.selector FieldValueInvalid']],
  [{ template: once, completionMode: 'Indexed', completions: 11 }, { name: 'a'.repeat(60) }, []],
  [
    { template: once, completionMode: 'Indexed', completions: 101 },
    { name: 'a'.repeat(60) },
    ['metadata.name FieldValueInvalid'],
  ],
  [
    {
      template: once,
      completionMode: 'Indexed',
      completions: 2,
      successPolicy: { rules: [{ succeededIndexes: 'a', succeededCount: 1 }] },
    },
    {},
    [
      'spec.successPolicy.rules[0].succeededIndexes FieldValueInvalid',
      'spec.successPolicy.rules[0].succeededCount FieldValueInvalid',
    ],
  ],
])('a Job with %j is refused at %j', (spec, metadata, causes) => {
  expect(refusals('batch/v1', 'Job', spec, metadata)).toEqual(causes);
});

test.each<[string, string, Json, Json, readonly string[]]>([
  ['policy/v1', 'PodDisruptionBudget', { minAvailable: 1 }, { name: 'My_Budget' }, []],
  ['policy/v1', 'PodDisruptionBudget', { minAvailable: 1 }, { name: 'a%' }, ['metadata.name FieldValueInvalid']],
  ['v1', 'Namespace', { finalizers: ['mine'] }, {}, ['spec.finalizers FieldValueInvalid']],
  ['v1', 'Namespace', {}, { finalizers: ['mine'] }, ['metadata.finalizers[0] FieldValueInvalid']],
  [
    'v1',
    'Node',
    { taints: [{ key: null, effect: 'NoSchedule' }] },
    {},
    Array(2).fill('metadata.taints[0].key FieldValueInvalid'),
  ],
  [
    'scheduling.k8s.io/v1',
    'PriorityClass',
    { value: 2_000_001_000, globalDefault: true },
    { name: 'system-node-critical' },
    ['metadata.name FieldValueForbidden'],
  ],
  ['scheduling.k8s.io/v1', 'PriorityClass', { preemptionPolicy: '' }, {}, ['preemptionPolicy FieldValueRequired']],
])('a %s %s with %j is refused at %j', (apiVersion, kind, spec, metadata, causes) => {
  expect(refusals(apiVersion, kind, spec, metadata)).toEqual(causes);
});

function refusedChanges(type: ResourceType, old: KubeObject, change: Json, status: Json = {}): readonly string[] {
  const next = { ...old, spec: { ...(old.spec as Json), ...change } };
  const error = validateUpdate(type, next, { ...old, status });
  return (error?.details?.causes ?? []).map(({ field, reason }) => `${field} ${reason}`);
}

test('a Job that waits for its first start may say anew where its pods go, and nothing else of them', () => {
  const [, made] = defaulted('batch/v1', 'Job', { template: once, suspend: true });
  const old = withGeneratedSelector(made as Job, 'u');
  const { spec, metadata } = old.spec.template;
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } };
  const moved = {
    metadata: { ...metadata, annotations: { a: 'b' } },
    spec: { ...spec, nodeSelector: { z: 'a' }, affinity: { nodeAffinity } },
  };
  expect(refusedChanges(JOBS, old, { template: moved })).toEqual([]);
  expect(refusedChanges(JOBS, old, { template: moved }, { startTime: '2025-01-01T00:00:00Z' })).toEqual([
    'spec.template FieldValueInvalid',
  ]);
  const slow = { ...old.spec.template, spec: { ...spec, terminationGracePeriodSeconds: 9 } };
  expect(refusedChanges(JOBS, old, { template: slow })).toEqual(['spec.template FieldValueInvalid']);
  const bare = { ...old.spec.template, metadata: { labels: { ...metadata?.labels, 'job-name': 'y' } } };
  expect(refusedChanges(JOBS, old, { template: bare })).toEqual([
    'spec.template.metadata.labels[job-name] FieldValueInvalid',
  ]);
});

test('the claims and the Service of a StatefulSet are looked at once', () => {
  const [, old] = defaulted('apps/v1', 'StatefulSet', {
    selector,
    template,
    serviceName: 'a.b',
    volumeClaimTemplates: [{ metadata: { name: 'd' } }],
  });
  expect(refusedChanges(STATEFULSETS, old, { replicas: 2 })).toEqual([]);
});

test('the strategy of a StatefulSet has a partition where none is named, and no maxUnavailable', () => {
  const strategyOf = (updateStrategy: Json) => {
    const [, { spec }] = defaulted('apps/v1', 'StatefulSet', { selector, template, updateStrategy });
    return (spec as Json)['updateStrategy'];
  };
  expect(strategyOf({})).toEqual({ type: 'RollingUpdate', rollingUpdate: { partition: 0 } });
  expect(strategyOf({ type: 'RollingUpdate' })).toEqual({ type: 'RollingUpdate' });
  const given = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } };
  expect(strategyOf(given)).toEqual({ type: 'RollingUpdate', rollingUpdate: { partition: 0 } });
});
