/**
 * Planted bugs of controllers, each in a situation that shows it.
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
  service,
  setImage,
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

export const CONTROLLER_BUGS: readonly PlantedBug[] = [
  surge,
  unavailable,
  staleBudget,
  lateEviction,
  longHistory,
  staleEndpoint,
  endlessWrites,
];
