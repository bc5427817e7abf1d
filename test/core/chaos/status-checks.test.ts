/** X12, K8, J1 and E2: counts and parts of a status that are not so, and endpoints that are not what their pods are. */
import { describe, expect, test } from 'vitest';
import type { PredicateFactory } from '../../../core/chaos/predicate.ts';
import { endpointsMatch } from '../../../core/chaos/predicates/endpoints-match-check.ts';
import { countedOnce } from '../../../core/chaos/predicates/job-count-check.ts';
import { podStatusesAgree } from '../../../core/chaos/predicates/pod-status-check.ts';
import { statefulIdentities } from '../../../core/chaos/predicates/stateful-identity-check.ts';
import { statusesMatch } from '../../../core/chaos/predicates/status-check.ts';
import { World } from '../../../core/chaos/world.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { KubeObject } from '../../../core/types/object.ts';

type Parts = Readonly<Record<string, unknown>>;

/** Commits objects one after the other, each key by its name. */
function judged(make: PredicateFactory) {
  const messages: string[] = [];
  const violate = (_: unknown, message: string): void => void messages.push(message);
  const judge = { sim: new Simulation({ seed: 1 }), world: new World(), calmSinceUs: 0, isOfFault: false, violate };
  const predicate = make(judge);
  const keys = new Map<string, number>();
  const last = new Map<number, KubeObject>();
  let revision = 0;
  const put = (kind: string, name: string, parts: Parts | null): void => {
    if (!keys.has(kind + name)) keys.set(kind + name, keys.size + 1);
    const keyId = keys.get(kind + name) as number;
    const metadata = { name, namespace: 'demo', uid: name, ...(parts?.['metadata'] as object) };
    const object = parts === null ? null : ({ kind, spec: {}, ...parts, metadata } as unknown as KubeObject);
    const commit = { timeUs: 0, revision: ++revision, keyId, kind, object, previous: last.get(keyId) ?? null };
    if (object === null) last.delete(keyId);
    else last.set(keyId, object);
    judge.world.apply(commit);
    predicate.onCommit?.(commit, 0);
  };
  return { put, messages, judge, missing: () => predicate.missing?.() ?? null };
}

const READY = [{ type: 'Ready', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z' }];
const running = (owner: string, kind: string, more: Parts = {}): Parts => ({
  metadata: { labels: { app: 'web' }, ownerReferences: [{ kind, name: owner, uid: owner, controller: true }], ...more },
  spec: { nodeName: 'node-0' },
  status: { phase: 'Running', conditions: READY },
});
const SET = { spec: { replicas: 2, template: { metadata: { labels: { app: 'web' } } } } };
const SET_COUNTS = { replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const BUDGET = { spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } } };
const BUDGET_COUNTS = { expectedPods: 2, desiredHealthy: 1, currentHealthy: 2, disruptionsAllowed: 1 };
const AGENTS = { currentNumberScheduled: 1, desiredNumberScheduled: 1, numberReady: 1, numberAvailable: 1 };
const ENDED = { conditions: [{ type: 'Failed', status: 'True' }] };

describe('X12', () => {
  test.each([
    ['ReplicaSet', SET, SET_COUNTS, null],
    ['ReplicaSet', SET, { ...SET_COUNTS, readyReplicas: 1 }, 'status says readyReplicas 1, 2 are'],
    [
      'ReplicaSet',
      SET,
      { ...SET_COUNTS, fullyLabeledReplicas: undefined },
      'status says fullyLabeledReplicas 0, 2 are',
    ],
    ['StatefulSet', SET, { replicas: 2, readyReplicas: 2, availableReplicas: 2 }, null],
    [
      'StatefulSet',
      SET,
      { replicas: 2, readyReplicas: 2, availableReplicas: 0 },
      'status says availableReplicas 0, 2 are',
    ],
    ['DaemonSet', {}, AGENTS, null],
    ['DaemonSet', {}, { ...AGENTS, numberUnavailable: 1 }, 'status says numberUnavailable 1, 0 are'],
    ['PodDisruptionBudget', BUDGET, BUDGET_COUNTS, null],
    ['PodDisruptionBudget', BUDGET, { ...BUDGET_COUNTS, currentHealthy: 1 }, 'status says currentHealthy 1, 2 are'],
    [
      'PodDisruptionBudget',
      BUDGET,
      { ...BUDGET_COUNTS, disruptionsAllowed: 2 },
      'status says disruptionsAllowed 2, 1 are',
    ],
    ['Job', {}, { ...ENDED, active: 2, ready: 2 }, null],
    ['Job', {}, { ...ENDED, active: 2 }, 'status says ready 0, 2 are'],
  ])('a %s of two ready pods: %j %j', (kind, spec, status, lack) => {
    const { put, missing } = judged(statusesMatch);
    put('Pod', 'a', running('web', kind));
    put('Pod', 'b', running('web', kind));
    put(kind, 'web', { ...spec, status });
    expect(missing()).toBe(lack === null ? null : `${kind} demo/web: ${lack}`);
    // Nothing is said while one of them goes.
    put('Pod', 'b', running('web', kind, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    expect(missing()).toBeNull();
  });

  test('a budget is left alone while another one matches a pod of it: its controller is told of one of them only', () => {
    const { put, missing } = judged(statusesMatch);
    put('Pod', 'a', running('web', 'ReplicaSet'));
    put('PodDisruptionBudget', 'stale', { ...BUDGET, status: BUDGET_COUNTS });
    expect(missing()).toBe('PodDisruptionBudget demo/stale: status says currentHealthy 2, 1 are');
    put('PodDisruptionBudget', 'web', { ...BUDGET, status: { ...BUDGET_COUNTS, currentHealthy: 1 } });
    expect(missing()).toBeNull();
    put('PodDisruptionBudget', 'web', null);
    expect(missing()).not.toBeNull();
  });

  test('a Deployment adds up the pods of its ReplicaSets', () => {
    const { put, missing } = judged(statusesMatch);
    put('Pod', 'a', running('web-1', 'ReplicaSet'));
    put('ReplicaSet', 'web-1', { ...SET, metadata: running('web', 'Deployment')['metadata'] });
    const counts = { replicas: 1, readyReplicas: 1, availableReplicas: 1 };
    put('Deployment', 'web', { status: { ...counts, unavailableReplicas: 1 } });
    expect(missing()).toBeNull();
    put('Deployment', 'web', { status: counts });
    expect(missing()).toBe('Deployment demo/web: status says unavailableReplicas 0, 1 are');
  });

  test('a pod that will be available soon is waited for', () => {
    const { put, missing } = judged(statusesMatch);
    const spec = { ...SET.spec, replicas: 1, minReadySeconds: 30 };
    const since = (lastTransitionTime: string): Parts => ({
      ...running('web', 'ReplicaSet'),
      status: { phase: 'Running', conditions: [{ ...READY[0], lastTransitionTime }] },
    });
    put('Pod', 'a', since('2025-01-01T00:00:00Z'));
    put('ReplicaSet', 'web', { spec, status: { ...SET_COUNTS, replicas: 1, availableReplicas: 0 } });
    expect(missing()).toBeNull();
    put('Pod', 'a', since('2024-12-31T23:00:00Z'));
    expect(missing()).not.toBeNull();
  });
});

const ADDRESS = { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] };
const FAILED = { containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 1 } } }] };

const SANDBOX = (isThere: boolean): object => ({
  type: 'PodReadyToStartContainers',
  status: isThere ? 'True' : 'False',
});

describe('K8', () => {
  test.each<[string, Parts, Parts, string | null]>([
    ['Always', { ...ADDRESS, phase: 'Running' }, {}, null],
    ['Always', { ...ADDRESS, podIPs: [] }, {}, 'podIP is 10.0.0.1, podIPs begin with none'],
    ['Always', { ...ADDRESS, phase: 'Pending', conditions: [SANDBOX(true)] }, {}, null],
    [
      'Always',
      { ...ADDRESS, phase: 'Pending', conditions: [SANDBOX(false)] },
      {},
      'it has the address 10.0.0.1 before its sandbox is there',
    ],
    ['Always', { phase: 'Pending', conditions: READY }, {}, 'it is Ready and Pending'],
    [
      'Always',
      { phase: 'Running', conditions: READY, containerStatuses: [{ name: 'c', ready: false }] },
      {},
      'it is Ready and its container c is not',
    ],
    ['Always', { phase: 'Failed' }, {}, 'it has Failed without a reason, its restart policy is Always'],
    ['Always', { phase: 'Failed', reason: 'Evicted' }, {}, null],
    ['Always', { phase: 'Failed' }, { deletionTimestamp: '2026-01-01T00:00:00Z' }, null],
    ['OnFailure', { phase: 'Failed' }, {}, 'it has Failed without a reason, its restart policy is OnFailure'],
    ['OnFailure', { phase: 'Succeeded' }, {}, null],
    ['Never', { phase: 'Failed', ...FAILED }, {}, null],
    ['Never', { phase: 'Succeeded', ...FAILED }, {}, 'it has Succeeded and its container c has failed'],
  ])('a pod of restart policy %s with %j %j', (restartPolicy, status, metadata, said) => {
    const { put, messages } = judged(podStatusesAgree);
    const spec = { nodeName: 'node-0', restartPolicy };
    put('Pod', 'a', { metadata, spec, status: { phase: 'Running' } });
    put('Pod', 'a', { metadata, spec, status });
    expect(messages).toEqual(said === null ? [] : [`pod demo/a: ${said}`]);
  });

  test.each([
    [true, 0],
    [false, 1],
  ])('a pod that a fault has written to (%s) its kubelet may end', (isOfFault, count) => {
    const { put, messages, judge } = judged(podStatusesAgree);
    const of = (phase: string, podIP: string): Parts => ({
      spec: { restartPolicy: 'Always' },
      status: { phase, podIP },
    });
    put('Pod', 'a', of('Running', '10.0.0.1'));
    judge.isOfFault = isOfFault;
    put('Pod', 'a', of('Running', '10.0.0.2'));
    judge.isOfFault = false;
    put('Pod', 'a', of('Succeeded', '10.0.0.2'));
    expect(messages.length).toBe(count);
  });

  test('a count of restarts does not fall', () => {
    const { put, messages } = judged(podStatusesAgree);
    for (const restartCount of [0, 2, 2, 1])
      put('Pod', 'a', { status: { phase: 'Running', containerStatuses: [{ name: 'c', restartCount }] } });
    expect(messages).toEqual(['pod demo/a: container c was restarted 2 times and now 1']);
  });
});

describe('J1', () => {
  test.each<[string, readonly (Parts | null)[], boolean]>([
    ['still runs', [running('sums', 'Job')], true],
    ['has succeeded and was deleted', [{ ...running('sums', 'Job'), status: { phase: 'Succeeded' } }, null], true],
    ['has failed', [{ ...running('sums', 'Job'), status: { phase: 'Failed' } }], false],
    ['is being deleted', [running('sums', 'Job', { deletionTimestamp: '2026-01-01T00:00:00Z' })], false],
    ['is gone', [running('sums', 'Job'), null], false],
  ])('a failure is counted of a pod that %s', (_what, pods, isWrong) => {
    const { put, messages } = judged(countedOnce);
    for (const pod of pods) put('Pod', 'a', pod);
    put('Job', 'sums', { status: { uncountedTerminatedPods: { failed: ['a'] } } });
    expect(messages.length).toBe(isWrong ? 1 : 0);
  });
});

describe('J1: a Job that fails without counting a pod', () => {
  const TRACKED = { finalizers: ['batch.kubernetes.io/job-tracking'], deletionTimestamp: '2026-01-01T00:00:00Z' };
  const INDEX_3 = { annotations: { 'batch.kubernetes.io/job-completion-index': '3' } };
  const FAILING = { conditions: [{ type: 'FailureTarget', status: 'True' }] };
  const indexed = (completions: number): Parts => ({ spec: { completionMode: 'Indexed', completions } });
  test.each<[string, Parts, Parts, Parts, boolean]>([
    ['that had failed', {}, {}, { phase: 'Failed' }, true],
    ['that ran when it failed', { status: FAILING }, {}, { phase: 'Running' }, true],
    ['that was too much while somebody deleted it', {}, {}, { phase: 'Running' }, false],
    ['of an index that it has', indexed(4), INDEX_3, { phase: 'Failed' }, true],
    ['of an index that it has no more', indexed(2), INDEX_3, { phase: 'Failed' }, false],
    ['though it is being deleted', { metadata: { deletionTimestamp: 't' } }, {}, { phase: 'Failed' }, false],
  ])('%s', (_what, job, metadata, status, isWrong) => {
    const { put, messages } = judged(countedOnce);
    put('Job', 'sums', job);
    put('Pod', 'a', { ...running('sums', 'Job', { ...TRACKED, ...metadata }), status });
    put('Pod', 'a', { ...running('sums', 'Job', { ...TRACKED, ...metadata, finalizers: [] }), status });
    put('Job', 'sums', { ...job, status: ENDED });
    expect(messages).toHaveLength(isWrong ? 1 : 0);
  });
});

// A status without the ended pod would be refused (job-rules.test.ts).
test('J1: a Job that cannot count an ended pod yet need not count ready ones', () => {
  const { put, messages, judge } = judged(countedOnce);
  judge.sim.run(40_000_000);
  put('Pod', 'a', running('sums', 'Job'));
  put('Pod', 'b', {
    ...running('sums', 'Job', { finalizers: ['batch.kubernetes.io/job-tracking'] }),
    status: { phase: 'Failed' },
  });
  put('Job', 'sums', { status: { active: 2, ready: 0 } });
  expect(messages).toEqual([]);
});

test.each([
  [{ active: 2, ready: 1 }, 0, ['Job demo/sums: 1 ready pods are counted, 2 have been ready for 20 s']],
  [{ active: 2, ready: 2 }, 0, []],
  // A fault may keep its controller behind.
  [{ active: 2, ready: 1 }, 30_000_000, []],
])('J1: a Job of two ready pods says %j', (status, calmSinceUs, said) => {
  const { put, messages, judge } = judged(countedOnce);
  judge.sim.run(40_000_000);
  judge.calmSinceUs = calmSinceUs;
  put('Pod', 'a', running('sums', 'Job'));
  put('Pod', 'b', running('sums', 'Job'));
  put('Job', 'sums', { status });
  expect(messages).toEqual(said);
});

describe('E2', () => {
  const SERVICE = { spec: { selector: { app: 'web' } } };
  const pod = (conditions: readonly object[], metadata: Parts = {}): Parts => ({
    metadata: { labels: { app: 'web' }, ...metadata },
    spec: { nodeName: 'node-0' },
    status: { phase: 'Running', podIP: '10.0.0.1', conditions },
  });
  const slice = (conditions: object | null, labels: Parts = {}): Parts => ({
    metadata: { labels: { 'kubernetes.io/service-name': 'web', ...labels } },
    addressType: 'IPv4',
    endpoints: conditions === null ? [] : [{ addresses: ['10.0.0.1'], conditions }],
  });
  const ending = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  test.each<[string, Parts, Parts, boolean]>([
    ['a ready pod', pod(READY), slice({ ready: true, serving: true, terminating: false }), true],
    ['a ready pod, by defaults', pod(READY), slice({}), true],
    ['a pod that is not ready', pod([]), slice({ ready: false, serving: false }), true],
    ['a pod that is not ready and left out', pod([]), slice(null), false],
    ['a pod that is not ready and serves', pod([]), slice({ ready: false, serving: true }), false],
    ['a pod that ends', pod(READY, ending), slice({ ready: false, serving: true, terminating: true }), true],
    ['a pod that ends untold', pod(READY, ending), slice({ ready: false, serving: true }), false],
    [
      'a pod in a slice of somebody else',
      pod(READY),
      slice({}, { 'endpointslice.kubernetes.io/managed-by': 'staff' }),
      false,
    ],
  ])('%s', (_what, listed, slices, holds) => {
    const { put, missing } = judged(endpointsMatch);
    put('Node', 'node-0', {});
    put('Service', 'web', SERVICE);
    put('Pod', 'a', { ...listed, metadata: { ...(listed['metadata'] as object), uid: 'a' } });
    put('EndpointSlice', 'web-1', slices);
    expect(missing() === null).toBe(holds);
  });
});

describe('SS4: a pod below the partition at the newest revision', () => {
  const at = (updateStrategy: object): Parts => ({
    spec: { replicas: 1, updateStrategy },
    status: { currentRevision: 'web-1', updateRevision: 'web-2' },
  });
  const partition = (from: number): Parts => at({ type: 'RollingUpdate', rollingUpdate: { partition: from } });
  test.each([
    ['was never reached', [partition(1)], 'StatefulSet demo/web: pod web-0 is at web-2, not at web-1'],
    ['was reached before the partition was raised', [partition(0), partition(1)], null],
    ['was made by hand', [at({ type: 'OnDelete' }), partition(1)], null],
    [
      'was never reached, the partition fell',
      [partition(2), partition(1)],
      'StatefulSet demo/web: pod web-0 is at web-2, not at web-1',
    ],
  ])('%s', (_what, sets, lack) => {
    const { put, missing } = judged(statefulIdentities);
    for (const set of sets) put('StatefulSet', 'web', set);
    put('Pod', 'web-0', running('web', 'StatefulSet', { labels: { 'controller-revision-hash': 'web-2' } }));
    expect(missing()).toBe(lack);
  });
});
