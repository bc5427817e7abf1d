/** The disruption controller and evictions against the real API server and store. */
import { describe, expect, test } from 'vitest';
import { DEPLOYMENT_CONTROLLER } from '../../../core/controllers/deployment/controller.ts';
import { disruptionController } from '../../../core/controllers/disruption/disruption-controller.ts';
import { REPLICASET_CONTROLLER } from '../../../core/controllers/replicaset/controller.ts';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { Event } from '../../../core/types/event.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition } from '../../../core/types/pod-conditions.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../core/types/pod-disruption-budget.ts';
import { DEPLOYMENTS, EVENTS, PODDISRUPTIONBUDGETS, PODS, REPLICASETS } from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { NodeCluster, S } from '../../support/node-cluster.ts';

const controllers = [DEPLOYMENT_CONTROLLER, REPLICASET_CONTROLLER, disruptionController];

function clusterOf(spec: object, replicas = 3, bugs: readonly string[] = []): NodeCluster {
  const cluster = new NodeCluster({ controllers, zones: ['a', 'b'], bugs });
  cluster.events(PODDISRUPTIONBUDGETS);
  cluster.harness.create(PODDISRUPTIONBUDGETS, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
  cluster.harness.create(DEPLOYMENTS, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: {
          labels: { app: 'web' },
          annotations: { 'reference.example/ready-after': '2s', 'reference.example/stop-after': '500ms' },
        },
        spec: { containers: [{ name: 'app', image: 'app:v1' }] },
      },
    },
  });
  cluster.until(() => cluster.find<Deployment>(DEPLOYMENTS, 'web')?.status?.availableReplicas === replicas);
  cluster.run(S);
  return cluster;
}

function status(cluster: NodeCluster): PodDisruptionBudgetStatus {
  return cluster.find<PodDisruptionBudget>(PODDISRUPTIONBUDGETS, 'web')?.status as PodDisruptionBudgetStatus;
}

function evict(cluster: NodeCluster, name: string): number {
  const object = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
  return cluster.harness.api.call(VERB.create, PODS, { name, subresource: 'eviction', object }).code;
}

describe('disruption budgets', () => {
  test('minAvailable: one eviction is allowed, the next only when the replacement is ready', () => {
    const cluster = clusterOf({ minAvailable: 2 });
    expect(status(cluster)).toMatchObject({
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
    });
    expect(findCondition(status(cluster).conditions, 'DisruptionAllowed')).toMatchObject({
      status: 'True',
      reason: 'SufficientPods',
    });
    const [first, second] = cluster.objects<Pod>(PODS);
    expect(evict(cluster, first?.metadata.name as string)).toBe(201);
    expect(evict(cluster, second?.metadata.name as string)).toBe(429);
    cluster.run(0.3 * S);
    expect(status(cluster)).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 2 });
    expect(status(cluster).disruptedPods ?? {}).toEqual({});
    expect(findCondition(status(cluster).conditions, 'DisruptionAllowed')?.reason).toBe('InsufficientPods');
    cluster.until(() => status(cluster).disruptionsAllowed === 1);
    expect(evict(cluster, second?.metadata.name as string)).toBe(201);
  });

  test('maxUnavailable counts from the scale of the controller', () => {
    const cluster = clusterOf({ maxUnavailable: '30%' }, 6);
    expect(status(cluster)).toMatchObject({ disruptionsAllowed: 2, desiredHealthy: 4, expectedPods: 6 });
  });

  test('nothing is allowed where no pods are expected, however many there are', () => {
    const cluster = new NodeCluster({ controllers: [disruptionController], zones: ['a'] });
    const matchLabels = { app: 'web' };
    const metadata = { name: 'web', namespace: 'default' };
    const containers = [{ name: 'app', image: 'app:v1' }];
    const template = { metadata: { labels: matchLabels }, spec: { containers } };
    const owner = cluster.harness.create(REPLICASETS, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata,
      spec: { replicas: 0, selector: { matchLabels }, template },
    });
    const { uid } = owner.metadata;
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true }];
    cluster.addPod('last', 'node-0', {}, { labels: matchLabels, ownerReferences });
    cluster.harness.create(PODDISRUPTIONBUDGETS, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels } },
    });
    cluster.run(5 * S);
    expect(status(cluster)).toMatchObject({ expectedPods: 0, currentHealthy: 1, disruptionsAllowed: 0 });
  });

  test('pods that go and another selector count at once', () => {
    const cluster = clusterOf({ minAvailable: 2 });
    const name = cluster.objects<Pod>(PODS)[0]?.metadata.name as string;
    cluster.harness.patch(PODS, name, { metadata: { labels: { app: 'other' }, ownerReferences: null } });
    cluster.run(0.5 * S);
    expect(status(cluster)).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 2 });
    cluster.run(4 * S);
    cluster.addPod('loose', 'node-0', {}, { labels: { app: 'third' } });
    cluster.harness.patch(PODDISRUPTIONBUDGETS, 'web', {
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'third' } } },
    });
    cluster.run(S);
    expect(status(cluster)).toMatchObject({
      observedGeneration: 2,
      disruptionsAllowed: 0,
      currentHealthy: 1,
      expectedPods: 1,
    });
    cluster.harness.delete(PODS, 'loose', { options: { gracePeriodSeconds: 0 } });
    cluster.run(S);
    expect(status(cluster)).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 0, expectedPods: 0 });
  });

  test('a budget whose pods have no scale is closed', () => {
    const cluster = clusterOf({ maxUnavailable: 1 });
    const reference = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      name: 'j',
      uid: '00000000-0000-4000-8000-000000000001',
      controller: true,
    };
    cluster.addPod('odd', 'node-0', {}, { labels: { app: 'web' }, ownerReferences: [reference] });
    cluster.run(S);
    expect(status(cluster).disruptionsAllowed).toBe(0);
    expect(findCondition(status(cluster).conditions, 'DisruptionAllowed')?.reason).toBe('SyncFailed');
  });

  test('an eviction that never became a deletion is forgotten after two minutes, its condition too', () => {
    const cluster = clusterOf({ minAvailable: 2 });
    const name = cluster.objects<Pod>(PODS)[0]?.metadata.name as string;
    const time = new Date(Date.UTC(2025, 0, 1) + cluster.nowS * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
    const patch = { status: { disruptedPods: { [name]: time }, disruptionsAllowed: 0 } };
    cluster.harness.patch(PODDISRUPTIONBUDGETS, 'web', patch, { subresource: 'status' });
    const conditions = [
      ...(cluster.pod(name)?.status?.conditions ?? []),
      { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', lastTransitionTime: time },
    ];
    cluster.harness.patch(PODS, name, { status: { conditions } }, { subresource: 'status' });
    const shut = cluster.objects<Pod>(PODS)[1]?.metadata.name as string;
    const byKubelet = [
      { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', lastTransitionTime: time },
    ];
    const parts = { subresource: 'status', patchType: 'strategic' } as const;
    cluster.harness.patch(PODS, shut, { status: { conditions: byKubelet } }, parts);
    cluster.run(100 * S);
    expect(status(cluster)).toMatchObject({
      disruptionsAllowed: 0,
      currentHealthy: 2,
      disruptedPods: { [name]: time },
    });
    cluster.run(25 * S);
    expect(status(cluster)).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 3 });
    const target = (pod: string) => findCondition(cluster.pod(pod)?.status?.conditions, 'DisruptionTarget')?.status;
    expect([target(name), target(shut)]).toEqual(['False', 'True']);
  });

  test('the planted bug leaves the budget open', () => {
    const cluster = clusterOf({ minAvailable: 2 }, 3, ['disruption-never-lowers']);
    const [first, second] = cluster.objects<Pod>(PODS);
    cluster.harness.delete(PODS, first?.metadata.name as string);
    cluster.run(S);
    expect(status(cluster).disruptionsAllowed).toBe(1);
    expect(evict(cluster, second?.metadata.name as string)).toBe(201);
  });

  test.each([
    [{ maxUnavailable: 1 }, 1],
    [{ minAvailable: '50%' }, 1],
    [{ minAvailable: 1 }, 0],
  ])('pods without a controller under %j are told of in %i event', (spec, told) => {
    const cluster = clusterOf(spec);
    const metadata = { name: 'alone', namespace: 'default', labels: { app: 'web' } };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'app', image: 'app:v1' }] } };
    cluster.harness.create(PODS, pod);
    cluster.run(5 * S);
    const events = cluster.objects<Event>(EVENTS).filter(({ reason }) => reason === 'UnmanagedPods');
    expect(events).toHaveLength(told);
    for (const { message } of events) expect(message).toContain('{MatchLabels:map[string]string{app: web,},');
  });

  test('each change of a pod that two budgets match is told of', () => {
    const cluster = clusterOf({ minAvailable: 1 });
    const told = (): unknown[] =>
      cluster
        .objects<Event>(EVENTS)
        .flatMap(({ reason, message, count }) => (reason === 'MultiplePodDisruptionBudgets' ? [[message, count]] : []));
    createSecond(cluster);
    cluster.run(S);
    expect(told()).toEqual([]);
    const name = cluster.objects<Pod>(PODS)[0]?.metadata.name as string;
    const message = `Pod "default"/"${name}" matches multiple PodDisruptionBudgets.  Chose "web" arbitrarily.`;
    for (const note of ['1', '2']) {
      cluster.harness.patch(PODS, name, { metadata: { annotations: { note } } });
      cluster.run(S);
    }
    expect(told()).toEqual([[message, 2]]);
  });

  test('of two budgets that match its pods the first one alone is told; the other keeps its counts until a pod changes that it has to itself', () => {
    const cluster = clusterOf({ minAvailable: 1 });
    createSecond(cluster);
    cluster.run(S);
    const healthy = (): unknown[] =>
      cluster
        .objects<PodDisruptionBudget>(PODDISRUPTIONBUDGETS)
        .map(({ metadata, status: { currentHealthy } = {} }) => [metadata.name, currentHealthy]);
    cluster.harness.patch(DEPLOYMENTS, 'web', { spec: { replicas: 1 } });
    cluster.run(5 * S);
    expect(healthy()).toEqual([
      ['web', 1],
      ['all', 3],
    ]);
    cluster.harness.delete(PODDISRUPTIONBUDGETS, 'web');
    cluster.run(S);
    expect(healthy()).toEqual([['all', 3]]);
    const name = cluster.objects<Pod>(PODS)[0]?.metadata.name as string;
    cluster.harness.patch(PODS, name, { metadata: { annotations: { note: '1' } } });
    cluster.run(S);
    expect(healthy()).toEqual([['all', 1]]);
  });
});

/** One more budget over the same pods. */
function createSecond(cluster: NodeCluster): void {
  cluster.harness.create(PODDISRUPTIONBUDGETS, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'all', namespace: 'default' },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
  });
}
