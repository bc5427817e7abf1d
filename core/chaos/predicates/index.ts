/**
 * All predicates, by hand and in the order in which a verdict lists them.
 */
import { Simulation } from '../../sim/simulation.ts';
import type { Judge, PredicateFactory } from '../predicate.ts';
import { World } from '../world.ts';
import { alternatingWriters } from './alternating-writers-check.ts';
import { steadyAutoscalers } from './autoscaler-check.ts';
import { believedBinding } from './believed-binding-check.ts';
import { boundOnce } from './bound-once-check.ts';
import { busyServersHeard } from './busy-server-check.ts';
import { claimsKept } from './claim-identity-check.ts';
import { claimsRetained } from './claim-retention-check.ts';
import { deviceAllocatedOnce, volumeBoundOnce } from './claims-check.ts';
import { allCollected } from './collected-check.ts';
import { collectedOrphans } from './collected-early-check.ts';
import { conditionTimes } from './condition-time-check.ts';
import { conflictStreaks } from './conflict-streak-check.ts';
import { daemonCycles } from './daemon-cycle-check.ts';
import { daemonPods } from './daemon-pods-check.ts';
import { deletionsEnd } from './deletion-end-check.ts';
import { deletionRank } from './deletion-rank-check.ts';
import { disruptionBudget } from './disruption-budget-check.ts';
import { durableCommits } from './durable-commit-check.ts';
import { endpointsRemoved } from './endpoint-removal-check.ts';
import { endpointStates } from './endpoint-state-check.ts';
import { endpointsMatch } from './endpoints-match-check.ts';
import { equalMembers } from './equal-members-check.ts';
import { failingPods } from './failing-pods-check.ts';
import { forwardReads } from './forward-reads-check.ts';
import { freshStoreReads } from './fresh-store-reads-check.ts';
import { generations } from './generation-check.ts';
import { goneInstances } from './gone-instance-check.ts';
import { goodput } from './goodput-check.ts';
import { historyLimit } from './history-limit-check.ts';
import { honestStatus } from './honest-status-check.ts';
import { identityTwins } from './identity-twin-check.ts';
import { immutableIdentity } from './immutable-identity-check.ts';
import { informersMatch } from './informer-cache-check.ts';
import { countedOnce, endedJobs } from './job-count-check.ts';
import { knownOutcome } from './known-outcome-check.ts';
import { kubeletRoom } from './kubelet-room-check.ts';
import { steadyLeader } from './leader-changes-check.ts';
import { leaseHolders } from './lease-holder-check.ts';
import { leasesTaken } from './lease-taken-check.ts';
import { leaseTimes } from './lease-time-check.ts';
import { linearizableStore } from './linearizable-store-check.ts';
import { listStorms } from './list-storm-check.ts';
import { namespacesEnd } from './namespace-end-check.ts';
import { namespacesFurnished } from './namespace-needs-check.ts';
import { nodeGrace } from './node-grace-check.ts';
import { nominationsEnd } from './nomination-check.ts';
import { oneWorker } from './one-worker-check.ts';
import { operatorsThrowNothing } from './operator-check.ts';
import { optimisticConcurrency } from './optimistic-concurrency-check.ts';
import { orderedPods } from './ordered-pods-check.ts';
import { pausedRollout } from './paused-rollout-check.ts';
import { constraintsByHistory, roomByHistory } from './placement-history-check.ts';
import { quarantinedPods } from './pod-collector-check.ts';
import { podStatusesAgree } from './pod-status-check.ts';
import { preemptionVictims } from './preemption-check.ts';
import { proxyRulesMatch } from './proxy-rules-check.ts';
import { queuedOnce } from './queued-once-check.ts';
import { quiescence } from './quiescence-check.ts';
import { readyFloors } from './ready-floor-check.ts';
import { noExecuteHolds, recoveredNodes } from './recovered-node-check.ts';
import { drainsEnd } from './refused-eviction-check.ts';
import { creationsExpected } from './replica-creation-check.ts';
import { requestLines } from './request-line-check.ts';
import { restartRules } from './restart-rules-check.ts';
import { surgeBound, unavailableBound } from './rollout-bounds-check.ts';
import { deadlinesTold } from './rollout-deadline-check.ts';
import { rulesAreStates } from './rule-state-check.ts';
import { choicesAreBest } from './scheduler-choice-check.ts';
import { schedulerConstraints } from './scheduler-constraints-check.ts';
import { schedulerRoom } from './scheduler-room-check.ts';
import { searchRotates } from './search-rotation-check.ts';
import { selectorsMatch } from './selector-match-check.ts';
import { singleLeader } from './single-leader-check.ts';
import { startNeeds } from './start-needs-check.ts';
import { noStarvation } from './starvation-check.ts';
import { statefulIdentities } from './stateful-identity-check.ts';
import { statusesMatch } from './status-check.ts';
import { stopRules } from './stop-rules-check.ts';
import { stoppedTraffic } from './stopped-traffic-check.ts';
import { storeProgresses, watchesKeepUp } from './store-progress-check.ts';
import { storeWatches } from './store-watch-check.ts';
import { surplusRefused } from './surplus-check.ts';
import { tolerationTime } from './toleration-time-check.ts';
import { undisturbedPods } from './undisturbed-pods-check.ts';
import { uniquePodIp } from './unique-pod-ip-check.ts';
import { validObjects } from './valid-objects-check.ts';
import { waitsEnd } from './waiting-ring-check.ts';
import { wastedWrites } from './wasted-writes-check.ts';
import { watchContract } from './watch-contract-check.ts';
import { replicaSetsMatch, workloadsMatch } from './workload-state-check.ts';
import { writerLimits } from './writer-limits-check.ts';
import { zoneEvictions } from './zone-eviction-check.ts';

/** Checked on every commit or action. */
export const ALWAYS: readonly PredicateFactory[] = [
  durableCommits,
  equalMembers,
  linearizableStore,
  freshStoreReads,
  storeWatches,
  leaseTimes,
  steadyLeader,
  boundOnce,
  schedulerRoom,
  schedulerConstraints,
  roomByHistory,
  constraintsByHistory,
  preemptionVictims,
  believedBinding,
  searchRotates,
  choicesAreBest,
  volumeBoundOnce,
  deviceAllocatedOnce,
  restartRules,
  kubeletRoom,
  stopRules,
  honestStatus,
  undisturbedPods,
  podStatusesAgree,
  startNeeds,
  creationsExpected,
  deletionRank,
  identityTwins,
  orderedPods,
  claimsKept,
  surgeBound,
  unavailableBound,
  pausedRollout,
  daemonCycles,
  countedOnce,
  endedJobs,
  leaseHolders,
  singleLeader,
  optimisticConcurrency,
  generations,
  conditionTimes,
  immutableIdentity,
  validObjects,
  watchContract,
  forwardReads,
  requestLines,
  listStorms,
  knownOutcome,
  busyServersHeard,
  uniquePodIp,
  endpointStates,
  endpointsRemoved,
  rulesAreStates,
  stoppedTraffic,
  collectedOrphans,
  quarantinedPods,
  disruptionBudget,
  drainsEnd,
  nodeGrace,
  zoneEvictions,
  tolerationTime,
  wastedWrites,
  alternatingWriters,
  writerLimits,
  conflictStreaks,
  failingPods,
  operatorsThrowNothing,
  steadyAutoscalers,
  readyFloors,
];

/** Asked after the heal point. */
export const LIVENESS: readonly PredicateFactory[] = [
  storeProgresses,
  watchesKeepUp,
  leasesTaken,
  queuedOnce,
  deadlinesTold,
  waitsEnd,
  replicaSetsMatch,
  workloadsMatch,
  selectorsMatch,
  statefulIdentities,
  claimsRetained,
  daemonPods,
  historyLimit,
  endpointsMatch,
  proxyRulesMatch,
  informersMatch,
  recoveredNodes,
  noExecuteHolds,
  nominationsEnd,
  noStarvation,
  surplusRefused,
  oneWorker,
  goneInstances,
  namespacesEnd,
  namespacesFurnished,
  deletionsEnd,
  allCollected,
  goodput,
  statusesMatch,
  quiescence,
];

let listed: readonly (readonly [id: string, about: string])[] | null = null;

/** Ids with what must hold, those of {@link ALWAYS} and {@link LIVENESS} in their order: asked of each predicate itself, made for a run that never begins. */
export function predicateList(): readonly (readonly [id: string, about: string])[] {
  if (listed !== null) return listed;
  const judge: Judge = { sim: new Simulation({ seed: 0 }), world: new World(), calmSinceUs: 0, violate() {} };
  listed = [...ALWAYS, ...LIVENESS].map((make) => {
    const { id, about } = make(judge);
    return [id, about];
  });
  return listed;
}

/** Ids of all predicates. */
export function predicateIds(): string[] {
  return predicateList().map(([id]) => id);
}
