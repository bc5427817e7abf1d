/**
 * Scenarios drawn from a seed: a few workloads, then changes of all kinds at short distances, then rest.
 */
import { Sfc32, seedOf } from '../../../core/base/random.ts';
import { budget, job, type Manifest, type Play, priorityClass, type Scenario, service, workload } from '../play.ts';
import { type Change, type Draw, pick } from './mixed-draw.ts';

const COUNT = 32;
const CHANGES = 14;
const NODES = 5;

const share = (draw: Draw): string | number => pick(draw, ['25%', '50%', 1, 2, '10%']);
const image = (draw: Draw): string => `app:v${1 + draw(4)}`;
const livePod = (s: Play, draw: Draw): string => {
  const names = s.podNames({}, ({ metadata, status }) => {
    return metadata.deletionTimestamp === undefined && status?.phase === 'Running';
  });
  return names[draw(Math.max(1, names.length))] ?? 'none';
};

const CHANGE: readonly Change[] = [
  (s, draw) => s.image('Deployment', 'web', image(draw), { neverReady: draw(4) === 0 ? 'true' : null }),
  (s, draw) => s.image('Deployment', 'web', image(draw), { readyAfter: pick(draw, ['0s', '400ms', '1s']) }),
  (s, draw) => s.scale('Deployment', 'web', draw(12)),
  (s, draw) => s.merge('Deployment', 'web', { spec: { paused: draw(2) === 0 } }),
  (s, draw) =>
    s.merge('Deployment', 'web', {
      spec: {
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: share(draw), maxUnavailable: share(draw) } },
      },
    }),
  (s, draw) => s.image('StatefulSet', 'db', image(draw), { neverReady: draw(5) === 0 ? 'true' : null }),
  (s, draw) => s.scale('StatefulSet', 'db', draw(6)),
  (s, draw) => s.merge('StatefulSet', 'db', { spec: { updateStrategy: { rollingUpdate: { partition: draw(4) } } } }),
  (s, draw) => s.image('DaemonSet', 'agent', image(draw)),
  (s, draw) =>
    s.merge('DaemonSet', 'agent', {
      spec: {
        updateStrategy: {
          rollingUpdate: pick(draw, [
            { maxSurge: 1, maxUnavailable: 0 },
            { maxSurge: 0, maxUnavailable: 2 },
          ]),
        },
      },
    }),
  (s, draw) => s.merge('Job', 'work', { spec: { parallelism: draw(5) } }),
  (s, draw) => s.merge('Job', 'work', { spec: { suspend: draw(2) === 0 } }),
  (s, draw) => s.delete('Pod', livePod(s, draw)),
  (s, draw) => s.evict(livePod(s, draw)),
  (s, draw) => s.evict(livePod(s, draw)),
  (s, draw) => s.merge('Pod', livePod(s, draw), { status: { phase: 'Failed', reason: 'Evicted' } }, 'status'),
  (s, draw) => s.merge('Pod', livePod(s, draw), { metadata: { labels: { app: 'stray' } } }),
  (s, draw) => s.merge('Node', `node-${draw(NODES)}`, { spec: { unschedulable: pick(draw, [true, null]) } }),
  (s, draw) =>
    s.merge('Node', `node-${draw(NODES)}`, {
      spec: { taints: pick(draw, [null, [{ key: 'k', effect: 'NoExecute' }], [{ key: 'k', effect: 'NoSchedule' }]]) },
    }),
  (s, draw) => s.delete('Node', `node-${draw(NODES)}`),
  (s, draw) => s.node(`node-${draw(NODES + 1)}`),
  (s, draw) => s.stopKubelet(`node-${draw(NODES)}`),
  (s, draw) => s.startKubelet(`node-${draw(NODES)}`),
  (s, draw) => s.merge('PodDisruptionBudget', 'web', { spec: { maxUnavailable: share(draw), minAvailable: null } }),
  (s, draw) => s.merge('Service', 'web', { spec: { selector: { app: pick(draw, ['web', 'db', 'stray']) } } }),
  (s, draw) => s.scale('ReplicaSet', 'rs', draw(7)),
  (s, draw) =>
    s.merge('Pod', livePod(s, draw), {
      metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': String(draw(20) - 10) } },
    }),
  (s, draw) => s.scale('Deployment', 'urgent', draw(4)),
  async (s, draw) => {
    s.process('kube-controller-manager', 'SIGKILL');
    await s.sleep(draw(3000));
    s.process('kube-controller-manager', 'start');
  },
  async (s, draw) => {
    s.process('kube-scheduler', 'SIGSTOP');
    await s.sleep(draw(3000));
    s.process('kube-scheduler', 'SIGCONT');
  },
  async (s, draw) => {
    await s.delete('Job', 'work', { propagationPolicy: pick(draw, ['Foreground', 'Background', 'Orphan']) });
    await s.sleep(200 + draw(1500));
    await s.create(work(draw));
  },
  async (s, draw) => {
    const propagationPolicy = pick(draw, ['Foreground', 'Background', 'Orphan']);
    await s.delete('Deployment', 'web', { propagationPolicy });
    await s.sleep(200 + draw(1500));
    await s.create(web(draw));
  },
  async (s, draw) => {
    await s.delete('StatefulSet', 'db', { propagationPolicy: pick(draw, ['Foreground', 'Background', 'Orphan']) });
    await s.sleep(200 + draw(1500));
    await s.create(db(draw));
  },
];

function web(draw: Draw): Manifest {
  const strategy = pick<Manifest>(draw, [
    { type: 'Recreate' },
    { type: 'RollingUpdate', rollingUpdate: { maxSurge: share(draw), maxUnavailable: share(draw) } },
  ]);
  const spec = { replicas: 2 + draw(7), strategy, minReadySeconds: draw(2), progressDeadlineSeconds: 5 + draw(10) };
  return workload('Deployment', 'web', spec, wishes(draw), { cpu: '300m' });
}

function db(draw: Draw): Manifest {
  const podManagementPolicy = pick(draw, ['Parallel', 'OrderedReady']);
  return workload('StatefulSet', 'db', { replicas: 1 + draw(4), podManagementPolicy }, wishes(draw), { cpu: '500m' });
}

const URGENT: Manifest = { cpu: '1500m', priorityClassName: 'high' };

function work(draw: Draw): Manifest {
  const completionMode = pick(draw, ['Indexed', 'NonIndexed']);
  const spec = { completions: 4 + draw(8), parallelism: 1 + draw(3), completionMode, backoffLimit: draw(4) };
  return job('work', spec, { runFor: '2s', ...(draw(4) === 0 ? { exit: 'error' } : {}) });
}

function wishes(draw: Draw): Record<string, string> {
  return { readyAfter: pick(draw, ['0s', '300ms', '1s']), stopAfter: pick(draw, ['0s', '500ms', '2s']) };
}

function drawn(seed: number): Scenario {
  return {
    name: `drawn-${seed}`,
    about: `drawn from seed ${seed}`,
    leases: true,
    async play(s) {
      const random = Sfc32.named(seedOf(seed), 'recorder', 'scenario');
      const draw: Draw = (below) => random.below(below);
      await s.create(priorityClass('high', 1000));
      await s.equalNodes(NODES, ['a', 'b', 'c'], { cpu: '2' });
      await s.namespace();
      await s.create(service('web', 'web'));
      await s.create(web(draw));
      await s.create(db(draw));
      await s.create(workload('DaemonSet', 'agent', {}, wishes(draw)));
      await s.create(work(draw));
      await s.create(workload('ReplicaSet', 'rs', { replicas: 1 + draw(4) }, wishes(draw)));
      await s.create(workload('Deployment', 'urgent', { replicas: 0 }, wishes(draw), URGENT));
      await s.create(budget('web', 'web', { minAvailable: '50%' }));
      await s.sleep(3000);
      for (let change = 0; change < CHANGES; change++) {
        await pick(draw, CHANGE)(s, draw);
        await s.sleep(pick(draw, [50, 300, 1000, 2500]));
      }
      await s.sleep(9000);
    },
  };
}

export const DRAWN: readonly Scenario[] = Array.from({ length: COUNT }, (_, index) => drawn(index + 1));
