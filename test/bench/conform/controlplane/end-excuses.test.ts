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
  ['Deployment demo/web', 'demo/web-1-a', true],
  ['Deployment demo/web', 'demo/web-1', true],
  ['ReplicaSet demo/web-1', 'demo/web-1-a', true],
  ['Deployment demo/api', 'demo/web-1-a', false],
  ['Pod demo/web-1-a', 'demo/web-1', false],
  ['Service demo/web', 'demo/web-1-a', true],
  ['Service other/web', 'demo/web-1-a', false],
  ['Namespace demo', 'demo', true],
  ['Namespace demo', 'demo/web-1-a', true],
  ['Deployment demo/web', 'demo', true],
  ['Deployment demo/web', '', true],
])('%s, and an excuse about %j', (subject, about, excused) => {
  const [kind = '', key = ''] = subject.split(' ');
  const excuse: EndExcuse = { about: about === '' ? [] : [about], why: 'so' };
  expect(excusing(world, { kind, key }, [excuse]) === excuse).toBe(excused);
});

test('what is missing of nothing in particular is excused by what is about everything', () => {
  const [some, all]: EndExcuse[] = [
    { about: ['demo/web'], why: 'so' },
    { about: [], why: 'so' },
  ];
  expect(excusing(world, undefined, [some as EndExcuse])).toBeUndefined();
  expect(excusing(world, undefined, [some as EndExcuse, all as EndExcuse])).toBe(all);
});
