/** An update that gives the stored body back takes a short way: it must lead where the long one leads. */
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../core/types/object.ts';
import { CONFIGMAPS, DEPLOYMENTS, PODS, type ResourceType } from '../../../core/types/resource-type.ts';
import { VERB } from '../../../core/types/wire.ts';
import { bootstrapped, configMap, deployment, pod } from './objects.ts';

const KINDS: readonly (readonly [ResourceType, () => KubeObject])[] = [
  [CONFIGMAPS, () => configMap('it')],
  [DEPLOYMENTS, () => deployment('it')],
  [PODS, () => pod('it')],
];

const CHANGES: readonly (readonly [string, Record<string, unknown>])[] = [
  ['nothing', {}],
  ['labels', { labels: { app: 'other' } }],
  ['labels that are empty', { labels: {} }],
  ['a null label', { labels: { app: 'web', gone: null } }],
  ['annotations', { annotations: { 'example.org/note': 'x' } }],
  ['a finalizer', { finalizers: ['example.org/hold'] }],
  ['an invalid label', { labels: { 'not a key': 'x' } }],
  ['another uid', { uid: 'somebody-else' }],
  ['an old version', { resourceVersion: '1' }],
  ['a generation', { generation: 7 }],
];

/** Updates a fresh object's metadata; with `copied` the body is equal, but not the stored one. */
function outcome(
  type: ResourceType,
  make: () => KubeObject,
  change: Record<string, unknown>,
  copied: boolean,
): unknown {
  const h = bootstrapped();
  const first = h.create(type, make());
  const body = copied ? (JSON.parse(JSON.stringify(first)) as KubeObject) : first;
  const object = { ...body, metadata: { ...first.metadata, ...change } } as KubeObject;
  const answer = h.call(VERB.update, type, { name: 'it', object });
  return JSON.parse(JSON.stringify([answer.code, answer.error?.message, answer.object, h.get(type, 'it').object]));
}

describe('an update of metadata alone', () => {
  test.each(CHANGES)('%s', (_name, change) => {
    for (const [type, make] of KINDS) {
      expect(outcome(type, make, change, false)).toEqual(outcome(type, make, change, true));
    }
  });
});
