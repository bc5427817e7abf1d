/**
 * Shortfalls of workloads, from hand-written histories of commits.
 */
import { expect, test } from 'vitest';
import { WorkloadRecovery } from '../../../bench/campaign/workload-recovery.ts';
import type { Commit } from '../../../core/chaos/world.ts';

function deployment(replicas: number, readyReplicas: number) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { replicas },
    status: { readyReplicas },
  };
}

function shortfalls(...states: readonly (readonly [timeUs: number, object: Commit['object']])[]): number[] {
  const found: number[] = [];
  const jury = { onCommit: [] as ((commit: Commit) => void)[] };
  new WorkloadRecovery((shortUs) => found.push(shortUs)).begin(undefined, jury);
  let previous: Commit['object'] = null;
  for (const [timeUs, object] of states) {
    const kind = (object ?? previous)?.kind ?? '';
    for (const listener of jury.onCommit) listener({ timeUs, revision: 1, keyId: 1, kind, object, previous });
    previous = object;
  }
  return found;
}

test('from the first missing pod to the last one back; the way up does not count', () => {
  const found = shortfalls(
    [0, deployment(3, 0)],
    [10, deployment(3, 3)],
    [100, deployment(3, 2)],
    [120, deployment(3, 1)],
    [170, deployment(3, 3)],
    [200, deployment(3, 2)],
  );
  expect(found).toEqual([70]);
});

test('scaling up is a shortfall until the new pods are Ready; scaling to nothing is none', () => {
  const found = shortfalls([0, deployment(1, 1)], [5, deployment(2, 1)], [9, deployment(2, 2)], [12, deployment(0, 2)]);
  expect(found).toEqual([4]);
});

test('a deleted workload ends nothing', () => {
  expect(shortfalls([0, deployment(1, 1)], [5, deployment(1, 0)], [9, null], [20, deployment(1, 1)])).toEqual([]);
});

test("a DaemonSet counts by its status; a Deployment's ReplicaSet does not count", () => {
  const set = (numberReady: number) => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 's' },
    status: { desiredNumberScheduled: 5, numberReady },
  });
  expect(shortfalls([0, set(5)], [3, set(4)], [10, set(5)])).toEqual([7]);
  const owned = (ready: number) => ({
    ...deployment(2, ready),
    kind: 'ReplicaSet',
    metadata: { name: 'r', ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'u' }] },
  });
  expect(shortfalls([0, owned(2)], [3, owned(1)], [10, owned(2)])).toEqual([]);
});
