/**
 * Indexed jobs with a limit of failures for each index: which indexes have failed for good, and which failed pods keep their finalizer until the pod that
 * replaces them exists, as it carries on their count of failures.
 *
 * Nothing is remembered between syncs: the counts stand in annotations of the pods. Source: Kubernetes 1.34 pkg/controller/job/indexed_job_utils.go and
 * backoff_utils.go; KEP-3850.
 */
import type { Job } from '../../types/job.ts';
import type { StringMap } from '../../types/object.ts';
import { uidOf } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { backoffLeftUs, finishedUs } from './backoff.ts';
import { matchingRule } from './finish.ts';
import { indexOf, parseIndexes } from './indexes.ts';
import { countsAsFailed, hasTrackingFinalizer, isIndexed, type JobPods } from './job-pods.ts';

const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
/** Failures that the policy of the job says not to count; they only lengthen the back-off. */
const IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** The failures of a job, by its indexes. */
export interface IndexFailures {
  /** Indexes that get no more pods. */
  readonly failed: ReadonlySet<number>;
  /** The last failed pod of each index that goes on and has no active pod. */
  readonly toReplace: ReadonlyMap<number, Pod>;
}

/** Sorts the failed pods by index; undefined without a limit for each index. `done`: indexes that have succeeded. */
export function indexFailures(
  job: Job,
  pods: JobPods,
  done: ReadonlySet<number>,
  released: ReadonlySet<string>,
): IndexFailures | undefined {
  const { backoffLimitPerIndex, completions = 0 } = job.spec;
  if (backoffLimitPerIndex === undefined || !isIndexed(job)) return undefined;
  const failed = parseIndexes(job.status?.failedIndexes, completions);
  const ended = pods.all.filter(
    (pod) => hasTrackingFinalizer(pod) && indexOf(pod, completions) >= 0 && countsAsFailed(job, pod),
  );
  for (const pod of ended) if (failsIndex(job, pod, backoffLimitPerIndex)) failed.add(indexOf(pod, completions));
  const active = new Set(pods.active.map((pod) => indexOf(pod, completions)));
  const toReplace = new Map<number, Pod>();
  for (const pod of ended) {
    const index = indexOf(pod, completions);
    if (released.has(uidOf(pod)) || active.has(index) || done.has(index) || failed.has(index)) continue;
    const other = toReplace.get(index);
    if (other === undefined || isLater(pod, other)) toReplace.set(index, pod);
  }
  return { failed, toReplace };
}

function failsIndex(job: Job, pod: Pod, limit: number): boolean {
  const action = matchingRule(job, pod)?.action;
  if (action === 'FailIndex') return true;
  return action !== 'Ignore' && countOf(pod, FAILURES) >= limit;
}

function isLater(pod: Pod, other: Pod): boolean {
  return failuresOf(other) <= failuresOf(pod) && finishedUs(pod) >= finishedUs(other);
}

/** Failures of the index before this pod, ignored ones among them. */
function failuresOf(pod: Pod): number {
  return countOf(pod, FAILURES) + countOf(pod, IGNORED_FAILURES);
}

function countOf(pod: Pod, annotation: string): number {
  const text = pod.metadata.annotations?.[annotation] ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** How long an index gets no pod, µs. */
export function indexBackoffLeftUs({ toReplace }: IndexFailures, index: number, nowUs: number): number {
  const pod = toReplace.get(index);
  if (pod === undefined) return 0;
  return backoffLeftUs({ failures: failuresOf(pod) + 1, lastFailureUs: finishedUs(pod) }, nowUs);
}

/** What the next pod of an index says of the failures before it. */
export function failureAnnotations(job: Job, { toReplace }: IndexFailures, index: number): StringMap {
  const replaced = toReplace.get(index);
  if (replaced === undefined) return { [FAILURES]: '0' };
  const isIgnored = matchingRule(job, replaced)?.action === 'Ignore';
  const ignored = countOf(replaced, IGNORED_FAILURES) + (isIgnored ? 1 : 0);
  const counted = { [FAILURES]: String(countOf(replaced, FAILURES) + (isIgnored ? 0 : 1)) };
  return ignored === 0 ? counted : { ...counted, [IGNORED_FAILURES]: String(ignored) };
}
