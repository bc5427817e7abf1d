/**
 * Scenarios of the shared recordings, recorded anew: what shows that recorder and fake kubelets are like theirs.
 */
import { type Scenario, workload } from '../play.ts';

export const KNOWN: readonly Scenario[] = [
  {
    name: 'known-deployment-rollback',
    about: 'v1, v2, then back to v1 (the first ReplicaSet is used again and gets a new revision number)',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 3 }, { readyAfter: '1s' }));
      await s.rolledOut('web', 3);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v2');
      await s.rolledOut('web', 3);
      await s.quiet(500);
      await s.image('Deployment', 'web', 'app:v1');
      await s.rolledOut('web', 3);
      await s.quiet(1200);
    },
  },
  {
    name: 'known-statefulset-scale',
    about: 'scale 2 to 4 and 4 to 1 (highest first, one at a time; pods take 1 s to stop)',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('StatefulSet', 'db', { replicas: 2 }, { stopAfter: '1s' }));
      await s.statefulReady('db', 2);
      await s.quiet(500);
      await s.scale('StatefulSet', 'db', 4);
      await s.statefulReady('db', 4);
      await s.quiet(500);
      await s.scale('StatefulSet', 'db', 1);
      await s.statefulReady('db', 1);
      await s.quiet(1200);
    },
  },
];
