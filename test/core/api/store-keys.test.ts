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
