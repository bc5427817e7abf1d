/**
 * StatefulSets: partitions, OnDelete, several at once, broken pods, scaling while rolling, claims that go or stay. DaemonSets too.
 */
import { type Manifest, type Scenario, workload } from '../play.ts';

const rolling = (rollingUpdate: Manifest): Manifest => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });

const volume = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: 'manual',
    hostPath: { path: `/tmp/${name}` },
  },
});

const CLAIMS: Manifest = [
  {
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'manual',
      resources: { requests: { storage: '1Gi' } },
    },
  },
];

export const STATEFUL: readonly Scenario[] = [
  {
    name: 'stateful-partition',
    about: 'partition 3 of 5, lowered to 1 and to 0; scaled up while a part is old',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(
        workload('StatefulSet', 'db', { replicas: 5, ...rolling({ partition: 3 }) }, { readyAfter: '300ms' }),
      );
      await s.statefulReady('db', 5);
      await s.quiet(500);
      await s.image('StatefulSet', 'db', 'app:v2');
      await s.status('StatefulSet', 'db', 'updatedReplicas', 2);
      await s.statefulReady('db', 5);
      await s.quiet(800);
      await s.scale('StatefulSet', 'db', 7);
      await s.statefulReady('db', 7);
      await s.quiet(500);
      await s.merge('StatefulSet', 'db', { spec: rolling({ partition: 1 }) });
      await s.status('StatefulSet', 'db', 'updatedReplicas', 6);
      await s.statefulReady('db', 7);
      await s.quiet(500);
      const [zero = ''] = s.podNames({ app: 'db' }, (pod) => pod.metadata.name === 'db-0');
      await s.delete('Pod', zero);
      await s.quiet(1500);
      await s.merge('StatefulSet', 'db', { spec: rolling({ partition: 0 }) });
      await s.status('StatefulSet', 'db', 'updatedReplicas', 7);
      await s.statefulReady('db', 7);
      await s.quiet(1200);
    },
  },
  {
    name: 'stateful-on-delete',
    about: 'OnDelete: a new template waits for deletions; scaled while two revisions live; then RollingUpdate',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      const spec = { replicas: 3, updateStrategy: { type: 'OnDelete' } };
      await s.create(workload('StatefulSet', 'db', spec, { readyAfter: '300ms', stopAfter: '500ms' }));
      await s.statefulReady('db', 3);
      await s.quiet(500);
      await s.image('StatefulSet', 'db', 'app:v2');
      await s.quiet(1000);
      await s.delete('Pod', 'db-1');
      await s.status('StatefulSet', 'db', 'updatedReplicas', 1);
      await s.statefulReady('db', 3);
      await s.quiet(500);
      await s.scale('StatefulSet', 'db', 5);
      await s.statefulReady('db', 5);
      await s.quiet(500);
      await s.merge('StatefulSet', 'db', { spec: { updateStrategy: { type: 'RollingUpdate' } } });
      await s.status('StatefulSet', 'db', 'updatedReplicas', 5);
      await s.statefulReady('db', 5);
      await s.quiet(1200);
    },
  },
  {
    name: 'stateful-parallel-broken',
    about:
      'Parallel: rollout to a broken version, reverted: the broken pods are replaced without help; scaled down while rolling',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      const spec = { replicas: 5, podManagementPolicy: 'Parallel' };
      await s.create(workload('StatefulSet', 'db', spec, { readyAfter: '300ms', stopAfter: '300ms' }));
      await s.statefulReady('db', 5);
      await s.quiet(500);
      await s.image('StatefulSet', 'db', 'app:bad', { neverReady: 'true' });
      await s.quiet(1500);
      await s.image('StatefulSet', 'db', 'app:v1', { neverReady: null });
      await s.sleep(2000);
      await s.pods({ app: 'db' }, 5);
      await s.quiet(1000);
      await s.image('StatefulSet', 'db', 'app:v2');
      await s.sleep(700);
      await s.scale('StatefulSet', 'db', 2);
      await s.sleep(3000);
      await s.quiet(1200);
    },
  },
  {
    name: 'stateful-scale-while-rolling',
    about:
      'OrderedReady with minReadySeconds 1: scaled down and up in the middle of a rollout, a pod deleted in between',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      const spec = { replicas: 5, minReadySeconds: 1 };
      await s.create(workload('StatefulSet', 'db', spec, { readyAfter: '300ms', stopAfter: '300ms' }));
      await s.statefulReady('db', 5);
      await s.quiet(500);
      await s.image('StatefulSet', 'db', 'app:v2');
      await s.sleep(2500);
      await s.scale('StatefulSet', 'db', 3);
      await s.sleep(2500);
      await s.scale('StatefulSet', 'db', 6);
      await s.sleep(700);
      await s.delete('Pod', 'db-0');
      await s.statefulReady('db', 6);
      await s.status('StatefulSet', 'db', 'updatedReplicas', 6);
      await s.quiet(1200);
    },
  },
  {
    name: 'stateful-claims',
    about: 'claims go when scaled down and stay when deleted; ordinals from 2; then the other way round',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      for (const index of [0, 1, 2, 3, 4]) await s.create(volume(`pv-${index}`));
      const retention = { whenScaled: 'Delete', whenDeleted: 'Retain' };
      const spec = { replicas: 3, ordinals: { start: 2 }, volumeClaimTemplates: CLAIMS };
      await s.create(workload('StatefulSet', 'db', { ...spec, persistentVolumeClaimRetentionPolicy: retention }));
      await s.statefulReady('db', 3);
      await s.quiet(500);
      await s.scale('StatefulSet', 'db', 1);
      await s.statefulReady('db', 1);
      await s.wait({ absent: ['PersistentVolumeClaim', 'data-db-4'] });
      await s.wait({ absent: ['PersistentVolumeClaim', 'data-db-3'] });
      await s.quiet(800);
      const other = { whenScaled: 'Retain', whenDeleted: 'Delete' };
      await s.merge('StatefulSet', 'db', { spec: { persistentVolumeClaimRetentionPolicy: other } });
      await s.scale('StatefulSet', 'db', 2);
      await s.statefulReady('db', 2);
      await s.quiet(800);
      await s.delete('StatefulSet', 'db');
      await s.wait({ absent: ['PersistentVolumeClaim', 'data-db-2'] });
      await s.quiet(1200);
    },
  },
  {
    name: 'stateful-pods-fail',
    about: 'pods of a set fail and succeed by their phase, a node under one of them is deleted',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('StatefulSet', 'db', { replicas: 3 }, { readyAfter: '300ms' }));
      await s.statefulReady('db', 3);
      await s.quiet(500);
      await s.merge('Pod', 'db-1', { status: { phase: 'Failed' } }, 'status');
      await s.sleep(1500);
      await s.merge('Pod', 'db-0', { status: { phase: 'Succeeded' } }, 'status');
      await s.sleep(1500);
      await s.statefulReady('db', 3);
      await s.quiet(1200);
    },
  },
];

export const DAEMONS: readonly Scenario[] = [
  {
    name: 'daemon-surge',
    about: 'maxSurge 2 of 5 nodes with minReadySeconds 1, changed again in the middle',
    async play(s) {
      await s.equalNodes(5);
      await s.namespace();
      const spec = { minReadySeconds: 1, ...rolling({ maxSurge: 2, maxUnavailable: 0 }) };
      await s.create(workload('DaemonSet', 'agent', spec, { readyAfter: '300ms' }));
      await s.daemonReady('agent', 5);
      await s.quiet(500);
      await s.image('DaemonSet', 'agent', 'app:v2');
      await s.sleep(2000);
      await s.image('DaemonSet', 'agent', 'app:v3');
      await s.daemonReady('agent', 5);
      await s.quiet(1200);
    },
  },
  {
    name: 'daemon-unavailable-share',
    about: 'maxUnavailable 40 % of 6 nodes; a broken version, then repaired; a pod deleted meanwhile',
    async play(s) {
      await s.equalNodes(6);
      await s.namespace();
      await s.create(workload('DaemonSet', 'agent', rolling({ maxUnavailable: '40%' }), { readyAfter: '300ms' }));
      await s.daemonReady('agent', 6);
      await s.quiet(500);
      await s.image('DaemonSet', 'agent', 'app:bad', { neverReady: 'true' });
      await s.quiet(1500);
      const [first = ''] = s.podNames({ app: 'agent' });
      await s.delete('Pod', first);
      await s.quiet(1500);
      await s.image('DaemonSet', 'agent', 'app:v1', { neverReady: null });
      await s.daemonReady('agent', 6);
      await s.quiet(1200);
    },
  },
  {
    name: 'daemon-nodes-relabelled',
    about: 'a node selector: labels move, taints of all effects come and go, a failed pod is replaced, a node is added',
    async play(s) {
      await s.nodes({ labels: { role: 'edge' } }, { labels: { role: 'edge' } }, {}, {});
      await s.namespace();
      await s.create(workload('DaemonSet', 'agent', {}, {}, { nodeSelector: { role: 'edge' } }));
      await s.daemonReady('agent', 2);
      await s.quiet(500);
      await s.merge('Node', 'node-2', { metadata: { labels: { role: 'edge' } } });
      await s.daemonReady('agent', 3);
      await s.merge('Node', 'node-0', { metadata: { labels: { role: null } } });
      await s.daemonReady('agent', 2);
      await s.quiet(500);
      await s.merge('Node', 'node-1', { spec: { taints: [{ key: 'soft', effect: 'PreferNoSchedule' }] } });
      await s.quiet(700);
      await s.merge('Node', 'node-1', { spec: { taints: [{ key: 'hard', effect: 'NoSchedule' }] } });
      await s.quiet(700);
      await s.merge('Node', 'node-2', { spec: { taints: [{ key: 'out', effect: 'NoExecute' }] } });
      await s.quiet(1500);
      await s.merge('Node', 'node-2', { spec: { taints: null } });
      await s.quiet(1000);
      const [one = ''] = s.podNames({ app: 'agent' });
      await s.merge('Pod', one, { status: { phase: 'Failed', reason: 'Evicted' } }, 'status');
      await s.quiet(1500);
      await s.node('node-4', { labels: { role: 'edge' } });
      await s.nodesReady('node-4');
      await s.quiet(1500);
    },
  },
  {
    name: 'daemon-on-delete',
    about:
      'OnDelete DaemonSet: old pods stay until deleted; an orphaning delete, adopted again by a set of the same name',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      const spec = { updateStrategy: { type: 'OnDelete' } };
      await s.create(workload('DaemonSet', 'agent', spec, { readyAfter: '300ms' }));
      await s.daemonReady('agent', 3);
      await s.quiet(500);
      await s.image('DaemonSet', 'agent', 'app:v2');
      await s.quiet(800);
      const [first = ''] = s.podNames({ app: 'agent' });
      await s.delete('Pod', first);
      await s.quiet(1200);
      await s.delete('DaemonSet', 'agent', { propagationPolicy: 'Orphan' });
      await s.wait({ absent: ['DaemonSet', 'agent'] });
      await s.quiet(500);
      await s.create(workload('DaemonSet', 'agent', spec, { readyAfter: '300ms' }));
      await s.quiet(1500);
    },
  },
];
