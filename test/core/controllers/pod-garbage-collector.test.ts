/** The pod garbage collector, node ranges and TTL annotations against the real API server and store. */
import { describe, expect, test } from 'vitest';
import type { ControllerManager } from '../../../core/controllers/controller-manager.ts';
import { CidrSet, nodeIpamController } from '../../../core/controllers/node-ipam-controller.ts';
import { podGarbageCollector } from '../../../core/controllers/pod-garbage-collector.ts';
import { ttlController } from '../../../core/controllers/ttl-controller.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition } from '../../../core/types/pod-conditions.ts';
import { NODES, PODS } from '../../../core/types/resource-type.ts';
import { NodeCluster, S } from '../../support/node-cluster.ts';

describe('pod garbage collector', () => {
  test('pods of a deleted node fail and go after 40 to 60 s', () => {
    const cluster = new NodeCluster({ controllers: [podGarbageCollector], zones: ['a', 'a'] });
    cluster.addPod('web', 'node-0');
    cluster.addPod('calm', 'node-1');
    cluster.run(S);
    cluster.harness.delete(NODES, 'node-0');
    const after = cluster.until(() => cluster.pod('web') === undefined);
    expect(after).toBeGreaterThan(39);
    expect(after).toBeLessThan(61);
    const last = cluster
      .events(PODS)
      .filter(({ object }) => object.metadata.name === 'web')
      .at(-1)?.object as Pod;
    expect(last.status?.phase).toBe('Failed');
    expect(findCondition(last.status?.conditions, 'DisruptionTarget')?.reason).toBe('DeletionByPodGC');
    cluster.run(60 * S);
    expect(cluster.pod('calm')).toBeDefined();
  });

  test('a node that comes back in time keeps its pods', () => {
    const cluster = new NodeCluster({ controllers: [podGarbageCollector], zones: ['a', 'a'] });
    cluster.addPod('web', 'node-0');
    cluster.harness.delete(NODES, 'node-0');
    cluster.run(30 * S);
    cluster.harness.addNode('node-0');
    cluster.run(120 * S);
    expect(cluster.pod('web')).toBeDefined();
  });

  test('a node that only its copy lacks keeps its pods; one that never had a node goes when it is deleted', () => {
    const cluster = new NodeCluster({ controllers: [podGarbageCollector], zones: ['a'] });
    cluster.addPod('web', 'node-0');
    cluster.addPod('unplaced', '', { nodeSelector: { pool: 'none' } }, { finalizers: ['example.com/hold'] });
    cluster.run(S);
    const nodes = (cluster.harness.instances[0] as ControllerManager).informer(NODES);
    nodes.get = () => undefined;
    cluster.harness.delete(PODS, 'unplaced');
    cluster.run(90 * S);
    expect(cluster.pod('web')?.status?.phase).toBe('Running');
    expect(cluster.pod('unplaced')?.status?.phase).toBe('Failed');
  });

  test('terminating pods go from nodes that are out of service', () => {
    const cluster = new NodeCluster({ controllers: [podGarbageCollector], zones: ['a', 'a'] });
    cluster.addPod('web', 'node-0', {}, { annotations: { 'reference.example/stop-after': '900s' } });
    cluster.run(S);
    cluster.harness.delete(PODS, 'web');
    cluster.run(60 * S);
    expect(cluster.pod('web')).toBeDefined();
    cluster.harness.patch(NODES, 'node-0', {
      spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] },
    });
    const conditions = [{ type: 'Ready', status: 'Unknown' }];
    cluster.harness.patch(NODES, 'node-0', { status: { conditions } }, { subresource: 'status' });
    expect(cluster.until(() => cluster.pod('web') === undefined)).toBeLessThan(21);
  });
});

describe('node ranges', () => {
  test('each node gets a /24 of its own, given in turn', () => {
    const cluster = new NodeCluster({ controllers: [nodeIpamController, ttlController], zones: ['a', 'a', 'b'] });
    expect(
      cluster
        .objects(NODES)
        .map((node) => (node as { spec?: { podCIDR?: string } }).spec?.podCIDR)
        .sort(),
    ).toEqual(['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24']);
    expect(cluster.node('node-2').metadata.annotations?.['node.alpha.kubernetes.io/ttl']).toBe('0');
  });

  test('a set of ranges gives each once, takes them back, and knows its own', () => {
    const set = new CidrSet('10.0.0.0/22', 24);
    expect([set.allocate(), set.allocate(), set.allocate(), set.allocate(), set.allocate()]).toEqual([
      '10.0.0.0/24',
      '10.0.1.0/24',
      '10.0.2.0/24',
      '10.0.3.0/24',
      undefined,
    ]);
    set.release('10.0.1.0/24');
    set.release('10.0.1.0/24');
    set.release('192.168.0.0/24');
    expect(set.allocate()).toBe('10.0.1.0/24');
    expect(set.allocate()).toBeUndefined();
    expect(set.occupy('10.0.4.0/24')).toBe(false);
    expect(() => new CidrSet('nonsense', 24)).toThrow();
  });
});
