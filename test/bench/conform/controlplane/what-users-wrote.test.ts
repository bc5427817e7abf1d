/** What a recording's requests say beside its events: null fields, phases that a user wrote, claims of a StatefulSet; and when an ending namespace is looked at again. */
import { describe, expect, test } from 'vitest';
import { DeclaredObjects } from '../../../../bench/conform/controlplane/declared-objects.ts';
import { EndingNamespaces } from '../../../../bench/conform/controlplane/ending-namespaces.ts';
import { judgeRecording } from '../../../../bench/conform/controlplane/judge-recording.ts';
import { laterAttempt } from '../../../../bench/conform/controlplane/later-attempts.ts';
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
    const run = { name: 'r', steps, events: phases.map((phase, rv) => event(rv, phase)), log: [], leaders: {} };
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
    expect([14, 17].map((s) => ending.excuse(s * 1_000_000))).toEqual([
      'namespace demo is looked at again later',
      null,
    ]);
    ending.take(commit('Namespace', 15, null, namespace), new World());
    expect(ending.excuse(15_000_000)).toBe(null);
  });

  test('after the last object it is looked at within half of the estimate and a second', () => {
    const ending = new EndingNamespaces();
    ending.take(commit('Namespace', 10, namespace), new World());
    const held = { metadata: { name: 'c', namespace: 'demo', finalizers: ['example.com/hold'] } };
    ending.take(commit('ConfigMap', 11, held), new World());
    ending.take(commit('ConfigMap', 20, null, held), new World());
    expect([28, 30].map((s) => ending.excuse(s * 1_000_000) === null)).toEqual([false, true]);
  });
});

test.each([
  [1, null],
  [0, 'agent tries again later: refused'],
])('a DaemonSet with pods on %i of 1 nodes whose creations were refused', (currentNumberScheduled, why) => {
  const status = { currentNumberScheduled, desiredNumberScheduled: 1 };
  const set = { kind: 'DaemonSet', metadata: { name: 'agent', namespace: 'demo' }, status };
  const involved = { kind: 'DaemonSet', name: 'agent' };
  const event = {
    kind: 'Event',
    metadata: { namespace: 'demo' },
    reason: 'FailedCreate',
    message: 'refused',
    involved,
  };
  const of = (kind: string): Map<number, object> =>
    new Map(
      [[1, { DaemonSet: set, Event: event }[kind]]].filter(([, object]) => object !== undefined) as [number, object][],
    );
  expect(laterAttempt({ of } as unknown as World)).toBe(why);
});
