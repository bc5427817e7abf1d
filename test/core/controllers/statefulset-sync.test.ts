/**
 * What one sync of a StatefulSet does: cases of the real controller as a library, over the same objects (Kubernetes 1.34.1,
 * pkg/controller/statefulset, sync with client-go's fake clientset).
 */
import { describe, expect, test } from 'vitest';
import { type OneSync, type OneSyncOptions, oneSync, type Write } from '../../../bench/conform/oracle/one-sync.ts';
import { STATEFULSET_CONTROLLER } from '../../../core/controllers/statefulset/controller.ts';
import { STATEFULSETS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';

const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image }] },
});
const controlledBy = (kind: string, name: string, uid: string): object => ({
  apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});
const OWNED = [controlledBy('StatefulSet', 'web', 's')];

/** The StatefulSet `web` of image v2, all of whose status is that of so many available pods. */
function web(replicas: number, spec: object = {}, metadata: object = {}, current = 'v1'): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'default', uid: 's', generation: 1, ...metadata },
    spec: {
      replicas,
      serviceName: 'web',
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      selector: { matchLabels: { app: 'web' } },
      template: template('v2'),
      ...spec,
    },
    status: { replicas: 0, availableReplicas: 0, observedGeneration: 1, currentRevision: `web-${current}` },
  };
}

function revision(image: string, number: number, ownerReferences: readonly object[] = OWNED): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `web-${image}`,
      namespace: 'default',
      uid: image,
      labels: { app: 'web', 'controller.kubernetes.io/hash': image },
      ownerReferences,
    },
    data: { spec: { template: { $patch: 'replace', ...template(image) } } },
    revision: number,
  };
}

interface PodParts {
  readonly image?: string;
  /** Ready for so many seconds. */
  readonly ready?: number;
  readonly labels?: object;
  readonly volumes?: readonly object[];
}

function pod(ordinal: number, { image = 'v2', ready = 100, labels, volumes }: PodParts = {}): object {
  const name = `web-${ordinal}`;
  const own = { app: 'web', 'controller-revision-hash': `web-${image}`, 'statefulset.kubernetes.io/pod-name': name };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, labels: labels ?? own, ownerReferences: OWNED },
    spec: { containers: [], nodeName: 'a', volumes },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: `@${ready}` }] },
  };
}

const claimed = (...names: string[]): object => ({
  volumeClaimTemplates: names.map((name) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name } })),
});
const volume = (ordinal: number): object => ({
  name: 'data',
  persistentVolumeClaim: { claimName: `data-web-${ordinal}` },
});

function claim(name: string, metadata: object = {}): object {
  const whole = { name, namespace: 'default', uid: name, ...metadata };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: whole, spec: {} };
}

const sync = (objects: readonly object[], options?: OneSyncOptions): OneSync =>
  oneSync(STATEFULSET_CONTROLLER, 'default/web', objects, options);
/** The writes but that of the status, e.g. `delete web-1`. */
const steps = ({ writes }: OneSync): readonly string[] =>
  writes.filter(({ resource }) => resource !== 'statefulsets/status').map(({ verb, name }) => `${verb} ${name}`);
const statusOf = ({ writes }: OneSync): Record<string, unknown> | undefined =>
  (writes.find(({ resource }) => resource === 'statefulsets/status')?.object as { status?: Record<string, unknown> })
    ?.status;

const HISTORY = [revision('v1', 1), revision('v2', 2)];
const OLD = { image: 'v1' };
const PARALLEL = { podManagementPolicy: 'Parallel' };
const KEEPS = { whenDeleted: 'Retain', whenScaled: 'Retain' };

describe('one sync of a StatefulSet', () => {
  test.each<[string, readonly object[], readonly string[]]>([
    [
      'also with Parallel an update waits for minReadySeconds of the pod above',
      [web(2, { ...PARALLEL, minReadySeconds: 55 }), ...HISTORY, pod(0, OLD), pod(1, { ready: 10 })],
      [],
    ],
    [
      'a partition counts from the first ordinal',
      [
        web(3, { ordinals: { start: 2 }, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }),
        ...HISTORY,
        ...[pod(2, OLD), pod(3, OLD), pod(4)],
      ],
      [],
    ],
    [
      'of one that is scaled down, a pod that is ready but not yet available holds up the others',
      [web(1, { minReadySeconds: 55 }), ...HISTORY, pod(0), pod(1), pod(2, { ready: 10 }), pod(3)],
      ['delete web-3'],
    ],
    [
      'what the set was of before this sync is kept in the history, though it is now done',
      [web(1, { revisionHistoryLimit: 0 }), revision('v0', 1), revision('v1', 2), revision('v2', 3), pod(0)],
      ['delete web-v0'],
    ],
    [
      'a revision without a controller counts before it is seen to be adopted',
      [web(1), revision('v2', 1, []), pod(0)],
      ['patch web-v2'],
    ],
    [
      'an adopted pod gets the labels of its ordinal',
      [web(1), ...HISTORY, pod(0, { labels: { app: 'web', 'controller-revision-hash': 'web-v2' } })],
      ['update web-0'],
    ],
    [
      'a pod whose claims get another owner is written, too',
      [
        web(1, { ...claimed('data'), persistentVolumeClaimRetentionPolicy: { ...KEEPS, whenDeleted: 'Delete' } }),
        ...[...HISTORY, claim('data-web-0'), pod(0, { volumes: [volume(0)] })],
      ],
      ['update data-web-0', 'update web-0'],
    ],
    [
      'a pod that lacks a volume of its claim gets it, and the claim',
      [web(1, claimed('data')), ...HISTORY, pod(0)],
      ['create data-web-0', 'update web-0'],
    ],
    [
      'with Parallel a pod that waits for a claim to go holds up none of the others',
      [
        web(2, {
          ...PARALLEL,
          ...claimed('data'),
          persistentVolumeClaimRetentionPolicy: { ...KEEPS, whenScaled: 'Delete' },
        }),
        ...[...HISTORY, claim('data-web-0', { ownerReferences: [controlledBy('Pod', 'web-0', 'gone')] })],
        ...[pod(3, { volumes: [volume(3)] })],
      ],
      ['create data-web-1', 'create web-1', 'delete web-3'],
    ],
  ])('%s', (_name, objects, expected) => {
    expect(steps(sync(objects))).toEqual(expected);
  });

  test('a pod that is replaced counts off the current ones, whatever it was of', () => {
    const objects = [web(2), ...HISTORY, revision('v0', 0), pod(0, OLD), pod(1, { image: 'v0' })];
    expect(statusOf(sync(objects))?.['currentReplicas']).toBe(undefined);
    expect(steps(sync(objects))).toEqual(['delete web-1']);
  });

  test('every claim that is in the way is told, as a failure of the pod', () => {
    const gone = { deletionTimestamp: '@10' };
    const { error, events } = sync([web(1, claimed('data')), ...HISTORY, claim('data-web-0', gone)]);
    const text = 'pvc data-web-0 is being deleted';
    expect(events).toEqual([`Warning FailedCreate create Pod web-0 in StatefulSet web failed error: ${text}`]);
    expect(error).toBe(text);
    const both = [web(1, claimed('data', 'log')), ...HISTORY, claim('data-web-0', gone), claim('log-web-0', gone)];
    expect(sync(both).error).toBe(`[${text}, pvc log-web-0 is being deleted]`);
  });

  test('a claim that somebody else controls is told as an event', () => {
    const policy = { persistentVolumeClaimRetentionPolicy: { ...KEEPS, whenDeleted: 'Delete' } };
    const foreign = claim('data-web-0', { ownerReferences: [controlledBy('Job', 'other', 'o')] });
    expect(sync([web(1, { ...claimed('data'), ...policy }), ...HISTORY, foreign]).events).toEqual([
      'Warning ConflictingController PersistentVolumeClaim data-web-0 has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim',
      'Normal SuccessfulCreate create Pod web-0 in StatefulSet web successful',
    ]);
  });

  test('the status is left alone where only collisions would be new, and written where only the generation is', () => {
    const shown = { replicas: 1, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1, currentReplicas: 1 };
    const set = {
      ...web(1),
      status: { ...shown, observedGeneration: 1, currentRevision: 'web-v2', updateRevision: 'web-v2' },
    };
    expect(sync([set, ...HISTORY, pod(0)]).writes).toEqual([]);
    const changed = { ...set, metadata: { name: 'web', namespace: 'default', uid: 's', generation: 2 } };
    expect(statusOf(sync([changed, ...HISTORY, pod(0)]))?.['observedGeneration']).toBe(2);
  });

  test('where a pod is refused status and history are written all the same', () => {
    const objects = [web(1, { revisionHistoryLimit: 0 }), revision('v0', 0), ...HISTORY];
    const quota = ({ verb, resource }: Write): StatusError | undefined =>
      verb === 'create' && resource === 'pods' ? StatusError.internalError('no') : undefined;
    expect(sync(objects, { refuse: quota }).writes.map(({ name }) => name)).toEqual(['web-0', 'web', 'web-v0']);
  });

  test('a status that conflicts fails where the copy stays as it was: upstream sends the same four times more', () => {
    const refuse = ({ resource, name }: Write): StatusError | undefined =>
      resource === 'statefulsets/status' ? StatusError.conflict(STATEFULSETS, name, 'old') : undefined;
    const { error, writes } = sync([web(1), ...HISTORY, pod(0)], { refuse });
    expect([writes.length, error]).toEqual([1, expect.stringContaining('old')]);
  });

  test('one that is being deleted and sees a revision without a controller fails', () => {
    const { error } = sync([web(1, {}, { deletionTimestamp: '@10' }), revision('v2', 1, [])]);
    expect(error).toContain('has just been deleted');
  });
});
