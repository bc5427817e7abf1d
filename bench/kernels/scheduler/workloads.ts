/** The kernels of `bench scheduler` that choose one node after the other, with their targets. */
import { DEFAULT_PROFILE } from '../../../core/scheduler/configuration/profile.ts';
import type { Pod } from '../../../core/types/pod.ts';
import {
  ALL_NODES,
  apps,
  HOSTNAME,
  kernelNode,
  kernelPod,
  mixedNode,
  mixedPod,
  podOf,
  related,
  type SchedulerWorkload,
  spreading,
  ZONE,
} from './workload.ts';

const FLEET = { profile: ALL_NODES, nodes: 5000, node: kernelNode, plainPods: 1000 };
const SHAPES = 100;
const APPS = 10;

/** In the order they are shown. */
export const SCHEDULER_WORKLOADS: readonly SchedulerWorkload[] = [
  {
    ...FLEET,
    name: 'equal pods',
    about: 'one shape, all nodes scored',
    target: 3_000_000,
    pods: 50_000,
    kinds: (random) => [kernelPod(0, random)],
  },
  {
    ...FLEET,
    name: 'equal pods, sampled',
    about: 'one shape under kube-default, which looks for 500 feasible nodes',
    target: 3_000_000,
    profile: DEFAULT_PROFILE,
    pods: 50_000,
    kinds: (random) => [kernelPod(0, random)],
  },
  {
    ...FLEET,
    name: 'mix of 100 shapes',
    about:
      '100 shapes in random order on nodes with taints and labels; a third selects, requires or prefers nodes; all nodes scored',
    target: 500_000,
    node: mixedNode,
    pods: 50_000,
    kinds: (random) => Array.from({ length: SHAPES }, (_, i) => mixedPod(i, random)),
  },
  {
    ...FLEET,
    name: 'mix of 100 shapes, sampled',
    about: 'the same under kube-default: the first 500 feasible nodes are scored',
    target: 500_000,
    profile: DEFAULT_PROFILE,
    node: mixedNode,
    pods: 50_000,
    kinds: (random) => Array.from({ length: SHAPES }, (_, i) => mixedPod(i, random)),
  },
  {
    ...FLEET,
    name: 'topology spread, hard',
    about: '10 apps over zones with maxSkew 1, all nodes scored',
    target: 100_000,
    pods: 20_000,
    kinds: () => apps(APPS).map((app) => spreading(app, [[ZONE, 1]], true)),
  },
  {
    ...FLEET,
    name: 'topology spread, soft',
    about: '10 apps over zones and nodes (skews 5 and 3: the system defaults), all nodes scored',
    target: 100_000,
    pods: 20_000,
    kinds: () =>
      apps(APPS).map((app) =>
        spreading(
          app,
          [
            [HOSTNAME, 3],
            [ZONE, 5],
          ],
          false,
        ),
      ),
  },
  {
    ...FLEET,
    name: 'topology spread, both, sampled',
    about: 'hard over nodes and soft over zones under kube-default',
    target: 100_000,
    profile: DEFAULT_PROFILE,
    pods: 20_000,
    kinds: () =>
      apps(APPS).map((app) => {
        const hard = spreading(app, [[HOSTNAME, 1]], true).spec.topologySpreadConstraints ?? [];
        const soft = spreading(app, [[ZONE, 1]], false).spec.topologySpreadConstraints ?? [];
        return podOf(app, app, '100m', '500Mi', { topologySpreadConstraints: [...hard, ...soft] });
      }),
  },
  {
    ...FLEET,
    name: 'required pod anti-affinity',
    about: '10 apps, at most one pod of an app a node, all nodes scored',
    target: 50_000,
    pods: 20_000,
    kinds: () => apps(APPS).map((app) => related(app, HOSTNAME, 'podAntiAffinity')),
  },
  {
    ...FLEET,
    name: 'required pod affinity',
    about: '10 apps, each in one zone, all nodes scored',
    target: 50_000,
    pods: 20_000,
    kinds: () => apps(APPS).map((app) => related(app, ZONE, 'podAffinity')),
  },
  {
    ...FLEET,
    name: 'preemption',
    about: 'a full cluster of 20,000 pods of ten priorities; 4 kinds of more important pods, each has to preempt',
    target: 5_000,
    pods: 2_000,
    plainPods: 50,
    kinds: () => [6, 8, 12, 16].map((cpu) => podOf(`large-${cpu}`, 'large', `${cpu}`, '8Gi', { priority: 1000 })),
    running: (node) => Array.from({ length: 4 }, (_, i) => runningPod(node * 4 + i)),
  },
];

/** A quarter of a node, of one of ten priorities, started at one of a thousand moments. */
function runningPod(index: number): Pod {
  const pod = podOf(`running-${index}`, 'running', '8', '16Gi', { priority: (index * 7) % 10 });
  const startTime = new Date(((index * 37) % 1000) * 1000).toISOString().replace('.000', '');
  return { ...pod, status: { phase: 'Running', startTime } };
}
