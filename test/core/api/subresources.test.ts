/** Bindings, evictions and scales that make no sense, and deletes with odd options. All expectations are answers of kube-apiserver 1.34.1. */
import { expect, test } from 'vitest';
import { DEPLOYMENTS, PODS } from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { bootstrapped, deployment, pod } from './objects.ts';

const NODE = { kind: 'Node', name: 'n1' };
const STORAGE =
  'Operation cannot be fulfilled on pods "p": StorageError: invalid object, Code: 4, Key: /registry/pods/default/p, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed:';

test.each([
  [{ metadata: { name: 'p' }, target: null }, 500, 'target.name: Required value'],
  [{ metadata: { name: 'p' }, target: { kind: 'Node' } }, 500, 'target.name: Required value'],
  [
    { metadata: { name: 'p' }, target: { kind: 'Pod', name: 'n1' } },
    500,
    'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
  ],
  [{ metadata: { name: 'z' }, target: NODE }, 400, 'name in URL does not match name in Binding object'],
  [{ metadata: {}, target: NODE }, 400, 'name in URL does not match name in Binding object'],
  [
    { metadata: { name: 'p', namespace: 'other' }, target: NODE },
    400,
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    { kind: 'Pod', metadata: { name: 'p' }, target: NODE },
    400,
    'Pod in version "v1" cannot be handled as a Binding: converting (v1.Pod) to (core.Binding): unknown conversion',
  ],
  [
    { metadata: { name: 'p', uid: 'x' }, target: NODE },
    409,
    `${STORAGE} UID in precondition: x, UID in object meta: UID`,
  ],
  [
    { metadata: { name: 'p', resourceVersion: '1' }, target: NODE },
    409,
    `${STORAGE} ResourceVersion in precondition: 1, ResourceVersion in object meta: RV`,
  ],
  [{ metadata: { name: 'p' }, target: { name: 'n1' } }, 201, undefined],
])('binding %j: %i', (object, code, message) => {
  const h = bootstrapped();
  const { uid, resourceVersion } = h.create(PODS, pod('p')).metadata;
  const answer = h.call(VERB.create, PODS, { name: 'p', subresource: 'binding', object });
  const said = answer.error?.message.replace(uid as string, 'UID').replace(/ meta: \d+$/, ' meta: RV');
  expect([answer.code, said]).toEqual([code, message]);
  expect(resourceVersion).not.toBe('1');
});

const POLICY =
  'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "x": supported values: "Foreground", "Background", "Orphan", "nil"';

test.each([
  [{ metadata: {} }, 400, 'name in URL does not match name in Eviction object'],
  [{ metadata: { name: 'z' } }, 400, 'name in URL does not match name in Eviction object'],
  [{ metadata: { name: 'p' }, deleteOptions: { propagationPolicy: 'x' } }, 422, POLICY],
  [{ metadata: { name: 'p' }, apiVersion: 'policy/v1beta1' }, 201, undefined],
  [{ metadata: { name: 'p' }, deleteOptions: { propagationPolicy: 'Foreground' } }, 201, undefined],
])('eviction %j: %i', (object, code, message) => {
  const h = bootstrapped();
  h.create(PODS, { ...pod('p'), spec: { ...(pod('p').spec as object), nodeName: 'n1' } });
  const answer = h.call(VERB.create, PODS, { name: 'p', subresource: 'eviction', object });
  expect([answer.code, answer.error?.message]).toEqual([code, message]);
  const finalizers = 'deleteOptions' in object && code === 201 ? ['foregroundDeletion'] : undefined;
  expect(h.get(PODS, 'p').object?.metadata.finalizers).toEqual(finalizers);
});

test('an eviction of another pod of the name is a conflict of the kind', () => {
  const h = bootstrapped();
  h.create(PODS, pod('p'));
  const object = { metadata: { name: 'p' }, deleteOptions: { preconditions: { uid: 'x' } } };
  const { error } = h.call(VERB.create, PODS, { name: 'p', subresource: 'eviction', object });
  expect([error?.code, error?.details?.kind]).toEqual([409, 'Pod']);
});

test.each([
  [
    { kind: 'Scale', metadata: { name: 'd' }, spec: { replicas: 'x' } },
    400,
    'cannot be handled as a Scale: json: cannot unmarshal string',
  ],
  [
    { kind: 'Deployment', metadata: { name: 'd' }, spec: {} },
    400,
    'Deployment in version "v1" cannot be handled as a Scale',
  ],
  [{ metadata: { name: 'z' }, spec: {} }, 400, 'does not match the name on the URL (d)'],
  [{ metadata: { name: 'd', uid: 'x' }, spec: {} }, 409, 'Precondition failed: UID in precondition: x'],
  [
    { metadata: { name: 'd' }, spec: { replicas: -1 } },
    422,
    'Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1',
  ],
])('scale %j: %i', (object, code, message) => {
  const h = bootstrapped();
  h.create(DEPLOYMENTS, deployment('d'));
  const answer = h.call(VERB.update, DEPLOYMENTS, { name: 'd', subresource: 'scale', object });
  expect([answer.code, answer.error?.message]).toEqual([code, expect.stringContaining(message)]);
});

test.each([
  [{ spec: { replicas: 'x' } }, 422, ' "" is invalid: patch: Invalid value'],
  [{ metadata: { name: 'z' } }, 400, 'does not match the name on the URL (d)'],
])('scale patch %j: %i', (patch, code, message) => {
  const h = bootstrapped();
  h.create(DEPLOYMENTS, deployment('d'));
  const answer = h.call(VERB.patch, DEPLOYMENTS, { name: 'd', subresource: 'scale', patch, patchType: 'merge' });
  expect([answer.code, answer.error?.message]).toEqual([code, expect.stringContaining(message)]);
});

test('a scale to nothing says no number', () => {
  const h = bootstrapped();
  h.create(DEPLOYMENTS, deployment('d'));
  const patch = { spec: { replicas: 0 } };
  const answer = h.call(VERB.patch, DEPLOYMENTS, { name: 'd', subresource: 'scale', patch, patchType: 'merge' });
  expect(answer.object?.spec).toEqual({});
});

test('a delete knows its policies, and names the kind where a precondition does not hold', () => {
  const h = bootstrapped();
  h.create(DEPLOYMENTS, deployment('d'));
  const odd = h.call(VERB.delete, DEPLOYMENTS, { name: 'd', options: { propagationPolicy: 'x' as 'Orphan' } });
  expect([odd.code, odd.error?.message]).toEqual([422, POLICY]);
  const other = h.call(VERB.delete, DEPLOYMENTS, { name: 'd', options: { preconditions: { uid: 'x' } } });
  expect(other.error?.message).toContain(
    'Operation cannot be fulfilled on Deployment.apps "d": the UID in the precondition',
  );
});
