/** What a recording's requests say beside its events: null fields, phases that a user wrote, claims of a StatefulSet; and when an ending namespace is looked at again. */
import { describe, expect, test } from 'vitest';
import { DeclaredObjects } from '../../../../bench/conform/controlplane/declared-objects.ts';
import { EndingNamespaces } from '../../../../bench/conform/controlplane/ending-namespaces.ts';
import { FakeKubelets } from '../../../../bench/conform/controlplane/fake-kubelets.ts';
import { judgeRecording } from '../../../../bench/conform/controlplane/judge-recording.ts';
import { FormerPods, laterAttempts } from '../../../../bench/conform/controlplane/later-attempts.ts';
import { RecordedObjects } from '../../../../bench/conform/controlplane/recorded-objects.ts';
import type { Step, TimelineEvent } from '../../../../bench/conform/controlplane/recording.ts';
import { type Commit, World } from '../../../../core/chaos/world.ts';
import type { KubeObject } from '../../../../core/types/object.ts';

const post = (path: string, body: unknown): Step => ({ ms: 0, do: 'request', method: 'POST', path, body, status: 201 });

test('a field that was posted as null is not there', () => {
  const declared = new DeclaredObjects();
  const spec = { minAvailable: 1, maxUnavailable: null };
  const path = '/apis/policy/v1/namespaces/demo/poddisruptionbudgets';
  declared.take(post(path, { kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec }));
  expect((declared.find('PodDisruptionBudget', 'demo', 'b') as { spec?: object } | undefined)?.spec).toEqual({
    minAvailable: 1,
  });
});

test('a pod of a StatefulSet has the claims of its ordinal', () => {
  const spec = { template: { spec: { containers: [] } }, volumeClaimTemplates: [{ metadata: { name: 'data' } }] };
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', uid: 'u' }, spec } as KubeObject;
  const objects = new RecordedObjects(new DeclaredObjects(), { find: () => set });
  const owners = [{ kind: 'StatefulSet', name: 'db', controller: true }];
  const head = { rv: 1, ms: 1, type: 'ADDED', kind: 'Pod', ns: 'demo', name: 'db-3', uid: 'p' };
  const pod = objects.objectOf({ ...head, f: { owners } }) as { spec?: { volumes?: unknown } };
  expect(pod.spec?.volumes).toEqual([{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-3' } }]);
});

describe('an ended pod that gets another phase', () => {
  const event = (rv: number, phase: string): TimelineEvent => {
    const type = rv === 0 ? 'ADDED' : 'MODIFIED';
    return { rv, ms: rv * 10, type, kind: 'Pod', ns: 'demo', name: 'p', uid: 'u', f: { phase } };
  };
  const asked: Step = {
    ms: 5,
    do: 'request',
    method: 'PATCH',
    path: '/api/v1/namespaces/demo/pods/p/status',
    body: { status: { phase: 'Failed' } },
    status: 200,
  };
  const found = (steps: Step[], ...phases: string[]): string[] => {
    const run = {
      name: 'r',
      steps,
      repeats: false,
      events: phases.map((phase, rv) => event(rv, phase)),
      log: [],
      leaders: {},
    };
    return judgeRecording(run).violations.map(({ message }) => message);
  };
  const broken = ['pod demo/p was Succeeded and is Failed'];

  test('nobody asked', () => expect(found([], 'Succeeded', 'Failed')).toEqual(broken));
  test('a user asked', () => expect(found([asked], 'Succeeded', 'Failed')).toEqual([]));
  test('a user asked in vain', () => expect(found([{ ...asked, status: 409 }], 'Succeeded', 'Failed')).toEqual(broken));
  test('once is not twice', () =>
    expect(found([asked], 'Succeeded', 'Failed', 'Succeeded', 'Failed')).toEqual([
      'pod demo/p was Failed and is Succeeded',
      ...broken,
    ]));
});

describe('a namespace that is being deleted', () => {
  const commit = (kind: string, timeS: number, object: object | null, previous: object | null = null): Commit =>
    ({ kind, timeUs: timeS * 1_000_000, object, previous }) as unknown as Commit;
  const namespace = { metadata: { name: 'demo', deletionTimestamp: 't' } };

  test('without pods it is looked at after 5 s', () => {
    const ending = new EndingNamespaces();
    ending.take(commit('Namespace', 10, namespace), new World());
    expect([14, 17].map((s) => [...ending.excuses(s * 1_000_000)])).toEqual([
      [{ about: ['demo'], why: 'namespace demo is looked at again later' }],
      [],
    ]);
    ending.take(commit('Namespace', 15, null, namespace), new World());
    expect([...ending.excuses(15_000_000)]).toEqual([]);
  });

  test('after the last object it is looked at within half of the estimate and a second', () => {
    const ending = new EndingNamespaces();
    ending.take(commit('Namespace', 10, namespace), new World());
    const held = { metadata: { name: 'c', namespace: 'demo', finalizers: ['example.com/hold'] } };
    ending.take(commit('ConfigMap', 11, held), new World());
    ending.take(commit('ConfigMap', 20, null, held), new World());
    expect([28, 30].map((s) => [...ending.excuses(s * 1_000_000)].length)).toEqual([1, 0]);
  });
});

test('a pod that has not been ready for minReadySeconds and one is looked at later', () => {
  const spec = { minReadySeconds: 2 };
  const set = { kind: 'DaemonSet', metadata: { name: 'agent', namespace: 'demo', uid: 's' }, spec } as KubeObject;
  const ownerReferences = [{ kind: 'DaemonSet', name: 'agent', uid: 's', controller: true }];
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  const metadata = { name: 'agent-a', namespace: 'demo', uid: 'p', ownerReferences };
  const pod = { kind: 'Pod', metadata, spec: { nodeName: 'n', containers: [] }, status } as unknown as KubeObject;
  const node = { kind: 'Node', metadata: { name: 'n', uid: 'n' } } as KubeObject;
  const [world, kubelets] = [new World(), new FakeKubelets()];
  [set, pod, node].forEach((object, keyId) => {
    const one = { kind: object.kind, object, previous: null, keyId, timeUs: 1_000_000, revision: keyId } as Commit;
    world.apply(one);
    kubelets.take(one);
  });
  const at = (s: number): unknown[] => [...kubelets.excuses(world, s * 1_000_000)].map(({ why }) => why);
  expect([at(3.9), at(4.1)]).toEqual([['agent-a is looked at later'], []]);
});

describe.each([
  ['DaemonSet', (have: number) => ({ status: { currentNumberScheduled: have, desiredNumberScheduled: 1 } })],
  ['StatefulSet', (have: number) => ({ spec: { replicas: 1 }, status: { replicas: have } })],
])('a %s whose creations were refused', (kind, parts) => {
  const involved = { kind, name: 'agent' };
  const metadata = { name: 'agent', namespace: 'demo' };
  const event = { kind: 'Event', metadata, reason: 'FailedCreate', message: 'refused', involved };
  test.each([
    [1, []],
    [0, [{ about: ['demo/agent'], why: 'agent tries again later: refused' }]],
  ])('and that has %i of 1 pods', (have, excuses) => {
    const live: Readonly<Record<string, object>> = { [kind]: { kind, metadata, ...parts(have) }, Event: event };
    const of = (asked: string): Map<number, object> => new Map(live[asked] === undefined ? [] : [[1, live[asked]]]);
    expect([...laterAttempts({ of } as unknown as World, new FormerPods())]).toEqual(excuses);
  });
});
