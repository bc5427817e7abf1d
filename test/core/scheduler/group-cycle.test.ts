/** PodGroups in a whole cluster: placed in one cycle, on nodes of one rack, with preemption for all their pods at once. */
import { describe, expect, test } from 'vitest';
import { Jury } from '../../../core/chaos/jury.ts';
import { withPodGroups } from '../../../core/cluster/claimed.ts';
import { Cluster } from '../../../core/cluster/cluster.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';

const S = 1_000_000;
const RACK = 'example.com/rack';
const CONFIGURATION = {
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'GangScheduling' }] } } }],
};

const group = (name: string, minCount: number, spec: object = {}): KubeObject => ({
  apiVersion: 'scheduling.k8s.io/v1beta1',
  kind: 'PodGroup',
  metadata: { name, namespace: 'demo' },
  spec: { schedulingPolicy: { gang: { minCount } }, ...spec },
});

const priorityClass = (name: string, value: number): KubeObject =>
  ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value }) as KubeObject;

function pods(prefix: string, count: number, cpu: string, spec: object = {}): readonly Pod[] {
  return Array.from({ length: count }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${prefix}${i}`, namespace: 'demo' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'app', image: 'app:v1', resources: { requests: { cpu, memory: '64Mi' } } }],
      ...spec,
    },
  }));
}

/** Six nodes with 2 cores each in racks of one, two and three; what is applied at which second. */
function nodesAfter(until: number, steps: readonly (readonly [number, readonly KubeObject[]])[]) {
  const nodes = ['a', 'b', 'c'].map((name, i) => {
    return { name, count: i + 1, capacity: { cpu: '2', memory: '8Gi' }, labels: { [RACK]: name } };
  });
  const all = steps.flatMap(([, objects]) => objects);
  const description = { nodes, settings: { schedulerConfiguration: CONFIGURATION } };
  const running = new Cluster(withPodGroups(description, all), { seed: 3 });
  const jury = new Jury(running.sim, []);
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } };
  running.sim.at(10 * S, 'namespace', () => running.user.apply([namespace]));
  for (const [second, objects] of steps) running.sim.at(second * S, 'objects', () => running.user.apply(objects));
  running.sim.run(until * S);
  const rackOf = (name = '-') => name.slice(0, 1);
  const found = ([...jury.world.of('Pod').values()] as Pod[]).map(
    ({ metadata, spec }) => [metadata.name, spec.nodeName ?? '-', rackOf(spec.nodeName)] as const,
  );
  const racks = (prefix: string) => found.filter(([name]) => name.startsWith(prefix)).map(([, , rack]) => rack);
  const names = (prefix: string) => found.filter(([name]) => name.startsWith(prefix)).map(([name]) => name);
  const explained = [...jury.world.of('Pod').values()].map(
    (pod) =>
      (pod as Pod).status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
        ?.message,
  );
  return { racks, names, explained };
}

describe('a PodGroup with a topology constraint', () => {
  const rack = { schedulingConstraints: { topology: [{ key: RACK }] } };
  const of = (name: string) => ({ schedulingGroup: { podGroupName: name } });

  test('goes to one rack: the smallest that has room, as it is the fullest then', () => {
    const { racks } = nodesAfter(60, [[20, [group('g', 2, rack), ...pods('p', 2, '1500m', of('g'))]]]);
    expect(racks('p')).toEqual(['b', 'b']);
  });

  test('is not split over racks, and later pods follow the first', () => {
    const four = nodesAfter(60, [[20, [group('g', 4, rack), ...pods('p', 4, '1500m', of('g'))]]]);
    expect(four.racks('p')).toEqual(['-', '-', '-', '-']);
    expect(four.explained[0]).toMatch(/^0\/3 placements are available|^0\/6 nodes are available/);
    const later = nodesAfter(60, [
      [20, [group('g', 2, rack), ...pods('p', 2, '1500m', of('g'))]],
      [40, pods('q', 2, '400m', of('g'))],
    ]);
    expect([...later.racks('p'), ...later.racks('q')]).toEqual(['b', 'b', 'b', 'b']);
  });

  test('without it the pods of a gang go anywhere', () => {
    const { racks } = nodesAfter(60, [[20, [group('g', 6), ...pods('p', 6, '1500m', of('g'))]]]);
    expect([...racks('p')].sort()).toEqual(['a', 'b', 'b', 'c', 'c', 'c']);
  });
});

describe('preemption', () => {
  const classes = [priorityClass('low', 1), priorityClass('high', 100)];
  const high = { priority: 100 };
  const member = (name: string, priorityClassName: string) => ({
    schedulingGroup: { podGroupName: name },
    priorityClassName,
  });

  test('makes room for all pods of a group, and takes no more than they need', () => {
    const { racks, names } = nodesAfter(120, [
      [20, [...classes, ...pods('low', 6, '1500m', { priorityClassName: 'low' })]],
      [60, [group('g', 4, high), ...pods('p', 4, '1500m', member('g', 'high'))]],
    ]);
    expect(racks('p')).not.toContain('-');
    expect(names('low')).toHaveLength(2);
  });

  test('takes nobody where the group would not fit in any case', () => {
    const { racks, names, explained } = nodesAfter(120, [
      [20, [...classes, ...pods('low', 6, '1500m', { priorityClassName: 'low' })]],
      [60, [group('g', 7, high), ...pods('p', 7, '1500m', member('g', 'high'))]],
    ]);
    expect(new Set(racks('p'))).toEqual(new Set(['-']));
    expect(names('low')).toHaveLength(6);
    expect(explained.some((text) => text?.includes('pod group preemption: the group does not fit') === true)).toBe(
      true,
    );
  });

  test.each([
    ['single', 5],
    ['all', 0],
  ])('disruption mode %s leaves %i of a group of six', (mode, left) => {
    const { racks, names } = nodesAfter(120, [
      [
        20,
        [
          ...classes,
          group('v', 6, { priority: 1, disruptionMode: { [mode]: {} } }),
          ...pods('v', 6, '1500m', member('v', 'low')),
        ],
      ],
      [60, pods('p', 1, '1500m', { priorityClassName: 'high' })],
    ]);
    expect(racks('p')).not.toContain('-');
    expect(names('v')).toHaveLength(left);
  });

  test('pods whose priority is not that of their group are not tried', () => {
    const { racks, explained } = nodesAfter(60, [
      [20, [...classes, group('g', 2), ...pods('p', 2, '100m', member('g', 'high'))]],
    ]);
    expect(racks('p')).toEqual(['-', '-']);
    expect(explained[0]).toBe(
      "all pods in a single pod group should have the same priority as the pod group's priority, got 100 and 0",
    );
  });
});
