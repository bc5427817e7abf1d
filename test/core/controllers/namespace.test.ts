/** Namespace deletion, default service accounts and root certificates against the real API server and store. */
import { describe, expect, test } from 'vitest';
import { namespaceController } from '../../../core/controllers/namespace/namespace-controller.ts';
import { rootCaCertificatePublisher } from '../../../core/controllers/root-ca-certificate-publisher.ts';
import { serviceAccountController } from '../../../core/controllers/service-account-controller.ts';
import type { ConfigMap } from '../../../core/types/config-map.ts';
import type { Namespace } from '../../../core/types/namespace.ts';
import { CONFIGMAPS, NAMESPACES, PODS, SERVICEACCOUNTS } from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { NodeCluster, S } from '../../support/node-cluster.ts';

const controllers = [namespaceController, serviceAccountController, rootCaCertificatePublisher];

function cluster(): NodeCluster {
  const made = new NodeCluster({ controllers, zones: ['a'], immediate: true, namespaces: ['demo'] });
  made.events(NAMESPACES);
  made.events(SERVICEACCOUNTS);
  made.events(CONFIGMAPS);
  made.run(S);
  return made;
}

describe('namespaces', () => {
  test('each active namespace has its account and certificate, which come back when deleted', () => {
    const c = cluster();
    expect(c.find(SERVICEACCOUNTS, 'default', 'demo')).toBeDefined();
    const map = c.find<ConfigMap>(CONFIGMAPS, 'kube-root-ca.crt', 'demo');
    expect(Object.keys(map?.data ?? {})).toEqual(['ca.crt']);
    c.harness.delete(SERVICEACCOUNTS, 'default', { namespace: 'demo' });
    c.harness.delete(CONFIGMAPS, 'kube-root-ca.crt', { namespace: 'demo' });
    c.run(S);
    expect(c.find(SERVICEACCOUNTS, 'default', 'demo')).toBeDefined();
    expect(c.find(CONFIGMAPS, 'kube-root-ca.crt', 'demo')).toBeDefined();
    c.harness.patch(CONFIGMAPS, 'kube-root-ca.crt', { data: { 'ca.crt': 'other' } }, { namespace: 'demo' });
    c.run(S);
    expect(c.find<ConfigMap>(CONFIGMAPS, 'kube-root-ca.crt', 'demo')?.data).toEqual(map?.data);
  });

  test('deletion waits 5 s, deletes pods first, looks again 5 s after its own write, and ends', () => {
    const c = cluster();
    c.harness.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'demo', annotations: { 'reference.example/stop-after': '3s' } },
      spec: { nodeName: 'node-0', containers: [{ name: 'app', image: 'app:v1' }] },
    });
    c.run(S);
    c.harness.delete(NAMESPACES, 'demo');
    expect(c.find<Namespace>(NAMESPACES, 'demo')?.status?.phase).toBe('Terminating');
    c.run(4 * S);
    expect(c.pod('web')?.metadata.deletionTimestamp).toBeUndefined();
    c.run(2 * S);
    expect(c.pod('web')?.metadata.deletionTimestamp).toBeDefined();
    expect(c.find(SERVICEACCOUNTS, 'default', 'demo')).toBeDefined();
    const conditions = c.find<Namespace>(NAMESPACES, 'demo')?.status?.conditions ?? [];
    expect(conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'NamespaceDeletionDiscoveryFailure=False',
      'NamespaceDeletionGroupVersionParsingFailure=False',
      'NamespaceDeletionContentFailure=False',
      'NamespaceContentRemaining=False',
      'NamespaceFinalizersRemaining=False',
    ]);
    const left = c.until(() => c.find(NAMESPACES, 'demo') === undefined);
    expect(left).toBeGreaterThan(3);
    expect(left).toBeLessThan(6);
    expect(c.find(SERVICEACCOUNTS, 'default', 'demo')).toBeUndefined();
  });

  test('a finalizer keeps the namespace, and the conditions say which', () => {
    const c = cluster();
    c.harness.create(CONFIGMAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', namespace: 'demo', finalizers: ['example.com/hold'] },
    });
    c.harness.delete(NAMESPACES, 'demo');
    c.run(40 * S);
    const conditions = c.find<Namespace>(NAMESPACES, 'demo')?.status?.conditions ?? [];
    expect(conditions.find(({ type }) => type === 'NamespaceFinalizersRemaining')?.message).toBe(
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    );
    expect(conditions.find(({ type }) => type === 'NamespaceContentRemaining')?.message).toBe(
      'Some resources are remaining: configmaps. has 1 resource instances',
    );
    c.harness.api.call(VERB.patch, CONFIGMAPS, {
      namespace: 'demo',
      name: 'held',
      patch: { metadata: { finalizers: null } },
      patchType: 'merge',
    });
    c.until(() => c.find(NAMESPACES, 'demo') === undefined);
  });
});
