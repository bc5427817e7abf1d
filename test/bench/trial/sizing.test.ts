/**
 * The cluster of a trial: everything fits, also with one zone gone, and the flags are obeyed.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sizeCluster } from '../../../bench/trial/sizing.ts';
import { resolveCluster } from '../../../core/cluster/description.ts';
import { amountOf } from '../../../core/cluster/vocabulary.ts';
import { deploymentText, inventoryOf } from '../../support/trial-manifests.ts';

const cluster = (text: string, nodes?: number, zones?: number) => {
  const chosen = sizeCluster(inventoryOf(text).objects, nodes, zones);
  return { ...chosen, nodes: resolveCluster(chosen.description).nodes };
};

test('a small application gets 3 zones of 3 small nodes', () => {
  const { nodes, text } = cluster(deploymentText({ name: 'web' }));
  expect(text).toBe('9 nodes in 3 zones, each 4 cpu, 16Gi memory');
  expect(new Set(nodes.map(({ zone }) => zone)).size).toBe(3);
});

test('whatever is asked for fits when the largest zone is gone', () => {
  const shape = fc.record({
    replicas: fc.integer({ min: 0, max: 400 }),
    cpu: fc.integer({ min: 1, max: 60_000 }),
    memory: fc.integer({ min: 1, max: 200_000 }),
    zones: fc.constantFrom(undefined, 1, 2, 3, 5),
  });
  fc.assert(
    fc.property(shape, ({ replicas, cpu, memory, zones }) => {
      const requests = `{cpu: ${cpu}m, memory: ${memory}Mi}`;
      const { nodes } = cluster(deploymentText({ name: 'web', replicas, requests }), undefined, zones);
      const byZone = new Map<string, number>();
      for (const { zone } of nodes) byZone.set(zone, (byZone.get(zone) ?? 0) + 1);
      const left = byZone.size === 1 ? nodes.length : nodes.length - Math.max(...byZone.values());
      const capacity = nodes[0]?.allocatable ?? {};
      const perNode = Math.min(
        Math.floor(amountOf('cpu', capacity['cpu'] ?? '0') / cpu),
        Math.floor(amountOf('memory', capacity['memory'] ?? '0') / (memory * 1024 ** 2)),
        Number(capacity['pods']),
      );
      expect(perNode * left).toBeGreaterThanOrEqual(replicas);
    }),
    { seed: 7, numRuns: 150 },
  );
});

describe('flags and special wishes', () => {
  test('--nodes and --zones are taken as they are, and larger nodes make up for few', () => {
    const { nodes, reasons } = cluster(deploymentText({ name: 'web', replicas: 10, requests: '{cpu: 2}' }), 2, 1);
    expect(nodes).toHaveLength(2);
    expect(amountOf('cpu', nodes[0]?.allocatable['cpu'] ?? '0')).toBeGreaterThanOrEqual(10_000);
    expect(reasons).toEqual(expect.arrayContaining(['--nodes 2', '--zones 1']));
  });

  test('extended resources and node labels are there', () => {
    const pod = '      nodeSelector: {disk: ssd}';
    const { nodes, reasons } = cluster(deploymentText({ name: 'web', pod, requests: '{"nvidia.com/gpu": 2}' }));
    expect(Number(nodes[0]?.allocatable['nvidia.com/gpu'])).toBeGreaterThanOrEqual(2);
    expect(nodes[0]?.labels).toEqual({ disk: 'ssd' });
    expect(reasons.join()).toContain('disk=ssd');
  });

  test('a pod larger than any machine does not ask for thousands of nodes, and is pointed at', () => {
    const { nodes, reasons } = cluster(deploymentText({ name: 'web', replicas: 2, requests: '{cpu: 1000}' }));
    expect(nodes).toHaveLength(9);
    expect(reasons.join()).toContain('no machine is that large: a pod requests 1000 cpu');
  });

  test('small requests are told in their own units', () => {
    const { reasons } = cluster(deploymentText({ name: 'web', replicas: 1, requests: '{cpu: 10m, memory: 32Mi}' }));
    expect(reasons[0]).toContain('1 pod requests 10m cpu and 32Mi;');
  });

  test('what runs on every node is told beside the rest, with its own requests', () => {
    const agent = deploymentText({ name: 'agent', requests: '{cpu: 300m}' })
      .replace('kind: Deployment', 'kind: DaemonSet')
      .replace('  replicas: 3\n', '');
    const web = deploymentText({ name: 'web', replicas: 2, requests: '{cpu: 1}' });
    expect(cluster(`${web}---\n${agent}`).reasons[0]).toMatch(
      /^2 pods request 2\.0 cpu and no memory, 1 more on every node requests 300m cpu and no memory; /,
    );
    expect(cluster(agent).reasons[0]).toMatch(/^1 pod on every node requests 300m cpu and no memory; /);
    expect(cluster(agent.replace('{cpu: 300m}', '{}')).reasons[0]).toMatch(/ requests neither cpu nor memory; /);
  });
});
