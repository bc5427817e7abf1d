import { expect, test } from 'vitest';
import { ClusterNames } from '../../../core/api/cluster-names.ts';
import { LEASES, NODES, PODS } from '../../../core/types/resource-type.ts';

test('a key leads to its object and back, whoever names it first', () => {
  const { keys, names, storeKeys } = new ClusterNames();
  const pod = names.keys(PODS).intern('shop', 'web-1');
  const named = storeKeys.keyOf(PODS, pod);
  expect(keys.keyOf(named)).toBe('/registry/pods/shop/web-1');
  expect([storeKeys.typeOf(named), storeKeys.localOf(named)]).toEqual([PODS.id, pod]);

  const met = keys.intern('/registry/coordination.k8s.io/leases/kube-system/kube-scheduler');
  expect(storeKeys.typeOf(met)).toBe(LEASES.id);
  expect(storeKeys.localOf(met)).toBe(names.keys(LEASES).find('kube-system', 'kube-scheduler'));
  expect(storeKeys.keyOf(LEASES, storeKeys.localOf(met))).toBe(met);
});

test('keys of no known type are foreign, also when asked again', () => {
  const { keys, storeKeys } = new ClusterNames();
  for (const key of ['/registry/health', 'compact_rev_key', '/registry/pods/no-namespace', '/registry/unknown/a/b']) {
    const id = keys.intern(key);
    expect([storeKeys.typeOf(id), storeKeys.typeOf(id)], key).toEqual([-1, -1]);
  }
});

test('a type that is registered later has keys of its own', () => {
  const { types, keys, names, storeKeys } = new ClusterNames();
  const type = types.register('example.com/v1', 'Widget');
  const id = names.keys(type).intern('shop', 'a');
  expect(keys.keyOf(storeKeys.keyOf(type, id))).toBe('/registry/example.com/widgets/shop/a');
});

test('versions of a kind share their keys, as do those who name by text', () => {
  const { types, keys, names, storeKeys } = new ClusterNames();
  const [beta, stable] = ['example.com/v1beta1', 'example.com/v1'].map((version) => types.register(version, 'Widget'));
  if (beta === undefined || stable === undefined) throw new Error('not registered');
  const keyOf = (type: typeof beta, name: string) => storeKeys.keyOf(type, names.keys(type).intern('shop', name));
  const a = keyOf(beta, 'a');
  expect(keys.find('/registry/example.com/widgets/shop/a')).toBe(a);
  expect(keyOf(stable, 'a')).toBe(a);
  expect(keyOf(beta, 'b')).toBe(keyOf(stable, 'b'));
  expect(keyOf(stable, 'c')).toBe(keyOf(beta, 'c'));
  const other = keyOf(beta, 'd');
  expect(keys.intern('/registry/example.com/widgets/shop/d')).toBe(other);
  const met = keys.intern('/registry/pods/shop/web-1');
  expect(storeKeys.keyOf(PODS, names.keys(PODS).intern('shop', 'web-1'))).toBe(met);
  expect(keys.count).toBe(5);
});

test('ids stay apart when the tables grow', () => {
  const { names, storeKeys } = new ClusterNames();
  const pairs: [number, number][] = [];
  for (let i = 0; i < 1000; i++) {
    const node = names.keys(NODES).intern('', `node-${i}`);
    pairs.push([node, storeKeys.keyOf(NODES, node)]);
  }
  expect(new Set(pairs.map(([, key]) => key)).size).toBe(1000);
  for (const [node, key] of pairs) expect([storeKeys.keyOf(NODES, node), storeKeys.localOf(key)]).toEqual([key, node]);
});
