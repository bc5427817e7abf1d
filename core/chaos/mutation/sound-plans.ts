/**
 * Plans without any planted bug, in which rules matter that no switch names: workloads of every kind, and what their users, nodes and servers do to them.
 *
 * A mutation campaign runs them first. Each must pass: an alarm here is a false one, or a rule of the production path that is missing.
 */
import type { KubeObject } from '../../types/object.ts';
import type { Cascade, FaultPlan, Operation, ScenarioPlan } from '../plan.ts';
import {
  ALL_API_SERVERS,
  annotated,
  at,
  budget,
  daemonSet,
  deployment,
  drain,
  job,
  labelledNode,
  labels,
  pod,
  replicaSet,
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

const apply = (atS: number, ...objects: readonly KubeObject[]): Operation => ({
  kind: 'apply',
  atUs: atS * S,
  objects,
});
const remove = (atS: number, object: string, cascade?: Cascade): Operation => ({
  kind: 'delete',
  atUs: atS * S,
  workload: object,
  ...(cascade === undefined ? {} : { cascade }),
});
const image = (atS: number, object: string, name = 'app:v2'): Operation => ({
  kind: 'set-image',
  atUs: atS * S,
  workload: object,
  image: name,
});
const resize = (atS: number, object: string, replicas: number): Operation => ({
  kind: 'scale',
  atUs: atS * S,
  workload: object,
  replicas,
});
/** The object as somebody holds it by a finalizer of theirs, and as they let go of it. */
const held = (object: KubeObject, finalizers: readonly string[] = ['example.com/hold']): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, finalizers },
});
const lag = (latencyUs: number) => ({
  kind: 'watch-lag' as const,
  id: 'lag',
  target: ALL_API_SERVERS,
  latencyUs,
  trigger: at(10),
  forUs: 60 * S,
});
const CONTROLLERS = { component: 'controller-manager', instance: 0 };
/** The controllers' copy of one resource is behind, their other copies are not; null: it stands still. */
const staleCopy = (resource: string, latencyUs: number | null, atS: number, forS: number): FaultPlan => ({
  kind: 'informer-lag',
  id: `stale-${resource}`,
  target: CONTROLLERS,
  resource,
  latencyUs,
  trigger: at(atS),
  forUs: forS * S,
});
const crash = (node: string, atS: number, forS: number) => ({
  kind: 'node-crash' as const,
  id: `crash-${node}`,
  target: { node },
  trigger: at(atS),
  forUs: forS * S,
});

const DATABASE = 'StatefulSet/demo/web';
const database = (replicas: number, more = {}, shape = {}): KubeObject =>
  workload('StatefulSet', replicas, { tolerationSeconds: 20, ...shape }, { serviceName: 'web', ...more });
const tolerant = workload('ReplicaSet', 3, { tolerationSeconds: 10 });
const onPool = (set: KubeObject): KubeObject => {
  const spec = set.spec as { readonly template: { readonly metadata: object; readonly spec: object } };
  const template = { ...spec.template, spec: { ...spec.template.spec, nodeSelector: { pool: 'agents' } } };
  return { ...set, spec: { ...spec, template } } as KubeObject;
};

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
  /** Jobs of several shapes: in turns, by index, failing, suspended, deleted in the middle. */
  'jobs-of-all-shapes': {
    workload: [
      annotated(job(6, { parallelism: 2 }), { 'seatrial.dev/run-for': '6s' }),
      named(
        annotated(job(4, { completionMode: 'Indexed', parallelism: 2 }), { 'seatrial.dev/run-for': '4s' }),
        'indexed',
      ),
      named(annotated(job(1, { backoffLimit: 1 }), { 'seatrial.dev/exit': 'error' }), 'failing'),
      named(annotated(job(3), { 'seatrial.dev/run-for': '90s' }), 'ended'),
      named(annotated(job(3), { 'seatrial.dev/run-for': '300s' }), 'suspended'),
      named(annotated(job(2, { activeDeadlineSeconds: 25 }), { 'seatrial.dev/run-for': '300s' }), 'late'),
      named(annotated(job(5, { parallelism: 2 }), { 'seatrial.dev/run-for': '80s' }), 'shrunk'),
      named(annotated(job(9, { parallelism: 2 }), { 'seatrial.dev/run-for': '6s' }), 'staggered'),
      named(annotated(job(2, { ttlSecondsAfterFinished: 20 }), { 'seatrial.dev/run-for': '70s' }), 'forgotten'),
      { ...service, spec: { selector: labels('sums'), ports: [{ port: 80 }] } } as KubeObject,
    ],
    operations: [
      apply(9, named(job(5, { parallelism: 5 }), 'shrunk')),
      apply(11.5, named(job(9, { parallelism: 3 }), 'staggered')),
      apply(20, named(job(5, { parallelism: 2 }), 'shrunk')),
      remove(30, 'Job/demo/ended'),
      apply(35, named(job(3, { suspend: true }), 'suspended')),
    ],
    faults: [lag(2_500_000)],
    safetyS: 130,
  },
  /** Databases in order: grown, shrunk while one is not ready, moved to a new image behind a partition, with a node lost. */
  'databases-in-order': {
    nodes: 4,
    workload: [database(4, {}, { readyAfterSeconds: 3 }), named(database(3, partition(2)), 'split')],
    operations: [
      resize(40, DATABASE, 6),
      resize(47, DATABASE, 2),
      image(70, 'StatefulSet/demo/split'),
      remove(80, 'Pod/demo/split-0'),
      image(90, DATABASE),
    ],
    faults: [crash('node-1', 100, 60)],
    safetyS: 190,
  },
  /** Nodes change their pool; agents run on one pool only. */
  'agents-of-a-pool': {
    nodes: 4,
    workload: [onPool(daemonSet('agent')), ...['node-0', 'node-1'].map((node) => labelledNode(node, 'agents'))],
    operations: [
      image(25, 'DaemonSet/demo/agent'),
      apply(50, labelledNode('node-1', 'other')),
      apply(60, labelledNode('node-3', 'agents')),
    ],
    faults: [lag(300_000)],
    safetyS: 90,
  },
  /** A rollout that replaces all at once, one that is scaled on its way, one that keeps no history. */
  'rollouts-of-all-kinds': {
    nodes: 5,
    workload: [
      named(workload('Deployment', 3, { preStopSleepSeconds: 8 }, { strategy: { type: 'Recreate' } }), 'recreate'),
      named(workload('Deployment', 8, { readyAfterSeconds: 8 }, { revisionHistoryLimit: 0 }), 'scaled'),
      deployment(4, { readyAfterSeconds: 5 }),
    ],
    operations: [
      image(30, 'Deployment/demo/recreate'),
      image(30, 'Deployment/demo/scaled'),
      resize(34, 'Deployment/demo/scaled', 16),
      resize(42, 'Deployment/demo/scaled', 6),
      setImage(30),
      apply(33, workload('Deployment', 4, { readyAfterSeconds: 5 }, { paused: true, revisionHistoryLimit: 0 })),
      scale(40, 7),
      apply(50, workload('Deployment', 7, { readyAfterSeconds: 5 }, { paused: false })),
      apply(60, { ...workload('Deployment', 7, { readyAfterSeconds: 5 }), status: { replicas: 99 } } as KubeObject),
    ],
    safetyS: 110,
  },
  /** What somebody holds by a finalizer ends late; meanwhile its node is lost and its pods are not made up for. */
  'owners-held-back': {
    workload: [held(tolerant), held(named(database(2), 'held'))],
    operations: [
      remove(20, 'ReplicaSet/demo/web'),
      remove(20, 'StatefulSet/demo/held'),
      remove(90, 'Pod/demo/held-0'),
      apply(130, held(tolerant, []), held(named(database(2), 'held'), [])),
    ],
    faults: [crash('node-0', 30, 90)],
    safetyS: 160,
  },
  /** Pods change hands: two are taken in and let go, one of them is taken in again; then most go while their controller hears of it late. */
  'pods-that-change-hands': {
    workload: [pod('stray'), pod('returning'), replicaSet(3)],
    operations: [
      apply(20, relabelled('stray', 'other'), relabelled('returning', 'other')),
      apply(35, relabelled('returning', 'web')),
      resize(45, 'ReplicaSet/demo/web', 4),
      resize(52, 'ReplicaSet/demo/web', 2),
      resize(53, 'ReplicaSet/demo/web', 1),
    ],
    faults: [staleCopy('pods', 2_500_000, 50, 20)],
    safetyS: 80,
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
      budgetOf('slow', 3),
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
  /** Owners go after what they own, or leave it behind; some of it is taken over. */
  'owners-and-what-they-own': {
    workload: [
      deployment(3, { preStopSleepSeconds: 5 }),
      named(replicaSet(2), 'left'),
      named(database(2), 'kept'),
      named(job(2), 'counted'),
    ],
    operations: [
      remove(70, WEB, 'foreground'),
      remove(70, 'Job/demo/counted', 'foreground'),
      remove(72, 'ReplicaSet/demo/left', 'orphan'),
      remove(74, 'StatefulSet/demo/kept', 'orphan'),
      apply(80, named(database(3), 'kept')),
      apply(84, named(replicaSet(1), 'left')),
    ],
    safetyS: 100,
  },
  /** Two nodes of a database are away for long while it is scaled down to nothing. */
  'databases-left-unready': {
    nodes: 4,
    workload: [database(4, {}, { tolerationSeconds: -1 })],
    operations: [resize(110, DATABASE, 0)],
    faults: [1, 2].map((node) => crash(`node-${node}`, 30, 130)),
    safetyS: 170,
  },
  /** A node is deleted and comes back under its name; the controllers hear of that late. */
  'nodes-made-anew': {
    nodes: 4,
    workload: [deployment(5, { tolerationSeconds: 200 }), daemonSet('agent')],
    operations: [remove(40, 'Node/node-0'), remove(40, 'Node/node-1')],
    faults: [crash('node-0', 20, 50), crash('node-1', 20, 200), staleCopy('nodes', null, 60, 120)],
    safetyS: 230,
  },
  /** A namespace goes with everything in it while a controller changes hands. */
  'namespace-amid-failover': {
    controlPlane: STANDBYS,
    workload: [service, deployment(3, { preStopSleepSeconds: 6 }), database(2), job(2), daemonSet('agent')],
    operations: [setImage(15), remove(20, 'Namespace/demo')],
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

function budgetOf(app: string, minAvailable: number): KubeObject {
  const { metadata, ...rest } = budget(minAvailable);
  const spec = { minAvailable, selector: { matchLabels: labels(app) } };
  return { ...rest, metadata: { ...metadata, name: app }, spec } as KubeObject;
}

function partition(kept: number) {
  return { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: kept } } };
}

function priorityClass(name: string, value: number): KubeObject {
  const metadata = { name };
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata,
    value,
    preemptionPolicy: 'Never',
  } as KubeObject;
}

function important(name: string, priorityClassName: string): KubeObject {
  const object = pod(name, { cpu: '900m' });
  return { ...object, spec: { ...(object.spec as object), priorityClassName } } as KubeObject;
}

/** The pod, which bears the taint of {@link tainted} for some seconds. */
function bearing(object: KubeObject, tolerationSeconds: number): KubeObject {
  const tolerations = [{ key: 'dedicated', operator: 'Exists', effect: 'NoExecute', tolerationSeconds }];
  return { ...object, spec: { ...(object.spec as object), tolerations } } as KubeObject;
}

/** The workload under another name, with labels of its own. */
function named(object: KubeObject, name: string): KubeObject {
  const spec = object.spec as { readonly template: KubeObject; readonly selector?: object };
  const template = { ...spec.template, metadata: { ...spec.template.metadata, labels: labels(name) } };
  const selector = spec.selector === undefined ? {} : { selector: { matchLabels: labels(name) } };
  return { ...object, metadata: { ...object.metadata, name }, spec: { ...spec, ...selector, template } } as KubeObject;
}

function relabelled(name: string, app: string): KubeObject {
  return { ...pod(name), metadata: { name, namespace: 'demo', labels: labels(app) } };
}

/** Each must pass with any seed. */
export const SOUND_PLANS: readonly ScenarioPlan[] = Object.entries(SITUATIONS).map(([name, situation]) =>
  soundPlan(name, situation),
);
