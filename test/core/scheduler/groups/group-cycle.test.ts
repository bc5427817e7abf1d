/** PodGroups in a whole cluster: placed in one cycle, on nodes of one rack, with preemption for all their pods at once. */
import { describe, expect, test } from 'vitest';
import { Sfc32 } from '../../../../core/base/random.ts';
import { Jury } from '../../../../core/chaos/jury.ts';
import { withPodGroups } from '../../../../core/cluster/claimed.ts';
import { Cluster } from '../../../../core/cluster/cluster.ts';
import { SchedulingCore } from '../../../../core/scheduler/choice/scheduling-core.ts';
import { DEFAULT_PROFILE } from '../../../../core/scheduler/configuration/profile.ts';
import { Gangs } from '../../../../core/scheduler/groups/gangs.ts';
import { GroupCycle, type GroupSteps } from '../../../../core/scheduler/groups/group-cycle.ts';
import { PlacedPods } from '../../../../core/scheduler/pods/placed-pods.ts';
import { type Extension, type Placement, POINT_ASSUME, POINT_PLUGIN } from '../../../../core/scheduler/points.ts';
import type { Preemptor } from '../../../../core/scheduler/preemption/preemptor.ts';
import type { QueuedPod } from '../../../../core/scheduler/queue/queued-pod.ts';
import { SchedulingQueue } from '../../../../core/scheduler/queue/scheduling-queue.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import type { Pod } from '../../../../core/types/pod.ts';
import type { PodGroup } from '../../../../core/types/pod-group.ts';
import { makeNode } from '../objects.ts';

const S = 1_000_000;
const RACK = 'example.com/rack';
const NO_VICTIMS = ' pod group preemption: No preemption victims found for incoming preemptor';
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
function nodesAfter(
  until: number,
  steps: readonly (readonly [number, readonly KubeObject[]])[],
  prepare: (running: Cluster) => void = () => undefined,
) {
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
  prepare(running);
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

describe('a plugin that fails', () => {
  test.each([
    ['Filter', 'running "broken" filter plugin: injected failure'],
    ['Score', 'running Score plugins: plugin "broken" failed with: injected failure'],
    ['Reserve', 'running Reserve plugin "broken": injected failure'],
    ['Permit', 'running Permit plugin "broken": injected failure'],
  ])('at %s for one pod of a gang keeps all of them, which back off and go once it works', (point, message) => {
    const steps = [
      [20, [group('g', 4), ...pods('p', 4, '1500m', { schedulingGroup: { podGroupName: 'g' } })]],
    ] as const;
    const asked = new Set<string>();
    const fails = (running: Cluster): void =>
      running.sim.observation.setInterceptor(POINT_PLUGIN, (_pid, subject) => {
        const { point: at, pod } = subject as Extension;
        if (at !== point) return undefined;
        asked.add(pod.metadata.name);
        return pod.metadata.name === 'p1' && running.sim.now < 35 * S ? 'broken' : undefined;
      });
    const during = nodesAfter(34, steps, fails);
    expect(during.racks('p')).toEqual(['-', '-', '-', '-']);
    expect(during.explained).toContain(message);
    const after = nodesAfter(60, steps, fails);
    expect(after.racks('p')).not.toContain('-');
    expect(asked.size).toBe(4);
  });
});

test('at Score a pod that goes by itself is not assumed before', () => {
  const seen: string[] = [];
  const fails = ({ sim }: Cluster): void => {
    const isOurs = ({ metadata }: Pod): boolean => metadata.namespace === 'demo';
    sim.observation.setInterceptor(POINT_PLUGIN, (_pid, subject) => {
      const { point, pod } = subject as Extension;
      if (point !== 'Score' || !isOurs(pod)) return undefined;
      seen.push('asked');
      return 'broken';
    });
    sim.observation.listen(POINT_ASSUME, (_pid, subject) => {
      if (isOurs((subject as Placement).pod as Pod)) seen.push('assumed');
    });
  };
  nodesAfter(30, [[20, pods('p', 1, '100m')]], fails);
  expect(new Set(seen)).toEqual(new Set(['asked']));
});

test('when one pod of a group cannot have its place again, those before it give theirs back, and all back off', () => {
  const zone = 'topology.kubernetes.io/zone';
  const core = new SchedulingCore([DEFAULT_PROFILE], new Sfc32(1, 2, 3));
  const slot = core.putNode(makeNode('n', { zone: 'z' }));
  const queue = new SchedulingQueue();
  const placed = new PlacedPods(core);
  const gangs = new Gangs(() => 3);
  const members = pods('p', 3, '100m', { schedulingGroup: { podGroupName: 'g' } });
  members.forEach((pod, id) => {
    gangs.seen(id, pod, false);
    queue.add(id, pod, 0, 0);
  });
  let tries = 0;
  const assume = (queued: QueuedPod): void =>
    placed.assume(queued.id, slot, core.classOf(queued.pod), true, queued.pod);
  const steps: GroupSteps = {
    tryOn: (queued) => {
      tries++;
      assume(queued);
      return slot;
    },
    putOn: (queued) => {
      if (queued.id === 2) return false;
      assume(queued);
      return true;
    },
    takeBack: ({ id }) => placed.remove(id),
    bind: () => expect.unreachable(),
    report: () => undefined,
    reportError: () => undefined,
  };
  const cycle = new GroupCycle({ core, queue, placed, gangs, preemptor: {} as Preemptor, steps });
  const constrained = group('g', 3, { schedulingConstraints: { topology: [{ key: zone }] } });
  for (const seconds of [0, 20]) {
    queue.flushBackoff(seconds * S);
    cycle.run(queue.pop() as QueuedPod, constrained as PodGroup, seconds * S);
    expect([placed.assumedCount, [0, 1, 2].map((id) => queue.get(id)?.errorCount)]).toEqual([
      0,
      Array(3).fill(seconds === 0 ? 1 : 2),
    ]);
  }
  expect(tries).toBe(6);
});

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
    const others = '0/3 placements are available, first placement status: minCount (4) cannot be satisfied: ';
    const [why, ...rest] = [...four.explained].sort().reverse();
    expect(why).toBe(
      "0/6 nodes are available: 3 Insufficient cpu, 3 node(s) didn't match Pod's node affinity/selector.",
    );
    expect(new Set(rest)).toEqual(new Set([`${others}3 scheduled, 0 remaining${NO_VICTIMS}`]));
    const later = nodesAfter(60, [
      [20, [group('g', 2, rack), ...pods('p', 2, '1500m', of('g'))]],
      [40, pods('q', 2, '400m', of('g'))],
    ]);
    expect([...later.racks('p'), ...later.racks('q')]).toEqual(['b', 'b', 'b', 'b']);
  });

  test('a pod that asks for another rack says so, whatever was found for others', () => {
    const on = (name: string) => ({ ...of('g'), nodeSelector: { [RACK]: name } });
    const { explained } = nodesAfter(60, [
      [
        20,
        [
          group('g', 3, rack),
          ...pods('p', 1, '100m', of('g')),
          ...pods('q', 1, '100m', on('a')),
          ...pods('r', 1, '100m', on('b')),
        ],
      ],
    ]);
    const other = `0/3 placements are available, first placement status: minCount (3) cannot be satisfied: 1 scheduled, 1 remaining${NO_VICTIMS}`;
    const asked = "0/6 nodes are available: 6 node(s) didn't match Pod's node affinity/selector.";
    expect([...explained].sort()).toEqual([other, other, asked]);
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

  test.each([
    ['priority', high],
    ['class', { priorityClassName: 'high' }],
  ])('makes room for all pods of a group by its %s, and takes no more than they need', (_, says) => {
    const { racks, names } = nodesAfter(120, [
      [20, [...classes, ...pods('low', 6, '1500m', { priorityClassName: 'low' })]],
      [60, [group('g', 4, says), ...pods('p', 4, '1500m', member('g', 'high'))]],
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

  test.each([
    [{ priorityClassName: 'none' }, 'no PriorityClass with name none was found'],
    [
      { priorityClassName: 'low', priority: 100 },
      'the integer value of priority (100) must not be provided in pod group spec',
    ],
  ])('a group with %o is refused', (says, message) => {
    let error: string | null | undefined;
    nodesAfter(40, [[20, classes]], (running) => {
      running.sim.at(30 * S, 'group', () => running.user.apply([group('g', 2, says)]));
      running.sim.at(35 * S, 'look', () => {
        error = running.user.results.at(-1)?.error;
      });
    });
    expect(error).toMatch(message);
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

  test('nor are pods of which one preempts and the other does not', () => {
    const quiet = { ...priorityClass('quiet', 100), preemptionPolicy: 'Never' } as KubeObject;
    const [first, second] = ['high', 'quiet'].map((name) => member('g', name));
    const both = [...pods('p', 1, '100m', first), ...pods('q', 1, '100m', second)];
    const { racks, explained } = nodesAfter(60, [
      [20, [...classes, quiet, group('g', 2, { priorityClassName: 'high' }), ...both]],
    ]);
    expect([...racks('p'), ...racks('q')]).toEqual(['-', '-']);
    expect(explained[0]).toBe(
      'all pods in a single pod group should have the same preemption policy, got Never and PreemptLowerPriority',
    );
  });
});
