/**
 * The pods of a job sorted for one sync: which are active, which ended and are not yet in the counters.
 * Source: Kubernetes 1.34 pkg/controller/job/job_controller.go (getNewFinishedPods, isPodFailed) and tracking_utils.go.
 */
import type { Job } from '../../types/job.ts';
import { isTerminating, uidOf } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodActive, isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import { indexOf } from './indexes.ts';

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';

export function hasTrackingFinalizer(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(TRACKING_FINALIZER) === true;
}

export function isIndexed(job: Job): boolean {
  return job.spec.completionMode === 'Indexed';
}

/** Pods are replaced only once they have failed, not when they start to terminate. */
export function replacesOnlyFailed(job: Job): boolean {
  return job.spec.podReplacementPolicy === 'Failed' || job.spec.podFailurePolicy !== undefined;
}

/** Failed, or on its way out without having succeeded. */
export function countsAsFailed(job: Job, pod: Pod): boolean {
  const phase = pod.status?.phase;
  if (phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && isTerminating(pod) && phase !== 'Succeeded';
}

/** What one sync sees. */
export interface JobPods {
  readonly all: readonly Pod[];
  readonly active: readonly Pod[];
  /** Ready ones of the active. */
  readonly ready: number;
  /** Being deleted and not ended. */
  readonly terminating: number;
  /** Ended, with the finalizer, and not in the status's uncounted lists. */
  readonly newSucceeded: readonly Pod[];
  readonly newFailed: readonly Pod[];
}

/** Sorts the pods; `released` holds the uids of pods whose finalizer was removed but is still seen. */
export function sortPods(job: Job, all: readonly Pod[], released: ReadonlySet<string>): JobPods {
  const uncounted = job.status?.uncountedTerminatedPods;
  const countedSucceeded = new Set(uncounted?.succeeded);
  const countedFailed = new Set(uncounted?.failed);
  const active: Pod[] = [];
  const newSucceeded: Pod[] = [];
  const newFailed: Pod[] = [];
  let ready = 0;
  let terminating = 0;
  for (const pod of all) {
    if (isPodActive(pod)) {
      active.push(pod);
      if (isPodReady(pod)) ready++;
    } else if (isTerminating(pod) && !isPodTerminal(pod)) terminating++;
    const uid = uidOf(pod);
    if (!hasTrackingFinalizer(pod) || released.has(uid)) continue;
    if (isIndexed(job) && indexOf(pod, job.spec.completions ?? 0) < 0) continue;
    if (pod.status?.phase === 'Succeeded') {
      if (!countedSucceeded.has(uid)) newSucceeded.push(pod);
    } else if (countsAsFailed(job, pod) && !countedFailed.has(uid)) newFailed.push(pod);
  }
  return { all, active, ready, terminating, newSucceeded, newFailed };
}
