/**
 * Planted bugs of controllers, each in a situation that shows it.
 */
import {
  ALL_API_SERVERS,
  annotated,
  at,
  budget,
  daemonSet,
  deployment,
  drain,
  job,
  type PlantedBug,
  planted,
  pod,
  S,
  scale,
  service,
  setImage,
  slice,
  workload,
} from './situation.ts';

const surge = planted('D1', 'deployment-ignores-max-surge', 1, {
  workload: [deployment(4)],
  operations: [setImage(20)],
});

const unavailable = planted('D2', 'deployment-ignores-max-unavailable', 1, {
  workload: [deployment(4)],
  operations: [setImage(20)],
});

const staleBudget = planted('P1', 'disruption-never-lowers', 3, {
  nodes: 4,
  workload: [deployment(4, { tolerationSeconds: 600 }), budget(3)],
  operations: [drain(5, 'node-2'), drain(110, 'node-1')],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(20), forUs: 150 * S }],
  safetyS: 180,
});

const lateEviction = planted('RS1', 'taint-eviction-keeps-timers', 1, {
  workload: [deployment(3, { tolerationSeconds: 120 })],
  faults: [{ kind: 'kubelet-stop', id: 'f1', target: { node: 'node-0' }, trigger: at(10), forUs: 70 * S }],
  safetyS: 85,
  boundS: 40,
  stableS: 180,
});

const longHistory = planted('D3', 'deployment-keeps-old-replicasets', 1, {
  workload: [workload('Deployment', 2, {}, { revisionHistoryLimit: 1 })],
  operations: [setImage(10, 'app:v2'), setImage(25, 'app:v3'), setImage(40, 'app:v4')],
});

const staleEndpoint = planted('E2', 'endpointslice-keeps-not-ready', 1, {
  workload: [service, ...[1, 2, 3].map((n) => pod(`free-${n}`, { tolerationSeconds: -1 }))],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(30), forUs: null }],
  safetyS: 120,
  heal: [],
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

/** A Deployment is deleted and applied again at once: its ReplicaSet has the same name and another UID. */
const namesake = planted('G2', 'gc-owner-by-name', 3, {
  workload: [deployment(3)],
  operations: [
    { kind: 'delete', atUs: 20 * S, workload: 'Deployment/demo/web' },
    { kind: 'apply', atUs: 20.002 * S, objects: [deployment(3)] },
  ],
});

const hastyEviction = planted('NL3', 'taint-eviction-ignores-toleration-seconds', 1, {
  workload: [deployment(3, { tolerationSeconds: 20 })],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(10), forUs: 100 * S }],
  safetyS: 150,
});

const noGrace = planted('NL1', 'node-lifecycle-no-grace', 1, {
  workload: [deployment(2)],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(10), forUs: 100 * S }],
  safetyS: 150,
});

/** The instance of a node is gone for good, its Node object is not. */
const ghostNode = planted('CC1', 'cloud-keeps-gone-nodes', 1, {
  controlPlane: { cloudControllerManagers: 1 },
  workload: [deployment(3, { tolerationSeconds: 10 })],
  faults: [{ kind: 'instance-removed', id: 'f1', target: { node: 'node-0' }, trigger: at(10), forUs: null }],
  safetyS: 120,
  boundS: 120,
});

/** A quarter of three pods, rounded down, is no room for a rollout; neither may one be missing. */
const noRoom = planted('X1', 'deployment-surge-rounds-down', 1, {
  workload: [deployment(3)],
  operations: [setImage(20)],
});

/** Three of the five nodes of a zone are cut off: a network failure is likelier than three crashes. */
const emptiedZone = planted('NL2', 'node-lifecycle-ignores-zone-state', 2, {
  nodes: 15,
  workload: [deployment(3)],
  faults: ['node-0', 'node-3', 'node-6'].map((node, index) => ({
    kind: 'node-crash' as const,
    id: `f${index + 1}`,
    target: { node },
    trigger: at(10),
    forUs: 180 * S,
  })),
  safetyS: 220,
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

/** Old pods stay although their Deployment was made anew; nothing else looks. */
const leftBehind = planted('X3', 'gc-owner-by-name', 3, {
  workload: [deployment(3)],
  operations: [
    { kind: 'delete', atUs: 20 * S, workload: 'Deployment/demo/web' },
    { kind: 'apply', atUs: 20.002 * S, objects: [deployment(3)] },
  ],
  predicates: ['X1'],
  comparisons: ['X3'],
});

const allAtOnce = planted('SS2', 'statefulset-ignores-order', 1, {
  workload: [workload('StatefulSet', 3, {}, { serviceName: 'web' })],
});

/** Somebody keeps a slice of their own for the Service. */
const foreignSlice = planted('X9', 'endpointslice-takes-foreign-slices', 1, {
  workload: [service, deployment(3), slice],
  operations: [scale(20, 5)],
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

const endlessJob = planted('J2', 'job-ignores-backoff-limit', 1, {
  workload: [annotated(job(1, { backoffLimit: 1 }), { 'seatrial.dev/exit': 'error' })],
  safetyS: 80,
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

/** Its pods need fifteen seconds to end, and the first pass over the namespace comes after five. */
const emptiedLater = planted('N1', 'namespace-ignores-remaining', 1, {
  workload: [deployment(3, { preStopSleepSeconds: 15 })],
  operations: [{ kind: 'delete', atUs: 20 * S, workload: 'Namespace/demo' }],
});

/** A ReplicaSet's controller makes up for each pod that is taken away. */
const filledAgain = planted('N1', 'api.creates-in-ending-namespace', 1, {
  workload: [deployment(3)],
  operations: [{ kind: 'delete', atUs: 20 * S, workload: 'Namespace/demo' }],
});

export const CONTROLLER_BUGS: readonly PlantedBug[] = [
  surge,
  unavailable,
  staleBudget,
  lateEviction,
  longHistory,
  staleEndpoint,
  endlessWrites,
  createdTwice,
  readyFirst,
  idleDeploymentStatus,
  idleReplicaSetStatus,
  namesake,
  hastyEviction,
  noGrace,
  ghostNode,
  noRoom,
  emptiedZone,
  foreignSlice,
  allAtOnce,
  madeTwice,
  leftBehind,
  countedTwice,
  endlessJob,
  allNodesAtOnce,
  rolledOutPaused,
  emptiedLater,
  filledAgain,
];
