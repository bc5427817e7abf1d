/**
 * Status and conditions of a Deployment. Source: Kubernetes 1.34 pkg/controller/deployment/progress.go and sync.go.
 */

import type { Deployment, DeploymentStatus } from '../../types/deployment.ts';
import type { Condition } from '../../types/object.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { formatTime, parseTime } from '../../types/time.ts';
import { orAbsent } from '../absent-count.ts';
import { maxUnavailable, sizeOf, statusSum, totalSize } from './replica-sets.ts';

export const PROGRESSING = 'Progressing';
const AVAILABLE = 'Available';
const REPLICA_FAILURE = 'ReplicaFailure';
export const REASON_TIMED_OUT = 'ProgressDeadlineExceeded';
const REASON_COMPLETE = 'NewReplicaSetAvailable';
const MAX_INT32 = 2147483647;

type Conditions = readonly Condition[];

/** Whether progress is watched at all. */
export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds;
  return seconds !== undefined && seconds !== MAX_INT32;
}

/** A condition as of now, `wallUs` µs. */
export function conditionOf(
  type: string,
  status: Condition['status'],
  reason: string,
  message: string,
  wallUs: number,
): Condition {
  const now = formatTime(wallUs);
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message };
}

/** Puts a condition at the end, unless one of the same status and reason is there. */
export function withCondition(conditions: Conditions, condition: Condition): Conditions {
  const present = findCondition(conditions, condition.type);
  if (present !== undefined && present.status === condition.status && present.reason === condition.reason)
    return conditions;
  const { status, lastTransitionTime } = present ?? condition;
  const next = status === condition.status ? { ...condition, lastTransitionTime } : condition;
  return [...conditions.filter((other) => other.type !== condition.type), next];
}

function without(conditions: Conditions, type: string): Conditions {
  return conditions.some((condition) => condition.type === type)
    ? conditions.filter((condition) => condition.type !== type)
    : conditions;
}

/** The status that the ReplicaSets' statuses add up to, with the condition Available. */
export function calculateStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet | undefined,
  wallUs: number,
): DeploymentStatus {
  const available = statusSum(all, 'availableReplicas');
  const unavailable = Math.max(0, totalSize(all) - available);
  const enough = available >= sizeOf(deployment) - maxUnavailable(deployment);
  const condition = enough
    ? conditionOf(AVAILABLE, 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', wallUs)
    : conditionOf(
        AVAILABLE,
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        wallUs,
      );
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: orAbsent(statusSum(all, 'replicas')),
    updatedReplicas: orAbsent(newReplicaSet?.status?.replicas ?? 0),
    readyReplicas: orAbsent(statusSum(all, 'readyReplicas')),
    availableReplicas: orAbsent(available),
    unavailableReplicas: orAbsent(unavailable),
    conditions: withCondition(deployment.status?.conditions ?? [], condition),
    collisionCount: deployment.status?.collisionCount,
  };
}

/** Whether all pods are of the new template and available, and the controller has seen the present spec. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const replicas = sizeOf(deployment);
  return (
    (status?.updatedReplicas ?? 0) === replicas &&
    (status?.replicas ?? 0) === replicas &&
    (status?.availableReplicas ?? 0) === replicas &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** Whether `next` is further than what the Deployment shows. */
function isProgressing(deployment: Deployment, next: DeploymentStatus): boolean {
  const now = deployment.status ?? {};
  const oldNow = (now.replicas ?? 0) - (now.updatedReplicas ?? 0);
  const oldNext = (next.replicas ?? 0) - (next.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (now.updatedReplicas ?? 0) ||
    oldNext < oldNow ||
    (next.readyReplicas ?? 0) > (now.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (now.availableReplicas ?? 0)
  );
}

/** Wall time at which the progress deadline of a condition passes, µs. */
function deadlineUs(deployment: Deployment, condition: Condition): number {
  return parseTime(condition.lastUpdateTime ?? '') + (deployment.spec.progressDeadlineSeconds ?? 0) * 1_000_000;
}

function hasTimedOut(deployment: Deployment, status: DeploymentStatus, wallUs: number): boolean {
  const condition = findCondition(status.conditions, PROGRESSING);
  if (condition === undefined || condition.reason === REASON_COMPLETE) return false;
  return condition.reason === REASON_TIMED_OUT || deadlineUs(deployment, condition) < wallUs;
}

/** The status of a rollout: with the condition Progressing, and failures of ReplicaSets. */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet | undefined,
  wallUs: number,
): DeploymentStatus {
  const status = calculateStatus(deployment, all, newReplicaSet, wallUs);
  let conditions = status.conditions as Conditions;
  const subject =
    newReplicaSet === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${newReplicaSet.metadata.name}"`;
  const current = findCondition(deployment.status?.conditions, PROGRESSING);
  const done = status.replicas === status.updatedReplicas && current?.reason === REASON_COMPLETE;
  if (!hasProgressDeadline(deployment)) conditions = without(conditions, PROGRESSING);
  else if (!done) {
    if (isComplete(deployment, status)) {
      const message = `${subject} has successfully progressed.`;
      conditions = withCondition(conditions, conditionOf(PROGRESSING, 'True', REASON_COMPLETE, message, wallUs));
    } else if (isProgressing(deployment, status)) {
      const fresh = conditionOf(PROGRESSING, 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, wallUs);
      const since = current?.status === 'True' ? current.lastTransitionTime : fresh.lastTransitionTime;
      conditions = [...without(conditions, PROGRESSING), { ...fresh, lastTransitionTime: since }];
    } else if (hasTimedOut(deployment, status, wallUs)) {
      const message = `${subject} has timed out progressing.`;
      conditions = withCondition(conditions, conditionOf(PROGRESSING, 'False', REASON_TIMED_OUT, message, wallUs));
    }
  }
  const failure = replicaFailure(all, newReplicaSet);
  conditions = failure === undefined ? without(conditions, REPLICA_FAILURE) : withCondition(conditions, failure);
  return { ...status, conditions };
}

/** The failure of the new ReplicaSet, else of any other. */
function replicaFailure(all: readonly ReplicaSet[], newReplicaSet: ReplicaSet | undefined): Condition | undefined {
  const candidates = newReplicaSet === undefined ? all : [newReplicaSet, ...all];
  for (const replicaSet of candidates) {
    const found = findCondition(replicaSet.status?.conditions, REPLICA_FAILURE);
    if (found === undefined) continue;
    const { status, lastTransitionTime, reason, message } = found;
    return {
      type: REPLICA_FAILURE,
      status,
      lastUpdateTime: lastTransitionTime ?? undefined,
      lastTransitionTime,
      reason,
      message,
    };
  }
  return undefined;
}

/**
 * When a Deployment without news must be looked at again for its deadline: µs from `wallUs`, 0 = at once (rate-limited), −1 = never.
 */
export function progressCheckDelayUs(deployment: Deployment, next: DeploymentStatus, wallUs: number): number {
  const current = findCondition(deployment.status?.conditions, PROGRESSING);
  if (!hasProgressDeadline(deployment) || current === undefined) return -1;
  if (isComplete(deployment, next) || current.reason === REASON_TIMED_OUT) return -1;
  const leftUs = deadlineUs(deployment, current) - wallUs;
  return leftUs < 1_000_000 ? 0 : leftUs + 1_000_000;
}
