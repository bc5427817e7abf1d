/**
 * Plans without any planted bug, in which rules matter that no switch names: workloads of every kind, and what their users, nodes and servers do to them.
 *
 * A mutation campaign runs them first. Each must pass: an alarm here is a false one, or a rule of the production path that is missing.
 */
import type { ScenarioPlan } from '../plan.ts';
import {
  ALL_API_SERVERS,
  annotated,
  at,
  budget,
  daemonSet,
  deployment,
  drain,
  job,
  pod,
  S,
  type Situation,
  STANDBYS,
  scale,
  service,
  setImage,
  soundPlan,
  tainted,
  WEB,
  workload,
} from './situation.ts';
import { GROUP_SITUATIONS } from './sound-groups.ts';
import { RARE_SITUATIONS } from './sound-rare.ts';
import { SHAPE_SITUATIONS } from './sound-shapes.ts';
import {
  apply,
  bearing,
  budgetOf,
  CONTROLLERS,
  crash,
  database,
  held,
  important,
  lag,
  named,
  priorityClass,
  relabelled,
  remove,
  selecting,
  staleCopy,
} from './sound-steps.ts';
import { USER_SITUATIONS } from './sound-users.ts';
import { WORKLOAD_SITUATIONS } from './sound-workloads.ts';

const SITUATIONS: Readonly<Record<string, Situation>> = {
  /** Bindings are on their way while their pods are deleted, held by somebody, and made anew under the same name. */
  'bindings-too-late': {
    workload: [database(2, { podManagementPolicy: 'Parallel' })],
    operations: [
      apply(20, held(pod('held')), pod('renewed')),
      remove(20.6, 'Pod/demo/held'),
      remove(20.6, 'Pod/demo/renewed'),
      apply(20.62, pod('renewed', { cpu: '200m' })),
      remove(30, 'Pod/demo/web-0'),
      apply(45, held(pod('held'), [])),
    ],
    faults: [
      {
        kind: 'slow-link',
        id: 'f1',
        target: { component: 'scheduler', instance: 0 },
        peer: ALL_API_SERVERS,
        latencyUs: 400_000,
        jitterUs: 0,
        trigger: at(10),
        forUs: 40 * S,
      },
    ],
  },
  /** A node is lost for good with what runs on it, another is set apart, a third comes back. */
  'nodes-that-go': {
    nodes: 7,
    workload: [service, deployment(6, { tolerationSeconds: 15 }), daemonSet('agent')],
    operations: [
      apply(20, tainted('node-4')),
      apply(25, bearing(pod('guest', { nodeName: 'node-4' }), 20)),
      remove(60, 'Node/node-0'),
    ],
    faults: [
      {
        kind: 'partition',
        id: 'cut',
        target: { node: 'node-3' },
        peer: ALL_API_SERVERS,
        trigger: at(30),
        forUs: 70 * S,
      },
      crash('node-0', 30, 200),
      crash('node-1', 30, 60),
      { kind: 'kubelet-stop', id: 'deaf', target: { node: 'node-2' }, trigger: at(30), forUs: 80 * S },
    ],
    safetyS: 160,
    heal: ['crash-node-1', 'deaf', 'cut'],
  },
  /** Drains side by side under a budget that is raised meanwhile, with controllers that are slow to see. */
  'drains-under-a-budget': {
    nodes: 4,
    workload: [service, deployment(6, { preStopSleepSeconds: 4, readyAfterSeconds: 2 }), budget(4)],
    operations: [drain(20, 'node-0'), drain(21, 'node-1'), apply(24, budget(5)), drain(40, 'node-2')],
    faults: [lag(400_000)],
    safetyS: 150,
  },
  /** A budget is raised while nobody observes it; the next drains come while the controllers hear of pods late, and while others are not ready. */
  'budgets-seen-late': {
    nodes: 4,
    workload: [
      deployment(6, { readyAfterSeconds: 2 }),
      budget(4),
      named(workload('Deployment', 4, { readyAfterSeconds: 90 }), 'slow'),
      budgetOf('slow', { minAvailable: 3 }),
    ],
    operations: [
      apply(31, budget(5)),
      drain(32, 'node-0'),
      drain(80, 'node-3'),
      drain(110, 'node-1'),
      drain(110.2, 'node-2'),
    ],
    faults: [
      {
        kind: 'process-crash',
        id: 'f1',
        target: CONTROLLERS,
        trigger: at(30),
        forUs: 20 * S,
      },
      staleCopy('pods', 3_000_000, 105, 60),
    ],
    safetyS: 180,
  },
  /** A node is deleted and comes back under its name; the controllers hear of that late. */
  'nodes-made-anew': {
    nodes: 4,
    workload: [deployment(5, { tolerationSeconds: 200 }), daemonSet('agent')],
    operations: [remove(40, 'Node/node-0'), remove(40, 'Node/node-1')],
    faults: [crash('node-0', 20, 50), crash('node-1', 20, 200), staleCopy('nodes', null, 60, 120)],
    safetyS: 230,
  },
  /** Three of six nodes of a zone are away: they are given up one after the other. */
  'zones-at-their-rate': {
    nodes: 18,
    workload: [deployment(3)],
    faults: ['node-0', 'node-3', 'node-6'].map((node) => crash(node, 10, 130)),
    safetyS: 150,
  },
  /** A Service selects others for a while, and its pods come, go and change while its controller hears of its own slices late. */
  'services-that-change': {
    workload: [service, deployment(3), pod('moved')],
    operations: [
      scale(20, 5),
      apply(20.4, relabelled('moved', 'other')),
      scale(21, 2),
      apply(30, selecting('other')),
      apply(36, selecting('web')),
      apply(40, relabelled('moved', 'web')),
      apply(60, relabelled('moved', 'other')),
    ],
    faults: [staleCopy('endpointslices', 1_500_000, 15, 30)],
  },
  /** A namespace goes with everything in it while a controller changes hands. */
  'namespace-amid-failover': {
    controlPlane: STANDBYS,
    workload: [
      service,
      deployment(3, { preStopSleepSeconds: 6 }),
      database(2),
      job(2),
      daemonSet('agent'),
      held(pod('held')),
    ],
    operations: [setImage(15), remove(20, 'Namespace/demo'), apply(60, held(pod('held'), []))],
    faults: [
      {
        kind: 'process-crash',
        id: 'f1',
        target: { component: 'controller-manager', instance: 'leader' },
        trigger: at(22),
        forUs: 20 * S,
      },
    ],
    safetyS: 90,
  },
  /** Pods of two priorities wait for the same room, and none makes room by preemption. */
  'crowded-by-priority': {
    nodes: 2,
    capacity: { cpu: '1', memory: '8Gi' },
    workload: [priorityClass('high', 1000), deployment(2, { cpu: '900m' })],
    operations: [
      apply(20, important('low-1', ''), important('low-2', '')),
      apply(24, important('high-1', 'high'), important('high-2', 'high')),
      scale(40, 0),
      remove(70, 'Pod/demo/high-1'),
      remove(70, 'Pod/demo/high-2'),
    ],
    safetyS: 90,
  },
  /** Pods that crash over and over, are refused, wait for room, and go before others that matter more. */
  'crowded-and-crashing': {
    nodes: 2,
    capacity: { cpu: '1', memory: '8Gi' },
    workload: [
      named(annotated(deployment(1), { 'seatrial.dev/crash-after': '4s' }), 'crashing'),
      deployment(3, { cpu: '400m' }),
    ],
    operations: [
      scale(15, 6),
      scale(30, 2),
      remove(70, 'Deployment/demo/crashing'),
      remove(75, WEB),
      apply(80, deployment(2)),
    ],
    safetyS: 100,
  },
};

/** Each must pass with any seed. */
export const SOUND_PLANS: readonly ScenarioPlan[] = Object.entries({
  ...WORKLOAD_SITUATIONS,
  ...RARE_SITUATIONS,
  ...GROUP_SITUATIONS,
  ...USER_SITUATIONS,
  ...SHAPE_SITUATIONS,
  ...SITUATIONS,
}).map(([name, situation]) => soundPlan(name, situation));
