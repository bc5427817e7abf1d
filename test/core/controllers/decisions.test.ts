/** Single decisions of the controllers, asked without a cluster: one row a rule. */
import { describe, expect, test } from 'vitest';
import type { DaemonState } from '../../../core/controllers/daemonset/daemon-state.ts';
import { FailedPodBackoff } from '../../../core/controllers/daemonset/failed-pod-backoff.ts';
import { actionsOnNode, type DaemonActions, rollingActions } from '../../../core/controllers/daemonset/node-actions.ts';
import { MAY_STAY, SHOULD_RUN } from '../../../core/controllers/daemonset/placement.ts';
import { newReplicaSetAnnotations } from '../../../core/controllers/deployment/annotations.ts';
import { progressCheckDelayUs, rolloutStatus } from '../../../core/controllers/deployment/status.ts';
import { saysSame } from '../../../core/controllers/endpointslice/pod-endpoint.ts';
import { sliceLabels } from '../../../core/controllers/endpointslice/slice-objects.ts';
import { countsAsFailed, sortPods } from '../../../core/controllers/job/job-pods.ts';
import { readyStateOf } from '../../../core/controllers/node-lifecycle/node-health.ts';
import { checkKind, frozen, sentObject, sentPatch } from '../../../core/controllers/operator/shared-objects.ts';
import { compareForDeletion, rankPod } from '../../../core/controllers/pod-ranking.ts';
import { isOfPod, ownersToSet } from '../../../core/controllers/statefulset/claim-owners.ts';
import type { DaemonSet } from '../../../core/types/daemon-set.ts';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { Endpoint } from '../../../core/types/endpoint-slice.ts';
import type { Job } from '../../../core/types/job.ts';
import type { Node } from '../../../core/types/node.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import type { Pod } from '../../../core/types/pod.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';
import type { Service } from '../../../core/types/service.ts';
import type { StatefulSet } from '../../../core/types/stateful-set.ts';
import { track } from '../../support/ended-pods.ts';

const NOW_US = 1_735_689_660_000_000;
const at = (second: number): string => `2025-01-01T00:00:${String(second).padStart(2, '0')}Z`;

describe('which of two pods goes first', () => {
  const pod = (name: string, since: string | undefined, cost?: string): Pod =>
    ({
      metadata: {
        name,
        uid: name,
        creationTimestamp: at(0),
        annotations: cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost },
      },
      spec: { containers: [], nodeName: 'n' },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: since }] },
    }) as unknown as Pod;
  const compared = (a: Pod, b: Pod): number =>
    Math.sign(compareForDeletion(rankPod(0, a, 0), rankPod(1, b, 0), NOW_US));

  test.each([
    ['the one that is Ready for less long', pod('a', at(1)), pod('b', at(50)), 1],
    ['the one of which nobody knows since when', pod('a', at(50)), pod('b', undefined), 1],
    ['the cheaper one', pod('a', at(1), '5'), pod('b', at(1), '-5'), 1],
    ['neither: a cost below 32 bits is none', pod('a', at(1)), pod('b', at(1), '-2147483649'), 0],
    ['neither: a cost above 32 bits is none', pod('a', at(1), '2147483648'), pod('b', at(1)), 0],
    ['neither: a cost that is no number is none', pod('a', at(1)), pod('b', at(1), '-05'), 0],
  ])('%s', (_name, a, b, expected) => {
    expect([compared(a, b), compared(b, a) + expected]).toEqual([expected, 0]);
  });
});

describe('DaemonSet', () => {
  interface Daemon {
    readonly name: string;
    readonly fresh?: boolean;
    readonly available?: boolean;
    readonly bound?: boolean;
    readonly terminating?: boolean;
  }
  const podOf = ({ name, bound = true, terminating = false, available = true }: Daemon): Pod =>
    ({
      metadata: { name, creationTimestamp: at(0), deletionTimestamp: terminating ? at(1) : undefined },
      spec: { containers: [], nodeName: bound ? 'n' : undefined },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: available ? 'True' : 'False' }] },
    }) as unknown as Pod;

  /** A state with these pods on node 0, 1, …, all of which a pod may stay on. */
  function stateOf(nodes: readonly (readonly Daemon[])[]): DaemonState {
    const pods = nodes.map((daemons) => daemons.map(podOf));
    const daemonOf = (pod: Pod): Daemon => nodes.flat().find(({ name }) => name === pod.metadata.name) as Daemon;
    return {
      counts: { desired: nodes.length, current: nodes.length },
      node: () => ({}),
      podsOn: (id: number) => pods[id],
      nodesWithPods: () => pods.keys(),
      placement: () => SHOULD_RUN | MAY_STAY,
      isUpdated: (pod: Pod) => daemonOf(pod).fresh === true,
      hasHash: (pod: Pod) => daemonOf(pod).fresh === true,
      isAvailable: (pod: Pod) => daemonOf(pod).available !== false,
    } as unknown as DaemonState;
  }
  const setOf = (rollingUpdate?: object, type = 'RollingUpdate'): DaemonSet =>
    ({ spec: { updateStrategy: { type, rollingUpdate } } }) as unknown as DaemonSet;
  const text = ({ create, delete: gone }: DaemonActions): string =>
    [...create.map((node) => `+${node}`), ...gone.map(({ metadata }) => `-${metadata.name}`)].join(' ');

  function onNode(set: DaemonSet, daemons: readonly Daemon[], node: Node | undefined = {} as Node): string {
    const actions: DaemonActions = { create: [], delete: [] };
    actionsOnNode(set, stateOf([daemons]), 0, node, NOW_US, () => true, actions);
    return text(actions);
  }
  const twoSorts = [{ name: 'fresh', fresh: true, available: false }, { name: 'old' }];

  test('one pod stays on a node; a surge keeps one of each sort until the new one is available', () => {
    expect(onNode(setOf(), [])).toBe('+0');
    expect(onNode(setOf(), [{ name: 'a' }])).toBe('');
    for (const rolling of [undefined, { maxSurge: 0 }, { maxSurge: '0%' }]) {
      expect(onNode(setOf(rolling), twoSorts)).toBe('-old');
    }
    expect(onNode(setOf({ maxSurge: 1 }), twoSorts)).toBe('');
    expect(onNode(setOf({ maxSurge: 1 }, 'OnDelete'), twoSorts)).toBe('-old');
    expect(onNode(setOf({ maxSurge: 1 }), [{ name: 'fresh', fresh: true }, { name: 'old' }])).toBe('-old');
  });

  test('of a node that is gone, pods that wait for it go, stopping ones again; bound ones are not its business', () => {
    const daemons = [
      { name: 'waits', bound: false },
      { name: 'bound' },
      { name: 'stops', bound: false, terminating: true },
    ];
    const actions: DaemonActions = { create: [], delete: [] };
    actionsOnNode(setOf(), stateOf([daemons]), 0, undefined, NOW_US, () => true, actions);
    expect(text(actions)).toBe('-waits -stops');
  });

  test.each([
    [{ maxUnavailable: 1 }, '-a'],
    [{ maxUnavailable: 2 }, '-a -b'],
    [{ maxUnavailable: 0, maxSurge: 1 }, '+0'],
    [{ maxUnavailable: 0, maxSurge: 2 }, '+0 +1'],
    [{ maxUnavailable: 0, maxSurge: 0 }, '-a'],
  ])('a rolling update with %j', (rolling, expected) => {
    const state = stateOf([[{ name: 'a' }], [{ name: 'b' }], [{ name: 'c', fresh: true }]]);
    expect(text(rollingActions(setOf(rolling), state, NOW_US, false))).toBe(expected);
  });

  test('failed pods are deleted at once, then after 1 s doubling; forgotten after half an hour', () => {
    const backoff = new FailedPodBackoff();
    const s = 1_000_000;
    const wait = (atUs: number, node = 0) => backoff.waitUs('u', node, atUs);
    expect([wait(0), wait(0.25 * s), wait(s), wait(2 * s), wait(3 * s), wait(3 * s)]).toEqual([
      0,
      s,
      0,
      2 * s,
      0,
      4 * s,
    ]);
    expect([wait(3 * s, 1), wait(1804 * s), wait(1804.5 * s)]).toEqual([0, 0, s]);
  });
});

describe('Deployment', () => {
  test('the history of revisions forgets its oldest above 2,000 characters', () => {
    const deployment = { metadata: {} } as unknown as Deployment;
    const revision = 'deployment.kubernetes.io/revision';
    const history = 'deployment.kubernetes.io/revision-history';
    const known = Array.from({ length: 500 }, (_, i) => String(1000 + i)).join(',');
    const next = newReplicaSetAnnotations(deployment, { [revision]: '1600', [history]: known }, 1601)?.[history] ?? '';
    expect([next.split(',')[0], next.split(',').at(-1), next.length <= 2000]).toEqual(['1101', '1600', true]);
  });

  const deploymentOf = (conditions: readonly object[]): Deployment =>
    ({
      metadata: { name: 'web', generation: 1 },
      spec: { replicas: 2, progressDeadlineSeconds: 60 },
      status: { replicas: 2, updatedReplicas: 1, conditions },
    }) as unknown as Deployment;
  const progressing = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', lastUpdateTime: at(0) };

  test('a failure of a ReplicaSet is shown while it lasts', () => {
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' };
    const replicaSet = (conditions: readonly object[]): ReplicaSet =>
      ({
        metadata: { name: 'web-1' },
        spec: { replicas: 2 },
        status: { replicas: 1, conditions },
      }) as unknown as ReplicaSet;
    const shown = (before: readonly object[], conditions: readonly object[]) =>
      rolloutStatus(deploymentOf(before), [replicaSet(conditions)], replicaSet(conditions), NOW_US)
        .conditions?.filter(({ type }) => type === 'ReplicaFailure')
        .map(({ reason, message }) => `${reason}: ${message}`);
    expect(shown([progressing], [failure])).toEqual(['FailedCreate: quota']);
    expect(shown([progressing, failure], [])).toEqual([]);
  });

  test.each([
    [59_000_001, 0],
    [59_000_000, 2_000_000],
    [10_000_000, 51_000_000],
  ])('%i µs after its last news it is looked at again in %i µs', (sinceUs, delayUs) => {
    const deployment = deploymentOf([progressing]);
    const startUs = Date.parse(at(0)) * 1000;
    expect(progressCheckDelayUs(deployment, deployment.status ?? {}, startUs + sinceUs)).toBe(delayUs);
  });
});

describe('Job', () => {
  const jobOf = (spec: object = {}): Job =>
    ({ metadata: { name: 'sums' }, spec: { template: {}, ...spec } }) as unknown as Job;
  const podOf = (uid: string, phase: string, more: object = {}): Pod =>
    ({
      metadata: { uid, name: uid, finalizers: ['batch.kubernetes.io/job-tracking'], ...more },
      spec: { containers: [] },
      status: { phase },
    }) as unknown as Pod;
  const stopping = { deletionTimestamp: at(1) };

  test.each([
    ['Failed', {}, {}, true],
    ['Running', {}, {}, false],
    ['Running', stopping, {}, true],
    ['Succeeded', stopping, {}, false],
    ['Running', stopping, { podReplacementPolicy: 'Failed' }, false],
    ['Running', stopping, { podFailurePolicy: { rules: [] } }, false],
  ])('a pod that is %s, %j, counts as failed under %j: %s', (phase, more, spec, expected) => {
    expect(countsAsFailed(jobOf(spec), podOf('a', phase, more))).toBe(expected);
  });

  test('a pod without an index of an indexed one is no success', () => {
    const annotations = { 'batch.kubernetes.io/job-completion-index': '1' };
    const pods = [podOf('a', 'Succeeded', { annotations }), podOf('b', 'Succeeded'), podOf('c', 'Failed')];
    const sorted = sortPods(jobOf({ completionMode: 'Indexed', completions: 2 }), pods, new Set());
    expect([sorted.newSucceeded.map(({ metadata }) => metadata.uid), sorted.newFailed]).toEqual([['a'], []]);
    expect(sortPods(jobOf(), pods, new Set()).newSucceeded).toHaveLength(2);
  });

  test('500 ended pods are listed at a time', () => {
    const pods = Array.from({ length: 600 }, (_, i) => podOf(`p${i}`, i % 2 === 0 ? 'Succeeded' : 'Failed'));
    const tracked = track(jobOf(), {}, pods);
    const { succeeded = [], failed = [] } = tracked.status.uncountedTerminatedPods ?? {};
    expect([succeeded.length, failed.length, tracked.full]).toEqual([250, 250, true]);
    const rest = track(jobOf(), {}, pods.slice(0, 499));
    expect(rest.full).toBe(false);
  });
});

test('what of an endpoint makes it another one to tell', () => {
  const endpoint: Endpoint = {
    addresses: ['1.1.1.1'],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: 'n',
    zone: 'a',
    targetRef: { kind: 'Pod', name: 'p', uid: 'u' },
    hints: { forZones: [{ name: 'a' }], forNodes: [{ name: 'n' }] },
  } as Endpoint;
  const { conditions, targetRef } = endpoint;
  const others: readonly object[] = [
    { conditions: { ...conditions, ready: false } },
    { conditions: { ...conditions, serving: false } },
    { conditions: { ...conditions, terminating: true } },
    { nodeName: 'm' },
    { zone: 'b' },
    { targetRef: { ...targetRef, uid: 'v' } },
    { hints: { forZones: [{ name: 'b' }], forNodes: [{ name: 'n' }] } },
    { hints: { forZones: [{ name: 'a' }] } },
  ];
  expect(saysSame(endpoint, { ...endpoint })).toBe(true);
  for (const other of others) expect(saysSame(endpoint, { ...endpoint, ...other })).toBe(false);
});

test('labels of slices: the Service’s own, and the controller’s whatever the Service says', () => {
  const labels = {
    team: 'x',
    'kubernetes.io/service-name': 'lie',
    'service.kubernetes.io/headless': 'lie',
    'endpointslice.kubernetes.io/managed-by': 'lie',
  };
  const of = (clusterIP: string) =>
    sliceLabels({ metadata: { name: 'web', labels }, spec: { clusterIP } } as unknown as Service);
  const own = {
    team: 'x',
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  };
  expect([of('10.0.0.1'), of('None')]).toEqual([own, { ...own, 'service.kubernetes.io/headless': '' }]);
});

test('a Ready condition that is absent, true, false and neither are four states', () => {
  const states = [undefined, 'True', 'False', 'Unknown'].map((status) =>
    readyStateOf(status === undefined ? undefined : ({ type: 'Ready', status } as never)),
  );
  expect(states).toEqual([0, 1, 2, 3]);
});

describe('owners of the claims of a StatefulSet', () => {
  const set = (whenDeleted: string, whenScaled = 'Retain', replicas = 2): StatefulSet =>
    ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', uid: 's' },
      spec: { replicas, persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } },
    }) as unknown as StatefulSet;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db-1', uid: 'p' } } as Pod;
  const reference = (kind: string, name: string, uid: string, controller = true) => ({
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    name,
    uid,
    controller,
  });
  const claim = (...ownerReferences: readonly object[]): KubeObject =>
    ({ metadata: { name: 'c', ownerReferences } }) as never;
  const ofSet = reference('StatefulSet', 'db', 's');
  const ofPod = reference('Pod', 'db-1', 'p');
  const text = (references: ReturnType<typeof ownersToSet>) =>
    references?.map(({ kind, uid }) => `${kind} ${uid}`) ?? null;

  test.each([
    ['none wanted, none there', claim(), set('Retain'), null],
    ['none wanted, one there', claim(ofSet), set('Retain'), []],
    ['the set wanted', claim(), set('Delete'), ['StatefulSet s']],
    ['the set there', claim(ofSet), set('Delete'), null],
    ['the set there, not as controller', claim({ ...ofSet, controller: false }), set('Delete'), ['StatefulSet s']],
    ['the pod there in its place', claim(ofPod), set('Delete'), ['StatefulSet s']],
    ['both there', claim(ofSet, ofPod), set('Delete'), ['StatefulSet s']],
    ['scaled away', claim(ofSet), set('Delete', 'Delete', 1), ['Pod p']],
    ['an earlier set of the name', claim(reference('StatefulSet', 'db', 'old')), set('Delete'), null],
    ['somebody else controls it', claim(reference('Other', 'x', 'o')), set('Delete'), null],
  ])('%s', (_name, claimed, wanted, expected) => {
    expect(text(ownersToSet(claimed, wanted, pod))).toEqual(expected);
  });

  test('a claim is of a pod when it names it as Pod', () => {
    expect([claim(ofPod), claim(reference('Job', 'db-1', 'p')), claim()].map((one) => isOfPod(one, 'db-1'))).toEqual([
      true,
      false,
      false,
    ]);
    expect(isOfPod(claim(reference('Pod', 'db-2', 'p')), 'db-1')).toBe(false);
  });
});

describe('what a user’s reconciler hands over', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };

  test('objects have a kind and a name or its beginning; the copy is its own', () => {
    const sent = sentObject('create', object);
    expect([sent, sent === object, sent.metadata === object.metadata]).toEqual([object, false, false]);
    expect(sentObject('create', { ...object, metadata: { generateName: 'a-' } } as never)).toBeDefined();
    for (const metadata of [undefined, null, {}, { name: 7 }, 'a'])
      expect(() => sentObject('create', { ...object, metadata } as never)).toThrow(/api.create: .*metadata.name/);
    for (const wrong of [null, 'x', [object], { ...object, kind: 7 }, { ...object, apiVersion: undefined }])
      expect(() => checkKind('get', wrong as never)).toThrow(/api.get: expected apiVersion and kind/);
    for (const wrong of [null, 'x', []]) expect(() => sentPatch(wrong as never)).toThrow(/api.patch/);
  });

  test('what it is shown is frozen to the leaves, once', () => {
    const inner = Object.freeze({ deep: { open: 1 } });
    const shown = frozen({ list: [{ a: 1 }], inner });
    expect([Object.isFrozen(shown), Object.isFrozen(shown.list[0]), Object.isFrozen(inner.deep)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(frozen(null)).toBeNull();
  });
});
