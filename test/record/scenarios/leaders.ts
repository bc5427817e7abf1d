/**
 * Leaders that die, stop or lose the API server, with a second instance waiting.
 */
import { pod, type Scenario, workload } from '../play.ts';

async function begin(s: Parameters<Scenario['play']>[0], replicas: number): Promise<void> {
  await s.equalNodes(2);
  await s.namespace();
  await s.create(workload('Deployment', 'web', { replicas }, { readyAfter: '300ms' }));
  await s.rolledOut('web', replicas);
  await s.sleep(2500);
}

export const LEADERS: readonly Scenario[] = [
  {
    name: 'leader-scheduler-term',
    about: 'SIGTERM to the leading kube-scheduler while a Deployment is scaled; the other instance takes over',
    leaders: true,
    async play(s) {
      await begin(s, 2);
      await s.scale('Deployment', 'web', 12);
      s.process('kube-scheduler', 'SIGTERM');
      await s.rolledOut('web', 12);
      await s.create(pod('late'));
      await s.wait({ kind: 'Pod', name: 'late', path: 'status.phase', eq: 'Running' });
      await s.quiet(1500);
    },
  },
  {
    name: 'leader-manager-stopped',
    about: 'the leading kube-controller-manager is stopped for 22 s in the middle of a rollout and then continued',
    leaders: true,
    async play(s) {
      await begin(s, 6);
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(200);
      s.process('kube-controller-manager', 'SIGSTOP');
      await s.sleep(22_000);
      s.process('kube-controller-manager', 'SIGCONT');
      await s.rolledOut('web', 6);
      await s.sleep(12_000);
      await s.quiet(1500);
    },
  },
  {
    name: 'leader-both-killed',
    about:
      'both leaders are killed, then the API server for 4 s; new instances are started; a rollout goes on through it all',
    leaders: true,
    async play(s) {
      await begin(s, 6);
      await s.image('Deployment', 'web', 'app:v2');
      await s.sleep(150);
      s.process('kube-controller-manager', 'SIGKILL');
      s.process('kube-scheduler', 'SIGKILL');
      await s.sleep(1000);
      s.process('kube-apiserver', 'SIGKILL');
      await s.sleep(4000);
      s.process('kube-apiserver', 'start');
      await s.apiServerReady();
      s.process('kube-controller-manager', 'start', 'instance-3');
      s.process('kube-scheduler', 'start', 'instance-3');
      await s.rolledOut('web', 6);
      await s.quiet(2500);
    },
  },
  {
    name: 'outage-kill',
    about:
      'a Deployment is scaled from 4 to 40 and 100 ms later the API server killed; started again after 14 s: both leaders have given up',
    leaders: true,
    async play(s) {
      await begin(s, 4);
      await s.scale('Deployment', 'web', 40);
      await s.sleep(100);
      s.process('kube-apiserver', 'SIGKILL');
      await s.sleep(14_000);
      s.process('kube-apiserver', 'start');
      await s.apiServerReady();
      await s.rolledOut('web', 40);
      await s.quiet(2500);
    },
  },
  {
    name: 'outage-stop',
    about:
      'the API server is stopped for 12 s in the middle of a scale-down and continued; a node falls silent meanwhile',
    leaders: true,
    leases: true,
    async play(s) {
      await begin(s, 30);
      await s.scale('Deployment', 'web', 5);
      await s.sleep(60);
      s.process('kube-apiserver', 'SIGSTOP');
      await s.sleep(12_000);
      s.process('kube-apiserver', 'SIGCONT');
      await s.rolledOut('web', 5);
      await s.stopKubelet('node-1');
      await s.nodeIs('node-1', 'Unknown');
      await s.quiet(2500);
    },
  },
];
