/**
 * What one sync of a ReplicaSet does: cases of the real controller as a library, over the same objects (Kubernetes 1.34.1,
 * pkg/controller/replicaset, syncReplicaSet with client-go's fake clientset).
 */
import { describe, expect, test } from 'vitest';
import { type OneSync, oneSync } from '../../../bench/conform/oracle/one-sync.ts';
import { REPLICASET_CONTROLLER } from '../../../core/controllers/replicaset/controller.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'v1' }] } };
const controlledBy = (kind: string, uid: string): object[] => [
  { apiVersion: 'apps/v1', kind, name: uid, uid, controller: true },
];

/** The ReplicaSet `web`. */
function web(replicas: number, spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default', uid: 'web', generation: 1, ...metadata },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template, ...spec },
    status: { replicas: 0 },
  };
}

interface PodParts {
  readonly node?: string;
  /** Ready for so many seconds. */
  readonly ready?: number;
  readonly orphan?: boolean;
  readonly app?: string;
}

function pod(name: string, { node = 'a', ready = 100, orphan = false, app = 'web' }: PodParts = {}): object {
  const ownerReferences = orphan ? undefined : controlledBy('ReplicaSet', 'web');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, creationTimestamp: '@1000', labels: { app }, ownerReferences },
    spec: { containers: [], nodeName: node },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: `@${ready}` }] },
  };
}

const sync = (objects: readonly object[]): OneSync => oneSync(REPLICASET_CONTROLLER, 'default/web', objects);
const deleted = ({ writes }: OneSync): string =>
  writes
    .filter(({ verb }) => verb === 'delete')
    .map(({ name }) => name)
    .join(' ');

describe('one sync of a ReplicaSet', () => {
  test.each<[string, number, readonly PodParts[], readonly number[]]>([
    ['comes back when the first of its ready pods becomes available', 4, [{ ready: 10 }, { ready: 40 }], [15]],
    ['also where pods are missing or not one is available', 5, [{ ready: 0 }], [55]],
    ['not where all that are ready are available', 2, [{ ready: 60 }], []],
  ])('%s', (_name, replicas, pods, again) => {
    const objects = pods.map((parts, i) => pod(`p${i}`, parts));
    expect(sync([web(replicas, { minReadySeconds: 55 }), ...objects]).again).toEqual(again);
  });

  test('siblings on a node count for one that has a controller, adopted ones among them', () => {
    const pods = [pod('young', { ready: 10 }), pod('b', { node: 'b' }), pod('c', { node: 'b', orphan: true })];
    expect(deleted(sync([web(2), ...pods]))).toBe('young');
    const metadata = { ownerReferences: controlledBy('Deployment', 'd') };
    expect(deleted(sync([web(2, {}, metadata), ...pods]))).toBe('b');
  });

  test('one that is being deleted does not count what it no longer selects, and lets nothing go', () => {
    const objects = [web(2, {}, { deletionTimestamp: '@10' }), pod('a'), pod('b', { app: 'other' })];
    const { writes } = sync(objects);
    expect(writes.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual(['update replicasets/status']);
    expect((writes[0]?.object as ReplicaSet | undefined)?.status?.replicas).toBe(1);
  });
});
