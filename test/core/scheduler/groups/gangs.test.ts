/** Groups of pods: bound together or not at all, with a time-out; alone and in a whole cluster. */
import { describe, expect, test } from 'vitest';
import { Jury } from '../../../../core/chaos/jury.ts';
import { withPodGroups } from '../../../../core/cluster/claimed.ts';
import { Cluster } from '../../../../core/cluster/cluster.ts';
import { GANG_MIN_LABEL, GANG_NAME_LABEL, GANG_TIMEOUT_US, Gangs } from '../../../../core/scheduler/groups/gangs.ts';
import { QueuedPod } from '../../../../core/scheduler/queue/queued-pod.ts';
import type { KubeObject } from '../../../../core/types/object.ts';
import type { Pod } from '../../../../core/types/pod.ts';

const S = 1_000_000;

function member(group: string, name: string, min: number, cpu = '1'): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'demo', labels: { [GANG_NAME_LABEL]: group, [GANG_MIN_LABEL]: String(min) } },
    spec: { containers: [{ name: 'app', image: 'app:v1', resources: { requests: { cpu, memory: '64Mi' } } }] },
  };
}

const queued = (id: number, pod: Pod) => new QueuedPod(id, pod, 0, 0, id);

describe('Gangs', () => {
  test('nobody is tried before the group exists, nobody is bound before it has nodes', () => {
    const gangs = new Gangs(() => null);
    const [a, b] = [member('g', 'a', 2), member('g', 'b', 2)];
    expect(gangs.seen(1, a, false)).toBe(true);
    expect(gangs.admits(a)).toBe(false);
    expect(gangs.seen(2, b, false)).toBe(true);
    expect(gangs.seen(2, b, false)).toBe(false);
    expect(gangs.admits(a)).toBe(true);
    expect(gangs.assumed({ queued: queued(1, a), nodeName: 'n' }, 0)).toEqual([]);
    expect(gangs.nextDeadlineUs).toBe(GANG_TIMEOUT_US);
    expect(gangs.assumed({ queued: queued(2, b), nodeName: 'n' }, 5).map(({ queued: { id } }) => id)).toEqual([1, 2]);
    expect(gangs.nextDeadlineUs).toBe(Number.POSITIVE_INFINITY);
  });

  test('a PodGroup says how many, and without it nobody is tried', () => {
    let minCount: number | null = null;
    const gangs = new Gangs((namespace, name) => (namespace === 'demo' && name === 'g' ? minCount : null));
    const pods = ['a', 'b'].map((name): Pod => {
      const { metadata, ...pod } = member('other', name, 1);
      return { ...pod, metadata, spec: { ...pod.spec, schedulingGroup: { podGroupName: 'g' } } };
    });
    const [a, b] = pods as [Pod, Pod];
    gangs.seen(1, a, false);
    expect(gangs.admits(a)).toBe(false);
    minCount = 2;
    expect(gangs.admits(a)).toBe(false);
    gangs.seen(2, b, false);
    expect(gangs.admits(a)).toBe(true);
    expect(gangs.assumed({ queued: queued(1, a), nodeName: 'n' }, 0)).toEqual([]);
    expect(gangs.assumed({ queued: queued(2, b), nodeName: 'n' }, 0)).toHaveLength(2);
  });

  test('a later pod of a complete group is bound at once; after a failed binding the group is short again', () => {
    const gangs = new Gangs(() => null);
    const pods = [1, 2, 3].map((id) => member('g', `p${id}`, 2));
    for (const [i, pod] of pods.entries()) gangs.seen(i, pod, i < 2);
    expect(gangs.assumed({ queued: queued(2, pods[2] as Pod), nodeName: 'n' }, 0)).toHaveLength(1);
    gangs.unbound(1);
    gangs.unbound(2);
    expect(gangs.assumed({ queued: queued(1, pods[1] as Pod), nodeName: 'n' }, 0)).toHaveLength(1);
    gangs.unbound(0);
    gangs.unbound(1);
    expect(gangs.assumed({ queued: queued(1, pods[1] as Pod), nodeName: 'n' }, 0)).toEqual([]);
  });

  test('groups expire one at a time, the earliest first; a pod without labels is nobody’s business', () => {
    const gangs = new Gangs(() => null);
    for (const [i, group] of ['x', 'y'].entries()) {
      gangs.seen(i, member(group, group, 2), false);
      gangs.assumed({ queued: queued(i, member(group, group, 2)), nodeName: 'n' }, i);
    }
    expect(gangs.expire(GANG_TIMEOUT_US - 1)).toEqual([]);
    expect(gangs.expire(GANG_TIMEOUT_US + 5).map(({ queued: { id } }) => id)).toEqual([0]);
    expect(gangs.expire(GANG_TIMEOUT_US + 5).map(({ queued: { id } }) => id)).toEqual([1]);
    gangs.gone(0);
    const plain: Pod = { ...member('', 'p', 9), metadata: { name: 'p', namespace: 'demo' } };
    expect(gangs.seen(7, plain, false)).toBe(false);
    expect(gangs.admits(plain)).toBe(true);
  });
});

/** A cluster of two nodes with 2 cores each whose scheduler knows groups. */
function cluster(enabled: boolean, objects: readonly KubeObject[] = []) {
  const configuration = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'GangScheduling' }] } } }],
  };
  const description = {
    nodes: { count: 2, capacity: { cpu: '2', memory: '8Gi' } },
    settings: enabled ? { schedulerConfiguration: configuration } : {},
  };
  const running = new Cluster(withPodGroups(description, objects), { seed: 3 });
  const jury = new Jury(running.sim, []);
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } };
  running.sim.at(10 * S, 'namespace', () => running.user.apply([namespace]));
  const bound = (group: string) =>
    ([...jury.world.of('Pod').values()] as Pod[]).filter(
      ({ metadata, spec }) => metadata.labels?.[GANG_NAME_LABEL] === group && (spec.nodeName ?? '') !== '',
    ).length;
  return { running, bound };
}

describe('in a cluster', () => {
  const blue = ['b0', 'b1', 'b2'].map((name) => member('blue', name, 3));
  const red = ['r0', 'r1', 'r2'].map((name) => member('red', name, 3));
  const mixed = [blue[0], red[0], blue[1], red[1], blue[2], red[2]] as Pod[];

  test('of two groups that do not fit together one is bound whole, and neither in part', () => {
    const { running, bound } = cluster(true);
    running.sim.at(20 * S, 'pods', () => running.user.apply(mixed));
    for (let second = 20; second <= 700; second += 5) {
      running.sim.run(second * S);
      for (const group of ['blue', 'red']) expect([0, 3]).toContain(bound(group));
    }
    expect(bound('blue') + bound('red')).toBe(3);
  });

  test('without the plugin both get a part', () => {
    const { running, bound } = cluster(false);
    running.sim.at(20 * S, 'pods', () => running.user.apply(mixed));
    running.sim.run(60 * S);
    expect(bound('blue')).toBe(2);
    expect(bound('red')).toBe(2);
  });

  test('a PodGroup among the objects says how many are bound at once', () => {
    const group: KubeObject = {
      apiVersion: 'scheduling.k8s.io/v1alpha2',
      kind: 'PodGroup',
      metadata: { name: 'g', namespace: 'demo' },
      spec: { schedulingPolicy: { gang: { minCount: 3 } } },
    };
    const pods = blue.map((pod): Pod => {
      const labels = { [GANG_NAME_LABEL]: 'blue' };
      return {
        ...pod,
        metadata: { ...pod.metadata, labels },
        spec: { ...pod.spec, schedulingGroup: { podGroupName: 'g' } },
      };
    });
    const { running, bound } = cluster(true, [group, ...pods]);
    running.sim.at(20 * S, 'pods', () => running.user.apply([group, ...pods.slice(0, 2)]));
    running.sim.at(60 * S, 'last pod', () => running.user.apply(pods.slice(2)));
    running.sim.run(58 * S);
    expect(bound('blue')).toBe(0);
    running.sim.run(65 * S);
    expect(bound('blue')).toBe(3);
  });

  test('an incomplete group waits for its last pod', () => {
    const { running, bound } = cluster(true);
    running.sim.at(20 * S, 'pods', () => running.user.apply(blue.slice(0, 2)));
    running.sim.at(60 * S, 'last pod', () => running.user.apply(blue.slice(2)));
    running.sim.run(58 * S);
    expect(bound('blue')).toBe(0);
    running.sim.run(65 * S);
    expect(bound('blue')).toBe(3);
  });
});
