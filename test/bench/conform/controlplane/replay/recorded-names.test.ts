import { describe, expect, test } from 'vitest';
import { RecordedNames } from '../../../../../bench/conform/controlplane/replay/recorded-names.ts';
import type { Recording } from '../../../../../bench/conform/controlplane/replay/whole-recording.ts';
import { type Commit, World } from '../../../../../core/chaos/world.ts';
import type { KubeObject } from '../../../../../core/types/object.ts';

const podOf = (name: string, owner: string, nodeName: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, generateName: 'web-', uid: name, namespace: 'demo', ownerReferences: [{ kind: owner }] },
    spec: { nodeName },
  }) as unknown as KubeObject;

/** Names that have learned of these pods, and the world in which they are. */
function learned(recording: Partial<Recording>, pods: readonly KubeObject[]): { names: RecordedNames; world: World } {
  const world = new World();
  const names = new RecordedNames({ steps: [], events: [], repetitions: [], scenario: '', final: {}, ...recording });
  pods.forEach((object, keyId) => {
    const commit: Commit = { kind: 'Pod', object, previous: null, keyId, revision: keyId, timeUs: 0 };
    names.learn(commit);
    world.apply(commit);
  });
  return { names, world };
}

describe('RecordedNames', () => {
  test('a generated suffix may be digits only; a StatefulSet names its pods itself', () => {
    const { names } = learned({}, [podOf('web-87554', 'DaemonSet', 'a'), podOf('web-0', 'StatefulSet', 'a')]);
    expect(names.text('web-87554 web-0')).toBe('web-pod1 web-0');
  });

  test('a pod that a request names is an equal one on the same node', () => {
    const event = (name: string, nodeName: string) =>
      ({ rv: 0, ms: 0, type: 'ADDED', kind: 'Pod', ns: 'demo', name, uid: name, f: { nodeName } }) as const;
    const events = [event('web-pod1', 'a'), event('web-pod2', 'b'), event('web-pod3', 'c')];
    const pods = [
      podOf('web-x', 'ReplicaSet', 'b'),
      podOf('web-y', 'ReplicaSet', 'a'),
      podOf('web-z', 'ReplicaSet', 'z'),
    ];
    const { names, world } = learned({ events }, pods);
    for (const name of ['web-pod1', 'web-pod2', 'web-pod3']) names.pair(name, world);
    expect(['web-pod1', 'web-pod2', 'web-pod3'].map((name) => names.original(name))).toEqual([
      'web-y',
      'web-x',
      'web-z',
    ]);
  });
});
