/** Explanations: verdicts and scores of every node, what would change, 10,000 nodes. */
import { describe, expect, test } from 'vitest';
import { explainPod } from '../../../core/cluster/explain.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { standardConfiguration } from '../../../scenarios/scheduler-configuration-file.ts';

function node(name: string, cpu: string, taint?: string): KubeObject {
  const taints = taint === undefined ? [] : [{ key: taint, effect: 'NoSchedule' }];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: { taints },
    status: { allocatable: { cpu, memory: '8Gi', pods: '110' } },
  };
}

function pod(name: string, cpu: string, more: object = {}): KubeObject {
  const containers = [{ name: 'app', image: 'app:v1', resources: { requests: { cpu, memory: '1Gi' } } }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' }, spec: { containers, ...more } };
}

const OBJECTS: readonly KubeObject[] = [
  node('big', '8'),
  node('small', '2'),
  node('tainted', '64', 'gpu'),
  pod('running', '1', { nodeName: 'small' }),
  pod('web', '1'),
  pod('huge', '32', { priority: 5 }),
];

describe('explainPod', () => {
  test('a pod that fits: scores of feasible nodes, plugins of the others, and what would change', () => {
    const found = explainPod(OBJECTS, 'shop', 'web', standardConfiguration('1.34'));
    expect(found?.best).toEqual(['big']);
    expect(found?.nodes.map(({ name, plugin }) => [name, plugin])).toEqual([
      ['big', ''],
      ['small', ''],
      ['tainted', 'TaintToleration'],
    ]);
    expect(found?.nodes[0]?.scores['NodeResourcesFit']).toBeGreaterThan(
      found?.nodes[1]?.scores['NodeResourcesFit'] ?? 100,
    );
    expect(found?.whatIf).toContainEqual({ change: 'without TaintToleration', outcome: '3 nodes fit, best: big' });
  });

  test('a pod that fits nowhere has the scheduler’s message; a running one is asked about as if it were pending', () => {
    const huge = explainPod(OBJECTS, 'shop', 'huge', standardConfiguration('1.34'));
    expect(huge?.best).toEqual([]);
    expect(huge?.message).toMatch(
      /^0\/3 nodes are available: 1 node\(s\) had untolerated taint \{gpu: \}, 2 Insufficient cpu\./,
    );
    expect(huge?.whatIf).toContainEqual({ change: 'without TaintToleration', outcome: '1 node fits, best: tainted' });
    expect(huge?.rejections.map(({ plugin, shortfall }) => [plugin, shortfall])).toEqual([
      ['NodeResourcesFit', 'cpu: asks 32, free 8'],
      ['TaintToleration', ''],
    ]);
    const running = explainPod(OBJECTS, 'shop', 'running', standardConfiguration('1.36'));
    expect(running?.nodeName).toBe('small');
    expect(running?.best).toEqual(['big']);
    expect(explainPod(OBJECTS, 'shop', 'nobody', standardConfiguration('1.34'))).toBeNull();
  });

  test('a claim that no device satisfies: what it wants, what matches, what is held', () => {
    const api = { apiVersion: 'resource.k8s.io/v1' };
    const request = (expression: string) => ({
      devices: {
        requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu', selectors: [{ cel: { expression } }] } }],
      },
    });
    const claim = (name: string, more: object = {}) =>
      ({
        ...api,
        kind: 'ResourceClaim',
        metadata: { name, namespace: 'shop' },
        spec: request('device.driver == "d"'),
        ...more,
      }) as KubeObject;
    const results = [{ request: 'gpu', driver: 'd', pool: 'p', device: 'a' }];
    const objects = [
      node('n', '8'),
      { ...api, kind: 'DeviceClass', metadata: { name: 'gpu' }, spec: {} } as KubeObject,
      {
        ...api,
        kind: 'ResourceSlice',
        metadata: { name: 's' },
        spec: {
          driver: 'd',
          nodeName: 'n',
          pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
          devices: [{ name: 'a' }, { name: 'b', bindsToNode: true, bindingConditions: ['ready'] }],
        },
      } as KubeObject,
      claim('held', { status: { allocation: { devices: { results } } } }),
      claim('wanted'),
      pod('web', '1', { resourceClaims: [{ name: 'g', resourceClaimName: 'wanted' }] }),
    ];
    const found = explainPod(objects, 'shop', 'web', standardConfiguration('1.34'));
    expect(found?.rejections).toMatchObject([
      {
        plugin: 'DynamicResources',
        shortfall:
          'shop/wanted gpu: wants 1, of the devices here match 1 of 1, held 1, withheld by feature gates that are off 1',
      },
    ]);
    const gated = explainPod(objects, 'shop', 'web', standardConfiguration('1.34'), null, [
      'DRADeviceBindingConditions',
    ]);
    expect(gated?.rejections).toEqual([]);
  });

  test('a pod that its group holds back', () => {
    const configuration = standardConfiguration('1.34');
    const [profile] = configuration.profiles;
    const profiles = [{ ...profile, plugins: { ...profile.plugins, permit: ['GangScheduling'] } }] as const;
    const grouped = (name: string, more: object = {}) =>
      pod(name, '3', { schedulingGroup: { podGroupName: 'g' }, ...more });
    const group = (minCount: number): KubeObject => ({
      apiVersion: 'scheduling.k8s.io/v1alpha2',
      kind: 'PodGroup',
      metadata: { name: 'g', namespace: 'shop' },
      spec: { schedulingPolicy: { gang: { minCount } } },
    });
    const nodes = [node('a', '4'), node('b', '4')];
    const pods = [grouped('x'), grouped('y'), grouped('z')];
    const heldBack = (...objects: readonly KubeObject[]) =>
      explainPod([...nodes, ...objects], 'shop', 'x', { ...configuration, profiles })?.heldBack;
    expect(heldBack(...pods)).toBe('GangScheduling: waits for its PodGroup "g"');
    expect(heldBack(group(5), ...pods)).toBe('GangScheduling: waits for 2 more of its group');
    expect(heldBack(group(3), ...pods)).toBe('GangScheduling: held with its group, 2 of 3 find a node');
    expect(heldBack(group(2), ...pods)).toBe('');
    expect(explainPod([...nodes, group(5), ...pods], 'shop', 'x', configuration)?.heldBack).toBe('');
  });

  test('10,000 nodes, without a limit', () => {
    const nodes = Array.from({ length: 10_000 }, (_, i) => node(`n${i}`, i % 2 === 0 ? '4' : '500m'));
    const found = explainPod([...nodes, pod('web', '1')], 'shop', 'web', standardConfiguration('1.34'));
    expect(found?.nodes).toHaveLength(10_000);
    expect(found?.best).toHaveLength(5_000);
  });
});
