/**
 * When the last failure of a Job was that its status tells of: from then on its controller, which wrote that, creates no pod before the back-off is over.
 *
 * By committed history alone: what the controller itself remembers of failures is not asked. It may forget them when another instance leads, and after a success.
 * Source: Kubernetes 1.34.1, pkg/controller/job/backoff_utils.go (newBackoffRecord, getFinishedTime).
 */
import type { Job } from '../../types/job.ts';
import type { Pod } from '../../types/pod.ts';
import { parseTime } from '../../types/time.ts';
import { type Judge, listen } from '../predicate.ts';

export class JobFailures {
  readonly #judge: Judge;
  /** When the last pod ended that failed, wall time by its status, µs, by uid of the Job. */
  readonly #lastUs = new Map<string, number>();

  constructor(judge: Judge) {
    this.#judge = judge;
    listen(judge, 'leader.started', () => this.#lastUs.clear());
  }

  /** Takes in a commit of a Job. */
  note(now: Job | null, before: Job | null): void {
    const uid = (now ?? before)?.metadata.uid ?? '';
    const listed = now?.status?.uncountedTerminatedPods;
    const known = before?.status?.uncountedTerminatedPods;
    const hasSuccess = (now?.status?.succeeded ?? 0) > (before?.status?.succeeded ?? 0) || listed?.succeeded?.length;
    if (now === null || hasSuccess) {
      this.#lastUs.delete(uid);
      return;
    }
    if (listed?.failed === undefined || listed === known || now.spec.backoffLimitPerIndex !== undefined) return;
    const fresh = new Set(listed.failed.filter((pod) => known?.failed?.includes(pod) !== true));
    if (fresh.size === 0) return;
    for (const object of this.#judge.world.of('Pod').values()) {
      if (!fresh.has(object.metadata.uid ?? '')) continue;
      const endUs = endOf(object as Pod);
      if (endUs > (this.#lastUs.get(uid) ?? Number.NEGATIVE_INFINITY)) this.#lastUs.set(uid, endUs);
    }
  }

  /** When the last failure was, wall time, µs; −∞ where none is known. */
  lastUs(job: Job): number {
    return this.#lastUs.get(job.metadata.uid ?? '') ?? Number.NEGATIVE_INFINITY;
  }
}

/** When the last container of a failed pod ended, wall time, µs; NaN where its status does not say so of all, or others run beside. */
function endOf({ spec, status = {} }: Pod): number {
  const { containerStatuses = [], phase } = status;
  if (phase !== 'Failed' || spec.initContainers !== undefined || containerStatuses.length === 0) return Number.NaN;
  return Math.max(...containerStatuses.map(({ state }) => parseTime(state?.terminated?.finishedAt ?? '')));
}
