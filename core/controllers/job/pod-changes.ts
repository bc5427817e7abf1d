/**
 * Creating and deleting a job's pods: how many should be active, which go, which indexes come. Source: Kubernetes 1.34
 * pkg/controller/job/job_controller.go (manageJob, deleteJobPods, activePodsForRemoval).
 */
import type { TrackedExpectations } from '../../client/expectations.ts';
import { runParallel, slowStart } from '../../client/slow-start.ts';
import type { Wait } from '../../sim/task.ts';
import type { Job } from '../../types/job.ts';
import { isTerminating, namespaceOf } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { isPodReady, isPodTerminal } from '../../types/pod-conditions.ts';
import { PODS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ControllerScope } from '../controller-scope.ts';
import type { PodControl } from '../pod-control.ts';
import { compareActive, rankPod } from '../pod-ranking.ts';
import { type BackoffRecord, backoffLeftUs } from './backoff.ts';
import { type JobCreation, POINT_JOB_CREATE } from './bugs.ts';
import { failureAnnotations, type IndexFailures, indexBackoffLeftUs } from './index-failures.ts';
import { indexedTemplate, indexOf, pendingIndexes, templateForIndex } from './indexes.ts';
import { hasTrackingFinalizer, isIndexed, type JobPods, replacesOnlyFailed, TRACKING_FINALIZER } from './job-pods.ts';

/** Most creations or deletions of one sync. */
const POD_CHANGES_MAX = 500;
/** Longest beginning of a generated name (apiserver storage/names, MaxGeneratedNameLength). */
const GENERATED_NAME_MAX = 58;
const RELEASE_PATCH = { metadata: { '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] } };

/** How the pods stand after the changes of a sync. */
export interface JobChange {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly error: StatusError | null;
}

/** What the pod changes of one sync work with; `owner` is the job's local id. */
export interface JobPodContext {
  readonly scope: ControllerScope;
  readonly control: PodControl;
  readonly expectations: TrackedExpectations;
  readonly owner: number;
  readonly job: Job;
  readonly pods: JobPods;
  /** Failures by index, where each has a limit of its own. */
  readonly failures: IndexFailures | undefined;
  /** Has the job looked at again when a back-off is over, µs from now. */
  readonly wakeAfter: (us: number) => void;
}

/** Pods that should be active; `succeeded` counts all successes so far. */
function wantedActive(job: Job, active: number, succeeded: number): number {
  const { completions, parallelism = 1 } = job.spec;
  if (completions === undefined) return succeeded > 0 ? active : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** Brings the number of active pods to what it should be; nothing is created while the back-off lasts. */
export function* changePods(
  context: JobPodContext,
  succeeded: number,
  done: ReadonlySet<number>,
  backoff: BackoffRecord,
): Generator<Wait, JobChange, unknown> {
  const { job, pods } = context;
  const { ready, terminating } = pods;
  const active = pods.active.length;
  if (job.spec.suspend === true) return yield* removePods(context, pods.active, true);
  const wanted = wantedActive(job, active, succeeded);
  const excess = choosePods(context, Math.max(0, active - wanted)).slice(0, POD_CHANGES_MAX);
  if (excess.length > 0) return yield* removePods(context, excess, true);
  const missing = wanted - active - (replacesOnlyFailed(job) ? terminating : 0);
  if (missing <= 0) return { active, ready, terminating, error: null };
  const { ctx } = context.scope;
  const number = Math.min(missing, POD_CHANGES_MAX);
  const pending = isIndexed(job) ? freeIndexes(context, number, done) : [];
  const { indexes, waitUs } = dueIndexes(context, pending, backoff);
  if (waitUs > 0) {
    context.wakeAfter(waitUs);
    return { active: 0, ready, terminating, error: null };
  }
  const create = isIndexed(job) ? indexes.length : number;
  if (create === 0) return { active, ready, terminating, error: null };
  if (ctx.sim.observation.isObserved(POINT_JOB_CREATE)) {
    ctx.observe(POINT_JOB_CREATE, {
      job,
      active,
      succeeded,
      create,
      indexes,
      ...backoff,
      wallUs: ctx.wallUs(),
    } satisfies JobCreation);
  }
  return yield* createPods(context, create, indexes);
}

/** The lowest indexes that want a pod. Source: indexed_job_utils.go (firstPendingIndexes). */
function freeIndexes({ failures, job, pods }: JobPodContext, count: number, done: ReadonlySet<number>): number[] {
  const { completions = 0 } = job.spec;
  const ending = replacesOnlyFailed(job) ? pods.all.filter((pod) => isTerminating(pod) && !isPodTerminal(pod)) : [];
  const busy = new Set([...pods.active, ...ending].map((pod) => indexOf(pod, completions)));
  return pendingIndexes(failures === undefined ? [done, busy] : [done, busy, failures.failed], count, completions);
}

/** Those indexes whose back-off is over, or how long it lasts: that of the job, or where none is due the shortest of theirs, µs. */
function dueIndexes(
  { failures, scope }: JobPodContext,
  indexes: readonly number[],
  backoff: BackoffRecord,
): { readonly indexes: readonly number[]; readonly waitUs: number } {
  const now = scope.ctx.wallUs();
  if (failures === undefined) return { indexes, waitUs: backoffLeftUs(backoff, now) };
  const waits = indexes.map((index) => indexBackoffLeftUs(failures, index, now));
  const due = indexes.filter((_index, at) => waits[at] === 0);
  const waitUs = due.length > 0 || waits.length === 0 ? 0 : waits.reduce((least, us) => Math.min(least, us));
  return { indexes: due, waitUs };
}

function* createPods(
  context: JobPodContext,
  number: number,
  indexes: readonly number[],
): Generator<Wait, JobChange, unknown> {
  const { expectations, failures, job, owner, pods, scope } = context;
  const template = isIndexed(job) ? indexedTemplate(job.spec.template) : job.spec.template;
  const finalizers = [...(template.metadata?.finalizers ?? []), TRACKING_FINALIZER];
  expectations.expectCreations(owner, number);
  const createOne = (at: number): Generator<Wait, void, unknown> => {
    const index = indexes[at];
    const counts = index === undefined || failures === undefined ? undefined : failureAnnotations(job, failures, index);
    const own = index === undefined ? template : templateForIndex(template, job.metadata.name, index, counts);
    const prefix = index === undefined ? undefined : namePrefix(job.metadata.name, index);
    return createPod(context, own, prefix === undefined ? { finalizers } : { finalizers, generateName: prefix });
  };
  const { successes, error } = yield* slowStart(scope.ctx, number, createOne);
  if (successes < number) expectations.creationObserved(owner, number - successes);
  return { active: pods.active.length + successes, ready: pods.ready, terminating: pods.terminating, error };
}

/** What names of pods of an index begin with: a long name of the job is cut, so that the index stays. Source: podGenerateNameWithIndex. */
function namePrefix(jobName: string, index: number): string {
  const suffix = `-${index}-`;
  return `${jobName.slice(0, GENERATED_NAME_MAX - suffix.length)}${suffix}`;
}

function* createPod(
  { control, job }: JobPodContext,
  template: Parameters<PodControl['create']>[1],
  options: Parameters<PodControl['create']>[2],
): Generator<Wait, void, unknown> {
  try {
    yield* control.create(job, template, options);
  } catch (error) {
    if (error instanceof StatusError && error.isNamespaceTerminating) return;
    throw error;
  }
}

/** Deletes one pod with local id `id`, and counts it in `removed`. */
function* removePod(
  { control, expectations, job, owner, scope }: JobPodContext,
  pod: Pod,
  id: number,
  release: boolean,
  removed: { all: number; ready: number },
): Generator<Wait, void, unknown> {
  try {
    if (release && hasTrackingFinalizer(pod)) yield* patchFinalizerOff(scope, pod);
    // From here on a ready pod is taken off the count, even if its deletion fails, as the real controller does.
    if (isPodReady(pod)) removed.ready++;
    yield* control.delete(job, pod);
  } catch (error) {
    expectations.deletionObservedOf(owner, id);
    if (!(error instanceof StatusError) || !error.isNotFound) throw error;
  }
  removed.all++;
}

/** Deletes these active pods, with `release` after taking off their finalizers. */
export function* removePods(
  context: JobPodContext,
  chosen: readonly Pod[],
  release: boolean,
): Generator<Wait, JobChange, unknown> {
  const { expectations, owner, pods, scope } = context;
  const keys = scope.keys(PODS);
  const ids = chosen.map((pod) => keys.find(namespaceOf(pod), pod.metadata.name));
  if (release) expectations.expectDeletionsOf(owner, ids);
  const removed = { all: 0, ready: 0 };
  const removeOne = (at: number) => removePod(context, chosen[at] as Pod, ids[at] as number, release, removed);
  const { error } = yield* runParallel(scope.ctx, 0, chosen.length, removeOne);
  return {
    active: pods.active.length - removed.all,
    ready: pods.ready - removed.ready,
    terminating: pods.terminating + removed.all,
    error,
  };
}

/** Takes the tracking finalizer off a pod; a pod that is gone is no error. */
export function* releasePod(scope: ControllerScope, pod: Pod): Generator<Wait, void, unknown> {
  try {
    yield* patchFinalizerOff(scope, pod);
  } catch (error) {
    if (!(error instanceof StatusError) || !error.isNotFound) throw error;
  }
}

function patchFinalizerOff(scope: ControllerScope, { metadata }: Pod): Generator<Wait, Pod, unknown> {
  return scope.client.patch<Pod>(PODS, metadata.namespace ?? '', metadata.name, RELEASE_PATCH, 'strategic');
}

/** The pods that go first: second ones of an index, then by the order of deletion. */
function choosePods(context: JobPodContext, count: number): readonly Pod[] {
  const { job, pods } = context;
  const { completions = 0 } = job.spec;
  const ranked = pods.active.map((pod, at) => rankPod(at, pod, 0)).sort(compareActive);
  if (!isIndexed(job)) return ranked.slice(0, count).map((one) => one.pod);
  const seen = new Set<number>();
  const surplus: Pod[] = [];
  const rest: Pod[] = [];
  // The last in the order is the one to keep.
  for (const { pod } of ranked.toReversed()) {
    const index = indexOf(pod, completions);
    if (index < 0 || seen.has(index)) surplus.push(pod);
    else {
      seen.add(index);
      rest.push(pod);
    }
  }
  return [...surplus, ...rest.reverse().slice(0, Math.max(0, count - surplus.length))];
}
