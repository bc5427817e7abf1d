/**
 * How long a job waits after failed pods: 10 s doubling with each failure since the last success, at most 10 min, counted from the last
 * failure. Source: Kubernetes 1.34 pkg/controller/job/backoff_utils.go.
 */
import type { Pod } from '../../types/pod.ts';
import { findCondition } from '../../types/pod-conditions.ts';
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

/** When a pod ended, wall time µs: its last container, else its Ready condition, else its deletion; `nowUs` when unknown. */
export function finishedUs(pod: Pod, nowUs: number): number {
  let latest = Number.NaN;
  for (const { state } of pod.status?.containerStatuses ?? []) {
    const at = parseTime(state?.terminated?.finishedAt ?? '');
    if (Number.isNaN(at)) {
      latest = Number.NaN;
      break;
    }
    if (!(at <= latest)) latest = at;
  }
  if (!Number.isNaN(latest)) return latest;
  const ready = findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime;
  if (typeof ready === 'string') return parseTime(ready);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  if (deletionTimestamp === undefined) return nowUs;
  return parseTime(deletionTimestamp) - deletionGracePeriodSeconds * 1_000_000;
}

/** The record after these pods ended. */
export function nextBackoff(
  record: BackoffRecord,
  succeeded: readonly Pod[],
  failed: readonly Pod[],
  nowUs: number,
): BackoffRecord {
  if (succeeded.length + failed.length === 0) return record;
  let lastSuccessUs = Number.NEGATIVE_INFINITY;
  for (const pod of succeeded) lastSuccessUs = Math.max(lastSuccessUs, finishedUs(pod, nowUs));
  let failures = succeeded.length > 0 ? 0 : record.failures;
  let lastFailureUs = succeeded.length > 0 ? 0 : record.lastFailureUs;
  for (const pod of failed) {
    const at = finishedUs(pod, nowUs);
    if (at < lastSuccessUs) continue;
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
