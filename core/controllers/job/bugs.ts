/** Bug switches and observation points of the Job controller. */
import { defineBug, definePoint } from '../../sim/registry.ts';
import type { Job } from '../../types/job.ts';

export const BUG_COUNTS_AGAIN = defineBug(
  'job-counts-again',
  'a pod that stands in the list of ended pods already is put there once more',
);
export const BUG_LEAVES_OUT_STOPPED = defineBug(
  'job-leaves-out-stopped',
  'pods that run when a Job fails are not counted as failed',
);
export const BUG_IGNORES_BACKOFF_LIMIT = defineBug(
  'job-ignores-backoff-limit',
  'a Job goes on however many of its pods have failed',
);
export const BUG_FORGETS_READY = defineBug('job-forgets-ready', 'the status of a Job does not count its ready pods');

export const BUG_LEAVES_ENDING = defineBug(
  'job-leaves-ending',
  'a Job that is being deleted is not worked on, so that its pods keep their finalizers',
);
export const BUG_HIDES_SUSPENSION = defineBug(
  'job-hides-suspension',
  'a condition that the status of a Job does not have yet is not added when the Job is suspended',
);

export const BUG_FORGETS_FAILURES = defineBug(
  'job-forgets-failures',
  'a Job waits out the back-off after a failure only in the sync that counts it',
);

/** Subject: {@link JobCreation}; observed before the creations. */
export const POINT_JOB_CREATE = definePoint('job.create', 'the Job controller is about to create pods');

/** What the controller saw when it decided to create pods; all counts as in its own copies. */
export interface JobCreation {
  readonly job: Job;
  readonly active: number;
  /** Pods that have succeeded, counted or not. */
  readonly succeeded: number;
  readonly create: number;
  /** Completion indexes of the new pods; none unless Indexed. */
  readonly indexes: readonly number[];
  /** Failures since the last success (0 where each index has its own), and when the last of them was; wall time of the controller, µs, as what it is now. */
  readonly failures: number;
  readonly lastFailureUs: number;
  readonly wallUs: number;
}
