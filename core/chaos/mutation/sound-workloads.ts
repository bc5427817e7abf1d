/**
 * Sound plans about the controllers of workloads: Jobs, StatefulSets, DaemonSets, Deployments, ReplicaSets, and who owns what.
 */
import type { KubeObject } from '../../types/object.ts';
import {
  annotated,
  daemonSet,
  deployment,
  job,
  labelledNode,
  labels,
  pod,
  replicaSet,
  type Situation,
  scale,
  service,
  setImage,
  WEB,
  workload,
} from './situation.ts';
import {
  apply,
  crash,
  DATABASE,
  database,
  held,
  image,
  lag,
  named,
  onFailure,
  onPool,
  partition,
  relabelled,
  remove,
  resize,
  staleCopy,
  surging,
  tolerant,
  volumeClaim,
} from './sound-steps.ts';

export const WORKLOAD_SITUATIONS: Readonly<Record<string, Situation>> = {
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
      named(annotated(job(2, { ttlSecondsAfterFinished: 5 }), { 'seatrial.dev/run-for': '70s' }), 'forgotten'),
      onFailure(named(annotated(job(1, { backoffLimit: 2 }), { 'seatrial.dev/exit': 'error' }), 'retrying')),
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
    workload: [
      database(4, {}, { readyAfterSeconds: 3 }),
      named(database(3, { ...partition(2), revisionHistoryLimit: 0 }), 'split'),
    ],
    operations: [
      resize(40, DATABASE, 6),
      resize(47, DATABASE, 2),
      image(60, 'StatefulSet/demo/split', 'app:v3'),
      image(70, 'StatefulSet/demo/split'),
      remove(80, 'Pod/demo/split-0'),
      image(90, DATABASE),
    ],
    faults: [crash('node-1', 100, 60)],
    safetyS: 190,
  },
  /** Databases that are replaced by hand, count as there only after a while, keep volumes, and are refused by the node of their choice. */
  'databases-of-all-shapes': {
    nodes: 3,
    capacity: { cpu: '1', memory: '8Gi' },
    workload: [
      pod('in-the-way', { cpu: '800m', nodeName: 'node-0' }),
      named(database(1, {}, { cpu: '300m', nodeName: 'node-0' }), 'refused'),
      named(database(2, { updateStrategy: { type: 'OnDelete' } }), 'by-hand'),
      named(daemonSet('agent', { cpu: '300m', nodeName: 'node-0' }), 'pinned'),
      named(database(2, { minReadySeconds: 6, volumeClaimTemplates: [volumeClaim] }), 'patient'),
      named(database(3, { podManagementPolicy: 'Parallel' }, { readyAfterSeconds: 3 }), 'parallel'),
    ],
    operations: [
      remove(1.5, 'Pod/demo/in-the-way'),
      image(20, 'StatefulSet/demo/by-hand'),
      image(25, 'StatefulSet/demo/parallel'),
      remove(40, 'Pod/demo/by-hand-1'),
      resize(45, 'StatefulSet/demo/patient', 3),
    ],
    safetyS: 80,
  },
  /** Nodes change their pool; agents run on one pool only. */
  'agents-of-a-pool': {
    nodes: 4,
    workload: [onPool(daemonSet('agent')), ...['node-0', 'node-1'].map((node) => labelledNode(node, 'agents'))],
    operations: [
      image(25, 'DaemonSet/demo/agent'),
      apply(50, labelledNode('node-1', 'other')),
      apply(60, labelledNode('node-3', 'agents')),
      apply(60.5, labelledNode('node-2', 'agents')),
      apply(72, relabelled('by-hand', 'agent', { nodeName: 'node-0' })),
    ],
    faults: [lag(300_000), staleCopy('pods', 1_500_000, 55, 15)],
    safetyS: 90,
  },
  /** Agents that surge, one that somebody made by hand, one that waits for a node without room until that is deleted. */
  'agents-of-all-shapes': {
    nodes: 4,
    capacity: { cpu: '1', memory: '8Gi' },
    workload: [
      pod('in-the-way', { cpu: '950m', nodeName: 'node-2' }),
      surging(daemonSet('agent', { readyAfterSeconds: 2 })),
    ],
    operations: [
      image(25, 'DaemonSet/demo/agent'),
      apply(45, relabelled('by-hand', 'agent', { nodeName: 'node-0' })),
      remove(50, 'Node/node-2'),
    ],
    safetyS: 80,
  },
  /** A rollout that replaces all at once, one that is scaled on its way, one that keeps no history. */
  'rollouts-of-all-kinds': {
    nodes: 5,
    workload: [
      named(workload('Deployment', 3, { preStopSleepSeconds: 8 }, { strategy: { type: 'Recreate' } }), 'recreate'),
      named(workload('Deployment', 8, { readyAfterSeconds: 8 }, { revisionHistoryLimit: 0 }), 'scaled'),
      deployment(4, { readyAfterSeconds: 5 }),
      named(annotated(deployment(4), { 'seatrial.dev/never-ready': 'true' }), 'mended'),
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
      apply(62, named(annotated(deployment(4), { 'seatrial.dev/never-ready': 'false' }), 'mended')),
    ],
    safetyS: 110,
  },
  /** What somebody holds by a finalizer ends late; meanwhile its node is lost, its pods are not made up for, and its template changes in vain. */
  'owners-held-back': {
    workload: [held(tolerant), held(named(database(2), 'held')), held(named(deployment(2), 'rolled'))],
    operations: [
      remove(20, 'ReplicaSet/demo/web'),
      remove(20, 'StatefulSet/demo/held'),
      remove(20, 'Deployment/demo/rolled'),
      image(25, 'Deployment/demo/rolled'),
      remove(90, 'Pod/demo/held-0'),
      apply(
        130,
        ...[tolerant, named(database(2), 'held'), named(deployment(2), 'rolled')].map((each) => held(each, [])),
      ),
    ],
    faults: [crash('node-0', 30, 90)],
    safetyS: 160,
  },
  /** An owner's controller hears minutes later that it is being deleted; pods come that it would have taken. */
  'owners-that-are-believed-to-live': {
    workload: [held(tolerant)],
    operations: [remove(20, 'ReplicaSet/demo/web'), apply(150, pod('stray')), apply(165, held(tolerant, []))],
    faults: [staleCopy('replicasets', null, 15, 145)],
    safetyS: 180,
  },
  /**
   * Pods change hands: two are taken in and let go, one of them is taken in again; then most go while their controller hears of it late. What nobody
   * owns comes to owners that nothing else wakes, as a new pod and as one that changes its labels.
   */
  'pods-that-change-hands': {
    workload: [
      pod('stray'),
      pod('returning'),
      relabelled('changing', 'nobody'),
      replicaSet(3),
      named(replicaSet(2), 'at-rest'),
      named(replicaSet(2), 'resting'),
      named(database(1), 'kept'),
      daemonSet('agent'),
    ],
    operations: [
      apply(20, relabelled('stray', 'other'), relabelled('returning', 'other')),
      apply(35, relabelled('returning', 'web')),
      resize(45, 'ReplicaSet/demo/web', 4),
      resize(52, 'ReplicaSet/demo/web', 2),
      resize(53, 'ReplicaSet/demo/web', 1),
      apply(78, relabelled('found', 'at-rest'), relabelled('changing', 'resting')),
      apply(78, relabelled('kept-3', 'kept'), relabelled('by-hand', 'agent', { nodeName: 'node-0' })),
    ],
    faults: [staleCopy('pods', 2_500_000, 50, 20)],
    safetyS: 80,
  },
  /** Owners go after what they own, or leave it behind; some of it is taken over. */
  'owners-and-what-they-own': {
    workload: [
      deployment(3, { preStopSleepSeconds: 5 }),
      named(replicaSet(2), 'left'),
      named(database(2), 'kept'),
      named(job(2), 'counted'),
      daemonSet('agent', { preStopSleepSeconds: 5 }),
    ],
    operations: [
      remove(70, WEB, 'foreground'),
      remove(70, 'Job/demo/counted', 'foreground'),
      remove(70, 'DaemonSet/demo/agent', 'foreground'),
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
};
