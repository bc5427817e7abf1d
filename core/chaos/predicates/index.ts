/**
 * All predicates, by hand and in the order in which a verdict lists them.
 */
import type { PredicateFactory } from '../predicate.ts';
import { alternatingWriters } from './alternating-writers-check.ts';
import { steadyAutoscalers } from './autoscaler-check.ts';
import { believedBinding } from './believed-binding-check.ts';
import { boundOnce } from './bound-once-check.ts';
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

/** Ids of all predicates. */
export function predicateIds(): string[] {
  return PREDICATE_IDS.map(([id]) => id);
}

/** Ids with what must hold, those of {@link ALWAYS} and {@link LIVENESS} in their order; a test holds them equal to the predicates themselves. */
export const PREDICATE_IDS: readonly (readonly [string, string])[] = [
  ['S3', 'no revision of the store is ever given to another change'],
  ['S4', 'store members with equal applied index hold the same state'],
  ['S5', 'the answers of the store to the API servers have an order that one copy of each key explains'],
  ['S6', 'a linearizable read of the store sees every write acknowledged before it came'],
  [
    'S7',
    'the watch that feeds an API server shows each committed change (Events apart) once, in order, with whole revisions and what was before',
  ],
  ['S10', 'no lease of the store is revoked before its time is over, of which a new leader gives it all again'],
  ['S14', 'the store has no more than 10 new leaders within a minute'],
  ['SC1', 'a pod is bound to a node at most once'],
  ['SC2', 'no scheduler places more on a node than fits in its own view'],
  ['SC3', 'no scheduler chooses a node that its own view forbids the pod'],
  ["SC2'", 'no binding takes more than a node has by what its scheduler had been told'],
  ["SC3'", 'no binding is against a constraint by what its scheduler had been told'],
  ['SC4', 'preemption takes pods of lower priority only'],
  ['SC8', 'a pod that a scheduler counts as bound is on that node'],
  ['SC10', 'each search is for the most important pod that waits, and begins where the scheduler’s last one ended'],
  ['PV1', 'no volume is bound to two claims'],
  ['DR1', 'no device is allocated to two claims'],
  ['K1', 'a kubelet runs only pods of its node, none that it has reported as ended, and restarts keep their back-off'],
  ['K2', 'each kubelet admits only what fits on its node'],
  [
    'K3',
    'no pod is removed before its containers have stopped, unless by force, and these stop after their preStop hook',
  ],
  ['K4', 'no pod is reported Ready before its readiness can have succeeded, and an ended pod stays ended'],
  ['K6', 'kubelets stop only what is being deleted, gone or failed, and nothing because they are cut off'],
  ['K8', 'the parts of a pod’s status agree, and it ends only where its restart policy lets it'],
  ['K9', 'a kubelet starts only pods that have what they need, and none that it has read to be deleted'],
  [
    'RS2',
    'no controller creates or deletes pods for an owner that ends, or before it has seen its last ones come and go',
  ],
  ['RS3', 'scaling down deletes no ready pod while one that is not ready stays'],
  ['SS1', 'no two pods of one name of a StatefulSet run at one time'],
  ['SS2', 'a StatefulSet creates, deletes and replaces pods in their order, unless it is Parallel'],
  ['SS3', 'a member of a StatefulSet has the same claims each time, and these are deleted by users and policies only'],
  ['D1', 'no rollout goes above replicas + maxSurge in the controller’s view'],
  ['D2', 'no rollout takes available pods below replicas − maxUnavailable in the controller’s view'],
  [
    'D4',
    'a Deployment that is paused or ends rolls nothing out, and scaling amid a rollout is shared out in proportion',
  ],
  ['DS2', 'no daemon pod is made and deleted on one node over and over'],
  [
    'J1',
    'no Job counts more pods that succeeded or failed than have, or fewer that are ready, or is Complete with fewer than it wants',
  ],
  [
    'J2',
    'no Job ends before its pods, or gets some after its end, too many failures, or beyond what it wants at a time',
  ],
  ['LE1', 'a lease passes to another holder only when it was released or has run out, and counts its transitions'],
  ['LE2', 'no two running instances of a component lead at one time'],
  ['A1', 'a write that names an old resourceVersion or another uid is refused'],
  ['A3', 'status writes leave the spec and others the status, and a new spec is a new generation'],
  ['A12', 'a condition that stays as it is keeps the time since which it is so'],
  [
    'A4',
    'uid and creation time never change, generations never fall, a deletion is never taken back, given more grace or done before its finalizers',
  ],
  ['A5', 'no object is stored that validation or admission forbids'],
  ['A7', 'watch events are ordered, unique and complete'],
  ['A9', 'no informer goes back to an older revision than it has held'],
  ['A10', 'no API server serves more requests at once than it has seats, and the lines for them move'],
  ['I3', 'no API server reads all of a kind (Events apart) from the store more than 10 times a minute'],
  ['A11', 'no write that the store took is reported to its client as refused, and no deletion as done that is not'],
  ['K7', 'no two running pods share an IP address'],
  ['E1', 'every endpoint has an address of its own pod, and none is ready whose pod is being deleted'],
  ['E3', 'no pod is a ready endpoint a minute after it is not ready or is being deleted'],
  ['KP1', 'the proxy rules of a node are the slices of one revision, which never goes back'],
  ['KP3', 'no node sends to the address of a pod that stopped more than a minute ago'],
  ['G1', 'the garbage collector deletes nothing that has an owner which stays, and no owner before what blocks it'],
  ['G3', 'no pod is collected before its Node has been gone for 40 s, or is out of service'],
  ['P1', 'evictions never take a disruption budget below its desired healthy pods'],
  ['P2', 'no eviction is refused for minutes by a budget with healthy pods to spare'],
  ['NL1', 'no node is given up before its last heartbeat is older than the grace period'],
  [
    'NL2',
    'no node is given up in a small zone of which most nodes are away, nor when all zones are, nor three at once',
  ],
  ['NL3', 'no pod is evicted by a taint before its toleration is over'],
  [
    'X7',
    'no process sends more than 10 writes a minute of one kind that change nothing, or 100 to one object that are refused',
  ],
  ['X5', 'no two writers change a field to and fro'],
  ['X9', 'no component changes or deletes what is not its own'],
  [
    'X11',
    'no writer meets more than 40 conflicts in a row on one object, and two for each change but heartbeats meanwhile',
  ],
  ['RS5', 'no owner has more than 60 pods a minute fail and be replaced'],
  ['OP1', 'no reconciler of a user throws or runs without an end'],
  [
    'H2',
    'under constant load an autoscaler gives back at most a quarter of what it reached, and turns at most twice an hour',
  ],
  ['AV1', 'a workload has never fewer ready pods than it names (seatrial.dev/min-ready), once it has had so many'],
  ['S13', 'an undisturbed store takes writes'],
  ['S15', 'every API server’s watch of an undisturbed store is given what was committed 5 s before'],
  ['LE3', 'a component of which an instance runs has a leader that renews its lease'],
  ['SC7', 'every pending pod is in the scheduler’s queue or on its way to a node'],
  ['D5', 'a rollout that makes no progress says so when its deadline has passed'],
  ['X8', 'no objects that are being deleted wait for each other in a ring'],
  ['RS1', 'every ReplicaSet has exactly its wanted live pods, and its status says so'],
  ['X1', 'every declared workload is in its desired state'],
  [
    'RS4',
    'nothing has two controllers or one that has ended, and ReplicaSets let go of pods that do not match and adopt those that do',
  ],
  ['SS4', 'a StatefulSet has each of its ordinals and no other, at the revision that its partition gives them'],
  ['SS5', 'the claims of a StatefulSet belong to whom its retention policy says'],
  ['DS1', 'a DaemonSet has one pod on each node where it belongs and none elsewhere, and keeps to its maxUnavailable'],
  ['D3', 'a Deployment has pods of its newest revision only, and not more old ReplicaSets than its history limit'],
  ['E2', 'the slices of each service list exactly its selected pods, each once and as it is'],
  ['KP2', 'the proxy rules of every running, connected node equal the slices'],
  ['I1', 'every synced informer holds exactly what the store holds'],
  ['NL4', 'every node that runs and is connected is Ready and untainted, and no pod is Ready on one that is not'],
  ['NL5', 'no live pod stays on a node with a NoExecute taint that it does not tolerate, or no longer'],
  ['SC5', 'no pod waits for a nominated node for ever'],
  ['SC6', 'no pod stays pending for which a node has room'],
  ['SC9', 'no node is left with more pods than fit: its kubelet refuses the surplus'],
  ['I2', 'no key is worked on by two workers at once, and one that is added meanwhile runs once more'],
  ['CC1', 'no Node stays when its instance is gone for good'],
  ['N1', 'a namespace that is being deleted takes no new objects, and is removed when it is empty, not before'],
  ['N2', 'every namespace that stays has its default service account and the certificate of the cluster'],
  ['DL1', 'every object that is being deleted goes'],
  ['G2', 'no object stays whose owners have all gone'],
  ['X6', 'when faults are gone no client sends requests that are lost each time'],
  ['X12', 'the status of a workload or budget counts the pods that are there'],
  ['X2', 'without inputs nothing but heartbeats is written'],
];
