/**
 * Deployments: shares of surge and unavailability, changes in the middle of a rollout, deadlines, pods that never get ready.
 */
import { type Manifest, type Scenario, workload } from '../play.ts';

const rolling = (maxSurge: string | number, maxUnavailable: string | number): Manifest => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});

export const ROLLOUTS: readonly Scenario[] = [
  {
    name: 'rollout-shares',
    about: '7 replicas with maxSurge 30 % and maxUnavailable 20 %: one is rounded up, the other down; two updates',
    async play(s) {
      await s.equalNodes(4);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 7, ...rolling('30%', '20%') }, { readyAfter: '700ms' }));
      await s.rolledOut('web', 7);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.rolledOut('web', 7);
      await s.quiet(500);
      await s.merge('Deployment', 'web', { spec: rolling('100%', '0%') });
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v3', { readyAfter: '300ms' });
      await s.rolledOut('web', 7);
      await s.quiet(1200);
    },
  },
  {
    name: 'rollout-twice-quickly',
    about: 'two new templates 300 ms apart, then back to the first one while that rolls',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 6 }, { readyAfter: '1s', stopAfter: '500ms' }));
      await s.rolledOut('web', 6);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(300);
      await s.image('Deployment', 'web', 'app:v3');
      await s.sleep(1500);
      await s.image('Deployment', 'web', 'app:v1');
      await s.rolledOut('web', 6);
      await s.quiet(1200);
    },
  },
  {
    name: 'rollout-paused-midway',
    about: 'a rollout is paused in the middle, scaled from 8 to 12 and to 5 while paused, then resumed',
    async play(s) {
      await s.equalNodes(4);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 8, ...rolling(2, 1) }, { readyAfter: '1s' }));
      await s.rolledOut('web', 8);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(1400);
      await s.merge('Deployment', 'web', { spec: { paused: true } });
      await s.sleep(2500);
      await s.scale('Deployment', 'web', 12);
      await s.sleep(2500);
      await s.scale('Deployment', 'web', 5);
      await s.sleep(2000);
      await s.merge('Deployment', 'web', { spec: { paused: false } });
      await s.rolledOut('web', 5);
      await s.quiet(1200);
    },
  },
  {
    name: 'rollout-scale-stuck',
    about:
      'a rollout to a broken image is stuck over three ReplicaSets; scaled up, down, to zero and up again, then repaired',
    async play(s) {
      await s.equalNodes(4);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 9, ...rolling('40%', '30%') }));
      await s.rolledOut('web', 9);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:bad', { neverReady: 'true' });
      await s.quiet(1500);
      await s.image('Deployment', 'web', 'app:worse', { neverReady: 'true' });
      await s.quiet(1500);
      await s.scale('Deployment', 'web', 17);
      await s.quiet(1500);
      await s.scale('Deployment', 'web', 6);
      await s.quiet(1500);
      await s.scale('Deployment', 'web', 0);
      await s.quiet(1500);
      await s.scale('Deployment', 'web', 4);
      await s.quiet(1500);
      await s.image('Deployment', 'web', 'app:v1', { neverReady: null });
      await s.rolledOut('web', 4);
      await s.quiet(1200);
    },
  },
  {
    name: 'rollout-min-ready-deadline',
    about:
      'minReadySeconds 2 and progressDeadlineSeconds 5: a slow rollout keeps its deadline, a broken one misses it and is scaled then',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      const spec = { replicas: 3, minReadySeconds: 2, progressDeadlineSeconds: 5 };
      await s.create(workload('Deployment', 'web', { ...spec, ...rolling(1, 0) }, { readyAfter: '1s' }));
      await s.rolledOut('web', 3);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.rolledOut('web', 3);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:bad', { neverReady: 'true' });
      await s.wait({ kind: 'Deployment', name: 'web', path: 'condReason:Progressing', eq: 'ProgressDeadlineExceeded' });
      await s.quiet(800);
      await s.scale('Deployment', 'web', 5);
      await s.quiet(2500);
      await s.image('Deployment', 'web', 'app:v2', { neverReady: null });
      await s.rolledOut('web', 5);
      await s.quiet(1200);
    },
  },
  {
    name: 'recreate-never-ready',
    about: 'Recreate to a version that never gets ready, changed again before the old pods are gone, then repaired',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      const spec = { replicas: 4, strategy: { type: 'Recreate' }, progressDeadlineSeconds: 6 };
      await s.create(workload('Deployment', 'web', spec, { stopAfter: '1500ms' }));
      await s.rolledOut('web', 4);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:bad', { neverReady: 'true' });
      await s.sleep(500);
      await s.image('Deployment', 'web', 'app:worse', { neverReady: 'true' });
      await s.wait({ kind: 'Deployment', name: 'web', path: 'condReason:Progressing', eq: 'ProgressDeadlineExceeded' });
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v1', { neverReady: null });
      await s.rolledOut('web', 4);
      await s.quiet(1200);
    },
  },
  {
    name: 'rollout-pods-lost',
    about: 'pods are deleted and fail in the middle of a rollout with maxUnavailable 50 %',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 6, ...rolling(0, '50%') }, { readyAfter: '800ms' }));
      await s.rolledOut('web', 6);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(400);
      const [first = '', second = ''] = s.podNames(
        { app: 'web' },
        (pod) => pod['spec'].containers[0].image === 'app:v2',
      );
      await s.delete('Pod', first);
      await s.merge('Pod', second, { status: { phase: 'Failed', reason: 'Evicted', message: 'disk' } }, 'status');
      await s.rolledOut('web', 6);
      await s.quiet(1200);
    },
  },
  {
    name: 'rollout-strategy-changed',
    about:
      'RollingUpdate becomes Recreate while it rolls; history limit 0; the selector-less label of the template changes',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      const spec = { replicas: 4, revisionHistoryLimit: 0 };
      await s.create(workload('Deployment', 'web', spec, { readyAfter: '1s', stopAfter: '500ms' }));
      await s.rolledOut('web', 4);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(1300);
      await s.merge('Deployment', 'web', { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } });
      await s.rolledOut('web', 4);
      await s.quiet(800);
      await s.merge('Deployment', 'web', { spec: { template: { metadata: { labels: { tier: 'front' } } } } });
      await s.rolledOut('web', 4);
      await s.quiet(1200);
    },
  },
  {
    name: 'rollout-quota',
    about: 'a quota of 5 pods holds a surge back; when it is raised the back-off of the ReplicaSet is long already',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'five', namespace: 'demo' },
        spec: { hard: { pods: '5' } },
      });
      await s.quiet(500);
      await s.create(workload('Deployment', 'web', { replicas: 5, ...rolling(2, 1) }, { readyAfter: '300ms' }));
      await s.rolledOut('web', 5);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(12_000);
      await s.scale('Deployment', 'web', 8);
      await s.sleep(2000);
      await s.merge('ResourceQuota', 'five', { spec: { hard: { pods: '20' } } });
      await s.sleep(6000);
    },
  },
];
