/** What a Job's status may not be or become. Source: Kubernetes 1.34, pkg/apis/batch/validation ValidateJobStatusUpdate, with the gate JobManagedBy. */
import type { Job, JobStatus } from '../job.ts';
import { isConditionTrue } from '../pod-conditions.ts';
import { parseTime } from '../time.ts';
import type { FieldErrors } from './field-errors.ts';

const TERMINAL = ['Failed', 'Complete', 'FailureTarget'] as const;

/**
 * What nobody may do to a Job's status: a Job that is not suspended keeps the start time it has, and no more pods are ready than active.
 * The first keeps a Job that had started from going on after its suspension, whose controller gives it another start time (until 1.35, which takes the start time away when it
 * suspends). The second meets the Job controller too: it writes active 0 while it waits to replace a failed pod, whatever pods go on, and then cannot count the failure before
 * that wait is over.
 */
export function validateAnyJobStatus(next: Job, old: Job, errors: FieldErrors): void {
  const [status, before] = [next.status ?? {}, old.status ?? {}];
  if ((status.ready ?? 0) > (status.active ?? 0) && (status.ready !== before.ready || status.active !== before.active))
    errors.invalid('status.ready', status.ready, 'cannot set more ready pods than active');
  if (before.startTime === undefined || next.spec.suspend === true || status.startTime === before.startTime) return;
  errors.required('status.startTime', 'startTime cannot be removed for unsuspended job');
}

/** Reports what is wrong with the status of `next`, which was that of `old`, where somebody else than a component writes it. */
export function validateOutsideJobStatus(next: Job, old: Job, errors: FieldErrors): void {
  const [status, before] = [next.status ?? {}, old.status ?? {}];
  for (const type of TERMINAL) {
    if (isConditionTrue(before.conditions, type) && !isConditionTrue(status.conditions, type))
      errors.invalidAsAWhole('status.conditions', `cannot disable the terminal ${type}=True condition`);
  }
  const { completionMode, completions, parallelism } = next.spec;
  const isElastic = completionMode === 'Indexed' && completions === parallelism;
  for (const counter of ['failed', 'succeeded'] as const) {
    const isFree = counter === 'succeeded' && isElastic;
    if (!isFree && (status[counter] ?? 0) < (before[counter] ?? 0))
      errors.invalid(`status.${counter}`, status[counter] ?? 0, `cannot decrease the ${counter} counter`);
  }
  validateCompletionTime(status, before, errors);
}

function validateCompletionTime(status: JobStatus, before: JobStatus, errors: FieldErrors): void {
  const { completionTime, startTime, conditions } = status;
  const field = 'status.completionTime';
  if (completionTime === before.completionTime) return;
  if (completionTime === undefined) {
    if (isConditionTrue(conditions, 'Complete')) errors.required(field, 'completionTime is required for Complete jobs');
    return;
  }
  if (before.completionTime !== undefined) errors.immutable(field, completionTime);
  if (!isConditionTrue(conditions, 'Complete'))
    errors.invalid(field, completionTime, 'cannot set completionTime when there is no Complete=True condition');
  if (startTime !== undefined && parseTime(completionTime) < parseTime(startTime))
    errors.invalid(field, completionTime, 'must be equal to or after `startTime`');
}
