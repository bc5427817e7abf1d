/**
 * Planted bugs of the controllers of workloads, each in a situation that shows it.
 */
import type { KubeObject } from '../../types/object.ts';
import {
  ALL_API_SERVERS,
  annotated,
  at,
  daemonSet,
  deployment,
  job,
  labels,
  type PlantedBug,
  pinned,
  planted,
  pod,
  replicaSet,
  S,
  scale,
  setImage,
  workload,
} from './situation.ts';
import { apply, failing, lag, marked, restarted, volumeClaim } from './sound-steps.ts';

const surge = planted('D1', 'deployment-ignores-max-surge', 1, {
  workload: [deployment(4)],
  operations: [setImage(20)],
});

const unavailable = planted('D2', 'deployment-ignores-max-unavailable', 1, {
  workload: [deployment(4)],
  operations: [setImage(20)],
});

const longHistory = planted('D3', 'deployment-keeps-old-replicasets', 1, {
  workload: [workload('Deployment', 2, {}, { revisionHistoryLimit: 1 })],
  operations: [setImage(10, 'app:v2'), setImage(25, 'app:v3'), setImage(40, 'app:v4')],
});

const overlooked = planted('D3', 'deployment-overlooks-annotations', 1, {
  workload: [deployment(2)],
  operations: [apply(20, marked(deployment(2), restarted))],
  boundS: 60,
});

const endlessWrites = planted('X2', 'deployment-counts-new-revision', 1, {
  workload: [deployment(2)],
  safetyS: 20,
  boundS: 30,
});

/** The controller's cache is a third of a second behind its own creations. */
const createdTwice = planted('RS2', 'replicaset-ignores-expectations', 3, {
  workload: [deployment(3)],
  operations: [scale(20, 9)],
  faults: [
    { kind: 'watch-lag', id: 'f1', target: ALL_API_SERVERS, latencyUs: 300_000, trigger: at(10), forUs: 60 * S },
  ],
});

/** It finds two pods that match, and its controller's copy is behind its own adoptions. */
const forgottenOrphans = planted('RS2', 'replicaset-forgets-adopted', 1, {
  workload: [pod('first'), pod('second')],
  operations: [apply(20, replicaSet(3))],
  faults: [lag(300_000)],
  predicates: ['RS2'],
});

/** Six pods where three fit: the pending ones go first. */
const readyFirst = planted('RS3', 'replicaset-deletes-ready-first', 3, {
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [deployment(3, { cpu: '600m' })],
  operations: [scale(15, 6), scale(30, 3)],
});

const idleDeploymentStatus = planted('X7', 'deployment-writes-unchanged-status', 1, {
  workload: [deployment(6)],
  operations: [scale(20, 12), setImage(40)],
});

const idleReplicaSetStatus = planted('X7', 'replicaset-writes-unchanged-status', 1, {
  workload: [deployment(6)],
  operations: [scale(20, 12), setImage(40)],
});

/** A quarter of three pods, rounded down, is no room for a rollout; neither may one be missing. */
const noRoom = planted('X1', 'deployment-surge-rounds-down', 1, {
  workload: [deployment(3)],
  operations: [setImage(20)],
});

/** A node is lost while the caches lag: more pods are made than were lost. Nothing else looks. */
const madeTwice = planted('X4', 'replicaset-ignores-expectations', 3, {
  workload: [deployment(6, { tolerationSeconds: 20 })],
  faults: [
    { kind: 'watch-lag', id: 'f1', target: ALL_API_SERVERS, latencyUs: 300_000, trigger: at(90), forUs: 150 * S },
    { kind: 'node-crash', id: 'f2', target: { node: 'node-0' }, trigger: at(100), forUs: 120 * S },
  ],
  safetyS: 260,
  predicates: ['X1'],
  comparisons: ['X4'],
});

const allAtOnce = planted('SS2', 'statefulset-ignores-order', 1, {
  workload: [workload('StatefulSet', 3, {}, { serviceName: 'web' })],
});

const uncountedPods = planted('X12', 'statefulset-forgets-available', 1, {
  workload: [workload('StatefulSet', 2, {}, { serviceName: 'web' })],
  boundS: 60,
});

/** Three pods have ended, and the controller dies when it has written which: its successor finds them with their finalizers. */
const countedTwice = planted('J1', 'job-counts-again', 2, {
  workload: [job(3)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'controller-manager', instance: 0 },
      trigger: { kind: 'object', of: 'Job', change: 'changed', field: 'status.uncountedTerminatedPods.succeeded' },
      forUs: S,
    },
  ],
});

/** It is to end while its pods run. */
const uncountedStopped = planted('J1', 'job-leaves-out-stopped', 1, {
  workload: [annotated(job(3, { activeDeadlineSeconds: 20 }), { 'seatrial.dev/run-for': '90s' })],
  predicates: ['J1'],
});

const endlessJob = planted('J2', 'job-ignores-backoff-limit', 1, {
  workload: [annotated(job(1, { backoffLimit: 1 }), { 'seatrial.dev/exit': 'error' })],
  safetyS: 80,
});

/** It is made wider while two of its pods run. */
const forgottenReady = planted('J1', 'job-forgets-ready', 1, {
  workload: [annotated(job(5, { parallelism: 2 }), { 'seatrial.dev/run-for': '60s' })],
  operations: [apply(40, job(5, { parallelism: 4 }))],
  safetyS: 50,
  predicates: ['J1'],
});

/** It is suspended while its pods run. */
const hiddenSuspension = planted('X1', 'job-hides-suspension', 1, {
  workload: [annotated(job(2), { 'seatrial.dev/run-for': '300s' })],
  operations: [apply(20, job(2, { suspend: true }))],
  safetyS: 40,
});

const AGENT = 'DaemonSet/demo/agent';

const allNodesAtOnce = planted('DS1', 'daemonset-ignores-max-unavailable', 1, {
  nodes: 4,
  workload: [daemonSet('agent')],
  operations: [{ kind: 'set-image', atUs: 20 * S, workload: AGENT, image: 'app:v2' }],
});

/** Its template changes while it is paused. */
const rolledOutPaused = planted('D4', 'deployment-ignores-pause', 1, {
  workload: [deployment(4)],
  operations: [
    { kind: 'apply', atUs: 20 * S, objects: [workload('Deployment', 4, {}, { paused: true })] },
    setImage(25),
    scale(40, 6),
  ],
});

/** A pod that was taken in gets another label. */
const keptPod = planted('RS4', 'replicaset-never-releases', 1, {
  workload: [pod('free-1'), replicaSet(2)],
  operations: [
    {
      kind: 'apply',
      atUs: 20 * S,
      objects: [{ ...pod('free-1'), metadata: { name: 'free-1', namespace: 'demo', labels: labels('other') } }],
    },
  ],
  boundS: 60,
  predicates: ['RS4'],
});

/** The first two pods keep their template; one of them is lost with its node and made anew. */
const newBelowPartition = planted('SS4', 'statefulset-ignores-partition', 1, {
  workload: [
    workload(
      'StatefulSet',
      3,
      { tolerationSeconds: 10 },
      { serviceName: 'web', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
    ),
  ],
  operations: [
    { kind: 'set-image', atUs: 20 * S, workload: 'StatefulSet/demo/web', image: 'app:v2' },
    { kind: 'delete', atUs: 35 * S, workload: 'Pod/demo/web-0' },
  ],
  predicates: ['SS4'],
});

/** Bound without a scheduler to a node that has no room, so that its kubelet refuses it each time. */
const refusedDaemon = planted('DS2', 'daemonset-replaces-at-once', 1, {
  capacity: { cpu: '50m', memory: '8Gi' },
  workload: [pinned(daemonSet('agent'), 'node-0')],
  safetyS: 60,
  predicates: ['DS2'],
});

/** Its pods fit on no node. */
const silentRollout = planted('D5', 'deployment-forgets-deadline', 1, {
  workload: [workload('Deployment', 2, { cpu: '8' }, { progressDeadlineSeconds: 10 })],
  safetyS: 100,
  boundS: 20,
  predicates: ['D5'],
});

const stored = (start: number): KubeObject =>
  workload('StatefulSet', 3, {}, { serviceName: 'web', ordinals: { start }, volumeClaimTemplates: [volumeClaim] });

/** The set moves up by one; then a member that stays is made anew. */
const otherClaims = planted('SS3', 'statefulset-claims-from-zero', 1, {
  workload: [stored(0)],
  operations: [
    { kind: 'apply', atUs: 20 * S, objects: [stored(1)] },
    { kind: 'delete', atUs: 35 * S, workload: 'Pod/demo/web-1' },
  ],
  predicates: ['SS3'],
});

/** The Job waits for its pods, and they wait for the Job. */
const waitingRing = planted('X8', 'job-leaves-ending', 1, {
  workload: [annotated(job(3), { 'seatrial.dev/run-for': '300s' })],
  operations: [{ kind: 'delete', atUs: 19.8 * S, workload: 'Job/demo/sums', cascade: 'foreground' }],
  safetyS: 20,
  boundS: 60,
});

const hastyJob = planted('J2', 'job-forgets-failures', 1, {
  workload: [annotated(job(2, { parallelism: 1, backoffLimit: 3 }), failing)],
});

export const WORKLOAD_BUGS: readonly PlantedBug[] = [
  surge,
  unavailable,
  longHistory,
  overlooked,
  endlessWrites,
  createdTwice,
  forgottenOrphans,
  readyFirst,
  idleDeploymentStatus,
  idleReplicaSetStatus,
  noRoom,
  allAtOnce,
  uncountedPods,
  madeTwice,
  countedTwice,
  uncountedStopped,
  endlessJob,
  forgottenReady,
  hiddenSuspension,
  allNodesAtOnce,
  rolledOutPaused,
  keptPod,
  newBelowPartition,
  refusedDaemon,
  silentRollout,
  otherClaims,
  waitingRing,
  hastyJob,
];
