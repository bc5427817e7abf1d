/** Deletion as recorded of a real server: grace, finalizers, propagation, namespaces, collections, preconditions. */
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONFIGMAPS, DEPLOYMENTS, NAMESPACES, PODS } from '../../../core/types/resource-type.ts';
import { DELETED, MODIFIED, VERB } from '../../../core/types/wire.ts';
import type { ApiHarness } from '../../support/api-harness.ts';
import { bootstrapped, configMap, deployment, pod } from './objects.ts';

function bind(h: ApiHarness, name: string, node = 'node-0'): void {
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: node } };
  expect(h.call(VERB.create, PODS, { name, subresource: 'binding', object: binding }).code).toBe(201);
}

describe('pods', () => {
  test('a pod without a node goes at once, in two writes', () => {
    const h = bootstrapped();
    const made = h.create(PODS, pod('big'));
    const stream = h.watch(PODS, { resourceVersion: made.metadata.resourceVersion });
    const gone = h.call(VERB.delete, PODS, { name: 'big' });
    expect([gone.code, gone.object?.metadata.deletionGracePeriodSeconds, gone.object?.metadata.generation]).toEqual([
      200, 0, 2,
    ]);
    h.run(50_000);
    expect(stream.events.map((event) => event.type)).toEqual([MODIFIED, DELETED]);
    expect(h.get(PODS, 'big').code).toBe(404);
  });

  test('grace can be shortened, not lengthened; the kubelet confirms with 0', () => {
    const h = bootstrapped();
    h.create(PODS, pod('a'));
    bind(h, 'a');
    const first = h.object(VERB.delete, PODS, { name: 'a' });
    expect([first.metadata.deletionGracePeriodSeconds, first.metadata.generation]).toEqual([30, 2]);
    const again = h.object(VERB.delete, PODS, { name: 'a' });
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const shorter = h.object(VERB.delete, PODS, { name: 'a', options: { gracePeriodSeconds: 5 } });
    expect([shorter.metadata.deletionGracePeriodSeconds, shorter.metadata.generation]).toEqual([5, 2]);
    const asked =
      Date.parse(first.metadata.deletionTimestamp as string) - Date.parse(shorter.metadata.deletionTimestamp as string);
    expect(asked).toBe(25_000);
    const longer = h.object(VERB.delete, PODS, { name: 'a', options: { gracePeriodSeconds: 60 } });
    expect(longer.metadata.resourceVersion).toBe(shorter.metadata.resourceVersion);
    h.object(VERB.delete, PODS, { name: 'a', options: { gracePeriodSeconds: 0 } });
    expect(h.get(PODS, 'a').code).toBe(404);
  });

  test('an update that takes the last finalizer off ends none amid its grace; one that has ended gets none', () => {
    const h = bootstrapped();
    h.create(PODS, pod('a', { finalizers: ['example.com/hold'] }));
    bind(h, 'a');
    h.call(VERB.delete, PODS, { name: 'a' });
    const patch = { metadata: { finalizers: null } };
    h.object(VERB.patch, PODS, { name: 'a', patch, patchType: 'merge' });
    expect(h.get(PODS, 'a').object?.metadata.deletionGracePeriodSeconds).toBe(30);
    const below = h.object(VERB.delete, PODS, { name: 'a', options: { gracePeriodSeconds: -1 } });
    expect(below.metadata.deletionGracePeriodSeconds).toBe(1);
    h.create(PODS, pod('b'));
    bind(h, 'b');
    const ended = { status: { phase: 'Succeeded' } };
    h.object(VERB.patch, PODS, { name: 'b', subresource: 'status', patch: ended, patchType: 'strategic' });
    h.call(VERB.delete, PODS, { name: 'b' });
    expect(h.get(PODS, 'b').code).toBe(404);
  });

  test('preconditions are checked against the stored object', () => {
    const h = bootstrapped();
    const made = h.create(PODS, pod('c'));
    const wrong = h.call(VERB.delete, PODS, { name: 'c', options: { preconditions: { uid: 'other' } } });
    expect([wrong.code, wrong.error?.message]).toEqual([
      409,
      `Operation cannot be fulfilled on Pod "c": the UID in the precondition (other) does not match the UID in record (${made.metadata.uid}). The object might have been deleted and then recreated`,
    ]);
    const stale = h.call(VERB.delete, PODS, { name: 'c', options: { preconditions: { resourceVersion: '1' } } });
    expect(stale.code).toBe(409);
    const none = h.call(VERB.delete, PODS, { name: 'nope' });
    expect([none.code, none.error?.message]).toEqual([404, 'pods "nope" not found']);
  });
});

describe('finalizers and propagation', () => {
  test('an object waits for its finalizers; the last one ends it', () => {
    const h = bootstrapped();
    const held = configMap('held');
    h.create(CONFIGMAPS, { ...held, metadata: { ...held.metadata, finalizers: ['example.com/a', 'example.com/b'] } });
    const marked = h.object(VERB.delete, CONFIGMAPS, { name: 'held', options: { propagationPolicy: 'Background' } });
    expect(marked.metadata.deletionTimestamp).toBeDefined();
    const again = h.object(VERB.delete, CONFIGMAPS, { name: 'held' });
    expect(again.metadata.resourceVersion).toBe(marked.metadata.resourceVersion);
    const added = h.call(VERB.patch, CONFIGMAPS, {
      name: 'held',
      patch: { metadata: { finalizers: ['example.com/a', 'example.com/b', 'example.com/c'] } },
      patchType: 'merge',
    });
    expect(added.code).toBe(422);
    const patch = (finalizers: string[] | null) =>
      h.object(VERB.patch, CONFIGMAPS, { name: 'held', patch: { metadata: { finalizers } }, patchType: 'merge' });
    expect(patch(['example.com/b']).metadata.finalizers).toEqual(['example.com/b']);
    const stream = h.watch(CONFIGMAPS, { resourceVersion: h.get(CONFIGMAPS, 'held').object?.metadata.resourceVersion });
    patch(null);
    h.run(50_000);
    expect(stream.events.map((event) => [event.type, event.object.metadata.finalizers])).toEqual([
      [DELETED, ['example.com/b']],
    ]);
    expect(h.get(CONFIGMAPS, 'held').code).toBe(404);
  });

  test('foreground and orphan become finalizers and a generation', () => {
    const h = bootstrapped();
    h.create(DEPLOYMENTS, deployment('web'));
    const marked = h.object(VERB.delete, DEPLOYMENTS, { name: 'web', options: { propagationPolicy: 'Foreground' } });
    expect([marked.metadata.finalizers, marked.metadata.generation]).toEqual([['foregroundDeletion'], 2]);
    expect(marked.metadata.deletionGracePeriodSeconds).toBe(0);
    h.create(DEPLOYMENTS, deployment('other'));
    const orphan = h.object(VERB.delete, DEPLOYMENTS, { name: 'other', options: { propagationPolicy: 'Orphan' } });
    expect(orphan.metadata.finalizers).toEqual(['orphan']);
    h.create(DEPLOYMENTS, deployment('plain'));
    const status = h.object(VERB.delete, DEPLOYMENTS, { name: 'plain' }) as KubeObject & { details: unknown };
    expect([status.kind, status.status]).toEqual(['Status', 'Success']);
  });
});

describe('namespaces', () => {
  test('end in three steps and take nothing new meanwhile', () => {
    const h = bootstrapped();
    h.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
    h.create(CONFIGMAPS, configMap('conf', 'demo'));
    const marked = h.object(VERB.delete, NAMESPACES, { name: 'demo' });
    expect([marked.status, marked.spec]).toEqual([{ phase: 'Terminating' }, { finalizers: ['kubernetes'] }]);
    expect(marked.metadata.deletionGracePeriodSeconds).toBeUndefined();
    h.run(50_000);
    const late = h.call(VERB.create, CONFIGMAPS, { namespace: 'demo', object: configMap('late', 'demo') });
    expect([late.code, late.error?.isNamespaceTerminating]).toEqual([403, true]);
    expect(late.error?.message).toBe(
      'configmaps "late" is forbidden: unable to create new content in namespace demo because it is being terminated',
    );
    const emptied = h.object(VERB.update, NAMESPACES, {
      name: 'demo',
      subresource: 'finalize',
      object: { ...marked, spec: { finalizers: [] } },
    });
    expect(emptied.metadata.name).toBe('demo');
    expect(h.get(NAMESPACES, 'demo').code).toBe(404);
  });

  test('some may not be deleted', () => {
    const h = bootstrapped();
    expect(h.call(VERB.delete, NAMESPACES, { name: 'kube-system' }).code).toBe(403);
  });
});

test('deletecollection takes what is selected and no more', () => {
  const h = bootstrapped();
  for (const name of ['a', 'b', 'c']) h.create(PODS, pod(name));
  h.create(PODS, pod('kept', { labels: { app: 'other' } }));
  const gone = h.call(VERB.deletecollection, PODS, { options: { labelSelector: 'app=web' } });
  expect([gone.code, gone.items?.length]).toEqual([200, 3]);
  h.run(50_000);
  expect(h.call(VERB.list, PODS).items?.map((item) => item.metadata.name)).toEqual(['kept']);
});
