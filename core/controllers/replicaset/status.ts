/** The status of a ReplicaSet. Source: Kubernetes 1.34 pkg/controller/replicaset/replica_set_utils.go. */
import type { Condition } from '../../types/object.ts';
import { findCondition, removeCondition } from '../../types/pod-conditions.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../../types/replica-set.ts';
import type { StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';

/** Counts of active pods. */
export interface ReplicaCounts {
  readonly replicas: number;
  readonly fullyLabeled: number;
  readonly ready: number;
  readonly available: number;
}

/** The status after a sync that saw `counts` and whose creations or deletions ended with `error`. */
export function nextStatus(
  replicaSet: ReplicaSet,
  counts: ReplicaCounts,
  error: StatusError | null,
  wallUs: number,
): ReplicaSetStatus {
  const conditions = replicaSet.status?.conditions;
  const { replicas, fullyLabeled, ready, available } = counts;
  return {
    replicas,
    fullyLabeledReplicas: fullyLabeled === 0 ? undefined : fullyLabeled,
    readyReplicas: ready === 0 ? undefined : ready,
    availableReplicas: available === 0 ? undefined : available,
    observedGeneration: replicaSet.metadata.generation,
    conditions: nextConditions(conditions, replicas - (replicaSet.spec.replicas ?? 1), error, wallUs),
  };
}

/** Whether writing `next` would change anything. */
export function isStatusCurrent(replicaSet: ReplicaSet, next: ReplicaSetStatus): boolean {
  const now = replicaSet.status;
  return (
    now !== undefined &&
    now.replicas === next.replicas &&
    (now.fullyLabeledReplicas ?? 0) === (next.fullyLabeledReplicas ?? 0) &&
    (now.readyReplicas ?? 0) === (next.readyReplicas ?? 0) &&
    (now.availableReplicas ?? 0) === (next.availableReplicas ?? 0) &&
    now.observedGeneration === replicaSet.metadata.generation &&
    now.conditions === next.conditions
  );
}

/** The very same conditions when nothing changes. */
function nextConditions(
  conditions: readonly Condition[] | undefined,
  difference: number,
  error: StatusError | null,
  wallUs: number,
): readonly Condition[] | undefined {
  const failing = findCondition(conditions, 'ReplicaFailure') !== undefined;
  if (error === null) {
    if (!failing) return conditions;
    const rest = removeCondition(conditions, 'ReplicaFailure');
    return rest.length === 0 ? undefined : rest;
  }
  if (failing) return conditions;
  const condition: Condition = {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: formatTime(wallUs),
    reason: difference < 0 ? 'FailedCreate' : difference > 0 ? 'FailedDelete' : '',
    message: error.message,
  };
  return [...(conditions ?? []), condition];
}
