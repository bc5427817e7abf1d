/** What recordings leave out: the uids of owners, when the requests of a repetition came. */
import { describe, expect, test } from 'vitest';
import { DeclaredObjects } from '../../../../bench/conform/controlplane/declared-objects.ts';
import { RecordedObjects } from '../../../../bench/conform/controlplane/recorded-objects.ts';
import type { Step, TimelineEvent } from '../../../../bench/conform/controlplane/recording.ts';
import { stepTimes } from '../../../../bench/conform/controlplane/step-times.ts';
import type { KubeObject } from '../../../../core/types/object.ts';

describe('the owner of an object', () => {
  const objects = (): { readonly ownerAt: (owner: string | null, owned?: boolean) => string | undefined } => {
    let stored: string | null = null;
    const find = (): KubeObject | undefined =>
      stored === null ? undefined : ({ apiVersion: 'apps/v1', metadata: { name: 'web', uid: stored } } as KubeObject);
    const recorded = new RecordedObjects(new DeclaredObjects(), { find });
    return {
      ownerAt: (owner, owned = true) => {
        stored = owner;
        const f = owned ? { owners: [{ kind: 'Deployment', name: 'web', controller: true }] } : {};
        const event = {
          rv: 1,
          ms: 1,
          type: 'MODIFIED',
          kind: 'ReplicaSet',
          ns: 'demo',
          name: 'web-hash1',
          uid: 'set',
          f,
        };
        return recorded.objectOf(event).metadata.ownerReferences?.[0]?.uid;
      },
    };
  };

  test('stays the one that it was created for, whoever has the name later', () => {
    const { ownerAt } = objects();
    expect([ownerAt('old'), ownerAt(null), ownerAt('new')]).toEqual(['old', 'old', 'old']);
  });
  test('is one that had gone', () => {
    const { ownerAt } = objects();
    expect([ownerAt(null), ownerAt('new')]).toEqual(['gone-web', 'gone-web']);
  });
  test('is another one after it was let go of', () => {
    const { ownerAt } = objects();
    expect([ownerAt('old'), ownerAt('old', false), ownerAt('new')]).toEqual(['old', undefined, 'new']);
  });
});

describe("a repetition's requests", () => {
  const patch = (ms: number): Step => ({ ms, do: 'request', method: 'PATCH', path: '/api/v1/nodes/n', status: 200 });
  const made: Step = {
    ms: 1000,
    do: 'request',
    method: 'POST',
    path: '/api/v1/nodes',
    body: { metadata: { name: 'n' } },
  };
  const event = (ms: number, type: string): TimelineEvent => ({
    rv: ms,
    ms,
    type,
    kind: 'Node',
    name: 'n',
    uid: 'n',
    f: {},
  });

  test('come no later than the events that show them, and than their steps', () => {
    const events = [event(900, 'ADDED'), event(1850, 'MODIFIED'), event(4100, 'MODIFIED')];
    expect(stepTimes([made, patch(2000), patch(4000)], events)).toEqual([900, 1850, 4000]);
  });
  test('that do not show are as much earlier as the one before', () => {
    expect(stepTimes([made, patch(5000)], [event(900, 'ADDED')])).toEqual([900, 4900]);
  });
  test('that were refused, and pauses, stay where they are', () => {
    const refused = { ...made, status: 409 };
    expect(stepTimes([refused, { ms: 1500, do: 'sleep' }], [event(900, 'ADDED')])).toEqual([1000, 1500]);
  });
});
