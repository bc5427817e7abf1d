/**
 * Planted bugs of the scheduler, each in a situation that shows it.
 */
import type { KubeObject } from '../../types/object.ts';
import {
  ALL_API_SERVERS,
  at,
  deployment,
  labelledNode,
  type PlantedBug,
  planted,
  pod,
  S,
  scale,
  WEB,
  withSpec,
} from './situation.ts';

const crowdedNode = planted('SC2', 'scheduler.ignores-assumed', 3, {
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [deployment(3, { cpu: '600m' })],
});

/** The answers to bindings are lost while the scheduler's watch stands still: it cannot know where its pods are. */
const wrongBelief = planted('SC8', 'scheduler.binds-again', 6, {
  workload: [deployment(6)],
  faults: [
    {
      kind: 'lost-replies',
      id: 'f1',
      target: { component: 'scheduler', instance: 0 },
      trigger: { kind: 'task', label: 'binding' },
      forUs: S,
    },
    {
      kind: 'watch-lag',
      id: 'f2',
      target: ALL_API_SERVERS,
      latencyUs: null,
      trigger: { kind: 'task', label: 'binding' },
      forUs: 70 * S,
    },
  ],
  safetyS: 150,
});

/** A lost node keeps its taints while the workload grows. */
const taintedNode = planted('SC3', 'scheduler.ignores-taints', 3, {
  workload: [deployment(3)],
  faults: [{ kind: 'node-crash', id: 'f1', target: { node: 'node-1' }, trigger: at(5), forUs: 90 * S }],
  operations: [scale(80, 12)],
  safetyS: 110,
  consequences: ["SC3'"],
});

/** A pod that stays off nodes that are in a pool. */
function withoutPool(name: string): KubeObject {
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'pool', operator: 'DoesNotExist' }] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
  return withSpec(pod(name), { affinity });
}

function priorityClass(name: string, value: number): KubeObject {
  return { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value } as KubeObject;
}

/** A pod that needs nearly a whole small node. */
function important(name: string, priorityClassName: string): KubeObject {
  return withSpec(pod(name, { cpu: '900m', preStopSleepSeconds: 15, graceSeconds: 30 }), { priorityClassName });
}

const lowest = priorityClass('lowest', 10);
const middle = priorityClass('middle', 100);
const highest = priorityClass('highest', 1000);

/** One node with room for one pod: a second one of the same importance has to wait, a more important one need not. */
const equalVictim = planted('SC4', 'scheduler.preempts-equals', 2, {
  nodes: 1,
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [lowest, middle, important('first', 'lowest')],
  operations: [
    { kind: 'apply', atUs: 20 * S, objects: [important('second', 'lowest')] },
    { kind: 'apply', atUs: 30 * S, objects: [important('third', 'middle')] },
  ],
});

/** The node that one pod has made room on is taken by a more important one: the first must not wait for it for ever. */
const keptNomination = planted('SC5', 'scheduler.keeps-nominations', 2, {
  nodes: 1,
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [lowest, middle, highest, important('first', 'lowest')],
  operations: [
    { kind: 'apply', atUs: 20 * S, objects: [important('second', 'middle')] },
    { kind: 'apply', atUs: 30 * S, objects: [important('third', 'highest')] },
  ],
});

/** Room comes when a pod is deleted; the pod that waits for it must hear of that. */
const deafPod = planted('SC6', 'scheduler.sleeps-through-events', 2, {
  nodes: 1,
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [deployment(1, { cpu: '900m' })],
  operations: [
    { kind: 'apply', atUs: 20 * S, objects: [pod('waiting', { cpu: '900m' })] },
    { kind: 'delete', atUs: 30 * S, workload: WEB },
  ],
  boundS: 60,
});

/** The API server dies while a binding is on its way: the pod has no node and must be tried again. */
const droppedPod = planted('SC7', 'scheduler.drops-failed-bindings', 4, {
  workload: [deployment(3)],
  faults: [
    {
      kind: 'process-crash',
      id: 'f1',
      target: { component: 'apiserver', instance: 0 },
      trigger: { kind: 'task', label: 'binding' },
      forUs: 5 * S,
    },
  ],
  boundS: 60,
});

/** More nodes than a sample needs: a search that always begins at the first one never comes to the last. */
const stuckSearch = planted('SC10', 'scheduler.searches-from-start', 2, { nodes: 120, workload: [deployment(4)] });

const firstNode = planted('SC12', 'scheduler.takes-first', 1, { workload: [deployment(4)] });

/** Somebody puts pods on a node by hand. */
const uncountedPod = planted("SC2'", 'scheduler.counts-own-pods', 1, {
  nodes: 2,
  capacity: { cpu: '1', memory: '8Gi' },
  workload: [0, 1].map((n) => pod(`pinned-${n}`, { cpu: '600m', nodeName: `node-${n}` })),
  operations: [
    { kind: 'apply', atUs: 10 * S, objects: [pod('small', { cpu: '100m' })] },
    { kind: 'apply', atUs: 20 * S, objects: [pod('large', { cpu: '600m' })] },
  ],
  safetyS: 30,
  predicates: ["SC2'"],
});

/** The only node gets a label that one pod does not want on its node. */
const oldLabels = planted("SC3'", 'scheduler.misses-labels', 1, {
  nodes: 1,
  workload: [withoutPool('first')],
  operations: [
    { kind: 'apply', atUs: 15 * S, objects: [labelledNode('node-0', 'new')] },
    { kind: 'apply', atUs: 20 * S, objects: [withoutPool('second')] },
  ],
  safetyS: 30,
  predicates: ["SC3'"],
});

export const SCHEDULER_BUGS: readonly PlantedBug[] = [
  crowdedNode,
  taintedNode,
  equalVictim,
  keptNomination,
  deafPod,
  wrongBelief,
  droppedPod,
  stuckSearch,
  firstNode,
  uncountedPod,
  oldLabels,
];
