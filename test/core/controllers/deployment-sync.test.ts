/**
 * What one sync of a Deployment writes: cases of the real controller as a library, over the same objects (Kubernetes 1.34.1,
 * pkg/controller/deployment, syncDeployment with client-go's fake clientset).
 */
import { describe, expect, test } from 'vitest';
import { type OneSync, type OneSyncOptions, oneSync, type Write } from '../../../bench/conform/oracle/one-sync.ts';
import { DEPLOYMENT_CONTROLLER } from '../../../core/controllers/deployment/controller.ts';
import type { Deployment } from '../../../core/types/deployment.ts';
import type { ReplicaSet } from '../../../core/types/replica-set.ts';
import { StatusError } from '../../../core/types/status-error.ts';

const template = (image: string, labels: object = {}) => ({
  metadata: { labels: { app: 'web', ...labels } },
  spec: { containers: [{ name: 'app', image }] },
});

/** A Deployment of image v2. */
function web(replicas: number, spec: object = {}, revision = '2', conditions: readonly object[] = []): object {
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 1 };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'd',
      generation: 1,
      annotations: { 'deployment.kubernetes.io/revision': revision },
    },
    spec: {
      replicas,
      strategy: { type: 'RollingUpdate', rollingUpdate },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: 'web' } },
      template: template('v2'),
      ...spec,
    },
    status: {
      observedGeneration: 1,
      conditions: [{ type: 'Progressing', status: 'True', reason: 'x' }, ...conditions],
    },
  };
}

interface Size {
  readonly spec: number;
  readonly available?: number;
  readonly revision?: string;
  /** What the Deployment wanted when this one was sized. */
  readonly desired?: number;
  readonly age?: number;
}

/** A ReplicaSet `web-IMAGE` of the Deployment. */
function set(
  image: string,
  { spec, available = spec, revision = image.slice(1), desired = 4, age = 100 }: Size,
): object {
  const labels = { app: 'web', 'pod-template-hash': image };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `web-${image}`,
      namespace: 'default',
      uid: image,
      generation: 1,
      labels,
      creationTimestamp: `@${age}`,
      annotations: {
        'deployment.kubernetes.io/revision': revision,
        'deployment.kubernetes.io/desired-replicas': String(desired),
        'deployment.kubernetes.io/max-replicas': String(desired + 1),
      },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd', controller: true }],
    },
    spec: {
      replicas: spec,
      selector: { matchLabels: labels },
      template: template(image, { 'pod-template-hash': image }),
    },
    status: { replicas: spec, readyReplicas: available, availableReplicas: available, observedGeneration: 1 },
  };
}

const sync = (objects: readonly object[], options?: OneSyncOptions): OneSync =>
  oneSync(DEPLOYMENT_CONTROLLER, 'default/web', objects, options);

/** e.g. `web-v1=3`, `web: 5 of which 2 unavailable`. */
function text({ verb, resource, name, object }: Write): string {
  if (resource === 'deployments/status')
    return `status: ${(object as Deployment).status?.unavailableReplicas ?? 0} unavailable`;
  if (verb !== 'update') return `${verb} ${name}`;
  const { metadata, spec } = object as ReplicaSet;
  return `${name}=${spec.replicas} revision ${metadata.annotations?.['deployment.kubernetes.io/revision']}`;
}

describe('one sync of a Deployment', () => {
  test.each<[string, readonly object[], readonly string[]]>([
    [
      'the status counts the sizes as they were read, not as they were just written',
      [web(4), set('v1', { spec: 4, age: 200 }), set('v2', { spec: 1, available: 0 })],
      ['web-v1=3 revision 1', 'status: 1 unavailable'],
    ],
    [
      'a ReplicaSet that gets its revision is written twice: the API server refuses the second',
      [web(4), set('v2', { spec: 1, revision: '2' }), set('v3', { spec: 4, age: 50 })],
      ['web-v2=1 revision 4', 'web-v2=1 revision 4', 'web-v3=2 revision 3', 'status: 0 unavailable'],
    ],
    [
      'paused, it is written once',
      [web(4, { paused: true }), set('v2', { spec: 4, revision: '2' }), set('v3', { spec: 0, age: 50 })],
      ['status: 0 unavailable', 'web-v2=4 revision 4', 'status: 0 unavailable'],
    ],
    [
      'a revision that is no number stays',
      [web(4), set('v2', { spec: 4, revision: 'x' }), set('v3', { spec: 0, age: 50 })],
      ['status: 0 unavailable', 'status: 0 unavailable'],
    ],
    [
      'pods that are left of an old ReplicaSet at 0 do not make up for others',
      [
        web(4),
        set('v0', { spec: 0, available: 2, age: 300 }),
        set('v1', { spec: 3, age: 200 }),
        set('v2', { spec: 2, available: 0 }),
      ],
      ['status: 0 unavailable'],
    ],
    [
      'with nothing to add to several the newest comes first',
      [
        web(4, {}, '3'),
        set('v0', { spec: 2, age: 300, desired: 3 }),
        set('v1', { spec: 2, age: 200, desired: 3 }),
        set('v2', { spec: 1, desired: 3, revision: '3' }),
      ],
      ['web-v1=2 revision 1', 'web-v0=2 revision 0', 'web-v2=1 revision 3', 'status: 0 unavailable'],
    ],
  ])('%s', (_name, objects, expected) => {
    expect(sync(objects).writes.map(text)).toEqual(expected);
  });

  test('where an old ReplicaSet cannot be shrunk the status is written all the same, and nothing fails', () => {
    const objects = [web(4), set('v1', { spec: 4, age: 200 }), set('v2', { spec: 1, available: 0 })];
    const refuse = ({ resource }: Write): StatusError | undefined =>
      resource === 'replicasets' ? StatusError.internalError('no') : undefined;
    const { writes, error } = sync(objects, { refuse });
    expect([writes.map(text), error]).toEqual([['web-v1=3 revision 1', 'status: 1 unavailable'], '']);
  });
});
