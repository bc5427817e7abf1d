/** What always predicates and ends of deletions must not blame, each beside what they must. */
import { describe, expect, test } from 'vitest';
import type { GroundTruth, Judge, PredicateFactory } from '../../../core/chaos/predicate.ts';
import { daemonCycles } from '../../../core/chaos/predicates/daemon-cycle-check.ts';
import { deletionsEnd } from '../../../core/chaos/predicates/deletion-end-check.ts';
import { honestStatus } from '../../../core/chaos/predicates/honest-status-check.ts';
import { endedJobs } from '../../../core/chaos/predicates/job-count-check.ts';
import { leasesTaken } from '../../../core/chaos/predicates/lease-taken-check.ts';
import { creationsExpected } from '../../../core/chaos/predicates/replica-creation-check.ts';
import { requestLines } from '../../../core/chaos/predicates/request-line-check.ts';
import { startNeeds } from '../../../core/chaos/predicates/start-needs-check.ts';
import { stoppedTraffic } from '../../../core/chaos/predicates/stopped-traffic-check.ts';
import { validObjects } from '../../../core/chaos/predicates/valid-objects-check.ts';
import { writerLimits } from '../../../core/chaos/predicates/writer-limits-check.ts';
import { runPlan } from '../../../core/chaos/run-plan.ts';
import { World } from '../../../core/chaos/world.ts';
import { findPoint } from '../../../core/sim/registry.ts';
import { Simulation } from '../../../core/sim/simulation.ts';
import { PART_BIRTH } from '../../../core/types/changed-parts.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { ADDED, MODIFIED, VERB } from '../../../core/types/wire.ts';
import { smallPlan } from '../../support/small-plan.ts';

const S = 1_000_000;

type Loose = Record<string, unknown> & { readonly kind: string; readonly metadata: Record<string, unknown> };

/** A predicate with what it is told and what it says. */
function judged(make: PredicateFactory, truth: Partial<GroundTruth> = {}, calmSinceUs = 0) {
  const sim = new Simulation({ seed: 1 });
  const messages: string[] = [];
  const judge: Judge = {
    sim,
    world: new World(),
    calmSinceUs,
    truth: truth as GroundTruth,
    violate: (_, message) => messages.push(message),
  };
  const predicate = make(judge);
  let revision = 0;
  const commit = (loose: Loose): void => {
    const object = loose as unknown as KubeObject;
    const { kind } = object;
    revision++;
    const change = { timeUs: sim.now, revision, keyId: revision, kind, object, previous: null };
    judge.world.apply(change);
    if (predicate.commitKinds?.includes(kind) === false) return;
    if (((predicate.commitParts ?? PART_BIRTH) & PART_BIRTH) !== 0)
      predicate.onCommit?.(change, sim.observation.kinds.of(kind));
  };
  const tell = (point: string, pid: number, subject: unknown): void =>
    sim.observation.observe(findPoint(point) as never, pid, subject);
  return { sim, predicate, messages, commit, tell };
}

describe('K4', () => {
  const pod = (ready: 'True' | 'False', restartCount: number) => ({
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'demo', uid: 'web' },
    spec: { containers: [{ readinessProbe: { initialDelaySeconds: 10 } }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }], containerStatuses: [{ restartCount }] },
  });
  const run = { podUid: 'web', sinceUs: 0, restarts: 0 };
  const annotated = (annotations: object) => {
    const { metadata, ...rest } = pod('True', 0);
    return { ...rest, metadata: { ...metadata, annotations } };
  };

  test.each([
    ['allows', 'of the run before, which was long enough to be ready', 0, 0],
    ['blames', 'of a run that has just begun, however long the one before was', 1, 1],
  ])('%s a report %s', (_verb, _about, restartCount, faults) => {
    const { commit, messages, sim, tell } = judged(honestStatus);
    tell('kubelet.run', 1, run);
    sim.run(20 * S);
    tell('kubelet.stop', 1, run);
    tell('kubelet.run', 1, { ...run, sinceUs: 20 * S, restarts: 1 });
    commit(pod('True', restartCount));
    expect(messages).toHaveLength(faults);
  });

  test.each([
    [{}, 9, []],
    [{ 'seatrial.dev/ready-after': '20s' }, 9, ['after its start; it cannot be before 20 s']],
    [{ 'seatrial.dev/ready-after': '2s' }, 3, []],
    [{ 'seatrial.dev/never-ready': 'true' }, 60, ['after its start; it cannot be before']],
  ])('goes by what a user says of the time: %j', (annotations, seconds, faults) => {
    const { commit, messages, sim, tell } = judged(honestStatus);
    tell('kubelet.run', 1, run);
    sim.run(seconds * S);
    commit(annotated(annotations));
    expect(messages).toEqual(faults.map((fault) => expect.stringContaining(fault)));
  });

  test('blames one of a pod that was never started', () => {
    const { commit, messages, tell } = judged(honestStatus);
    tell('kubelet.run', 1, { ...run, podUid: 'other' });
    commit(annotated({ 'seatrial.dev/ready-after': '0s' }));
    expect(messages).toEqual(['pod demo/web is reported Ready and has never been started']);
  });

  test('blames one that no run can have earned', () => {
    const { commit, messages, sim, tell } = judged(honestStatus);
    sim.run(20 * S);
    tell('kubelet.run', 1, { ...run, sinceUs: 19 * S });
    tell('kubelet.stop', 1, run);
    tell('kubelet.run', 1, { ...run, sinceUs: 20 * S, restarts: 1 });
    commit(pod('True', 0));
    expect(messages).toEqual(['pod demo/web is reported Ready 0 ms after its start; it cannot be before 10 s']);
  });
});

describe('X9', () => {
  const owned = (controller?: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'demo',
      uid: 'web',
      ...(controller === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: 'apps/v1', kind: controller, name: 'o', uid: 'o', controller: true }] }),
    },
  });
  const op = (verb: number) => ({
    request: { user: 'system:serviceaccount:kube-system:replicaset-controller', verb, subresource: '' },
  });
  const deletedAfter = (seconds: number, calmSinceUs = 0): string[] => {
    const { messages, sim, tell } = judged(writerLimits, {}, calmSinceUs);
    tell('api.write', 1, { op: op(VERB.patch), before: owned('ReplicaSet'), after: owned() });
    sim.run(seconds * S);
    tell('api.write', 1, { op: op(VERB.delete), before: owned(), after: null });
    return messages;
  };

  test('judges who evicts pods for tainted devices: it deletes them and changes nothing of them', () => {
    const { messages, tell } = judged(writerLimits, {}, 0);
    const user = 'system:serviceaccount:kube-system:device-taint-eviction-controller';
    const by = (verb: number) => ({ op: { request: { user, verb, subresource: '' } }, before: owned() });
    tell('api.write', 1, { ...by(VERB.delete), after: null });
    expect(messages).toEqual([]);
    tell('api.write', 1, { ...by(VERB.patch), after: owned('ReplicaSet') });
    expect(messages).toHaveLength(1);
  });

  test('allows a deletion that was on its way when the object was let go, however long a fault held it', () => {
    expect(deletedAfter(50)).toEqual([]);
    expect(deletedAfter(500, 450 * S)).toEqual([]);
    expect(deletedAfter(500, Number.POSITIVE_INFINITY)).toEqual([]);
  });

  test('blames one a minute later', () => {
    expect(deletedAfter(61)).toHaveLength(1);
    expect(deletedAfter(500, 400 * S)).toHaveLength(1);
  });
});

describe('DS2', () => {
  const daemon = (uid: string): Loose => ({
    kind: 'Pod',
    metadata: {
      name: uid,
      namespace: 'demo',
      uid,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'agent', controller: true }],
    },
    spec: { nodeName: 'node-0', containers: [] },
  });
  const op = { request: { user: 'system:serviceaccount:kube-system:daemonset-controller' } };
  /** Four live pods of one node are deleted while a fault acts, each beside `others`. */
  const deleted = (others: readonly string[]): string[] => {
    const { commit, messages, tell } = judged(daemonCycles, {}, Number.POSITIVE_INFINITY);
    commit({ kind: 'DaemonSet', metadata: { name: 'agent', namespace: 'demo', uid: 'agent' } });
    for (const other of others) commit(daemon(other));
    for (const uid of ['a', 'b', 'c', 'd']) tell('api.write', 1, { op, before: daemon(uid), after: null });
    return messages;
  };

  test('allows a surplus to be taken back', () => {
    expect(deleted(['stays'])).toEqual([]);
  });

  test('blames deletions of the only pod of a node, whatever acts meanwhile', () => {
    expect(deleted([])[0]).toBe(
      '3 pods like demo/c on node-0 were deleted although the node did not change within 600 s',
    );
  });
});

describe('J2', () => {
  const job = (status: object): Loose => ({
    kind: 'Job',
    metadata: { name: 'batch', namespace: 'demo', uid: 'batch' },
    spec: {},
    status,
  });
  const ended = (phase: string, calmSinceUs = 0): string[] => {
    const { commit, messages } = judged(endedJobs, {}, calmSinceUs);
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'batch', uid: 'batch', controller: true };
    const metadata = { name: 'batch-1', namespace: 'demo', uid: 'p', ownerReferences: [owner] };
    commit({ kind: 'Pod', metadata, spec: { containers: [] }, status: { phase } });
    commit(job({ conditions: [{ type: 'Complete', status: 'True' }] }));
    return messages;
  };

  test('blames the end of a Job whose pod runs on', () => {
    expect(ended('Running')).toEqual(['Job demo/batch has ended, but its pod batch-1 has not']);
  });

  test('allows it with pods that have ended, or that a fault may hide', () => {
    expect(ended('Succeeded')).toEqual([]);
    expect(ended('Running', Number.POSITIVE_INFINITY)).toEqual([]);
  });
});

describe('DL1', () => {
  const ending = (name: string, owner: string, finalizer = 'foregroundDeletion', kind = 'ConfigMap') => ({
    kind,
    metadata: {
      name,
      uid: name,
      deletionTimestamp: '2026-01-01T00:00:00Z',
      finalizers: [finalizer],
      ownerReferences: [{ uid: owner, kind: 'ConfigMap', name: owner, blockOwnerDeletion: true }],
    },
  });
  const verdict = (...objects: Loose[]) => {
    const { commit, predicate } = judged(deletionsEnd, { connectedNodes: () => [] });
    for (const object of objects) commit(object);
    return predicate.missing?.();
  };
  test('owners that wait for each other are explained by nothing', () => {
    expect(verdict(ending('a', 'b'), ending('b', 'a'))).toBe('ConfigMap a is still being deleted');
    expect(verdict(ending('a', 'a'))).toBe('ConfigMap a is still being deleted');
  });
  test('what somebody else holds explains a ring, and any chain, that waits for it', () => {
    const held = ending('held', 'a', 'example.com/held');
    expect(verdict(ending('a', 'b'), ending('b', 'a'), held)).toBeNull();
    const chain = Array.from({ length: 20_000 }, (_, i) => ending(`c${i}`, `c${i - 1}`));
    expect(verdict(...chain, ending('held', 'c19999', 'example.com/held'))).toBeNull();
    expect(verdict(...chain)).toBe('ConfigMap c0 is still being deleted');
  });
  test('a pod that waits for its Job is not explained by what holds the Job', () => {
    const job = ending('job', '', 'example.com/held', 'Job');
    const pod = ending('pod', 'job', 'batch.kubernetes.io/job-tracking', 'Pod');
    const [owner] = pod.metadata.ownerReferences;
    Object.assign(owner as object, { controller: true });
    expect(verdict(job, { ...pod, status: { phase: 'Failed' }, spec: {} })).toBe('Pod pod is still being deleted');
  });
});

describe('KP3', () => {
  test.each([
    [false, ['node-0 sends Service demo/web to 10.0.0.1 of pod demo/p, which stopped more than a minute ago']],
    [true, []],
  ])('a Service that publishes addresses that are not ready (%j) keeps those of stopped pods', (publishes, said) => {
    const { sim, messages, commit, tell, predicate } = judged(stoppedTraffic, {
      connectedNodes: () => [{ index: 0, name: 'node-0', zone: 'a' }],
      rulesOf: () => ['10.0.0.1'],
    });
    const metadata = { name: 'web', namespace: 'demo' };
    commit({ kind: 'Service', metadata, spec: { publishNotReadyAddresses: publishes } });
    tell('kubelet.stop', 1, { namespace: 'demo', name: 'p', ip: '10.0.0.1' });
    sim.run(70 * S);
    predicate.conclude?.();
    expect(messages).toEqual(said);
  });
});

describe('RS2', () => {
  const owner = { kind: 'ReplicaSet', name: 'web', uid: 'web', controller: true };
  const pod = (uid: string, resourceVersion = '7') => ({
    kind: 'Pod',
    metadata: { name: uid, uid, namespace: 'demo', resourceVersion, ownerReferences: [owner] },
  });
  const created = (uid: string, verb: number = VERB.create) => ({
    request: {
      verb,
      type: { kind: 'Pod' },
      subresource: '',
      user: 'system:serviceaccount:kube-system:replicaset-controller',
    },
    response: { object: pod(uid) },
    error: null,
  });
  const sync = { replicaSet: { kind: 'ReplicaSet', metadata: owner, spec: { replicas: 3, selector: {} } }, change: 1 };
  const trial = () => {
    const all = judged(creationsExpected);
    const pid = all.sim.addProcess('controller-manager-0', 'm', () => ({ start() {}, receive() {} }));
    return { ...all, tell: (point: string, subject: unknown) => all.tell(point, pid, subject) };
  };
  test('a pod that was seen before its answer has been seen, however many came before it', () => {
    const { tell, messages } = trial();
    for (let i = 0; i < 12_000; i++) {
      tell('client.call-ended', created(`p${i}`));
      tell('informer.event', { type: ADDED, object: pod(`p${i}`) });
      tell('informer.event', { type: MODIFIED, object: pod(`p${i}`) });
    }
    tell('informer.event', { type: ADDED, object: pod('last') });
    tell('client.call-ended', created('last'));
    tell('replicaset.sync', sync);
    expect(messages).toEqual([]);
    tell('client.call-ended', created('unseen'));
    tell('replicaset.sync', sync);
    expect(messages).toHaveLength(1);
  });
  test.each([
    [VERB.patch, 2, 1, []],
    [VERB.patch, 2, 2, ['ReplicaSet web: its controller creates 2 pods beside 2 of its own, it wants 3']],
    // What ended has to be replaced.
    [VERB.patch, 0, 3, []],
  ])('pods that it took in itself (%i) count, while they are active', (verb, active, change, said) => {
    const { tell, commit, messages } = trial();
    for (const [i, uid] of ['a', 'b'].entries()) {
      tell('client.call-ended', created(uid, verb));
      commit({ ...pod(uid), status: { phase: i < active ? 'Running' : 'Failed' } });
    }
    tell('replicaset.sync', { ...sync, change });
    expect(messages).toEqual(said);
  });

  test('so has one that was listed before its answer', () => {
    const { tell, messages } = trial();
    tell('informer.listed', { kind: 'Pod', revision: 7 });
    tell('client.call-ended', created('listed'));
    tell('replicaset.sync', sync);
    expect(messages).toEqual([]);
  });
});

describe('K9', () => {
  const configured = (source: object) => ({
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'demo', uid: 'p' },
    spec: { containers: [{ envFrom: [source] }] },
  });
  test.each([
    [{ configMapRef: { name: 'a' } }, [], ['node-0 starts pod demo/p: there is no ConfigMap a']],
    [{ secretRef: { name: 'a' } }, ['ConfigMap'], ['node-0 starts pod demo/p: there is no Secret a']],
    [{ configMapRef: { name: 'a' } }, ['ConfigMap'], []],
    [{ configMapRef: { name: 'a', optional: true } }, [], []],
  ])('a pod with %j beside %j', (source, kinds, said) => {
    const { tell, commit, messages } = judged(startNeeds);
    for (const kind of kinds) commit({ kind, metadata: { name: 'a', namespace: 'demo' } });
    commit(configured(source));
    tell('kubelet.run', 1, { node: 'node-0', podUid: 'p', restarts: 0 });
    expect(messages).toEqual(said);
  });

  test.each([
    ['Pending', 0, 1],
    ['Bound', 0, 0],
    // A claim may be made anew while the pod runs.
    ['Pending', 1, 0],
  ])('a claim that is %s at start %i', (phase, restarts, faults) => {
    const { tell, commit, messages } = judged(startNeeds);
    commit({ kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'demo' }, status: { phase } });
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
    commit({ ...configured({}), spec: { containers: [], volumes } });
    tell('kubelet.run', 1, { node: 'node-0', podUid: 'p', restarts });
    expect(messages).toHaveLength(faults);
  });

  test.each([
    [1, 0],
    [2, 1],
  ])('a pod that was deleted at revision 2, by a kubelet that has listed at revision %i', (listed, faults) => {
    const { tell, commit, messages, sim } = judged(startNeeds);
    const pid = sim.addProcess('kubelet-node-0', 'm', () => ({ start() {}, receive() {} }));
    commit({ kind: 'ConfigMap', metadata: { name: 'a', namespace: 'demo' } });
    const { metadata, ...rest } = configured({});
    commit({ ...rest, metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
    const request = { verb: VERB.list, type: { kind: 'Pod' } };
    tell('client.call-ended', pid, { request, response: { resourceVersion: String(listed) }, error: null });
    tell('kubelet.run', pid, { node: 'node-0', podUid: 'p', restarts: 0 });
    expect(messages).toHaveLength(faults);
  });
});

describe('LE3', () => {
  test.each([
    ['has run all the time', () => {}, /scheduler runs$/],
    ['was restarted a moment ago', (sim: Simulation, pid: number) => restartAt(sim, pid, 59 * S), /^$/],
    ['was frozen until a moment ago', (sim: Simulation, pid: number) => freezeUntil(sim, pid, 59 * S), /^$/],
  ])('a component that %s', (_, disturb, said) => {
    const { sim, predicate, commit } = judged(leasesTaken);
    const pid = sim.addProcess('scheduler-0', 'm', () => ({ start() {}, receive() {} }));
    sim.run(S);
    const lease = (name: string) => ({ kind: 'Lease', metadata: { name, namespace: 'kube-system' } });
    commit(lease('kube-scheduler'));
    disturb(sim, pid);
    sim.run(60 * S);
    commit(lease('another'));
    expect(predicate.missing?.() ?? '').toMatch(said);
  });
  function restartAt(sim: Simulation, pid: number, atUs: number): void {
    sim.run(atUs);
    sim.crash(pid);
    sim.restart(pid);
  }
  function freezeUntil(sim: Simulation, pid: number, untilUs: number): void {
    sim.pause(pid);
    sim.run(untilUs);
    sim.resume(pid);
  }
});

test('A5: each pod with the containers of a wrong one is told', () => {
  const { commit, messages } = judged(validObjects);
  const containers = [{ name: 'app', volumeMounts: [{ name: 'data' }] }];
  for (const name of ['a', 'b']) commit({ kind: 'Pod', metadata: { name, namespace: 'demo' }, spec: { containers } });
  expect(messages).toHaveLength(2);
});

test('A10: how many seats there are is not asked of the server', () => {
  const { sim, tell, messages } = judged(requestLines, { requestSeats: { read: 4, write: 2 } });
  const pid = sim.addProcess('apiserver-0', 'm', () => ({ start() {}, receive() {} }));
  tell('api.line', pid, { what: 'read', served: true, taken: 4, limit: 3 });
  expect(messages).toEqual([]);
  tell('api.line', pid, { what: 'write', served: true, taken: 3, limit: 3 });
  expect(messages).toEqual(['apiserver-0 serves 3 write requests at once, 2 may be']);
});

test('a fault that hits nobody disturbs nothing, and nothing calms after it', () => {
  const target = { nodeSelector: { no: 'such' } };
  const trigger = { kind: 'at', atUs: 10 * S } as const;
  let calmSinceUs = -1;
  const plan = smallPlan({ faults: [{ kind: 'node-crash', id: 'f', target, trigger, forUs: 5 * S } as never] });
  const { faults } = runPlan(plan, 1, {
    end: (_, jury) => {
      calmSinceUs = jury.calmSinceUs;
    },
  });
  expect(faults).toMatchObject([{ id: 'f', targets: [], beginUs: 10 * S, endUs: 10 * S }]);
  expect(calmSinceUs).toBe(0);
});
