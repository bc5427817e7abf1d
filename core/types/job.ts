/** Jobs. Source: Kubernetes 1.34, batch/v1 Job. */
import type { Condition, KubeObject, LabelSelector } from './object.ts';
import type { PodTemplateSpec } from './pod.ts';
import { isConditionTrue } from './pod-conditions.ts';

/** What `spec.managedBy` says where the built-in controller is meant. */
const JOB_CONTROLLER_NAME = 'kubernetes.io/job-controller';

/** batch/v1 PodFailurePolicyRule. */
export interface PodFailurePolicyRule {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  readonly onExitCodes?:
    | {
        readonly containerName?: string | undefined;
        readonly operator: 'In' | 'NotIn';
        readonly values: readonly number[];
      }
    | undefined;
  readonly onPodConditions?: readonly { readonly type: string; readonly status?: string | undefined }[] | undefined;
}

/** batch/v1 SuccessPolicyRule. */
export interface SuccessRule {
  readonly succeededIndexes?: string | undefined;
  readonly succeededCount?: number | undefined;
}

/** batch/v1 JobSpec. */
export interface JobSpec {
  readonly parallelism?: number | undefined;
  readonly completions?: number | undefined;
  readonly activeDeadlineSeconds?: number | undefined;
  readonly podFailurePolicy?: { readonly rules: readonly PodFailurePolicyRule[] } | undefined;
  readonly successPolicy?: { readonly rules: readonly SuccessRule[] } | undefined;
  readonly backoffLimit?: number | undefined;
  readonly backoffLimitPerIndex?: number | undefined;
  readonly maxFailedIndexes?: number | undefined;
  readonly selector?: LabelSelector | undefined;
  readonly manualSelector?: boolean | undefined;
  readonly template: PodTemplateSpec;
  readonly ttlSecondsAfterFinished?: number | undefined;
  readonly completionMode?: 'NonIndexed' | 'Indexed' | undefined;
  readonly suspend?: boolean | undefined;
  readonly podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed' | undefined;
  readonly managedBy?: string | undefined;
}

/** batch/v1 JobStatus. */
export interface JobStatus {
  readonly conditions?: readonly Condition[] | undefined;
  readonly startTime?: string | undefined;
  readonly completionTime?: string | undefined;
  readonly active?: number | undefined;
  readonly succeeded?: number | undefined;
  readonly failed?: number | undefined;
  readonly terminating?: number | undefined;
  readonly completedIndexes?: string | undefined;
  readonly failedIndexes?: string | undefined;
  readonly uncountedTerminatedPods?:
    | { readonly succeeded?: readonly string[] | undefined; readonly failed?: readonly string[] | undefined }
    | undefined;
  readonly ready?: number | undefined;
}

/** batch/v1 Job. */
export interface Job extends KubeObject {
  readonly spec: JobSpec;
  readonly status?: JobStatus | undefined;
}

/** Complete or Failed is True. Source: Kubernetes 1.34, pkg/controller/job/utils.go IsJobFinished. */
export function isJobFinished({ status }: Job): boolean {
  return isConditionTrue(status?.conditions, 'Complete') || isConditionTrue(status?.conditions, 'Failed');
}

/** Whether another controller than the built-in one looks after the Job. Source: KEP-4368, on by default since Kubernetes 1.32. */
export function isManagedElsewhere({ spec }: Job): boolean {
  return (spec.managedBy ?? JOB_CONTROLLER_NAME) !== JOB_CONTROLLER_NAME;
}
