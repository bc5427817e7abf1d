/** What the body of a write may leave out and may not say. All expectations are answers of kube-apiserver 1.34.1. */
import { expect, test } from 'vitest';
import type { ApiCore } from '../../../core/api/core.ts';
import type { Operation } from '../../../core/api/operation.ts';
import { aboutPod } from '../../../core/api/verbs/given-object.ts';
import { CONFIGMAPS, LEASES, NODES, PODS, ResourceTypes, SERVICEACCOUNTS } from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { bootstrapped, configMap } from './objects.ts';

const NAMED = { name: 'a' };
const NO_NAME = 'metadata.name: Required value: name or generateName is required';
const OTHER = 'the namespace of the provided object does not match the namespace sent on the request';
const UNKNOWN = 'in scheme "pkg/runtime/scheme.go:110"';
const NO_TYPE = `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal`;

test.each([
  [{ metadata: NAMED }, 201, undefined],
  [{ apiVersion: '', kind: '', metadata: NAMED }, 201, undefined],
  [{ metadata: { ...NAMED, namespace: '' } }, 201, undefined],
  [{ metadata: { ...NAMED, resourceVersion: '0' } }, 201, undefined],
  [{ metadata: { ...NAMED, resourceVersion: 'x' } }, 201, undefined],
  [{ metadata: { ...NAMED, resourceVersion: '1' } }, 500, 'resourceVersion should not be set on objects to be created'],
  [{ metadata: { ...NAMED, namespace: 'other' } }, 400, OTHER],
  [{}, 422, `ConfigMap "" is invalid: ${NO_NAME}`],
  [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: null }, 422, `ConfigMap "" is invalid: ${NO_NAME}`],
  [
    { apiVersion: 'v1', kind: 'Secret', metadata: NAMED },
    400,
    'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
  ],
  [{ apiVersion: null, kind: null, metadata: NAMED }, 201, undefined],
  [
    { apiVersion: null, kind: 'Secret', metadata: NAMED },
    400,
    'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
  ],
  // apimachinery, runtime/serializer/json/meta.go Interpret.
  [
    { apiVersion: {}, kind: 1, metadata: NAMED },
    400,
    `${NO_TYPE} object into Go struct field .apiVersion of type string`,
  ],
  [{ kind: 1.5, metadata: NAMED }, 400, `${NO_TYPE} number into Go struct field .kind of type string`],
  [
    { apiVersion: 'apps/v1', metadata: NAMED },
    400,
    `ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "apps/v1" ${UNKNOWN}`,
  ],
])('create of %j: %i', (object, code, message) => {
  const answer = bootstrapped().call(VERB.create, CONFIGMAPS, { object });
  expect([answer.code, answer.error?.message]).toEqual([code, message]);
  if (code === 201)
    expect(answer.object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default' } });
});

test.each(['Binding', 'Eviction'])('a whole %s is taken as it is: it has no spec, though it goes to a pod', (kind) => {
  const core = { cluster: { types: new ResourceTypes() } } as unknown as ApiCore;
  const op = { request: { name: 'a', namespace: 'default' } } as unknown as Operation;
  const object = { apiVersion: 'v1', kind, metadata: { name: 'a', namespace: 'default' } };
  expect(aboutPod(core, op, { ...PODS, kind }, object)).toBe(object);
});

test('what has no namespace loses the one that it is given', () => {
  const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', namespace: 'other' } };
  expect(bootstrapped().create(NODES, object, { namespace: '' }).metadata.namespace).toBeUndefined();
});

test('a dry run tells that the name is taken', () => {
  const h = bootstrapped();
  h.create(CONFIGMAPS, configMap('c'));
  const dry = { object: configMap('c'), options: { dryRun: true } };
  expect(h.call(VERB.create, CONFIGMAPS, dry).code).toBe(409);
});

test.each([
  [{ kind: undefined, apiVersion: undefined }, {}, 200, undefined],
  [{}, { generateName: 'g-' }, 200, undefined],
  [{}, { name: '' }, 400, 'the name of the object (c based on URL) was undeterminable: name must be provided'],
  [{}, { name: 'z' }, 400, 'the name of the object (z) does not match the name on the URL (c)'],
  [{}, { namespace: '' }, 200, undefined],
  [{}, { namespace: 'z' }, 400, OTHER],
  [{}, { resourceVersion: 'abc' }, 500, 'strconv.ParseUint: parsing "abc": invalid syntax'],
  [
    {},
    { uid: 'x' },
    409,
    'Operation cannot be fulfilled on configmaps "c": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/c, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: UID',
  ],
])('update with %j and metadata %j: %i', (change, meta, code, message) => {
  const h = bootstrapped();
  const made = h.create(CONFIGMAPS, configMap('c'));
  const object = { ...made, ...change, metadata: { ...made.metadata, ...meta } };
  const answer = h.call(VERB.update, CONFIGMAPS, { name: 'c', object });
  expect([answer.code, answer.error?.message.replace(made.metadata.uid as string, 'UID')]).toEqual([code, message]);
  if (code === 200) expect(answer.object).toMatchObject({ kind: 'ConfigMap', metadata: { namespace: 'default' } });
  if ('generateName' in meta) expect(answer.object?.metadata.generateName).toBe('g-');
});

test('leases are not updated without a version, service accounts are', () => {
  const h = bootstrapped();
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: {} };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 's' } };
  h.create(LEASES, lease);
  h.create(SERVICEACCOUNTS, account);
  expect(h.call(VERB.update, SERVICEACCOUNTS, { name: 's', object: account }).code).toBe(200);
  expect(h.call(VERB.update, LEASES, { name: 'l', object: lease }).error).toMatchObject({
    message:
      'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    details: { kind: 'leases', group: 'coordination.k8s.io' },
  });
});

test.each([
  [
    'merge',
    { metadata: { uid: 'x' } },
    422,
    'ConfigMap "c" is invalid: metadata.uid: Invalid value: "x": field is immutable',
  ],
  [
    'merge',
    { metadata: null },
    400,
    'the name of the object (c based on URL) was undeterminable: name must be provided',
  ],
  ['merge', { metadata: { namespace: 'z' } }, 400, OTHER],
  ['merge', { metadata: { resourceVersion: 'z' } }, 500, 'strconv.ParseUint: parsing "z": invalid syntax'],
  ['merge', { kind: null }, 200, undefined],
  ['strategic', { kind: 'Secret' }, 200, undefined],
  ['strategic', null, 200, undefined],
  [
    'strategic',
    { $patch: 'delete' },
    400,
    'the name of the object (c based on URL) was undeterminable: name must be provided',
  ],
] as const)('%s patch %j: %i', (patchType, patch, code, message) => {
  const h = bootstrapped();
  h.create(CONFIGMAPS, configMap('c'));
  const answer = h.call(VERB.patch, CONFIGMAPS, { name: 'c', patch, patchType });
  expect([answer.code, answer.error?.message]).toEqual([code, message]);
  if (message?.includes('immutable')) expect(answer.error?.details?.causes).toHaveLength(2);
});

test('a patch to another kind or type of a field is refused with what it made', () => {
  const h = bootstrapped();
  h.create(CONFIGMAPS, configMap('c'));
  const kind = h.call(VERB.patch, CONFIGMAPS, { name: 'c', patch: { kind: 'Secret' }, patchType: 'merge' });
  expect([kind.code, kind.error?.details?.causes?.[0]?.field]).toEqual([422, 'patch']);
  const data = h.call(VERB.patch, CONFIGMAPS, { name: 'c', patch: { data: 5 }, patchType: 'strategic' });
  expect(data.error?.message).toMatch(/^ "" is invalid: patch: Invalid value: "map\[data:5\]": /);
});
