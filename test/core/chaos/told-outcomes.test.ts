/** A4, A5, A9, A11, A12, E1, K3, LE1, N2: ends of objects, lists, empty names, times of conditions, transitions of leases and what namespaces need, each allowed beside what is not. */
import { describe, expect, test } from 'vitest';
import type { GroundTruth, Judge, PredicateFactory } from '../../../core/chaos/predicate.ts';
import { conditionTimes } from '../../../core/chaos/predicates/condition-time-check.ts';
import { endpointStates } from '../../../core/chaos/predicates/endpoint-state-check.ts';
import { forwardReads } from '../../../core/chaos/predicates/forward-reads-check.ts';
import { immutableIdentity } from '../../../core/chaos/predicates/immutable-identity-check.ts';
import { knownOutcome } from '../../../core/chaos/predicates/known-outcome-check.ts';
import { leaseHolders } from '../../../core/chaos/predicates/lease-holder-check.ts';
import { namespacesFurnished } from '../../../core/chaos/predicates/namespace-needs-check.ts';
import { stopRules } from '../../../core/chaos/predicates/stop-rules-check.ts';
import { validObjects } from '../../../core/chaos/predicates/valid-objects-check.ts';
import { type Commit, World } from '../../../core/chaos/world.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { VERB } from '../../../core/types/wire.ts';
// Declares the points that they listen at.
import '../../../core/cluster/declared.ts';

function judged(make: PredicateFactory, truth: Partial<GroundTruth> = {}) {
  const sim = new Simulation({ seed: 1 });
  const messages: string[] = [];
  const judge: Judge = {
    sim,
    world: new World(),
    calmSinceUs: 0,
    truth: truth as GroundTruth,
    violate: (_, message) => messages.push(message),
  };
  const predicate = make(judge);
  const tell = (point: string, subject: unknown): void =>
    sim.observation.observe(findPoint(point) as never, 0, subject);
  return { judge, predicate, messages, tell };
}

const SLICE_OF_WEB = {
  'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  'kubernetes.io/service-name': 'web',
};

const object = (metadata: object, more: object = {}): KubeObject =>
  ({
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'demo', uid: 'a', resourceVersion: '1', ...metadata },
    ...more,
  }) as never;

test.each([
  ['a shorter grace that is over', 0, []],
  ['the same grace', 1, ['Pod demo/a: deletionTimestamp moved from t+5 to t+6']],
])('A4: %s moves an end', (_what, deletionGracePeriodSeconds, said) => {
  const { predicate, messages } = judged(immutableIdentity);
  const previous = object({ deletionTimestamp: 't+5', deletionGracePeriodSeconds: 1 });
  const next = object({ deletionTimestamp: 't+6', deletionGracePeriodSeconds });
  predicate.onCommit?.({ kind: 'Pod', previous, object: next } as Commit, 0);
  expect(messages).toEqual(said);
});

test.each([
  ['orphan', []],
  ['foregroundDeletion', []],
  ['example.com/hold', ['Pod demo/a: finalizer example.com/hold was added during deletion']],
])('A4: %s is added to what is being deleted', (finalizer, said) => {
  const { predicate, messages } = judged(immutableIdentity);
  const previous = object({ deletionTimestamp: 't', finalizers: ['other'] });
  const next = object({ deletionTimestamp: 't', finalizers: ['other', finalizer] });
  predicate.onCommit?.({ kind: 'Pod', previous, object: next } as Commit, 0);
  expect(messages).toEqual(said);
});

describe('A4: an object that is held by a finalizer', () => {
  const before = object({ finalizers: ['hold'], deletionTimestamp: 't', deletionGracePeriodSeconds: 0 });
  test.each([
    ['a status', { verb: VERB.update, subresource: 'status', object: object({}), patchType: '' }, 1],
    ['an update that keeps it', { verb: VERB.update, object: object({ finalizers: ['hold'] }), patchType: '' }, 1],
    ['an update without it', { verb: VERB.update, object: object({}), patchType: '' }, 0],
    ['a patch of its labels', { verb: VERB.patch, patch: { metadata: { labels: {} } }, patchType: 'merge' }, 1],
    ['a patch of its finalizers', { verb: VERB.patch, patch: { metadata: { finalizers: [] } }, patchType: 'merge' }, 0],
    [
      'a patch that takes it from the list',
      {
        verb: VERB.patch,
        patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['hold'] } },
        patchType: 'strategic',
      },
      0,
    ],
  ])('is ended by %s', (_what, request, faults) => {
    const { messages, tell } = judged(immutableIdentity);
    tell('api.write', { op: { request: { subresource: '', object: null, ...request } }, before, after: null });
    expect(messages).toHaveLength(faults);
  });
});

describe('A11: an object that is reported as deleted', () => {
  test.each([
    ['stays', {}, 'a', {}, 1],
    ['is marked', {}, 'a', { deletionTimestamp: 't' }, 0],
    ['is answered as marked', { deletionTimestamp: 't' }, 'a', { deletionTimestamp: 't' }, 0],
    ['was made anew', {}, 'b', {}, 0],
  ])('%s', (_what, answered, uid, stored, faults) => {
    const { judge, messages, tell } = judged(knownOutcome);
    const present = object({ uid, ...stored });
    judge.world.apply({ timeUs: 0, revision: 1, keyId: 1, kind: 'Pod', object: present, previous: null });
    const request = { verb: VERB.delete, type: { kind: 'Pod' }, name: 'a', options: {} };
    tell('client.call-ended', { request, response: { object: object(answered) }, error: null });
    tell('client.call-ended', {
      request: { ...request, options: { dryRun: true } },
      response: { object: object({}) },
      error: null,
    });
    expect(messages).toHaveLength(faults);
  });
});

describe('A12: a condition', () => {
  const status = (of: string, since: string, more = {}) => ({
    status: { conditions: [{ type: 'Ready', status: of, lastTransitionTime: since, ...more }] },
  });
  test.each([
    ['keeps its time', 'system:serviceaccount:x', '1', status('True', 't1'), 0],
    ['is renewed', 'system:serviceaccount:x', '1', status('True', 't2'), 1],
    ['changes', 'system:serviceaccount:x', '1', status('False', 't2'), 0],
    ['comes with a reason', 'system:serviceaccount:x', '1', status('False', 't2', { reason: 'Gone' }), 0],
    ['comes with an empty reason', 'system:serviceaccount:x', '1', status('False', 't2', { reason: '' }), 1],
    ['is renewed by a kubelet', 'system:node:a', '1', status('True', 't2'), 0],
    ['is renewed by a user', 'jane', '1', status('True', 't2'), 0],
    ['is renewed over another version', 'system:serviceaccount:x', '0', status('True', 't2'), 0],
  ])('%s', (_what, user, resourceVersion, after, faults) => {
    const { messages, tell } = judged(conditionTimes);
    const request = { user, verb: VERB.update, object: object({ resourceVersion }) };
    tell('api.write', { op: { request }, before: object({}, status('True', 't1')), after: object({}, after) });
    expect(messages).toHaveLength(faults);
  });
});

// Source: Kubernetes 1.34.1, pkg/registry/core/pod/strategy.go, podStrategy.CheckGracefulDelete: who asks for no grace of his own gets the pod's.
test.each([
  ['with 30 s', {}, {}, 1],
  ['at once', { gracePeriodSeconds: 0 }, {}, 0],
  ['with the grace of a pod that has none', {}, { terminationGracePeriodSeconds: 0 }, 0],
  ['with 30 s of a pod that has none', { gracePeriodSeconds: 30 }, { terminationGracePeriodSeconds: 0 }, 1],
])('K3: a pod that runs is removed, deleted %s', (_what, options, spec, faults) => {
  const { messages, tell } = judged(stopRules);
  tell('kubelet.run', { podUid: 'a' });
  const request = { user: 'jane', verb: VERB.delete, options };
  tell('api.write', { op: { request }, before: object({}, { spec }), after: null });
  expect(messages).toHaveLength(faults);
});

test('A5: a generated name is left out, not empty', () => {
  const { predicate, messages } = judged(validObjects);
  for (const generateName of [undefined, 'a-', '']) {
    const pod = object(
      { generateName },
      { spec: { containers: [{ name: 'c', image: 'i' }], restartPolicy: 'Always' } },
    );
    predicate.onCommit?.({ timeUs: 1, revision: 1, keyId: 1, kind: 'Pod', object: pod, previous: null }, 0);
  }
  expect(messages).toEqual(['Pod demo/a is stored with a generateName that is empty']);
});

test('A9: a list holds what has one name in two namespaces, and nothing twice', () => {
  const { messages, tell } = judged(forwardReads);
  const listed = (...objects: readonly KubeObject[]): void =>
    tell('informer.listed', { kind: 'Pod', revision: 1, objects });
  listed(object({}), object({ namespace: 'other' }), object({ name: 'b', namespace: 'other' }));
  expect(messages).toEqual([]);
  listed(object({}), object({}));
  expect(messages).toHaveLength(1);
});

test.each([
  ['node', 1],
  // The load of a fault: each of its watches lists for itself.
  ['user', 0],
])('A9: the second list of a process on machine %s is older than its first', (machine, faults) => {
  const { judge, messages } = judged(forwardReads);
  const pid = judge.sim.addProcess('client', machine, () => ({ start() {}, receive() {} }));
  for (const revision of [2, 1])
    judge.sim.observation.observe(findPoint('informer.listed') as never, pid, { kind: 'Pod', revision, objects: [] });
  expect(messages).toHaveLength(faults);
});

test.each([
  ['never did', [{}], 1],
  ['does', [{ publishNotReadyAddresses: true }], 0],
  ['did a moment before', [{ publishNotReadyAddresses: true }, {}], 0],
])('E1: a pod that ends is said to be ready by a Service that %s publish all', (_what, specs, faults) => {
  const { judge, predicate, messages } = judged(endpointStates);
  const commit = (kind: string, keyId: number, parts: object): void => {
    const metadata = { name: 'web', namespace: 'demo', labels: SLICE_OF_WEB };
    const committed = { timeUs: 1, revision: 1, keyId, kind, object: { kind, metadata, ...parts }, previous: null };
    judge.world.apply(committed as never);
    predicate.onCommit?.(committed as never, 0);
  };
  for (const spec of specs) commit('Service', 1, { spec });
  const conditions = { ready: true, serving: true, terminating: true };
  commit('EndpointSlice', 2, { endpoints: [{ addresses: [], conditions, targetRef: { name: 'a', uid: 'a' } }] });
  expect(messages).toHaveLength(faults);
});

test.each([
  ['a', 1, 0],
  ['a', 2, 1],
  ['', 1, 0],
])('LE1: who holds a lease counts no transition: %s %i', (holderIdentity, leaseTransitions, faults) => {
  const { predicate, messages } = judged(leaseHolders);
  const lease = (spec: object): KubeObject =>
    ({ kind: 'Lease', metadata: { name: 'l', namespace: 'kube-system' }, spec }) as never;
  const previous = lease({ holderIdentity: 'a', leaseTransitions: 1 });
  const after = lease({ holderIdentity, leaseTransitions });
  predicate.onCommit?.({ timeUs: 1, revision: 1, keyId: 1, kind: 'Lease', object: after, previous }, 0);
  expect(messages).toHaveLength(faults);
});

describe('N2: a namespace', () => {
  const named = (kind: string, name: string, more: object = {}): KubeObject =>
    ({ kind, metadata: { name, namespace: kind === 'Namespace' ? undefined : 'demo', ...more } }) as never;
  const account = named('ServiceAccount', 'default');
  const certificate = named('ConfigMap', 'kube-root-ca.crt');
  test.each([
    ['with all', [account, certificate], true, null],
    ['without its account', [certificate], true, 'Namespace demo has no ServiceAccount default'],
    ['without its certificate', [account], true, 'Namespace demo has no ConfigMap kube-root-ca.crt'],
    ['of a cluster without such controllers', [], false, null],
  ])('%s', (_what, objects, runs, lack) => {
    const { judge, predicate } = judged(namespacesFurnished, { runsController: () => runs });
    for (const [keyId, object] of [named('Namespace', 'demo'), ...objects].entries())
      judge.world.apply({ timeUs: 0, revision: keyId + 1, keyId, kind: object.kind as string, object, previous: null });
    expect(predicate.missing?.()).toBe(lack);
  });

  test('that goes needs nothing', () => {
    const { judge, predicate } = judged(namespacesFurnished, { runsController: () => true });
    const object = named('Namespace', 'demo', { deletionTimestamp: 't' });
    judge.world.apply({ timeUs: 0, revision: 1, keyId: 1, kind: 'Namespace', object, previous: null });
    expect(predicate.missing?.()).toBeNull();
  });
});
