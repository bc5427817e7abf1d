/** Excuses of a recording's end, each about some objects: what hangs on those, and nothing else, may be missing. */
import { expect, test } from 'vitest';
import { type EndExcuse, excusing } from '../../../../bench/conform/controlplane/end-excuses.ts';
import { World } from '../../../../core/chaos/world.ts';
import type { KubeObject } from '../../../../core/types/object.ts';

const world = new World();
const add = (kind: string, name: string, owner?: string): void => {
  const ownerReferences = owner === undefined ? [] : [{ uid: owner, controller: true }];
  const object = { kind, metadata: { name, namespace: 'demo', uid: name, ownerReferences } } as unknown as KubeObject;
  const keyId = ['web', 'web-1', 'web-1-a', 'api', 'db-0'].indexOf(name);
  world.apply({ kind, object, previous: null, keyId, timeUs: 0, revision: 1 });
};
add('Deployment', 'web');
add('ReplicaSet', 'web-1', 'web');
add('Pod', 'web-1-a', 'web-1');
add('Deployment', 'api');
add('Pod', 'db-0', 'db');

test.each<[string, string, boolean]>([
  ['Deployment demo/web: 0 of 1 replicas are available', 'demo/web-1-a', true],
  ['Deployment demo/web: 0 of 1 replicas are available', 'demo/web-1', true],
  ['ReplicaSet demo/web-1: 0 live pods, wants 1', 'demo/web-1-a', true],
  ['Deployment demo/api: 0 of 1 replicas are available', 'demo/web-1-a', false],
  ['pod demo/web-1-a is pending although n has room', 'demo/web-1', false],
  ['Service demo/web: slices list (), its pods are (a)', 'demo/web-1-a', true],
  ['Service other/web: slices list (), its pods are (a)', 'demo/web-1-a', false],
  ['Namespace demo is still being deleted', 'demo', true],
  ['Namespace demo is still being deleted', 'demo/web-1-a', true],
  ['Deployment demo/web: 0 of 1 replicas are available', 'demo', true],
  ['Deployment demo/web: 0 of 1 replicas are available', '', true],
])('%s, and an excuse about %j', (missing, about, excused) => {
  const excuse: EndExcuse = { about: about === '' ? [] : [about], why: 'so' };
  expect(excusing(world, missing, [excuse]) === excuse).toBe(excused);
});
