/** States of a StatefulSet's pods and the counts of its status. Source: Kubernetes 1.34 stateful_set_control.go, stateful_set_utils.go. */

import { isTerminating } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodAvailable, isPodReady } from '../../types/pod-conditions.ts';
import type { StatefulSet, StatefulSetStatus } from '../../types/stateful-set.ts';
import { orAbsent } from '../absent-count.ts';
import { revisionOfPod } from './identity.ts';

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod);
}

/** Not available, or on its way out. */
export function isUnavailable(pod: Pod, minReadySeconds: number, wallUs: number): boolean {
  return isTerminating(pod) || !isPodAvailable(pod, minReadySeconds, wallUs);
}

/** What a StatefulSet's status counts. */
export interface ReplicaTally {
  replicas: number;
  ready: number;
  available: number;
  current: number;
  updated: number;
}

/** Counts pods that exist; `current` and `updated` are the names of the two revisions. */
export function tally(
  pods: readonly (Pod | undefined)[],
  current: string,
  updated: string,
  minReadySeconds: number,
  wallUs: number,
): ReplicaTally {
  const counts: ReplicaTally = { replicas: 0, ready: 0, available: 0, current: 0, updated: 0 };
  for (const pod of pods) {
    if (pod === undefined || (pod.status?.phase ?? '') === '') continue;
    counts.replicas++;
    if (isRunningAndReady(pod)) {
      counts.ready++;
      if (isPodAvailable(pod, minReadySeconds, wallUs)) counts.available++;
    }
    if (isTerminating(pod)) continue;
    const revision = revisionOfPod(pod);
    if (revision === current) counts.current++;
    if (revision === updated) counts.updated++;
  }
  return counts;
}

/** The status for these counts; a finished rolling update makes the update revision the current one. */
export function statusOf(
  set: StatefulSet,
  counts: ReplicaTally,
  currentRevision: string,
  updateRevision: string,
  collisionCount: number,
): StatefulSetStatus {
  const replicas = set.spec.replicas ?? 1;
  const rolling = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  const done = rolling && counts.updated === replicas && counts.ready === replicas && counts.replicas === replicas;
  return {
    observedGeneration: set.metadata.generation,
    replicas: counts.replicas,
    readyReplicas: orAbsent(counts.ready),
    currentReplicas: orAbsent(done ? counts.updated : counts.current),
    updatedReplicas: orAbsent(counts.updated),
    currentRevision: done ? updateRevision : currentRevision,
    updateRevision,
    collisionCount,
    conditions: set.status?.conditions,
    availableReplicas: counts.available,
  };
}

/** Whether the set shows this status already; collisions alone are not written. */
export function isStatusCurrent({ status: shown }: StatefulSet, next: StatefulSetStatus): boolean {
  return (
    (next.observedGeneration ?? 0) <= (shown?.observedGeneration ?? 0) &&
    next.replicas === (shown?.replicas ?? 0) &&
    (next.currentReplicas ?? 0) === (shown?.currentReplicas ?? 0) &&
    (next.readyReplicas ?? 0) === (shown?.readyReplicas ?? 0) &&
    (next.updatedReplicas ?? 0) === (shown?.updatedReplicas ?? 0) &&
    next.availableReplicas === (shown?.availableReplicas ?? 0) &&
    next.currentRevision === shown?.currentRevision &&
    next.updateRevision === shown?.updateRevision
  );
}
