/** Single rules of the Deployment controller, each in a situation in which its absence shows: against the real API server and store. */
import { describe, expect, test } from 'vitest';
import { DeploymentSync } from '../../../core/controllers/deployment/deployment-sync.ts';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { Pod } from '../../../core/types/pod.ts';
import { findCondition } from '../../../core/types/pod-conditions.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';
import { DEPLOYMENTS, PODS, REPLICASETS } from '../../../core/types/resource-type.ts';
import { ControllerHarness } from '../../support/controller-harness.ts';

const S = 1_000_000;
const NEVER_READY = 'reference.example/never-ready';
const REVISION = 'deployment.kubernetes.io/revision';

/** A Deployment `web`; pods of the image `broken` never turn ready. */
function web(replicas: number, image = 'app:v1', spec: object = {}, metadata: object = {}): unknown {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', ...metadata },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template(image), ...spec },
  };
}

function template(image: string): object {
  const annotations = image === 'broken' ? { [NEVER_READY]: 'true' } : {};
  return { metadata: { labels: { app: 'web' }, annotations }, spec: { containers: [{ name: 'app', image }] } };
}

function rollOut(harness: ControllerHarness, image: string): void {
  const annotations = { [NEVER_READY]: image === 'broken' ? 'true' : null };
  harness.patch(DEPLOYMENTS, 'web', {
    spec: { template: { metadata: { annotations }, spec: { containers: [{ name: 'app', image }] } } },
  });
}

const deployment = (harness: ControllerHarness): Deployment =>
  harness.find<Deployment>(DEPLOYMENTS, 'web') as Deployment;
const available = (harness: ControllerHarness): number => deployment(harness).status?.availableReplicas ?? 0;
/** Sizes of the ReplicaSets, oldest first. */
const sizes = (harness: ControllerHarness): (number | undefined)[] =>
  harness.objects<ReplicaSet>(REPLICASETS).map(({ spec }) => spec.replicas);
const progress = (harness: ControllerHarness) => findCondition(deployment(harness).status?.conditions, 'Progressing');

function started(replicas: number, image = 'app:v1', spec: object = {}, metadata: object = {}): ControllerHarness {
  const harness = new ControllerHarness({ nodes: 3 });
  harness.create(DEPLOYMENTS, web(replicas, image, spec, metadata));
  harness.run(2 * S);
  return harness;
}

/** A ReplicaSet that somebody else made. */
function foreign(name: string, metadata: object = {}): unknown {
  const labels = { app: 'web', made: 'by-hand' };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'default', labels, ...metadata },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'other' }] } },
    },
  };
}

describe('rollout', () => {
  test('leads away from pods that never turn ready', () => {
    const harness = started(4, 'broken');
    rollOut(harness, 'app:v2');
    harness.run(5 * S);
    expect([available(harness), sizes(harness)]).toEqual([4, [0, 4]]);
  });

  test('takes of the old pods that are not available only what the new ones make up for', () => {
    const harness = started(10, 'app:v1', { strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } });
    const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: '2025-01-01T00:00:20Z' }];
    for (const { metadata } of harness.objects<Pod>(PODS).slice(0, 4)) {
      const patch = { status: { conditions } };
      harness.patch(PODS, metadata.name, patch, { subresource: 'status', patchType: 'strategic' });
    }
    harness.run(S);
    rollOut(harness, 'broken');
    harness.run(5 * S);
    expect(sizes(harness)).toEqual([8, 5]);
  });

  test('counts revisions on, also back to an earlier template', () => {
    const harness = started(1);
    for (const image of ['app:v2', 'app:v3', 'app:v1']) {
      rollOut(harness, image);
      harness.run(3 * S);
    }
    expect(deployment(harness).metadata.annotations?.[REVISION]).toBe('4');
    const revisions = harness.objects<ReplicaSet>(REPLICASETS).map(({ metadata }) => metadata.annotations?.[REVISION]);
    expect(revisions).toEqual(['4', '2', '3']);
  });

  test('says when its deadline has passed, and that it is done when it gets there', () => {
    const harness = started(1, 'broken', { progressDeadlineSeconds: 5 });
    expect(progress(harness)?.status).toBe('True');
    harness.run(8 * S);
    expect(progress(harness)).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    rollOut(harness, 'app:v2');
    harness.run(3 * S);
    expect(progress(harness)).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  });

  test('ends with the Deployment: one that is being deleted is not rolled out', () => {
    const harness = started(2, 'app:v1', {}, { finalizers: ['example.com/hold'] });
    harness.delete(DEPLOYMENTS, 'web');
    rollOut(harness, 'app:v2');
    harness.run(3 * S);
    const { metadata, status } = deployment(harness);
    expect(sizes(harness)).toEqual([2]);
    expect(status?.observedGeneration).toBe(metadata.generation);
  });
});

describe('ReplicaSets', () => {
  test('one of the name that holds something else is left alone, and another name is found', () => {
    const first = started(2);
    const { name } = (first.objects<ReplicaSet>(REPLICASETS)[0] as ReplicaSet).metadata;
    const harness = new ControllerHarness({ nodes: 3 });
    const stranger = harness.create(REPLICASETS, foreign(name, { labels: {} }));
    harness.create(DEPLOYMENTS, web(2));
    harness.run(3 * S);
    const [, own] = harness.objects<ReplicaSet>(REPLICASETS);
    expect(own?.metadata.name).toMatch(/^web-/);
    expect([deployment(harness).status?.collisionCount, available(harness)]).toEqual([1, 2]);
    expect(harness.find<ReplicaSet>(REPLICASETS, name)?.metadata.generation).toBe(stranger.metadata.generation);
  });

  test('an orphan that matches is adopted, one that is being deleted is not; one that no longer matches is let go', () => {
    const harness = new ControllerHarness({ nodes: 3 });
    harness.create(REPLICASETS, foreign('ending', { finalizers: ['example.com/hold'] }));
    harness.create(REPLICASETS, foreign('staying'));
    harness.delete(REPLICASETS, 'ending');
    harness.create(DEPLOYMENTS, web(1));
    harness.run(2 * S);
    const owners = (): (string | undefined)[] =>
      ['ending', 'staying'].map(
        (name) => harness.find<ReplicaSet>(REPLICASETS, name)?.metadata.ownerReferences?.[0]?.name,
      );
    expect(owners()).toEqual([undefined, 'web']);
    harness.patch(REPLICASETS, 'staying', { metadata: { labels: { app: 'other' } } });
    harness.run(2 * S);
    expect(owners()).toEqual([undefined, undefined]);
  });

  test('of the old ones the lowest revisions go: those without pods, by a status that is not behind', () => {
    const old = (revision: number, spec: object = {}, status: object = {}, metadata: object = {}): ReplicaSet =>
      ({
        metadata: { name: `web-${revision}`, generation: 2, annotations: { [REVISION]: `${revision}` }, ...metadata },
        spec: { replicas: 0, ...spec },
        status: { replicas: 0, observedGeneration: 2, ...status },
      }) as unknown as ReplicaSet;
    const deleted: string[] = [];
    const scope = {
      ctx: { bug: () => false },
      client: {
        *delete(_type: unknown, _namespace: string, name: string) {
          deleted.push(name);
        },
      },
    };
    const owner = { spec: { revisionHistoryLimit: 1 } } as unknown as Deployment;
    const sync = new DeploymentSync(scope as never, owner, []);
    sync.oldReplicaSets = [
      old(6),
      old(5, { replicas: 1 }),
      old(4, {}, { replicas: 1 }),
      old(3, {}, { observedGeneration: 1 }),
      old(2, {}, {}, { deletionTimestamp: '2025-01-01T00:00:00Z' }),
      old(1),
    ];
    expect([...sync.cleanUp()]).toEqual([]);
    expect(deleted).toEqual(['web-1']);
  });
});
