/**
 * What one sync of a DaemonSet does: cases of the real controller as a library, over the same objects (Kubernetes 1.34.1,
 * pkg/controller/daemon, syncDaemonSet with client-go's fake clientset).
 */
import { describe, expect, test } from 'vitest';
import { type OneSync, type OneSyncOptions, oneSync, type Write } from '../../../bench/conform/oracle/one-sync.ts';
import { DAEMONSET_CONTROLLER } from '../../../core/controllers/daemonset/controller.ts';
import type { DaemonSetStatus } from '../../../core/types/daemon-set.ts';
import { CONTROLLERREVISIONS, DAEMONSETS } from '../../../core/types/resource-type.ts';
import { StatusError } from '../../../core/types/status-error.ts';
import { ControllerHarness } from '../../support/controller-harness.ts';

const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image }] },
});
const OWNED = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'web', uid: 's', controller: true }];
const SURGE = { maxSurge: 1, maxUnavailable: 0 };
const CORDONED = { key: 'k', effect: 'NoSchedule' };

/** The DaemonSet `web` of image v2. */
function web(rollingUpdate: object = { maxSurge: 0, maxUnavailable: 1 }, spec: object = {}): object {
  const annotations = { 'deprecated.daemonset.template.generation': '2' };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'web', namespace: 'default', uid: 's', generation: 1, annotations },
    spec: {
      revisionHistoryLimit: 10,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      selector: { matchLabels: { app: 'web' } },
      template: template('v2'),
      ...spec,
    },
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  };
}

function revision(image: string): object {
  const labels = { app: 'web', 'controller-revision-hash': image };
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: `web-${image}`, namespace: 'default', uid: image, labels, ownerReferences: OWNED },
    data: { spec: { template: { $patch: 'replace', ...template(image) } } },
    revision: Number(image.slice(1)),
  };
}

const node = (name: string, ...taints: object[]): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: name },
  spec: { taints },
});

interface PodParts {
  readonly image?: string;
  readonly ready?: boolean;
  readonly phase?: string;
  readonly labels?: object;
  readonly stopping?: boolean;
}

/** A pod of image v1 on a node, Ready for long. */
function pod(name: string, nodeName: string, parts: PodParts = {}): object {
  const { image = 'v1', ready = true, phase = 'Running', labels, stopping = false } = parts;
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '@100' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      creationTimestamp: '@100',
      labels: { app: 'web', 'controller-revision-hash': image, ...labels },
      ownerReferences: OWNED,
      ...(stopping ? { deletionTimestamp: '@10' } : {}),
    },
    spec: { containers: [], nodeName },
    status: { phase, conditions },
  };
}

const HISTORY = [revision('v1'), revision('v2')];
const NEW = { image: 'v2' };

const sync = (objects: readonly object[], options?: OneSyncOptions): OneSync =>
  oneSync(DAEMONSET_CONTROLLER, 'default/web', objects, options);
/** The writes but that of the status, e.g. `delete a`; pods have no name when they are made. */
const steps = ({ writes }: OneSync): string =>
  writes
    .filter(({ resource }) => resource !== 'daemonsets/status')
    .map(({ verb, name }) => `${verb} ${name}`.trim())
    .join(', ');
const statusOf = ({ writes }: OneSync): DaemonSetStatus | undefined =>
  (writes.find(({ resource }) => resource === 'daemonsets/status')?.object as { status?: DaemonSetStatus })?.status;

describe('one sync of a DaemonSet', () => {
  test.each<[string, readonly object[], string]>([
    [
      'with a surge a node has a pod beside one that stops',
      [web(SURGE), ...HISTORY, node('n'), pod('a', 'n', { ...NEW, stopping: true })],
      'create',
    ],
    ['without one it waits for that', [web(), ...HISTORY, node('n'), pod('a', 'n', { ...NEW, stopping: true })], ''],
    [
      'an old pod that is not available is replaced, and counts as unavailable',
      [web(), ...HISTORY, node('n'), node('m'), pod('a', 'n', { ready: false }), pod('b', 'm')],
      'delete a',
    ],
    [
      'nothing is replaced where no node should have a pod',
      [web({ maxSurge: 0, maxUnavailable: '50%' }), ...HISTORY, node('n', CORDONED), pod('a', 'n')],
      '',
    ],
    [
      'with a surge an old pod leaves a node it should not be on only if more are available than wanted',
      [web(SURGE), ...HISTORY, node('n', CORDONED), node('m'), pod('a', 'n'), pod('b', 'm', { ...NEW, ready: false })],
      '',
    ],
    [
      'as here',
      [web(SURGE), ...HISTORY, node('n', CORDONED), node('m'), pod('a', 'n'), pod('b', 'm', NEW)],
      'delete a',
    ],
    [
      'one that is not available leaves at once',
      [web(SURGE), ...HISTORY, node('n', CORDONED), pod('a', 'n', { ready: false })],
      'delete a',
    ],
    [
      'of several pods with a surge the hash tells which is new, whatever generation they say',
      [
        web(SURGE),
        ...[...HISTORY, node('n'), pod('a', 'n', { ...NEW, ready: false })],
        ...[pod('b', 'n', { labels: { 'pod-template-generation': '2' } })],
      ],
      '',
    ],
    [
      'revisions in use count for the limit, but stay',
      [web(undefined, { revisionHistoryLimit: 1 }), revision('v0'), ...HISTORY, node('n'), pod('a', 'n')],
      'delete a, delete web-v0',
    ],
    [
      'what no longer matches is released, also if it is stopping, and not counted',
      [web(), ...[...HISTORY, node('n'), pod('a', 'n', { ...NEW, labels: { app: 'x' }, stopping: true })]],
      'patch a, create',
    ],
  ])('%s', (_name, objects, expected) => {
    expect(steps(sync(objects))).toBe(expected);
  });

  test('a pod that was released is no longer among those scheduled', () => {
    const objects = [web(), ...HISTORY, node('n'), pod('a', 'n', { ...NEW, labels: { app: 'x' } })];
    expect(statusOf(sync(objects))?.currentNumberScheduled).toBe(0);
  });

  test('with a surge an old pod on a node that is gone stops the update', () => {
    const { error, writes } = sync([web(SURGE), ...HISTORY, node('n'), pod('a', 'n'), pod('b', 'gone')]);
    expect(error).toContain('couldn\'t get node for nodeName "gone"');
    expect(writes.map(({ resource }) => resource)).toEqual(['daemonsets/status']);
  });

  test('pods that failed or ended are told as events', () => {
    const objects = [web(), ...HISTORY, node('n'), node('m')];
    const pods = [pod('a', 'n', { ...NEW, phase: 'Failed' }), pod('b', 'm', { ...NEW, phase: 'Succeeded' })];
    expect(sync([...objects, ...pods]).events.slice(0, 2)).toEqual([
      'Warning FailedDaemonPod Found failed daemon pod default/a on node n, will try to kill it',
      'Normal SucceededDaemonPod Found succeeded daemon pod default/b on node m, will try to delete it',
    ]);
  });

  test('where a pod is refused the history waits', () => {
    const refuse = ({ verb, resource }: Write): StatusError | undefined =>
      verb === 'create' && resource === 'pods' ? StatusError.internalError('no') : undefined;
    const objects = [web(undefined, { revisionHistoryLimit: 0 }), ...HISTORY, node('n')];
    expect(steps(sync(objects, { refuse }))).toBe('create');
    expect(steps(sync(objects))).toBe('create, delete web-v1');
  });
});

test('a revision that somebody deletes is made again, without anything else to wake its set', () => {
  const harness = new ControllerHarness({ nodes: 1 });
  harness.create(DAEMONSETS, { ...web(), metadata: { name: 'web', namespace: 'default' }, status: undefined });
  harness.run(5_000_000);
  const [made] = harness.objects(CONTROLLERREVISIONS);
  harness.delete(CONTROLLERREVISIONS, made?.metadata.name ?? '');
  harness.run(5_000_000);
  const [again] = harness.objects(CONTROLLERREVISIONS);
  expect(again?.metadata.name).toBe(made?.metadata.name);
  expect(again?.metadata.uid).not.toBe(made?.metadata.uid);
});
