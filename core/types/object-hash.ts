/**
 * Content hash of API objects, computed once per object and per large shared part.
 *
 * 50,000 pods share one container list and a new version shares most of its predecessor, so an object's hash and those of
 * its usually shared parts are kept by identity. That is sound because objects never change once made. The result is
 * exactly `hashJson(object)`. Objects without a resourceVersion are not kept: the commit still sets it.
 */
import { HashCache, hashJson } from '../base/content-hash.ts';
import type { KubeObject } from './object.ts';

const SHARED_FIELDS: ReadonlySet<string> = new Set([
  'affinity',
  'allocatable',
  'capacity',
  'containers',
  'data',
  'images',
  'initContainers',
  'nodeInfo',
  'ownerReferences',
  'template',
  'tolerations',
  'topologySpreadConstraints',
  'volumeClaimTemplates',
  'volumes',
]);

const parts = new HashCache();
const hashes = new WeakMap<object, number>();

/** int32 hash of an API object's whole content; `undefined` fields count as absent, key order does not count. */
export function objectHash(object: KubeObject): number {
  const known = hashes.get(object);
  if (known !== undefined) return known;
  const h = hashJson(object, parts, SHARED_FIELDS);
  if (object.metadata?.resourceVersion !== undefined) hashes.set(object, h);
  return h;
}
