/**
 * What one sync of a Job and of a disruption budget does: cases of the real controllers as a library, over the same objects (Kubernetes 1.34.1,
 * pkg/controller/job syncJob, pkg/controller/disruption sync and syncStalePodDisruption).
 */
import { describe, expect, test } from 'vitest';
import { oneSync } from '../../../bench/conform/oracle/one-sync.ts';
import { disruptionController } from '../../../core/controllers/disruption/disruption-controller.ts';
import { JOB_CONTROLLER } from '../../../core/controllers/job/controller.ts';

const TRACKED = 'batch.kubernetes.io/job-tracking';

function pod(name: string, phase: string, owner: readonly [string, string], parts: object = {}, status: object = {}) {
  const [kind, uid] = owner;
  const ownerReferences = [{ apiVersion: 'v1', kind, name: uid, uid, controller: true }];
  const labels = { app: 'web' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'd', uid: name, labels, creationTimestamp: '@90', ownerReferences, ...parts },
    spec: { containers: [{ name: 'a', image: 'x' }] },
    status: { phase, ...status },
  };
}

function job(spec: object, status: object) {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'a', image: 'x' }] } };
  const metadata = { name: 'j', namespace: 'd', uid: 'j', creationTimestamp: '@100' };
  const selector = { matchLabels: { app: 'web' } };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: { selector, template, parallelism: 1, ...spec },
    status,
  };
}

describe('one sync of a Job', () => {
  test('more successes than asked for are told; a finalizer goes whoever the pod is by now', () => {
    const ended = pod('p0', 'Succeeded', ['Job', 'j'], { finalizers: [TRACKED] });
    const objects = [job({ completions: 1 }, { startTime: '@80', succeeded: 1 }), ended];
    const { events, writes } = oneSync(JOB_CONTROLLER, 'd/j', objects);
    expect(events[0]).toBe(
      'Warning TooManySucceededPods Too many succeeded pods running after completion count reached',
    );
    const release = writes.find(({ verb }) => verb === 'patch');
    expect(release?.object).toEqual({ metadata: { '$deleteFromPrimitiveList/finalizers': [TRACKED] } });
  });

  test('its deadline brings it back also where its success policy is met', () => {
    const spec = { completions: 2, completionMode: 'Indexed', activeDeadlineSeconds: 100 };
    const successPolicy = { rules: [{ succeededCount: 1 }] };
    const status = { startTime: '@80', succeeded: 1, completedIndexes: '0' };
    expect(oneSync(JOB_CONTROLLER, 'd/j', [job({ ...spec, successPolicy }, status)]).again).toEqual([20]);
  });
});

describe('one sync of a disruption budget', () => {
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'd', uid: 'b' },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
  };
  const replicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: 'rs',
      namespace: 'd',
      uid: 'rs',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone', uid: 'gone', controller: true }],
    },
    spec: { replicas: 3 },
  };
  const statusOf = (objects: readonly object[]) =>
    (oneSync(disruptionController, 'd/b', [budget, ...objects]).writes.at(0)?.object as { status: object } | undefined)
      ?.status;

  test('a ReplicaSet whose Deployment has gone counts by its own scale', () => {
    const status = statusOf([replicaSet, pod('p0', 'Running', ['ReplicaSet', 'rs'])]);
    expect(status).toMatchObject({ expectedPods: 3, desiredHealthy: 2 });
  });

  test('the pod without a scale is named', () => {
    const status = statusOf([pod('p0', 'Running', ['ReplicaSet', 'rs'])]);
    expect(status).toMatchObject({ conditions: [{ message: 'found no controllers for pod "p0"' }] });
  });

  // Kubernetes 1.34.1, pkg/controller/disruption/disruption.go getScaleController.
  test('a kind without a scale is named, not the pod', () => {
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'agent', controller: true },
    ];
    const owned = pod('p0', 'Running', ['DaemonSet', 'agent'], { ownerReferences });
    const message = 'daemonsets.apps does not implement the scale subresource';
    expect(statusOf([owned])).toMatchObject({ conditions: [{ message }] });
  });

  test('a condition that is stale is taken back by an update of the status, reason and message with it', () => {
    const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'R', lastTransitionTime: '@121' }];
    const target = pod('p0', 'Running', ['ReplicaSet', 'rs'], { generation: 2 }, { conditions });
    const { writes } = oneSync(disruptionController, 'd/p0', [target], { queue: 'stale-disruption' });
    expect(writes.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual(['update pods/status']);
    const written = writes[0]?.object as { status: { conditions: object[] } } | undefined;
    const condition = written?.status.conditions[0];
    expect({ ...condition, lastTransitionTime: '' }).toEqual({
      type: 'DisruptionTarget',
      status: 'False',
      observedGeneration: 2,
      lastTransitionTime: '',
    });
  });
});
