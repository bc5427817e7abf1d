/**
 * Whether a job is over, and why. Source: Kubernetes 1.34 pkg/controller/job/job_controller.go (syncJob) and pod_failure_policy.go.
 */
import type { Job, PodFailurePolicyRule, SuccessRule } from '../../types/job.ts';
import type { Condition } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition } from '../../types/pod-conditions.ts';
import { formatTime, parseTime } from '../../types/time.ts';
import { parseIndexes } from './indexes.ts';
import { countsAsFailed } from './job-pods.ts';

export const SUCCESS_CRITERIA_MET = 'SuccessCriteriaMet';
const FAILURE_TARGET = 'FailureTarget';

/** A condition of a job as of now. */
export function jobCondition(
  type: string,
  reason: string,
  message: string,
  wallUs: number,
  status: 'True' | 'False' = 'True',
): Condition {
  const now = formatTime(wallUs);
  return { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message };
}

/** The reason to stop that is already in the status, if any. */
function decidedBefore(job: Job): Condition | undefined {
  const conditions = job.status?.conditions;
  const decided = findCondition(conditions, SUCCESS_CRITERIA_MET) ?? findCondition(conditions, FAILURE_TARGET);
  return decided?.status === 'True' ? decided : undefined;
}

/** Why the job must stop now; undefined while it may go on. `failed` counts all failures so far. */
export function stopCondition(job: Job, pods: readonly Pod[], failed: number, wallUs: number): Condition | undefined {
  const decided = decidedBefore(job);
  if (decided !== undefined) return decided;
  const verdict = failingPolicy(job, pods);
  if (verdict !== undefined) return jobCondition(FAILURE_TARGET, 'PodFailurePolicy', verdict, wallUs);
  if (failed > (job.spec.backoffLimit ?? 6) || pastBackoffLimitOnFailure(job, pods)) {
    const message = 'Job has reached the specified backoff limit';
    return jobCondition(FAILURE_TARGET, 'BackoffLimitExceeded', message, wallUs);
  }
  const left = deadlineLeftUs(job, wallUs);
  if (left <= 0) {
    const message = 'Job was active longer than specified deadline';
    return jobCondition(FAILURE_TARGET, 'DeadlineExceeded', message, wallUs);
  }
  return undefined;
}

/** Why an Indexed job must stop now; undefined while it may go on. `done` and `failed` are indexes, `failed` undefined without a limit for each. */
export function indexedStop(
  job: Job,
  done: ReadonlySet<number>,
  failed: ReadonlySet<number> | undefined,
  wallUs: number,
): Condition | undefined {
  const { completions = 0, maxFailedIndexes, successPolicy } = job.spec;
  if (failed !== undefined && failed.size > 0) {
    if (maxFailedIndexes !== undefined && failed.size > maxFailedIndexes) {
      const message = 'Job has exceeded the specified maximal number of failed indexes';
      return jobCondition(FAILURE_TARGET, 'MaxFailedIndexesExceeded', message, wallUs);
    }
    if (failed.size + done.size >= completions) {
      return jobCondition(FAILURE_TARGET, 'FailedIndexes', 'Job has failed indexes', wallUs);
    }
  }
  if (successPolicy === undefined || done.size === 0) return undefined;
  const at = successPolicy.rules.findIndex((rule) => isMet(rule, done, completions));
  if (at < 0) return undefined;
  return jobCondition(SUCCESS_CRITERIA_MET, 'SuccessPolicy', `Matched rules at index ${at}`, wallUs);
}

/** Whether enough of a rule's indexes have succeeded: as many as it says, or all that there are. Source: success_policy.go. */
function isMet(
  { succeededIndexes, succeededCount }: SuccessRule,
  done: ReadonlySet<number>,
  completions: number,
): boolean {
  if (succeededIndexes === undefined) return succeededCount !== undefined && done.size >= succeededCount;
  const wanted = parseIndexes(succeededIndexes, completions);
  let met = 0;
  for (const index of wanted) if (done.has(index)) met++;
  return wanted.size > 0 && met >= Math.min(succeededCount ?? wanted.size, wanted.size);
}

/** Time until activeDeadlineSeconds passes, µs; Infinity without one, while suspended, or before the start. */
export function deadlineLeftUs(job: Job, wallUs: number): number {
  const { activeDeadlineSeconds, suspend } = job.spec;
  const startTime = job.status?.startTime;
  if (activeDeadlineSeconds === undefined || suspend === true || startTime === undefined)
    return Number.POSITIVE_INFINITY;
  return parseTime(startTime) + activeDeadlineSeconds * 1_000_000 - wallUs;
}

/** Container restarts in place count against the limit when pods restart on failure. */
function pastBackoffLimitOnFailure(job: Job, pods: readonly Pod[]): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const { restartCount } of status.initContainerStatuses ?? []) restarts += restartCount;
    for (const { restartCount } of status.containerStatuses ?? []) restarts += restartCount;
  }
  const limit = job.spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** The first rule that applies to a failed pod; undefined = count it. */
export function matchingRule(job: Job, pod: Pod): PodFailurePolicyRule | undefined {
  return job.spec.podFailurePolicy?.rules?.find((rule) => ruleApplies(rule, pod));
}

function ruleApplies(rule: PodFailurePolicyRule, pod: Pod): boolean {
  return (rule.onExitCodes === undefined ? failingCondition(rule, pod) : failingContainer(rule, pod)) !== undefined;
}

/** The first of the pod's conditions that a rule names. */
function failingCondition({ onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): Condition | undefined {
  return pod.status?.conditions?.find((one) =>
    onPodConditions.some(({ type, status = 'True' }) => one.type === type && one.status === status),
  );
}

function failingContainer(
  rule: PodFailurePolicyRule,
  pod: Pod,
): { readonly name: string; readonly exitCode: number } | undefined {
  const wanted = rule.onExitCodes;
  if (wanted === undefined) return undefined;
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  for (const { name, state } of statuses) {
    const exitCode = state?.terminated?.exitCode;
    if (exitCode === undefined || exitCode === 0) continue;
    if (wanted.containerName !== undefined && wanted.containerName !== name) continue;
    if (wanted.values.includes(exitCode) === (wanted.operator === 'In')) return { name, exitCode };
  }
  return undefined;
}

/** The message when some failed pod matches a rule FailJob. */
function failingPolicy(job: Job, pods: readonly Pod[]): string | undefined {
  const rules = job.spec.podFailurePolicy?.rules;
  if (rules === undefined) return undefined;
  for (const pod of pods) {
    if (!countsAsFailed(job, pod)) continue;
    const rule = matchingRule(job, pod);
    if (rule?.action !== 'FailJob') continue;
    const at = rules.indexOf(rule);
    const { namespace = '', name } = pod.metadata;
    const container = failingContainer(rule, pod);
    if (container !== undefined) {
      return `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${container.exitCode} matching FailJob rule at index ${at}`;
    }
    return `Pod ${namespace}/${name} has condition ${failingCondition(rule, pod)?.type ?? ''} matching FailJob rule at index ${at}`;
  }
  return undefined;
}
