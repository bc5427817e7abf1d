/** What SS2 and DS1 say of deletions of pods that are too many or stand where none is wanted, D4 of a paused Deployment that fills its sum up. */
import { expect, test } from 'vitest';
import type { Judge, Predicate } from '../../../core/chaos/predicate.ts';
import { daemonPods } from '../../../core/chaos/predicates/daemon-pods-check.ts';
import { orderedPods } from '../../../core/chaos/predicates/ordered-pods-check.ts';
import { pausedRollout } from '../../../core/chaos/predicates/paused-rollout-check.ts';
import { POINT_DAEMONSET_REPLACE } from '../../../core/controllers/daemonset/bugs.ts';
// Declare the points.
import '../../../core/cluster/declared.ts';
import '../../../core/controllers/statefulset/update.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import { Simulation } from '../../../core/sim/simulation.ts';

const pod = (name: string, ready = true, nodeName = 'n'): object => ({
  metadata: { name, namespace: 'd', uid: name },
  spec: { containers: [], nodeName },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

/** What the predicate says of what a controller decided. */
function said(
  make: (judge: Judge) => Predicate,
  point: number,
  subject: object,
  taints: readonly object[] = [],
  wallUs = 0,
): string[] {
  const found: string[] = [];
  const sim = { observation: new Simulation({ seed: 1 }).observation, clocks: { wall: () => wallUs } };
  const violate = (_predicate: unknown, message: string): void => {
    found.push(message);
  };
  const node = { metadata: { name: 'n' }, spec: { taints } };
  make({ sim, world: { nodeNamed: () => node }, truth: {}, calmSinceUs: 0, violate } as unknown as Judge);
  sim.observation.observe(point, 0 as never, subject);
  return found;
}

// Kubernetes 1.34.1, pkg/controller/statefulset/stateful_set_control.go: condemned pods go in descending order, one that is not available only as the first
// unavailable pod: wanted ones come before condemned ones. Seen on a real control plane after a change of ordinals.start from 0 to 1.
test.each([
  ['db-0', [pod('db-0'), pod('db-1'), pod('db-2')], 1, []],
  ['db-0', [pod('db-0', false), pod('db-1'), pod('db-2')], 1, []],
  ['db-0', [pod('db-0', false), pod('db-1'), pod('db-2', false)], 1, ['which is not ready, before db-2 is']],
  ['db-2', [pod('db-0'), pod('db-1'), pod('db-2'), pod('db-3')], 0, ['which is too much, before db-3 has gone']],
  ['db-3', [pod('db-0'), pod('db-1', false), pod('db-3', false)], 0, ['which is not ready, before db-1 is']],
])('SS2: of two wanted pods %s goes', (name, pods, start, why) => {
  const set = { metadata: { name: 'db', namespace: 'd' }, spec: { replicas: 2, ordinals: { start } } };
  const chosen = pods.find((each) => (each as { metadata: { name: string } }).metadata.name === name);
  const subject = { set, pod: chosen, pods, updateRevision: 'r' };
  expect(said(orderedPods, findPoint('statefulset.delete') as number, subject)).toEqual(
    why.map((each) => `StatefulSet d/db deletes ${name}, ${each}`),
  );
});

// Kubernetes 1.34.1, pkg/controller/daemon/update.go rollingUpdate: shouldNotRunPodsToDelete.
test('DS1: a rollout that surges may take a pod that stays under a NoSchedule taint', () => {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } };
  const set = {
    metadata: { name: 'a', namespace: 'd' },
    spec: { updateStrategy, template: { spec: { containers: [] } } },
  };
  const old = pod('a-1');
  const pods = [old, pod('a-2', true, 'm')];
  const subject = { set, desired: 1, pods, deleted: [old] };
  const what = 'DaemonSet d/a: its rollout takes 1 available pods while 0 nodes have none, at most 0 may';
  expect(said(daemonPods, POINT_DAEMONSET_REPLACE, subject)).toEqual([what]);
  expect(said(daemonPods, POINT_DAEMONSET_REPLACE, subject, [{ key: 'k', effect: 'NoSchedule' }])).toEqual([]);
});

test.each([
  [8, ['DaemonSet d/a: its rollout takes 2 available pods while 0 nodes have none, at most 1 may']],
  [12, []],
])('DS1: with minReadySeconds of %i old pods that were not ready for so long go besides', (minReadySeconds, wanted) => {
  const ready = (name: string, nodeName: string): object => {
    const lastTransitionTime = '1970-01-01T00:00:00Z';
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
    return { ...pod(name, true, nodeName), status: { phase: 'Running', conditions } };
  };
  const deleted = [ready('a-1', 'n'), ready('a-2', 'm')];
  const spec = { minReadySeconds, template: { spec: { containers: [] } } };
  const set = { metadata: { name: 'a', namespace: 'd' }, spec };
  const subject = { set, desired: 2, pods: deleted, deleted };
  expect(said(daemonPods, POINT_DAEMONSET_REPLACE, subject, [], 10_000_000)).toEqual(wanted);
});

// Kubernetes 1.34.1, pkg/controller/deployment/sync.go scale; seen on a real control plane: 1 and 5 of 5 with a surge of 2 became 1 and 6 after the pause.
test.each([
  [6, []],
  [8, ['Deployment d/w: new from 5 to 8, though it is paused and was not scaled']],
  [4, ['Deployment d/w: new from 5 to 4, though it is paused and was not scaled']],
])('D4: amid a rollout the new ReplicaSet goes from 5 to %i', (to, wanted) => {
  const annotations = {
    'deployment.kubernetes.io/desired-replicas': '5',
    'deployment.kubernetes.io/max-replicas': '7',
  };
  const set = (name: string, replicas: number): object => ({
    metadata: { name, uid: name, annotations },
    spec: { replicas },
  });
  const deployment = { metadata: { name: 'w', namespace: 'd' }, spec: { replicas: 5, paused: true } };
  const all = [set('old', 1), set('new', 5)];
  const subject = { deployment, replicaSet: all[1], from: 5, to, replicas: 5, maxSurge: 2, all };
  expect(said(pausedRollout, findPoint('deployment.scale') as number, subject)).toEqual(wanted);
});
