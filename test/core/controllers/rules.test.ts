/** Pure rules of the workload controllers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { daemonTolerations, MAY_STAY, placementOn, SHOULD_RUN } from '../../../core/controllers/daemonset/placement.ts';
import { newReplicaSetAnnotations } from '../../../core/controllers/deployment/annotations.ts';
import { proportionOf } from '../../../core/controllers/deployment/scaling.ts';
import { backoffLeftUs, NO_BACKOFF, nextBackoff } from '../../../core/controllers/job/backoff.ts';
import { formatIndexes, indexOf, parseIndexes, pendingIndexes } from '../../../core/controllers/job/indexes.ts';
import { ZoneStates } from '../../../core/controllers/node-lifecycle/zone-states.ts';
import { ZoneTainter } from '../../../core/controllers/node-lifecycle/zone-tainters.ts';
import { compareForDeletion, floorLog2, rankPod } from '../../../core/controllers/pod-ranking.ts';
import { isSameTemplate } from '../../../core/controllers/template-equality.ts';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { Node } from '../../../core/types/node.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';

const NOW = 1_735_689_660_000_000;
const at = (second: number): string => `2025-01-01T00:00:${String(second).padStart(2, '0')}Z`;

function pod(
  name: string,
  parts: { node?: string; phase?: string; readyAt?: number; cost?: string; restarts?: number; created?: number } = {},
): Pod {
  const { node, phase = 'Running', readyAt, cost, restarts = 0, created = 0 } = parts;
  const ready = {
    type: 'Ready',
    status: readyAt === undefined ? 'False' : 'True',
    lastTransitionTime: at(readyAt ?? 0),
  };
  const annotations = cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, annotations, creationTimestamp: at(created) },
    spec: { containers: [], nodeName: node },
    status: {
      phase,
      conditions: [ready],
      containerStatuses: [{ name: 'a', ready: true, restartCount: restarts, image: '', imageID: '' }],
    },
  } as unknown as Pod;
}

describe('order of deletion', () => {
  const order = (...pods: readonly Pod[]): string =>
    pods
      .map((one, id) => rankPod(id, one, 0))
      .sort((a, b) => compareForDeletion(a, b, NOW))
      .map((ranked) => ranked.pod.metadata.name)
      .join(' ');

  test('unassigned, Pending, not ready, cheap, short-lived, restarted, young', () => {
    expect(order(pod('b', { node: 'n' }), pod('a'))).toBe('a b');
    expect(order(pod('b', { node: 'n' }), pod('a', { node: 'n', phase: 'Pending' }))).toBe('a b');
    expect(order(pod('b', { node: 'n', readyAt: 1 }), pod('a', { node: 'n', cost: '50' }))).toBe('a b');
    expect(order(pod('b', { node: 'n', readyAt: 1 }), pod('a', { node: 'n', readyAt: 1, cost: '-1' }))).toBe('a b');
    expect(order(pod('b', { node: 'n', readyAt: 1 }), pod('a', { node: 'n', readyAt: 50 }))).toBe('a b');
    expect(order(pod('b', { node: 'n' }), pod('a', { node: 'n', restarts: 3 }))).toBe('a b');
  });

  test('ages within one power of two are equal: the uid decides', () => {
    expect(order(pod('b', { node: 'n', readyAt: 20 }), pod('a', { node: 'n', readyAt: 10 }))).toBe('a b');
  });

  test('more siblings on the node go first, but readiness counts more', () => {
    const alone = rankPod(0, pod('alone', { node: 'n', readyAt: 1 }), 1);
    const crowded = rankPod(1, pod('crowded', { node: 'm', readyAt: 1 }), 3);
    const broken = rankPod(2, pod('broken', { node: 'n' }), 1);
    expect([alone, crowded, broken].sort((a, b) => compareForDeletion(a, b, NOW)).map((one) => one.id)).toEqual([
      2, 1, 0,
    ]);
  });

  test('floorLog2 counts nanoseconds', () => {
    expect(floorLog2(0)).toBe(-1);
    expect(floorLog2(1)).toBe(9);
    expect(floorLog2(1_000_000)).toBe(29);
  });
});

describe('deployment', () => {
  test('proportional shares of a resize', () => {
    const replicaSet = (size: number, max: number): ReplicaSet =>
      ({
        metadata: { annotations: { 'deployment.kubernetes.io/max-replicas': String(max) } },
        spec: { replicas: size },
      }) as unknown as ReplicaSet;
    const deployment = {
      spec: { replicas: 15, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } },
    } as unknown as Deployment;
    expect(proportionOf(replicaSet(8, 13), deployment, 5, 0)).toBe(3);
    expect(proportionOf(replicaSet(5, 13), deployment, 5, 3)).toBe(2);
    expect(proportionOf(replicaSet(5, 13), deployment, 5, 5)).toBe(0);
  });

  test('a reused ReplicaSet gets the new revision and remembers the old one', () => {
    const deployment = { metadata: { annotations: { note: 'x' } } } as unknown as Deployment;
    const revision = 'deployment.kubernetes.io/revision';
    expect(newReplicaSetAnnotations(deployment, { [revision]: '1', note: 'x' }, 1)).toBeNull();
    expect(newReplicaSetAnnotations(deployment, { [revision]: '1' }, 3)).toEqual({
      [revision]: '3',
      'deployment.kubernetes.io/revision-history': '1',
      note: 'x',
    });
  });

  test('templates: empty maps and the hash label do not count', () => {
    const spec = { containers: [] };
    expect(
      isSameTemplate(
        { metadata: { labels: { a: 'b' }, annotations: {} }, spec },
        { metadata: { labels: { a: 'b', h: '1' } }, spec },
        'h',
      ),
    ).toBe(true);
    expect(isSameTemplate({ metadata: { labels: { a: 'b' } }, spec }, { metadata: { labels: { a: 'c' } }, spec })).toBe(
      false,
    );
  });
});

test('a node that is deleted while it waits for a taint has its turn next, which takes a token', () => {
  const tainter = new ZoneTainter(0.1);
  for (const id of [1, 2]) tainter.add(id, 10 * id);
  for (const id of [2, 3]) tainter.putFirst(id);
  expect([tainter.take(20), tainter.depth]).toEqual([2, 2]);
  tainter.settle(2, 'done', 20);
  expect([tainter.take(30), tainter.take(10_000_020)]).toEqual([-1, 1]);
});

test.each([
  [20, 11, 'PartialDisruption'],
  [20, 10, 'Normal'],
  [3, 2, 'Normal'],
  [3, 3, 'FullDisruption'],
])(
  'a zone of %i nodes of which %i are away is in the state %s (node_lifecycle_controller.go ComputeZoneState)',
  (nodes, away, state) => {
    const states = new ZoneStates();
    const rates = { normalQps: 0.1, secondaryQps: 0.01, largeZoneNodes: 50, unhealthyShare: 0.55 };
    // A second zone that is well keeps the whole cluster from counting as away.
    states.update(Int32Array.of(nodes, 1), Int32Array.of(nodes - away, 1), rates, () => {});
    expect(states.of(0)).toBe(state);
  },
);

test('of the nodes of a zone that wait for a taint the one that is due first is next, a token each', () => {
  const tainter = new ZoneTainter(0.1);
  for (const [id, atUs] of [
    [1, 30],
    [2, 10],
    [3, 20],
  ] as const)
    tainter.add(id, atUs);
  expect([tainter.add(2, 0), tainter.take(5)]).toEqual([false, -1]);
  const tenSeconds = 10_000_000;
  const taken = [1, 2, 3].map((turn) => {
    const id = tainter.take(turn * tenSeconds + 5);
    tainter.settle(id, 'done', turn * tenSeconds + 5);
    return id;
  });
  expect([taken, tainter.depth]).toEqual([[2, 3, 1], 0]);
});

describe('job', () => {
  test('an index is a number in range', () => {
    const of = (text?: string) =>
      indexOf({ metadata: { annotations: { 'batch.kubernetes.io/job-completion-index': text } } } as unknown as Pod, 3);
    expect(['0', '2', '3', '-1', 'x', '', undefined, '0x1', '1e0', '1234567890'].map(of)).toEqual([
      0, 2, -1, -1, -1, -1, -1, -1, -1, -1,
    ]);
  });

  test('index lists round-trip', () => {
    expect(formatIndexes(new Set([0, 1]))).toBe('0,1');
    expect(formatIndexes(new Set([3, 1, 2, 7]))).toBe('1-3,7');
    expect(formatIndexes(new Set())).toBe('');
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(60)), (list) => {
        const indexes = new Set(list);
        expect(parseIndexes(formatIndexes(indexes), 61)).toEqual(indexes);
      }),
      { seed: 7 },
    );
    expect(pendingIndexes([new Set([0]), new Set([1])], 2, 4)).toEqual([2, 3]);
  });

  test('back-off doubles from the last failure and ends with a success', () => {
    const failed = pod('f', { node: 'n', phase: 'Failed' });
    const once = nextBackoff(NO_BACKOFF, [], [failed]);
    expect(once.failures).toBe(1);
    expect(backoffLeftUs(once, once.lastFailureUs)).toBe(10_000_000);
    const twice = nextBackoff(once, [], [failed]);
    expect(backoffLeftUs(twice, twice.lastFailureUs + 5_000_000)).toBe(15_000_000);
    expect(nextBackoff(twice, [pod('s', { readyAt: 50 })], [failed]).failures).toBe(0);
  });
});

describe('daemon set', () => {
  const node = (taints: readonly unknown[], labels = {}): Node =>
    ({ metadata: { name: 'n', labels }, spec: { taints } }) as unknown as Node;

  test('taints: not-ready is tolerated, NoSchedule keeps what is there, NoExecute does not', () => {
    const spec = { containers: [] };
    const tolerations = daemonTolerations(spec);
    const both = SHOULD_RUN | MAY_STAY;
    expect(placementOn(node([]), spec, tolerations)).toBe(both);
    expect(placementOn(node([{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }]), spec, tolerations)).toBe(
      both,
    );
    expect(placementOn(node([{ key: 'x', effect: 'NoSchedule' }]), spec, tolerations)).toBe(MAY_STAY);
    expect(placementOn(node([{ key: 'x', effect: 'NoExecute' }]), spec, tolerations)).toBe(0);
    expect(placementOn(node([]), { ...spec, nodeSelector: { disk: 'ssd' } }, tolerations)).toBe(0);
  });

  // Kubernetes 1.34.1, pkg/apis/core/v1/helper/helpers.go AddOrUpdateTolerationInPodSpec.
  test('a toleration of every daemon pod takes the place of an equal one of the template', () => {
    const unreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' } as const;
    const tolerations = daemonTolerations({ containers: [], tolerations: [{ ...unreachable, tolerationSeconds: 2 }] });
    expect(tolerations).toHaveLength(6);
    expect(tolerations[0]).toEqual(unreachable);
    expect(tolerations[1]?.key).toBe('node.kubernetes.io/not-ready');
  });
});
