/** What a body leaves out or may not say, kind by kind. All expectations are answers of kube-apiserver 1.34.1. */
import { expect, test } from 'vitest';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONFIGMAPS, DAEMONSETS, DEPLOYMENTS, JOBS, PODS, REPLICASETS } from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { bootstrapped, configMap, deployment, pod } from './objects.ts';

const WORKLOAD = [
  'spec.selector: Required value',
  'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
  'spec.template.spec.containers: Required value',
];

test.each([
  [DEPLOYMENTS, WORKLOAD],
  [REPLICASETS, WORKLOAD],
  [JOBS, undefined],
  [PODS, ['spec.containers: Required value']],
])('a $kind without spec is told what the spec lacks', (type, causes) => {
  const object = { apiVersion: type.apiVersion, kind: type.kind, metadata: { name: 'a' } };
  const h = bootstrapped();
  const missing = h.call(VERB.create, type, { object });
  const empty = h.call(VERB.create, type, { object: { ...object, spec: {} } });
  expect([missing.code, missing.error?.message]).toEqual([422, empty.error?.message]);
  if (causes !== undefined) {
    expect(missing.error?.details?.causes?.map(({ field, message }) => `${field}: ${message}`)).toEqual(causes);
  }
});

const JOB = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'x:1' }] } } },
};

test('a Job without labels has those of its template, also when they are taken away', () => {
  const h = bootstrapped();
  const made = h.create(JOBS, JOB);
  const labels = {
    'batch.kubernetes.io/controller-uid': made.metadata.uid,
    'batch.kubernetes.io/job-name': 'j',
    'controller-uid': made.metadata.uid,
    'job-name': 'j',
  };
  expect(made.metadata.labels).toEqual(labels);
  const patch = { metadata: { labels: null } };
  expect(h.object(VERB.patch, JOBS, { name: 'j', patch, patchType: 'merge' }).metadata.labels).toEqual(labels);
  const own = h.create(JOBS, { ...JOB, metadata: { name: 'own', labels: { a: 'b' } } });
  expect(own.metadata.labels).toEqual({ a: 'b' });
});

test('a Job that loses its spec is refused', () => {
  const h = bootstrapped();
  const made = h.create(JOBS, JOB);
  expect(h.call(VERB.update, JOBS, { name: 'j', object: { ...made, spec: null } }).code).toBe(422);
});

test.each([
  [{ deletionTimestamp: '2020-01-01T00:00:00Z' }, 'metadata.deletionTimestamp'],
  [{ deletionGracePeriodSeconds: 5 }, 'metadata.deletionGracePeriodSeconds'],
])('an update does not mark for deletion: %j', (meta, field) => {
  const h = bootstrapped();
  const made = h.create(CONFIGMAPS, configMap('c'));
  const object = { ...made, metadata: { ...made.metadata, ...meta } };
  const answer = h.call(VERB.update, CONFIGMAPS, { name: 'c', object });
  expect([answer.code, answer.error?.details?.causes?.map((cause) => cause.field)]).toEqual([422, [field, field]]);
});

test("a pod's status does not mark it either, and a mark may be left out", () => {
  const h = bootstrapped();
  const made = h.create(PODS, pod('p', { finalizers: ['a.io/x'] }));
  const object = { ...made, metadata: { ...made.metadata, deletionTimestamp: '2020-01-01T00:00:00Z' } };
  const answer = h.call(VERB.update, PODS, { name: 'p', subresource: 'status', object });
  expect([answer.code, answer.object?.metadata.deletionTimestamp]).toEqual([200, undefined]);
  const marked = h.object(VERB.delete, PODS, { name: 'p' });
  const unmarked = { ...marked, metadata: { ...marked.metadata, deletionTimestamp: undefined, labels: { a: 'b' } } };
  const kept = h.object(VERB.update, PODS, { name: 'p', object: unmarked });
  expect(kept.metadata.deletionTimestamp).toBe(marked.metadata.deletionTimestamp);
});

test('an owner that is named twice is named once', () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' };
  const h = bootstrapped();
  const twice = (object: KubeObject) => ({
    ...object,
    metadata: { ...object.metadata, ownerReferences: [owner, owner] },
  });
  expect(h.create(CONFIGMAPS, twice(configMap('c'))).metadata.ownerReferences).toEqual([owner]);
  h.create(CONFIGMAPS, configMap('d'));
  const updated = h.object(VERB.update, CONFIGMAPS, { name: 'd', object: twice(configMap('d')) });
  expect(updated.metadata.ownerReferences).toEqual([owner]);
});

test.each([
  [[], 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
  [5, 'error decoding patch: json: cannot unmarshal number into Go value of type map[string]interface {}'],
  [null, 'Invalid JSON Patch'],
])('a merge patch is an object, not %j', (patch, message) => {
  const h = bootstrapped();
  h.create(CONFIGMAPS, configMap('c'));
  const answer = h.call(VERB.patch, CONFIGMAPS, { name: 'c', patch, patchType: 'merge' });
  expect([answer.code, answer.error?.message]).toEqual([400, message]);
});

test('a subresource that a kind does not have is not found: it ended the server', () => {
  const h = bootstrapped();
  h.create(PODS, pod('p'));
  h.create(DEPLOYMENTS, deployment('d'));
  const message = 'the server could not find the requested resource';
  for (const [type, name, subresource] of [
    [PODS, 'p', 'scale'],
    [CONFIGMAPS, 'c', 'status'],
    [DEPLOYMENTS, 'd', 'eviction'],
  ] as const) {
    expect(h.get(type, name, { subresource }).error).toMatchObject({ code: 404, message });
  }
});

test.each([
  [REPLICASETS, '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  [DAEMONSETS, '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  [JOBS, 'field label "status.replicas" not supported for Job'],
  [PODS, 'field label not supported: status.replicas'],
])('fields that $kind does not know', (type, message) => {
  const answer = bootstrapped().call(VERB.list, type, { options: { fieldSelector: 'status.replicas=1' } });
  expect([answer.code, answer.error?.message]).toEqual([400, message]);
});
