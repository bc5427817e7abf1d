/** The Deployment and ReplicaSet controllers against the real API server and store: what always holds, and bugs that break it. */
import { describe, expect, test } from 'vitest';
import { POINT_REQUEST } from '../../../core/api/declarations.ts';
import type { ControllerManager } from '../../../core/controllers/controller-manager.ts';
import { type DeploymentScale, POINT_DEPLOYMENT_SCALE } from '../../../core/controllers/deployment/bugs.ts';
import { POINT_REPLICASET_SYNC, type ReplicaSetSync } from '../../../core/controllers/replicaset/bugs.ts';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';
import { DEPLOYMENTS, PODS, REPLICASETS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { ADDED, type ApiRequest, VERB } from '../../../core/types/wire.ts';
import { ControllerHarness, type ControllerHarnessOptions } from '../../support/controller-harness.ts';

function web(replicas: number, image = 'app:v1', spec: Readonly<Record<string, unknown>> = {}): unknown {
  const annotations = { 'reference.example/ready-after': '1s' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' }, annotations }, spec: { containers: [{ name: 'app', image }] } },
      ...spec,
    },
  };
}

const status = (harness: ControllerHarness): Deployment['status'] =>
  harness.find<Deployment>(DEPLOYMENTS, 'web')?.status;

function rollOut(harness: ControllerHarness, image: string): void {
  harness.patch(DEPLOYMENTS, 'web', { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } });
}

/** A rollout of 8 pods; the answer is how often a bound was broken in the controller's own view. */
function boundsBroken(options: ControllerHarnessOptions): { readonly surge: number; readonly unavailable: number } {
  const harness = new ControllerHarness({ nodes: 3, ...options });
  let surge = 0;
  let unavailable = 0;
  harness.api.sim.observation.listen(POINT_DEPLOYMENT_SCALE, (_pid, subject) => {
    const { available, from, isNew, maxSurge, maxUnavailable, replicas, to, total } = subject as DeploymentScale;
    if (isNew && to > from && total + to - from > replicas + maxSurge) surge++;
    if (!isNew && to < from && available - (from - to) < replicas - maxUnavailable) unavailable++;
  });
  harness.create(DEPLOYMENTS, web(8));
  harness.until(() => status(harness)?.availableReplicas === 8);
  rollOut(harness, 'app:v2');
  harness.run(30_000_000);
  return { surge, unavailable };
}

describe('deployment', () => {
  test('a new Deployment gets a ReplicaSet and its pods, and becomes available', () => {
    const harness = new ControllerHarness({ nodes: 3 });
    harness.create(DEPLOYMENTS, web(3));
    harness.until(() => status(harness)?.availableReplicas === 3);
    harness.run(1_000_000);
    const [replicaSet] = harness.objects<ReplicaSet>(REPLICASETS);
    expect(replicaSet?.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]+$/);
    expect(replicaSet?.status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
    });
    const pods = harness.objects<Pod>(PODS);
    expect(pods).toHaveLength(3);
    expect(pods.every((pod) => pod.metadata.ownerReferences?.[0]?.uid === replicaSet?.metadata.uid)).toBe(true);
  });

  test('a rollout keeps within surge and unavailability; each bug breaks its bound', () => {
    expect(boundsBroken({})).toEqual({ surge: 0, unavailable: 0 });
    expect(boundsBroken({ bugs: ['deployment-ignores-max-surge'] }).surge).toBeGreaterThan(0);
    expect(boundsBroken({ bugs: ['deployment-ignores-max-unavailable'] }).unavailable).toBeGreaterThan(0);
  });

  test('old ReplicaSets beyond the limit go, unless the bug keeps them', () => {
    const left = (bugs: string[]): number => {
      const harness = new ControllerHarness({ nodes: 3, bugs });
      harness.create(DEPLOYMENTS, web(1, 'app:v1', { revisionHistoryLimit: 1 }));
      for (let version = 2; version <= 5; version++) {
        harness.run(4_000_000);
        rollOut(harness, `app:v${version}`);
      }
      harness.run(10_000_000);
      return harness.objects(REPLICASETS).length;
    };
    expect(left([])).toBe(2);
    expect(left(['deployment-keeps-old-replicasets'])).toBe(5);
  });

  test('at rest nothing is written, unless a bug writes unchanged status', () => {
    const writes = (bugs: string[]): number => {
      const harness = new ControllerHarness({ nodes: 2, bugs });
      harness.create(DEPLOYMENTS, web(2));
      harness.run(10_000_000);
      const { sim } = harness.api;
      let count = 0;
      sim.observation.setInterceptor(POINT_REQUEST, (_pid, subject) => {
        const { verb } = subject as ApiRequest;
        if (verb >= VERB.create) count++;
        return undefined;
      });
      // A change of an annotation wakes both controllers, and changes nothing of their business.
      const [replicaSet] = harness.objects<ReplicaSet>(REPLICASETS);
      harness.patch(REPLICASETS, replicaSet?.metadata.name ?? '', { metadata: { annotations: { note: 'x' } } });
      harness.run(5_000_000);
      return count - 1;
    };
    expect(writes([])).toBe(0);
    expect(writes(['replicaset-writes-unchanged-status'])).toBeGreaterThan(0);
    expect(writes(['deployment-writes-unchanged-status'])).toBeGreaterThan(0);
  });

  test('pods of a deleted ReplicaSet and of a new one with the same name are not mixed up', () => {
    const harness = new ControllerHarness({ nodes: 2 });
    harness.create(DEPLOYMENTS, web(2));
    harness.until(() => status(harness)?.availableReplicas === 2);
    const [old] = harness.objects<ReplicaSet>(REPLICASETS);
    harness.delete(REPLICASETS, old?.metadata.name ?? '', { options: { propagationPolicy: 'Background' } });
    harness.run(5_000_000);
    const [fresh] = harness.objects<ReplicaSet>(REPLICASETS);
    expect(fresh?.metadata.name).toBe(old?.metadata.name);
    expect(fresh?.metadata.uid).not.toBe(old?.metadata.uid);
    const owned = harness
      .objects<Pod>(PODS)
      .filter((pod) => pod.metadata.ownerReferences?.[0]?.uid === fresh?.metadata.uid);
    expect(owned).toHaveLength(2);
  });
});

describe('replicaset', () => {
  const created = (harness: ControllerHarness): number =>
    harness.events(PODS).filter((event) => event.type === ADDED).length;

  test('creates exactly what is missing; without expectations too many', () => {
    const count = (bugs: string[]): number => {
      const harness = new ControllerHarness({ nodes: 3, bugs });
      // Only a slow watch shows the difference: answers overtake events.
      const manager = harness.instances[0] as ControllerManager;
      const informer = manager.informer(PODS);
      const deliver = informer.onEvent.bind(informer);
      const { sim } = harness.api;
      informer.onEvent = (event) => {
        sim.at(sim.now + 200_000, 'late event', () => manager.library.during(() => deliver(event)));
      };
      harness.create(DEPLOYMENTS, web(20));
      harness.run(4_000_000);
      return created(harness);
    };
    expect(count([])).toBe(20);
    expect(count(['replicaset-ignores-expectations'])).toBeGreaterThan(20);
  });

  test('deletes pods that are not ready first; the bug does the opposite', () => {
    const readyLeft = (bugs: string[]): number => {
      const harness = new ControllerHarness({ nodes: 3, bugs });
      harness.create(DEPLOYMENTS, web(6));
      harness.until(() => status(harness)?.readyReplicas === 6);
      const broken = harness.objects<Pod>(PODS).slice(0, 3);
      const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: '2025-01-01T00:00:20Z' }];
      for (const pod of broken) {
        harness.patch(
          PODS,
          pod.metadata.name,
          { status: { conditions } },
          { subresource: 'status', patchType: 'strategic' },
        );
      }
      harness.patch(DEPLOYMENTS, 'web', { spec: { replicas: 3 } }, { subresource: 'scale' });
      harness.run(5_000_000);
      const names = new Set(broken.map((pod) => pod.metadata.name));
      return harness.objects<Pod>(PODS).filter((pod) => !names.has(pod.metadata.name)).length;
    };
    expect(readyLeft([])).toBe(3);
    expect(readyLeft(['replicaset-deletes-ready-first'])).toBe(0);
  });

  test('batches grow 1, 2, 4 … and stop at a failure; the key comes back, unless the bug forgets it', () => {
    const run = (bugs: string[]): { readonly more: number; readonly pods: number; readonly failed: boolean } => {
      const harness = new ControllerHarness({ nodes: 3, bugs });
      const { sim } = harness.api;
      let asked = 0;
      let failing = true;
      sim.observation.setInterceptor(POINT_REQUEST, (_pid, subject) => {
        const { type, verb } = subject as ApiRequest;
        if (type !== PODS || verb !== VERB.create || !failing) return undefined;
        asked++;
        return StatusError.forbidden(PODS, '', 'exceeded quota');
      });
      const changes: number[] = [];
      sim.observation.listen(POINT_REPLICASET_SYNC, (_pid, subject) => {
        changes.push((subject as ReplicaSetSync).change);
      });
      harness.create(DEPLOYMENTS, web(20));
      harness.run(1_000_000);
      const more = asked - changes.length;
      const conditions = harness.objects<ReplicaSet>(REPLICASETS)[0]?.status?.conditions ?? [];
      failing = false;
      harness.run(20_000_000);
      return {
        more,
        pods: harness.objects(PODS).length,
        failed: conditions.some(({ reason }) => reason === 'FailedCreate'),
      };
    };
    const healthy = run([]);
    // One request a sync: the first batch.
    expect(healthy.more).toBe(0);
    expect(healthy.failed).toBe(true);
    expect(healthy.pods).toBe(20);
    expect(run(['controller-no-retry']).pods).toBe(0);
  });
});

describe('fail-over', () => {
  test('the standby takes over when the leader dies, and only then', () => {
    const harness = new ControllerHarness({ nodes: 2, managers: 2, leaderElection: true });
    harness.until(() => harness.instances.filter((manager) => manager.running).length === 1);
    harness.create(DEPLOYMENTS, web(1));
    harness.until(() => status(harness)?.availableReplicas === 1);
    const leader = harness.instances.findIndex((manager) => manager.running);
    harness.api.sim.crash(harness.managers[leader] as number);
    harness.patch(DEPLOYMENTS, 'web', { spec: { replicas: 4 } }, { subresource: 'scale' });
    const start = harness.api.sim.now;
    harness.until(() => status(harness)?.availableReplicas === 4, 60_000_000);
    const tookUs = harness.api.sim.now - start;
    expect(tookUs).toBeGreaterThan(10_000_000);
    expect(tookUs).toBeLessThan(25_000_000);
  });
});
