/**
 * The scheduler's queue and preemption: overtaken nominations, what makes a waiting pod schedulable again, gates, ports, many priorities.
 */
import { type Manifest, pod, priorityClass, type Scenario, workload } from '../play.ts';

const running = (name: string): Manifest => ({ kind: 'Pod', name, path: 'status.phase', eq: 'Running' });

async function classes(s: Parameters<Scenario['play']>[0]): Promise<void> {
  await s.create(priorityClass('low', 10));
  await s.create(priorityClass('mid', 100));
  await s.create(priorityClass('high', 1000));
}

export const QUEUES: readonly Scenario[] = [
  {
    name: 'overtaken-with-another-victim',
    about:
      'a nominated pod waits for its victim; a more important one takes the room; the first one preempts a second victim',
    async play(s) {
      await s.nodes({ cpu: '1' }, { cpu: '1' });
      await s.namespace();
      await classes(s);
      const low = { cpu: '1', priorityClassName: 'low', terminationGracePeriodSeconds: 5 };
      await s.create(pod('v0', low, { stopAfter: '5s' }));
      await s.create(pod('v1', low, { stopAfter: '3s' }));
      await s.wait(running('v0'), running('v1'));
      await s.sleep(1500);
      await s.create(pod('mid', { cpu: '1', priorityClassName: 'mid' }));
      await s.sleep(1500);
      await s.create(pod('high', { cpu: '1', priorityClassName: 'high' }));
      await s.wait(running('high'), running('mid'));
      await s.sleep(2000);
      await s.quiet(1200);
    },
  },
  {
    name: 'preemptor-deleted',
    about: 'the preemptor is deleted while its victims stop; its room goes to a pod that waited',
    async play(s) {
      await s.nodes({ cpu: '2' });
      await s.namespace();
      await classes(s);
      for (const index of [0, 1]) {
        const spec = { cpu: '1', priorityClassName: 'low', terminationGracePeriodSeconds: 4 };
        await s.create(pod(`v${index}`, spec, { stopAfter: '4s' }));
      }
      await s.wait(running('v0'), running('v1'));
      await s.create(pod('waits', { cpu: '1', priorityClassName: 'low' }));
      await s.quiet(1200);
      await s.create(pod('big', { cpu: '2', priorityClassName: 'high' }));
      await s.sleep(1500);
      await s.delete('Pod', 'big');
      await s.wait(running('waits'));
      await s.quiet(2000);
    },
  },
  {
    name: 'preemption-many',
    about:
      'six pods of three priorities want the room of five small ones on two nodes; the victims are the least that make room',
    async play(s) {
      await s.nodes({ cpu: '2' }, { cpu: '3' });
      await s.namespace();
      await classes(s);
      for (let index = 0; index < 5; index++)
        await s.create(
          pod(`small-${index}`, { cpu: '1', priorityClassName: index < 3 ? 'low' : 'mid' }, { stopAfter: '1s' }),
        );
      await s.pods({}, 5, { 'status.phase': 'Running' });
      await s.quiet(800);
      await s.create(pod('a', { cpu: '2', priorityClassName: 'high' }));
      await s.create(pod('b', { cpu: '1', priorityClassName: 'mid' }));
      await s.create(pod('c', { cpu: '1', priorityClassName: 'high' }));
      await s.sleep(6000);
      await s.create(workload('Deployment', 'late', { replicas: 2 }, {}, { cpu: '900m', priorityClassName: 'high' }));
      await s.sleep(6000);
      await s.quiet(1200);
    },
  },
  {
    name: 'waiting-for-changes',
    about: 'pods that wait for a label, a taint to go, a port, an affinity, a gate: each change frees one of them',
    async play(s) {
      await s.nodes({}, { taints: [{ key: 'held', value: 'yes', effect: 'NoSchedule' }] });
      await s.namespace();
      const port = (name: string): Manifest => ({
        containers: [{ name: 'app', image: 'app:v1', ports: [{ containerPort: 80, hostPort: 8080 }] }],
        nodeSelector: { 'kubernetes.io/hostname': name },
      });
      const near = (app: string): Manifest => ({
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' },
            ],
          },
        },
      });
      await s.create(pod('port-0', port('node-0')));
      await s.create(pod('port-1', port('node-0')));
      await s.create(pod('label', { nodeSelector: { disk: 'ssd' } }));
      await s.create(pod('taint', { nodeSelector: { 'kubernetes.io/hostname': 'node-1' } }));
      await s.create(pod('near', near('friend')));
      await s.create(pod('gated', { schedulingGates: [{ name: 'example.com/a' }] }));
      await s.quiet(2000);
      await s.merge('Node', 'node-0', { metadata: { labels: { disk: 'ssd' } } });
      await s.quiet(1500);
      await s.merge('Node', 'node-1', { spec: { taints: null } });
      await s.quiet(1500);
      await s.delete('Pod', 'port-0');
      await s.quiet(1500);
      await s.create(pod('friend'));
      await s.quiet(1500);
      await s.merge('Pod', 'gated', { spec: { schedulingGates: [] } });
      await s.quiet(1500);
      await s.delete('Pod', 'gated', { gracePeriodSeconds: 0 });
      await s.quiet(1200);
    },
  },
  {
    name: 'limits-and-requests',
    about: 'a LimitRange fills in requests, a quota of cpu counts them; pods over the limits are refused',
    async play(s) {
      await s.equalNodes(2);
      await s.namespace();
      const limits = [
        { type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '250m' }, max: { cpu: '1' } },
      ];
      await s.create({
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'l', namespace: 'demo' },
        spec: { limits },
      });
      const hard = { 'requests.cpu': '1', 'limits.cpu': '2' };
      await s.create({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'q', namespace: 'demo' },
        spec: { hard },
      });
      await s.quiet(800);
      await s.create(pod('plain'));
      await s.create(pod('much', { cpu: '2' }));
      await s.create(workload('Deployment', 'web', { replicas: 5 }));
      await s.quiet(2500);
      await s.delete('Pod', 'plain');
      await s.quiet(2500);
    },
  },
];
