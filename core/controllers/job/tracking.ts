/**
 * Exact counting of ended pods in spite of crashes: each ended pod keeps a finalizer until its uid (or index) is in the status; then
 * the finalizer goes, then the uid moves into the counters. Pure steps; the controller does the writes between them.
 * Source: Kubernetes 1.34 pkg/controller/job/job_controller.go (trackJobStatusAndRemoveFinalizers).
 */

import type { Job, JobStatus } from '../../types/job.ts';
import type { Condition } from '../../types/object.ts';
import { uidOf } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { orAbsent } from '../absent-count.ts';
import { matchingRule, SUCCESS_CRITERIA_MET } from './finish.ts';
import type { IndexFailures } from './index-failures.ts';
import { formatIndexes, indexOf } from './indexes.ts';
import { countsAsFailed, hasTrackingFinalizer, isIndexed } from './job-pods.ts';

/** Most uids in the uncounted lists, with the new indexes. */
const UNCOUNTED_MAX = 500;

/** What a status write needs besides. */
export interface TrackingStep {
  readonly status: JobStatus;
  /** Pods whose finalizer may go once the status is written. */
  readonly release: readonly Pod[];
  /** The lists are full: more ended pods wait for the next sync. */
  readonly full: boolean;
}

/** Moves uids that no pod with a finalizer has any more from the lists into the counters. */
export function countReleased(status: JobStatus, withFinalizer: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const succeededLeft = succeeded.filter((uid) => withFinalizer.has(uid));
  const failedLeft = failed.filter((uid) => withFinalizer.has(uid));
  const succeededMore = succeeded.length - succeededLeft.length;
  const failedMore = failed.length - failedLeft.length;
  if (succeededMore + failedMore === 0) return status;
  return {
    ...status,
    succeeded: orAbsent((status.succeeded ?? 0) + succeededMore),
    failed: orAbsent((status.failed ?? 0) + failedMore),
    uncountedTerminatedPods: listsOf(succeededLeft, failedLeft),
  };
}

/** What ended pods are counted by. */
export interface Tracking {
  readonly job: Job;
  readonly status: JobStatus;
  readonly pods: readonly Pod[];
  /** Pods whose finalizer has gone, though the informer may still show it; by uid. */
  readonly released: ReadonlySet<string>;
  /** Indexes that stood in the status. */
  readonly completed: ReadonlySet<number>;
  /** Indexes that the status is to show. */
  readonly done: ReadonlySet<number>;
  /** The job's reason to stop. */
  readonly stop: Condition | undefined;
  /** A failed pod among them that waits for its replacement stays as it is. */
  readonly failures: IndexFailures | undefined;
  /** The planted bugs job-counts-again and job-leaves-out-stopped. */
  readonly again: boolean;
  readonly leavesOut: boolean;
}

/** Takes ended pods into the lists; an indexed job shows its indexes. */
export function trackEnded(tracking: Tracking): TrackingStep {
  const { job, status: given, pods, released, completed, done, stop, failures, again, leavesOut } = tracking;
  const succeeded = [...(given.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(given.uncountedTerminatedPods?.failed ?? [])];
  const indexed = isIndexed(job);
  const completions = job.spec.completions ?? 0;
  const deleting = job.metadata.deletionTimestamp !== undefined;
  const stopped = stop !== undefined && stop.type !== SUCCESS_CRITERIA_MET;
  const release: Pod[] = [];
  let newIndexes = 0;
  let full = false;
  const ordered = indexed ? [...pods].sort((a, b) => indexOf(a, completions) - indexOf(b, completions)) : pods;
  for (const pod of ordered) {
    const uid = uidOf(pod);
    if (!hasTrackingFinalizer(pod) || released.has(uid)) continue;
    const isFailed = countsAsFailed(job, pod);
    const hasSucceeded = pod.status?.phase === 'Succeeded';
    if (!isFailed && !hasSucceeded && stop === undefined && !deleting) continue;
    const index = indexed ? indexOf(pod, completions) : 0;
    if (failures?.toReplace.get(index) === pod && stop === undefined && !deleting) continue;
    release.push(pod);
    if (hasSucceeded && !failed.includes(uid)) {
      if (indexed) {
        if (index >= 0 && !completed.has(index)) newIndexes++;
      } else if (again || !succeeded.includes(uid)) succeeded.push(uid);
    } else if (
      (isFailed || (stopped && !leavesOut)) &&
      index >= 0 &&
      !failed.includes(uid) &&
      matchingRule(job, pod)?.action !== 'Ignore'
    ) {
      failed.push(uid);
    }
    if (newIndexes + succeeded.length + failed.length >= UNCOUNTED_MAX) {
      full = true;
      break;
    }
  }
  const lists = { ...given, uncountedTerminatedPods: listsOf(succeeded, failed) };
  const status: JobStatus = indexed
    ? {
        ...lists,
        succeeded: orAbsent(done.size),
        completedIndexes: formatIndexes(done) || undefined,
        failedIndexes: failures === undefined ? undefined : formatIndexes(failures.failed),
      }
    : lists;
  return { status, release, full };
}

/** Whether every ended pod is in the counters. */
export function isCounted(status: JobStatus): boolean {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  return succeeded.length + failed.length === 0;
}

function listsOf(
  succeeded: readonly string[],
  failed: readonly string[],
): NonNullable<JobStatus['uncountedTerminatedPods']> {
  return {
    succeeded: succeeded.length === 0 ? undefined : succeeded,
    failed: failed.length === 0 ? undefined : failed,
  };
}
