/**
 * Recordings that end while something is missing for good: silent nodes, pauses, full quotas, gates, unbound claims, a manager that is away.
 */
import { budget, job, type Manifest, pod, type Scenario, service, workload } from '../play.ts';

const TOLERATE: Manifest = ['not-ready', 'unreachable'].map((what) => ({
  key: `node.kubernetes.io/${what}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 2,
}));

const quota = (pods: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'few', namespace: 'demo' },
  spec: { hard: { pods } },
});

export const ENDINGS: readonly Scenario[] = [
  {
    name: 'ends-paused',
    about:
      'a Deployment is paused in the middle of a rollout, a StatefulSet is half OnDelete, a Job is suspended, a budget allows nothing',
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 4 }, { readyAfter: '1s' }));
      await s.create(workload('StatefulSet', 'db', { replicas: 3, updateStrategy: { type: 'OnDelete' } }));
      await s.create(job('work', { completions: 4, parallelism: 2 }, { runFor: '2s' }));
      await s.create(budget('db', 'db', { minAvailable: 3 }));
      await s.create(service('db', 'db', { clusterIP: 'None', publishNotReadyAddresses: true }));
      await s.rolledOut('web', 4);
      await s.statefulReady('db', 3);
      await s.image('StatefulSet', 'db', 'app:v2');
      await s.merge('Job', 'work', { spec: { suspend: true } });
      await s.quiet(500);
      await s.delete('Pod', 'db-1');
      await s.evict('db-2');
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(1300);
      await s.merge('Deployment', 'web', { spec: { paused: true } });
      await s.quiet(1500);
    },
  },
  {
    name: 'ends-silent',
    about: 'a node falls silent for good under a StatefulSet, a DaemonSet, a Job and a Service',
    leases: true,
    async play(s) {
      await s.equalNodes(3);
      await s.namespace();
      await s.create(service('db', 'db'));
      await s.create(workload('StatefulSet', 'db', { replicas: 3 }, {}, { tolerations: TOLERATE }));
      await s.create(workload('DaemonSet', 'agent', {}));
      await s.create(job('work', { completions: 3, parallelism: 3 }, { runFor: '90s' }, { tolerations: TOLERATE }));
      await s.statefulReady('db', 3);
      await s.daemonReady('agent', 3);
      await s.status('Job', 'work', 'ready', 3);
      await s.quiet(800);
      const node = String(s.object('Pod', 'db-1')?.['spec'].nodeName);
      await s.stopKubelet(node);
      await s.nodeIs(node, 'Unknown');
      await s.sleep(12_000);
      await s.image('DaemonSet', 'agent', 'app:v2');
      await s.scale('StatefulSet', 'db', 4);
      await s.sleep(4000);
    },
  },
  {
    name: 'ends-over-quota',
    about: 'a quota of 4 pods under a StatefulSet, a Job and a Deployment that want more',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      await s.create(quota('4'));
      await s.quiet(500);
      await s.create(workload('StatefulSet', 'db', { replicas: 3, podManagementPolicy: 'Parallel' }));
      await s.statefulReady('db', 3);
      await s.create(job('work', { completions: 3, parallelism: 3 }, { exit: 'never' }));
      await s.quiet(1000);
      await s.scale('StatefulSet', 'db', 5);
      await s.create(workload('Deployment', 'web', { replicas: 2 }));
      await s.create(workload('DaemonSet', 'agent', {}));
      await s.quiet(2500);
    },
  },
  {
    name: 'ends-unplaced',
    about: 'gates, an unbound claim, a missing label, a cordoned node: pods wait for good under each controller',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      await s.merge('Node', 'node-1', { spec: { unschedulable: true } });
      await s.create(pod('gated', { schedulingGates: [{ name: 'example.com/a' }] }));
      const claims = [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'none',
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ];
      await s.create(workload('StatefulSet', 'db', { replicas: 2, volumeClaimTemplates: claims }));
      await s.create(workload('Deployment', 'web', { replicas: 2 }, {}, { nodeSelector: { disk: 'ssd' } }));
      await s.create(job('work', { completions: 2 }, {}, { nodeSelector: { disk: 'ssd' } }));
      await s.create(workload('DaemonSet', 'agent', {}, {}, { cpu: '5' }));
      await s.create(
        workload('Deployment', 'gates', { replicas: 2 }, {}, { schedulingGates: [{ name: 'example.com/a' }] }),
      );
      await s.create(workload('Deployment', 'other', { replicas: 1 }, {}, { schedulerName: 'nobody' }));
      await s.quiet(2500);
    },
  },
  {
    name: 'ends-stopping',
    about:
      'everything is scaled down or deleted while pods stop slowly, some held by a finalizer; the recording does not wait',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      await s.create(service('web', 'web'));
      await s.create(workload('Deployment', 'web', { replicas: 4 }, { stopAfter: '30s' }));
      await s.create(workload('StatefulSet', 'db', { replicas: 3 }, { stopAfter: '30s' }));
      await s.create(workload('DaemonSet', 'agent', {}, { stopAfter: '30s' }));
      await s.create(job('work', { completions: 2, parallelism: 2 }, { runFor: '60s', stopAfter: '30s' }));
      await s.rolledOut('web', 4);
      await s.statefulReady('db', 3);
      await s.daemonReady('agent', 2);
      await s.quiet(800);
      await s.scale('Deployment', 'web', 1);
      await s.scale('StatefulSet', 'db', 1);
      await s.image('DaemonSet', 'agent', 'app:v2');
      await s.merge('Job', 'work', { spec: { suspend: true } });
      await s.sleep(1500);
      await s.delete('StatefulSet', 'db', { propagationPolicy: 'Foreground' });
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(1500);
    },
  },
  {
    name: 'ends-without-manager',
    about: 'both kube-controller-managers are killed for good; a Deployment is scaled and pods are deleted after that',
    leaders: true,
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      await s.create(workload('Deployment', 'web', { replicas: 3 }));
      await s.rolledOut('web', 3);
      await s.quiet(500);
      s.process('kube-controller-manager', 'SIGKILL');
      s.process('kube-controller-manager', 'SIGKILL', 'instance-2');
      await s.sleep(500);
      await s.scale('Deployment', 'web', 5);
      const [first = ''] = s.podNames({ app: 'web' });
      await s.delete('Pod', first);
      await s.quiet(2000);
    },
  },
  {
    name: 'ends-failing',
    about: 'Jobs in their back-off, a Deployment and a DaemonSet that never get ready, a namespace held by a finalizer',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      await s.namespace('other');
      await s.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'held', namespace: 'other', finalizers: ['example.com/a'] },
      });
      await s.create(job('tries', { completions: 1, backoffLimit: 5 }, { runFor: '200ms', exit: 'error' }));
      const indexed = { completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 4 };
      await s.create(job('indexed', indexed, { runFor: '200ms', exit: 'error' }));
      await s.create(
        workload('Deployment', 'web', { replicas: 2, progressDeadlineSeconds: 3 }, { neverReady: 'true' }),
      );
      await s.create(workload('DaemonSet', 'agent', {}, { neverReady: 'true' }));
      await s.delete('Namespace', 'other');
      await s.sleep(7000);
    },
  },
];
