/**
 * Drawn Deployments, StatefulSets, DaemonSets and ReplicaSets, and what is changed about them.
 */
import { type Manifest, workload } from '../play.ts';
import {
  type Change,
  chance,
  type Draw,
  livePod,
  maybe,
  pick,
  podWish,
  propagation,
  remade,
  type Subject,
  share,
  spec,
  wishes,
} from './mixed-draw.ts';

const image = (draw: Draw): string => `app:v${1 + draw(4)}`;
const minReady = (draw: Draw): object => maybe(draw, 30, () => ({ minReadySeconds: pick(draw, [1, 2]) }));
const history = (draw: Draw): object => maybe(draw, 30, () => ({ revisionHistoryLimit: draw(3) }));

/** Changes that fit every workload. */
function common(kind: string, app: string): Change[] {
  return [
    (s, draw) => s.image(kind, app, image(draw), { neverReady: chance(draw, 20) ? 'true' : null }),
    (s, draw) => s.image(kind, app, image(draw)),
    (s, draw) => s.delete('Pod', livePod(s, draw, { app })),
    (s, draw) => s.merge('Pod', livePod(s, draw, { app }), { metadata: { labels: { app: 'stray' } } }),
    (s, draw) =>
      s.merge('Pod', livePod(s, draw, { app }), { status: { phase: 'Failed', reason: 'Evicted' } }, 'status'),
    async (s, draw) => {
      if (chance(draw, 30)) await s.delete(kind, app, propagation(draw));
      else await s.scale(kind, app, draw(6));
    },
  ];
}

function strategy(draw: Draw): object {
  if (chance(draw, 20)) return { type: 'Recreate', rollingUpdate: null };
  return { type: 'RollingUpdate', rollingUpdate: { maxSurge: share(draw), maxUnavailable: share(draw) } };
}

function deployment(draw: Draw, app: string): Subject {
  const manifest = (again: Draw): Manifest => {
    const fields = {
      replicas: 1 + again(6),
      ...maybe(again, 70, () => ({ strategy: strategy(again) })),
      ...minReady(again),
      ...history(again),
      ...maybe(again, 40, () => ({ progressDeadlineSeconds: 4 + again(6) })),
      ...maybe(again, 10, () => ({ paused: true })),
    };
    return workload('Deployment', app, fields, wishes(again), podWish(again, app));
  };
  const changes: Change[] = [
    ...common('Deployment', app),
    (s, again) => s.scale('Deployment', app, again(9)),
    (s, again) => s.scale('Deployment', app, again(9)),
    spec('Deployment', app, (again) => ({ paused: chance(again, 50) })),
    spec('Deployment', app, (again) => ({ strategy: strategy(again) })),
    spec('Deployment', app, (again) => ({ revisionHistoryLimit: again(3) })),
    spec('Deployment', app, (again) => ({ minReadySeconds: again(3) })),
    spec('Deployment', app, (again) => ({ replicas: again(8), paused: true })),
    (s, again) =>
      s.merge('Deployment', app, {
        metadata: { annotations: { note: String(again(9)), 'deployment.kubernetes.io/revision': '7' } },
      }),
    (s, again) =>
      s.merge('Deployment', app, {
        spec: { replicas: again(6), template: { spec: { containers: [{ name: 'app', image: image(again) }] } } },
      }),
    remade('Deployment', manifest),
  ];
  return { manifests: [manifest(draw)], changes };
}

function replicaSet(draw: Draw, app: string): Subject {
  const manifest = (again: Draw): Manifest =>
    workload('ReplicaSet', app, { replicas: 1 + again(5), ...minReady(again) }, wishes(again), podWish(again, app));
  const changes: Change[] = [
    ...common('ReplicaSet', app),
    (s, again) => s.scale('ReplicaSet', app, again(7)),
    (s, again) => s.scale('ReplicaSet', app, again(4)),
    (s, again) =>
      s.merge('Pod', livePod(s, again, { app }), {
        metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': String(again(20) - 10) } },
      }),
    spec('ReplicaSet', app, (again) => ({ minReadySeconds: again(3) })),
    (s, again) => s.merge('Pod', livePod(s, again, { app: 'stray' }), { metadata: { labels: { app } } }),
    remade('ReplicaSet', manifest),
  ];
  return { manifests: [manifest(draw)], changes };
}

function statefulSet(draw: Draw, app: string): Subject {
  const retention = (again: Draw): object => ({
    persistentVolumeClaimRetentionPolicy: {
      whenDeleted: pick(again, ['Delete', 'Retain']),
      whenScaled: pick(again, ['Delete', 'Retain']),
    },
  });
  const rolling = (again: Draw): object => ({
    updateStrategy: chance(again, 20)
      ? { type: 'OnDelete', rollingUpdate: null }
      : { type: 'RollingUpdate', rollingUpdate: { partition: again(4) } },
  });
  const claims = [
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
    },
  ];
  const manifest = (again: Draw): Manifest => {
    const fields = {
      replicas: 1 + again(4),
      podManagementPolicy: pick(again, ['Parallel', 'OrderedReady', 'OrderedReady']),
      ...maybe(again, 50, () => rolling(again)),
      ...maybe(again, 30, () => ({ ordinals: { start: again(4) } })),
      ...maybe(again, 20, () => ({ ...retention(again), volumeClaimTemplates: claims })),
      ...minReady(again),
      ...history(again),
    };
    return workload('StatefulSet', app, fields, wishes(again), podWish(again, app));
  };
  const changes: Change[] = [
    ...common('StatefulSet', app),
    (s, again) => s.scale('StatefulSet', app, again(6)),
    (s, again) => s.scale('StatefulSet', app, again(6)),
    spec('StatefulSet', app, rolling),
    spec('StatefulSet', app, (again) => ({ ordinals: { start: again(4) } })),
    spec('StatefulSet', app, retention),
    spec('StatefulSet', app, (again) => ({ minReadySeconds: again(3) })),
    spec('StatefulSet', app, (again) => ({ revisionHistoryLimit: again(3) })),
    remade('StatefulSet', manifest),
  ];
  return { manifests: [manifest(draw)], changes };
}

function daemonSet(draw: Draw, app: string): Subject {
  const rolling = (again: Draw): object => ({
    updateStrategy: chance(again, 15)
      ? { type: 'OnDelete', rollingUpdate: null }
      : {
          type: 'RollingUpdate',
          rollingUpdate: pick(again, [
            { maxSurge: pick(again, [1, '50%', '100%']), maxUnavailable: 0 },
            { maxSurge: 0, maxUnavailable: pick(again, [1, 2, '30%', '100%']) },
          ]),
        },
  });
  const zoneA = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'NotIn', values: ['a'] }] },
        ],
      },
    },
  };
  const manifest = (again: Draw): Manifest => {
    const pod = { ...podWish(again, app), ...maybe(again, 20, () => ({ affinity: zoneA })) };
    const fields = { ...maybe(again, 60, () => rolling(again)), ...minReady(again), ...history(again) };
    return workload('DaemonSet', app, fields, wishes(again), pod);
  };
  const changes: Change[] = [
    ...common('DaemonSet', app),
    spec('DaemonSet', app, rolling),
    spec('DaemonSet', app, (again) => ({ minReadySeconds: again(3) })),
    spec('DaemonSet', app, (again) => ({
      template: {
        spec: { nodeSelector: pick(again, [null, { 'topology.kubernetes.io/zone': pick(again, ['a', 'b', 'c']) }]) },
      },
    })),
    spec('DaemonSet', app, (again) => ({
      template: { spec: { tolerations: pick(again, [null, [{ operator: 'Exists' }]]) } },
    })),
    remade('DaemonSet', manifest),
  ];
  return { manifests: [manifest(draw)], changes };
}

export const APP_KINDS = [deployment, deployment, replicaSet, statefulSet, statefulSet, daemonSet];
