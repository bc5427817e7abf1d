/** Pods without a node at the end of a run: those of the verdict first. */
import { expect, test } from 'vitest';
import { pendingPodsOf } from '../../../core/chaos/pending-pods.ts';
import type { KubeObject } from '../../../core/types/object.ts';

const object = (kind: string, name: string, owner: KubeObject | null, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    namespace: 'v',
    name,
    uid: `${kind}-${name}`,
    ...(owner === null
      ? {}
      : {
          ownerReferences: [
            {
              apiVersion: 'v1',
              kind: owner.kind,
              name: owner.metadata.name,
              uid: owner.metadata.uid ?? '',
              controller: true,
            },
          ],
        }),
  },
  spec,
});
const files = object('Deployment', 'files', null);
const filesSet = object('ReplicaSet', 'files-1', files);
const OBJECTS = [
  files,
  filesSet,
  object('Pod', 'a', null),
  object('Pod', 'b', null),
  object('Pod', 'c', null),
  object('Pod', 'files-1-x', filesSet),
  object('Pod', 'files-1-y', filesSet, { nodeName: 'n' }),
  object('Pod', 'lost-1', object('ReplicaSet', 'lost', null)),
];
const world = {
  of: (kind: string) => new Map(OBJECTS.filter((each) => each.kind === kind).map((each, id) => [id, each] as const)),
};

test.each([
  ['nobody', '', ['v/a', 'v/b', 'v/c']],
  ['a workload', 'Deployment v/files: 0 of 2 replicas are available', ['v/files-1-x', 'v/a', 'v/b']],
  ['another of a longer name', 'Deployment v/file: 0 of 2', ['v/a', 'v/b', 'v/c']],
  ['a pod', 'pod v/c is pending although node-2 has room', ['v/c', 'v/a', 'v/b']],
  ['an owner that is gone', 'ReplicaSet v/lost.', ['v/lost-1', 'v/a', 'v/b']],
])('a message that names %s', (_what, message, names) => {
  expect(pendingPodsOf(world, message)).toEqual({ count: 5, names });
});
