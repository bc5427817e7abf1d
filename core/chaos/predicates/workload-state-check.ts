/**
 * RS1, X1: every declared workload reaches its desired state and says so.
 *
 * A ReplicaSet has exactly the wanted live pods and its status agrees; a Deployment has only the current template, all of it available; a
 * StatefulSet all ordinals at the current revision; a DaemonSet a ready pod on each eligible node by its own status; a Job has completed or failed,
 * or rests; a disruption budget has observed its spec. What is being deleted, itself or with its namespace, is DL1's and N1's.
 */
import type { DaemonSet } from '../../types/daemon-set.ts';
import type { Deployment } from '../../types/deployment.ts';
import { isJobFinished, isManagedElsewhere, type Job } from '../../types/job.ts';
import type { KubeObject } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition, isConditionTrue, isPodActive } from '../../types/pod-conditions.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import { endingNamespaces } from '../ending.ts';
import { type Judge, keyOf, lacks, type Predicate } from '../predicate.ts';
import { Settled, UNTIL_WORK } from '../settled.ts';
import type { World } from '../world.ts';

/** Live (not ending, not ended) pods by the uid of their controller. */
export function livePodsByOwner(world: World): Map<string, number> {
  const counts = new Map<string, number>();
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (!isPodActive(pod)) continue;
    const owner = controllerOf(pod)?.uid;
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return counts;
}

function podsText(live: number): string {
  return live === 1 ? '1 live pod' : `${live} live pods`;
}

/** Why its pods are not made or deleted, where its status says so. */
function refusalText({ status }: ReplicaSet): string {
  const failure = findCondition(status?.conditions, 'ReplicaFailure');
  return failure === undefined ? '' : `: ${failure.reason}: ${failure.message}`;
}

/** What keeps a ReplicaSet from its desired state, or null. */
function replicaSetLacks(set: ReplicaSet, live: number): string | null {
  const wanted = set.spec.replicas ?? 1;
  const status = set.status;
  if (live !== wanted) return `${podsText(live)}, wants ${wanted}${refusalText(set)}`;
  if ((status?.observedGeneration ?? 0) < (set.metadata.generation ?? 0)) return 'the newest spec is not yet observed';
  if ((status?.replicas ?? 0) !== wanted) return `status says ${status?.replicas ?? 0} replicas, wants ${wanted}`;
  return null;
}

/** What keeps a Deployment from its desired state, or null. */
function deploymentLacks(deployment: Deployment): string | null {
  const wanted = deployment.spec.replicas ?? 1;
  const status = deployment.status ?? {};
  if ((status.observedGeneration ?? 0) < (deployment.metadata.generation ?? 0))
    return 'the newest spec is not yet observed';
  if (deployment.spec.paused === true) return null;
  if ((status.updatedReplicas ?? 0) !== wanted)
    return `${status.updatedReplicas ?? 0} of ${wanted} replicas are updated`;
  if ((status.replicas ?? 0) !== wanted) return `${status.replicas ?? 0} replicas exist, wants ${wanted}`;
  if ((status.availableReplicas ?? 0) !== wanted)
    return `${status.availableReplicas ?? 0} of ${wanted} replicas are available`;
  return null;
}

/** What keeps a StatefulSet from its desired state, or null. */
function statefulSetLacks(set: StatefulSet, live: number): string | null {
  const wanted = set.spec.replicas ?? 1;
  const status = set.status;
  if ((status?.observedGeneration ?? 0) < (set.metadata.generation ?? 0)) return 'the newest spec is not yet observed';
  if (live !== wanted) return `${podsText(live)}, wants ${wanted}`;
  if ((status?.replicas ?? 0) !== wanted) return `${status?.replicas ?? 0} replicas exist, wants ${wanted}`;
  if ((status?.readyReplicas ?? 0) !== wanted) return `${status?.readyReplicas ?? 0} of ${wanted} replicas are ready`;
  const rolling =
    set.spec.updateStrategy?.type !== 'OnDelete' && (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0) === 0;
  if (rolling && status?.currentRevision !== status?.updateRevision) return 'the update revision is not yet current';
  return null;
}

/** What keeps a DaemonSet from its desired state, or null. Misscheduled pods are DS1's: under a NoSchedule taint they stay for good. */
function daemonSetLacks(set: DaemonSet): string | null {
  const status = set.status;
  if ((status?.observedGeneration ?? 0) < (set.metadata.generation ?? 0)) return 'the newest spec is not yet observed';
  const wanted = status?.desiredNumberScheduled ?? 0;
  if ((status?.numberReady ?? 0) !== wanted) return `${status?.numberReady ?? 0} of ${wanted} nodes have a ready pod`;
  if ((status?.updatedNumberScheduled ?? 0) !== wanted && set.spec.updateStrategy?.type !== 'OnDelete') {
    return `${status?.updatedNumberScheduled ?? 0} of ${wanted} nodes have the newest pod`;
  }
  return null;
}

/** What keeps a Job from its end, or null; one that is suspended, and says so, or has parallelism 0 rests without pods, one of another controller is not ours. */
function jobLacks(job: Job, live: number): string | null {
  if (isManagedElsewhere(job)) return null;
  const { completions = 1, parallelism, suspend } = job.spec;
  if (suspend === true && !isJobFinished(job) && !isConditionTrue(job.status?.conditions, 'Suspended'))
    return 'it is suspended, and its status does not say so';
  const rests = suspend === true || (parallelism === 0 && (job.status?.succeeded ?? 0) < completions);
  if (isJobFinished(job) || rests) return live === 0 ? null : `${podsText(live)}, wants none any more`;
  return `neither complete nor failed: ${job.status?.active ?? 0} active, ${job.status?.succeeded ?? 0} succeeded`;
}

/** What keeps a budget from its desired state, or null; one whose pods cannot be counted closes and observes nothing. */
function budgetLacks({ metadata, status }: PodDisruptionBudget): string | null {
  const isFailSafe = findCondition(status?.conditions, 'DisruptionAllowed')?.reason === 'SyncFailed';
  if (isFailSafe || (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)) return null;
  return 'the newest spec is not yet observed';
}

/** Why an object of a workload kind is not in its desired state; null if it is, or if its kind has none. */
export function workloadLacks(object: KubeObject, live: ReadonlyMap<string, number>): string | null {
  switch (object.kind) {
    case 'ReplicaSet':
      return replicaSetLacks(object as ReplicaSet, live.get(object.metadata.uid ?? '') ?? 0);
    case 'Deployment':
      return deploymentLacks(object as Deployment);
    case 'StatefulSet':
      return statefulSetLacks(object as StatefulSet, live.get(object.metadata.uid ?? '') ?? 0);
    case 'DaemonSet':
      return daemonSetLacks(object as DaemonSet);
    case 'Job':
      return jobLacks(object as Job, live.get(object.metadata.uid ?? '') ?? 0);
    case 'PodDisruptionBudget':
      return budgetLacks(object as PodDisruptionBudget);
    default:
      return null;
  }
}

const KINDS = ['ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'PodDisruptionBudget'];

function stateOf(judge: Judge, id: string, about: string, kinds: readonly string[]): Predicate {
  const settled = new Settled(judge, UNTIL_WORK);
  const predicate: Predicate = {
    id,
    about,
    evaluations: 0,
    staysSo: true,
    missing() {
      if (settled.holds) return null;
      const live = livePodsByOwner(judge.world);
      const ending = endingNamespaces(judge.world);
      for (const kind of kinds) {
        for (const object of judge.world.of(kind).values()) {
          const { deletionTimestamp, namespace } = object.metadata;
          if (deletionTimestamp !== undefined || ending.has(namespace ?? '')) continue;
          predicate.evaluations++;
          const lack = workloadLacks(object, live);
          if (lack !== null) return lacks(predicate, kind, object, `${kind} ${keyOf(object)}: ${lack}`);
        }
      }
      settled.held();
      return null;
    },
  };
  return predicate;
}

/** RS1: ReplicaSets alone. */
export const replicaSetsMatch = (judge: Judge): Predicate =>
  stateOf(judge, 'RS1', 'every ReplicaSet has exactly its wanted live pods, and its status says so', ['ReplicaSet']);

/** X1: all workload kinds. */
export const workloadsMatch = (judge: Judge): Predicate =>
  stateOf(judge, 'X1', 'every declared workload is in its desired state', KINDS);
