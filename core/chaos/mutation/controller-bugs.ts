/**
 * Planted bugs of the other controllers, each in a situation that shows it.
 */
import {
  at,
  budget,
  deployment,
  drain,
  type PlantedBug,
  planted,
  pod,
  S,
  scale,
  service,
  slice,
  statefulSet,
  tainted,
  WEB,
  workload,
} from './situation.ts';
import { apply } from './sound-steps.ts';

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

const staleEndpoint = planted('E2', 'endpointslice-keeps-not-ready', 1, {
  workload: [service, ...[1, 2, 3].map((n) => pod(`free-${n}`, { tolerationSeconds: -1 }))],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(30), forUs: null }],
  safetyS: 120,
  heal: [],
});

/** Pods of a StatefulSet are found by name. */
const namelessEndpoints = planted('E2', 'endpointslice-forgets-hostnames', 1, {
  workload: [service, statefulSet(2)],
  boundS: 60,
});

/** A Service gets a label while its pods stay as they are. */
const staleLabels = planted('E2', 'endpointslice-keeps-labels', 1, {
  workload: [service, deployment(2)],
  operations: [apply(20, { ...service, metadata: { ...service.metadata, labels: { tier: 'front' } } })],
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

/** One more pod is healthy; the budget allows a disruption as before. */
const renewedCondition = planted('A12', 'disruption-renews-condition', 1, {
  workload: [deployment(3), budget(1)],
  operations: [scale(30, 4)],
  predicates: ['A12'],
});

const lostCertificate = planted('N2', 'root-ca-keeps-away', 1, {
  workload: [deployment(1)],
  operations: [{ kind: 'delete', atUs: 20 * S, workload: 'ConfigMap/demo/kube-root-ca.crt' }],
  boundS: 60,
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

/** Four of the five nodes of a zone are cut off: a network failure is likelier than four crashes. */
const emptiedZone = planted('NL2', 'node-lifecycle-ignores-zone-state', 2, {
  nodes: 15,
  workload: [deployment(3)],
  faults: ['node-0', 'node-3', 'node-6', 'node-9'].map((node, index) => ({
    kind: 'node-crash' as const,
    id: `f${index + 1}`,
    target: { node },
    trigger: at(10),
    forUs: 180 * S,
  })),
  safetyS: 220,
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

/** Somebody keeps a slice of their own for the Service. */
const foreignSlice = planted('X9', 'endpointslice-takes-foreign-slices', 1, {
  workload: [service, deployment(3), slice],
  operations: [scale(20, 5)],
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

/** Somebody's finalizer holds a Deployment for twenty seconds after its deletion; until then it has its pods. */
const held = deployment(3);

const collectedEarly = planted('G1', 'gc-ending-is-gone', 1, {
  workload: [{ ...held, metadata: { ...held.metadata, finalizers: ['example.com/hold'] } }],
  operations: [
    { kind: 'delete', atUs: 20 * S, workload: WEB },
    { kind: 'apply', atUs: 40 * S, objects: [{ ...held, metadata: { ...held.metadata, finalizers: [] } }] },
  ],
});

/** The node of a database lives and cannot be heard. */
const secondSelf = planted('SS1', 'taint-eviction-forces-deletion', 1, {
  workload: [workload('StatefulSet', 3, { tolerationSeconds: 20 }, { serviceName: 'web' })],
  faults: [{ kind: 'kubelet-stop', id: 'f1', target: { node: 'node-0' }, trigger: at(20), forUs: 120 * S }],
  safetyS: 160,
});

const keptTaint = planted('NL4', 'node-lifecycle-keeps-taint', 1, {
  workload: [deployment(2, { tolerationSeconds: 20 })],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(10), forUs: 80 * S }],
  safetyS: 110,
  boundS: 40,
  predicates: ['NL4'],
});

/** They go on for fifteen seconds after their deletion, and take no new connections. */
const readyToTheEnd = planted('E1', 'endpointslice-keeps-not-ready', 1, {
  workload: [service, deployment(4, { preStopSleepSeconds: 15 })],
  operations: [scale(20, 2)],
});

/** A node is set apart while nobody controls anything. */
const strangerStays = planted('NL5', 'taint-eviction-misses-old-taints', 1, {
  workload: [deployment(6)],
  operations: [{ kind: 'apply', atUs: 20 * S, objects: [tainted('node-0')] }],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'controller-manager', instance: 0 },
      trigger: at(15),
      forUs: 10 * S,
    },
  ],
  predicates: ['NL5'],
});

/** A node crashes, and somebody deletes its Node. */
const collectedAtOnce = planted('G3', 'pod-gc-no-quarantine', 3, {
  workload: [deployment(3, { tolerationSeconds: 200 })],
  operations: [{ kind: 'delete', atUs: 25 * S, workload: 'Node/node-0' }],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-0' }, trigger: at(20), forUs: 60 * S }],
  safetyS: 100,
});

/** One of the pods is deleted, and nobody makes another one. */
const lateRemoval = planted('E3', 'endpointslice-waits-with-removals', 1, {
  workload: [service, ...[1, 2].map((n) => pod(`free-${n}`, { preStopSleepSeconds: 90, graceSeconds: 100 }))],
  operations: [{ kind: 'delete', atUs: 10 * S, workload: 'Pod/demo/free-1' }],
  safetyS: 120,
});

/** Each eviction has to wait until the pod before it has been made up for. */
const closedBudget = planted('P2', 'disruption-never-raises', 1, {
  nodes: 2,
  workload: [deployment(4), budget(3)],
  operations: [
    { kind: 'drain', atUs: 20 * S, target: { node: 'node-0' }, timeoutUs: 240 * S, uncordon: true },
    { kind: 'drain', atUs: 20 * S, target: { node: 'node-1' }, timeoutUs: 240 * S, uncordon: true },
  ],
  safetyS: 280,
});

export const CONTROLLER_BUGS: readonly PlantedBug[] = [
  staleBudget,
  lateEviction,
  staleEndpoint,
  namelessEndpoints,
  staleLabels,
  namesake,
  hastyEviction,
  renewedCondition,
  lostCertificate,
  noGrace,
  ghostNode,
  emptiedZone,
  foreignSlice,
  leftBehind,
  emptiedLater,
  filledAgain,
  collectedEarly,
  secondSelf,
  keptTaint,
  readyToTheEnd,
  strangerStays,
  collectedAtOnce,
  lateRemoval,
  closedBudget,
];
