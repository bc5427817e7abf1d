import { type Tracking, type TrackingStep, trackEnded } from '../../core/controllers/job/tracking.ts';
import type { Job, JobStatus } from '../../core/types/job.ts';
import type { Pod } from '../../core/types/pod.ts';

/** {@link trackEnded} of a job that goes on, without indexes. */
export function track(job: Job, status: JobStatus, pods: readonly Pod[], more: Partial<Tracking> = {}): TrackingStep {
  const none = new Set<never>();
  const nothing = {
    released: none,
    completed: none,
    done: none,
    stop: undefined,
    failures: undefined,
    again: false,
    leavesOut: false,
  };
  return trackEnded({ job, status, pods, ...nothing, ...more });
}
