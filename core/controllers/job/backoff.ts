/**
 * How long a job waits after failed pods: 10 s doubling with each failure since the last success, at most 10 min, counted from the last
 * failure. Source: Kubernetes 1.34 pkg/controller/job/backoff_utils.go.
 */
import type { ContainerStatus, Pod } from '../../types/pod.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import { isSidecar } from '../../types/pod-requests.ts';
import { parseTime } from '../../types/time.ts';

const BACKOFF_US_INITIAL = 10_000_000;
const BACKOFF_US_MAX = 600_000_000;

/** What is remembered of one job. */
export interface BackoffRecord {
  /** Failures since the last success. */
  readonly failures: number;
  /** Wall time of the last of them, µs. */
  readonly lastFailureUs: number;
}

export const NO_BACKOFF: BackoffRecord = Object.freeze({ failures: 0, lastFailureUs: 0 });

/** When a pod ended, wall time µs: its last container, else when it was not ready any more, else its deletion, else its creation. */
export function finishedUs(pod: Pod): number {
  const { containerStatuses = [], conditions, initContainerStatuses = [] } = pod.status ?? {};
  const sidecars = new Set(pod.spec.initContainers?.filter(isSidecar).map(({ name }) => name));
  const ofSidecars = initContainerStatuses.filter(({ name }) => sidecars.has(name));
  // A sidecar that runs on leaves nothing known of the containers either.
  const latest = lastFinishUs(ofSidecars, lastFinishUs(containerStatuses, Number.NaN));
  if (!Number.isNaN(latest)) return latest;
  const ready = findCondition(conditions, 'Ready');
  if (ready?.status === 'False' && typeof ready.lastTransitionTime === 'string')
    return parseTime(ready.lastTransitionTime);
  const { creationTimestamp = '', deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  if (deletionTimestamp === undefined) return parseTime(creationTimestamp);
  return parseTime(deletionTimestamp) - deletionGracePeriodSeconds * 1_000_000;
}

/** The later of `beforeUs` (NaN = none) and the end of the last of these; NaN where one of them has not ended. */
function lastFinishUs(statuses: readonly ContainerStatus[], beforeUs: number): number {
  let latest = beforeUs;
  for (const { state } of statuses) {
    const at = parseTime(state?.terminated?.finishedAt ?? '');
    if (Number.isNaN(at)) return Number.NaN;
    if (!(at <= latest)) latest = at;
  }
  return latest;
}

/** The record after these pods ended. */
export function nextBackoff(record: BackoffRecord, succeeded: readonly Pod[], failed: readonly Pod[]): BackoffRecord {
  if (succeeded.length + failed.length === 0) return record;
  let lastSuccessUs = Number.NEGATIVE_INFINITY;
  for (const pod of succeeded) lastSuccessUs = Math.max(lastSuccessUs, finishedUs(pod));
  let failures = succeeded.length > 0 ? 0 : record.failures;
  let lastFailureUs = 0;
  for (const pod of failed) {
    const at = finishedUs(pod);
    if (at <= lastSuccessUs) continue;
    failures++;
    lastFailureUs = Math.max(lastFailureUs, at);
  }
  return { failures, lastFailureUs };
}

/** How long no pod may be created, µs. */
export function backoffLeftUs(record: BackoffRecord, nowUs: number): number {
  if (record.failures === 0) return 0;
  const backoffUs = Math.min(BACKOFF_US_INITIAL * 2 ** Math.min(record.failures - 1, 30), BACKOFF_US_MAX);
  return Math.max(0, record.lastFailureUs + backoffUs - nowUs);
}
