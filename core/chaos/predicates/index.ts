/**
 * All predicates, by hand and in the order in which a verdict lists them.
 */
import type { PredicateFactory } from '../predicate.ts';
import { boundOnce } from './bound-once-check.ts';
import { disruptionBudget } from './disruption-budget-check.ts';
import { durableCommits } from './durable-commit-check.ts';
import { endpointsMatch } from './endpoints-match-check.ts';
import { historyLimit } from './history-limit-check.ts';
import { immutableIdentity } from './immutable-identity-check.ts';
import { informersMatch } from './informer-cache-check.ts';
import { kubeletRoom } from './kubelet-room-check.ts';
import { optimisticConcurrency } from './optimistic-concurrency-check.ts';
import { proxyRulesMatch } from './proxy-rules-check.ts';
import { quiescence } from './quiescence-check.ts';
import { surgeBound, unavailableBound } from './rollout-bounds-check.ts';
import { schedulerRoom } from './scheduler-room-check.ts';
import { singleLeader } from './single-leader-check.ts';
import { uniquePodIp } from './unique-pod-ip-check.ts';
import { watchContract } from './watch-contract-check.ts';
import { replicaSetsMatch, workloadsMatch } from './workload-state-check.ts';

/** Checked on every commit or action. */
export const ALWAYS: readonly PredicateFactory[] = [
  durableCommits,
  boundOnce,
  schedulerRoom,
  kubeletRoom,
  surgeBound,
  unavailableBound,
  singleLeader,
  optimisticConcurrency,
  immutableIdentity,
  watchContract,
  uniquePodIp,
  disruptionBudget,
];

/** Asked after the heal point. */
export const LIVENESS: readonly PredicateFactory[] = [
  replicaSetsMatch,
  workloadsMatch,
  historyLimit,
  endpointsMatch,
  proxyRulesMatch,
  informersMatch,
  quiescence,
];

/** Ids of all predicates. */
export function predicateIds(): string[] {
  return PREDICATE_IDS.map(([id]) => id);
}

/** Ids with what must hold, for lists; a test holds them equal to the predicates themselves. */
export const PREDICATE_IDS: readonly (readonly [string, string])[] = [
  ['S3', 'no revision of the store is ever given to another change'],
  ['SC1', 'a pod is bound to a node at most once'],
  ['SC2', 'no scheduler places more on a node than fits in its own view'],
  ['K2', 'each kubelet admits only what fits on its node'],
  ['D1', 'no rollout goes above replicas + maxSurge in the controller’s view'],
  ['D2', 'no rollout takes available pods below replicas − maxUnavailable in the controller’s view'],
  ['LE2', 'no two running instances of a component lead at one time'],
  ['A1', 'a write that names an old resourceVersion is refused'],
  [
    'A4',
    'uid and creation time never change, generations never fall, a deletion is never taken back or given more grace',
  ],
  ['A7', 'watch events are ordered, unique and complete'],
  ['K7', 'no two running pods share an IP address'],
  ['P1', 'evictions never take a disruption budget below its desired healthy pods'],
  ['RS1', 'every ReplicaSet has exactly its wanted live pods, and its status says so'],
  ['X1', 'every declared workload is in its desired state'],
  ['D3', 'a Deployment has pods of its newest revision only, and not more old ReplicaSets than its history limit'],
  ['E2', 'the slices of each service list exactly its ready selected pods, each once'],
  ['KP2', 'the proxy rules of every running, connected node equal the slices'],
  ['I1', 'every synced informer holds exactly what the store holds'],
  ['X2', 'without inputs nothing but heartbeats is written'],
];
