/**
 * The Job controller: runs pods to completion and counts them exactly.
 *
 * Pod events are batched: a key that they wake runs a second later. A sync costs the number of the job's pods that still exist.
 * Source: Kubernetes 1.34 pkg/controller/job/job_controller.go.
 */
import { TrackedExpectations } from '../../client/expectations.ts';
import { runParallel } from '../../client/slow-start.ts';
import type { WorkQueue } from '../../client/work-queue.ts';
import type { Wait } from '../../sim/task.ts';
import { isJobFinished, isManagedElsewhere, type Job, type JobStatus } from '../../types/job.ts';
import { jsonEqual } from '../../types/json-value.ts';
import type { Condition } from '../../types/object.ts';
import { uidOf } from '../../types/object.ts';
import type { Pod } from '../../types/pod.ts';
import { JOBS, PODS } from '../../types/resource-type.ts';
import type { StatusError } from '../../types/status-error.ts';
import { formatTime } from '../../types/time.ts';
import type { Controller } from '../controller.ts';
import type { ControllerScope } from '../controller-scope.ts';
import { PodControl } from '../pod-control.ts';
import { PodOwners } from '../pod-owners.ts';
import { type BackoffRecord, NO_BACKOFF, nextBackoff } from './backoff.ts';
import {
  BUG_COUNTS_AGAIN,
  BUG_FORGETS_FAILURES,
  BUG_FORGETS_READY,
  BUG_HIDES_SUSPENSION,
  BUG_IGNORES_BACKOFF_LIMIT,
  BUG_LEAVES_ENDING,
  BUG_LEAVES_OUT_STOPPED,
} from './bugs.ts';
import {
  deadlineLeftUs,
  indexedStop,
  jobCondition,
  matchingRule,
  SUCCESS_CRITERIA_MET,
  stopCondition,
} from './finish.ts';
import { jobHandlers } from './handlers.ts';
import { type IndexFailures, indexFailures } from './index-failures.ts';
import { indexOf, parseIndexes } from './indexes.ts';
import { hasTrackingFinalizer, isIndexed, type JobPods, sortPods, TRACKING_FINALIZER } from './job-pods.ts';
import { changePods, type JobChange, releasePod, removePods } from './pod-changes.ts';
import { countReleased, isCounted, trackEnded } from './tracking.ts';

const WORKERS = 5;
/** Back-off of failed syncs. */
const API_BACKOFF = { backoffUsInitial: 1_000_000, backoffUsMax: 60_000_000, qps: 0 } as const;

/** The controller as the manager lists it. */
export const JOB_CONTROLLER: Controller = {
  name: 'job-controller',
  register: (scope) => {
    new JobController(scope);
  },
};

/** State of the controller while its manager leads. */
export class JobController {
  readonly scope: ControllerScope;
  readonly owners: PodOwners<Job>;
  readonly queue: WorkQueue;
  /** Pods with a finalizer whose job is gone. */
  readonly orphans: WorkQueue;
  readonly expectations: TrackedExpectations;
  readonly control: PodControl;
  /** Uids of pods whose finalizer was removed and whose update has not been seen. */
  readonly released = new Set<string>();
  readonly backoffs = new Map<string, BackoffRecord>();
  /** Uids of jobs whose end was written and has not been seen. */
  readonly ended = new Set<string>();

  constructor(scope: ControllerScope) {
    this.scope = scope;
    this.owners = new PodOwners<Job>(scope, JOBS);
    this.expectations = new TrackedExpectations(scope.ctx);
    this.control = new PodControl(scope);
    this.queue = scope.queue({
      name: 'job',
      type: JOBS,
      workers: WORKERS,
      reconcile: (id) => this.#sync(id),
      limiter: API_BACKOFF,
    });
    this.orphans = scope.queue({
      name: 'job-orphan-pod',
      type: PODS,
      workers: 1,
      reconcile: (id) => this.#syncOrphan(id),
    });
    jobHandlers(this);
  }

  *#syncOrphan(id: number): Generator<Wait, void, unknown> {
    const pod = this.owners.pods.get(id);
    if (pod === undefined || !hasTrackingFinalizer(pod)) return;
    const owner = this.owners.ownerOf(pod);
    // A job that goes on takes it off itself when it has counted the pod.
    const job = this.owners.owners.get(owner);
    if (job !== undefined && (!isJobFinished(job) || isManagedElsewhere(job))) return;
    yield* releasePod(this.scope, pod);
  }

  *#sync(id: number): Generator<Wait, void, unknown> {
    const job = this.owners.owners.get(id);
    if (job === undefined) {
      this.expectations.delete(id);
      return;
    }
    if (isManagedElsewhere(job)) return;
    if (isJobFinished(job)) {
      this.backoffs.delete(uidOf(job));
      this.ended.delete(uidOf(job));
      return;
    }
    // An old copy does not show the pods that were counted: the job would look as if it had to go on.
    if (this.ended.has(uidOf(job))) return;
    const { ctx } = this.scope;
    if (job.metadata.deletionTimestamp !== undefined && ctx.bug(BUG_LEAVES_ENDING)) return;
    const satisfied = this.expectations.satisfied(id);
    const ids = yield* this.owners.claim(job, undefined, [TRACKING_FINALIZER]);
    const all = ids.map((pod) => tracked(this.owners.pods.get(pod) as Pod, job));
    // As of now: while the sync waits, informers show finalizers gone that these copies still have (getExpectedUIDs, once a sync).
    const released = this.#releasedOf(all);
    const pods = sortPods(job, all, released);
    yield* new JobSync(this, id, job, pods, released, satisfied, ctx.wallUs()).run();
  }

  #releasedOf(pods: readonly Pod[]): ReadonlySet<string> {
    const found = new Set<string>();
    for (const pod of pods) if (this.released.has(uidOf(pod))) found.add(uidOf(pod));
    return found;
  }
}

/** A pod that was just adopted has the finalizer, even while this copy of it does not show that. */
function tracked(pod: Pod, job: Job): Pod {
  const { finalizers = [], ownerReferences = [] } = pod.metadata;
  if (hasTrackingFinalizer(pod) || ownerReferences.some(({ uid }) => uid === job.metadata.uid)) return pod;
  return { ...pod, metadata: { ...pod.metadata, finalizers: [...finalizers, TRACKING_FINALIZER] } };
}

/** One sync of one job. */
class JobSync {
  readonly #controller: JobController;
  readonly #id: number;
  readonly #job: Job;
  readonly #pods: JobPods;
  /** Uids of those whose finalizer had been removed when the sync began, though their copies have it. */
  readonly #released: ReadonlySet<string>;
  readonly #satisfied: boolean;
  readonly #wallUs: number;
  #status: JobStatus;
  #stop: Condition | undefined;
  #failures: IndexFailures | undefined;

  constructor(
    controller: JobController,
    id: number,
    job: Job,
    pods: JobPods,
    released: ReadonlySet<string>,
    satisfied: boolean,
    wallUs: number,
  ) {
    this.#controller = controller;
    this.#id = id;
    this.#job = job;
    this.#pods = pods;
    this.#released = released;
    this.#satisfied = satisfied;
    this.#wallUs = wallUs;
    const started = job.status?.startTime === undefined && job.spec.suspend !== true;
    this.#status = started ? { ...job.status, startTime: formatTime(wallUs) } : (job.status ?? {});
  }

  *run(): Generator<Wait, void, unknown> {
    const job = this.#job;
    const wallUs = this.#wallUs;
    const pods = this.#pods;
    const uid = uidOf(job);
    const uncounted = job.status?.uncountedTerminatedPods;
    const completed = parseIndexes(job.status?.completedIndexes, job.spec.completions ?? 0);
    const done = new Set(completed);
    // Also of pods whose finalizer has gone already: this copy of the job may be older than their counting.
    for (const pod of isIndexed(job) ? pods.all : []) {
      const index = indexOf(pod, job.spec.completions ?? 0);
      if (index >= 0 && pod.status?.phase === 'Succeeded' && hasTrackingFinalizer(pod)) done.add(index);
    }
    const counted = (job.status?.succeeded ?? 0) + (uncounted?.succeeded?.length ?? 0) + pods.newSucceeded.length;
    const succeeded = isIndexed(job) ? done.size : counted;
    const newFailed = pods.newFailed.filter((pod) => matchingRule(job, pod)?.action !== 'Ignore');
    const failed = (job.status?.failed ?? 0) + (uncounted?.failed?.length ?? 0) + newFailed.length;
    const failures = indexFailures(job, pods, done, this.#released);
    this.#failures = failures;
    const forgets = this.#controller.scope.ctx.bug(BUG_FORGETS_FAILURES);
    const before = (forgets ? undefined : this.#controller.backoffs.get(uid)) ?? NO_BACKOFF;
    const backoff = failures === undefined ? nextBackoff(before, pods.newSucceeded, pods.newFailed) : NO_BACKOFF;
    const weighed = this.#controller.scope.ctx.bug(BUG_IGNORES_BACKOFF_LIMIT) ? 0 : failed;
    this.#stop = stopCondition({ ...job, status: this.#status }, pods.all, weighed, wallUs);
    if (this.#stop === undefined) {
      const deadlineUs = deadlineLeftUs({ ...job, status: this.#status }, wallUs);
      if (deadlineUs !== Number.POSITIVE_INFINITY) this.#controller.queue.addAfter(this.#id, deadlineUs);
    }
    if (isIndexed(job)) this.#stop ??= indexedStop(job, done, failures?.failed, wallUs);
    const change = this.#stop === undefined ? yield* this.#work(succeeded, done, backoff) : yield* this.#stopPods();
    this.#status = {
      conditions: this.#status.conditions,
      startTime: this.#status.startTime,
      completionTime: this.#status.completionTime,
      active: change.active === 0 ? undefined : change.active,
      succeeded: this.#status.succeeded,
      failed: this.#status.failed,
      terminating: change.terminating,
      completedIndexes: this.#status.completedIndexes,
      failedIndexes: this.#status.failedIndexes,
      uncountedTerminatedPods: this.#status.uncountedTerminatedPods ?? {},
      ready: this.#controller.scope.ctx.bug(BUG_FORGETS_READY) ? 0 : change.ready,
    };
    yield* this.#track(completed, done, backoff, change);
    if (change.error !== null) throw change.error;
  }

  /** The job goes on: pods, and the condition Suspended. */
  *#work(succeeded: number, done: ReadonlySet<number>, backoff: BackoffRecord): Generator<Wait, JobChange, unknown> {
    const job = this.#job;
    const pods = this.#pods;
    const may = this.#satisfied && job.metadata.deletionTimestamp === undefined;
    let change: JobChange = {
      active: pods.active.length,
      ready: pods.ready,
      terminating: pods.terminating,
      error: null,
    };
    if (may) change = yield* changePods(this.#context(), succeeded, done, backoff);
    const { completions } = job.spec;
    const complete = change.active === 0 && (completions === undefined ? succeeded > 0 : succeeded >= completions);
    if (complete) {
      const message = 'Reached expected number of succeeded pods';
      this.#stop = jobCondition(SUCCESS_CRITERIA_MET, 'CompletionsReached', message, this.#wallUs);
    } else if (may) this.#showSuspended();
    return change;
  }

  /** The job is over: active pods go. It cannot be marked finished while some are left. */
  *#stopPods(): Generator<Wait, JobChange, unknown> {
    const pods = this.#pods;
    const change = yield* removePods(this.#context(), pods.active, false);
    if (change.active > 0 || !this.#satisfied) this.#stop = undefined;
    return change;
  }

  #showSuspended(): void {
    const job = this.#job;
    const conditions = this.#status.conditions ?? [];
    const present = conditions.find((condition) => condition.type === 'Suspended');
    const suspend = job.spec.suspend === true;
    const { recorder } = this.#controller.scope;
    const [reason, text] = suspend ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed'];
    const condition = jobCondition('Suspended', reason, text, this.#wallUs, suspend ? 'True' : 'False');
    const shown = present?.status === condition.status && present.reason === reason && present.message === text;
    if (present === undefined ? !suspend : shown) return;
    const others = conditions.map((one) => (one === present ? condition : one));
    const isAdded = present === undefined && !this.#controller.scope.ctx.bug(BUG_HIDES_SUSPENSION);
    this.#status = { ...this.#status, conditions: isAdded ? [...others, condition] : others };
    if (!suspend) this.#status = { ...this.#status, startTime: formatTime(this.#wallUs) };
    recorder.event(job, 'Normal', suspend ? 'Suspended' : 'Resumed', text);
  }

  /** Lists ended pods in the status, takes off their finalizers, moves them into the counters, marks the end. */
  *#track(
    completed: ReadonlySet<number>,
    done: ReadonlySet<number>,
    backoff: BackoffRecord,
    change: JobChange,
  ): Generator<Wait, void, unknown> {
    const { backoffs } = this.#controller;
    const released = this.#released;
    const job = this.#job;
    const pods = this.#pods.all;
    const waiting = new Set<string>();
    for (const pod of pods) if (hasTrackingFinalizer(pod) && !released.has(uidOf(pod))) waiting.add(uidOf(pod));
    const stop = this.#stop;
    const step = trackEnded({
      job,
      status: countReleased(this.#status, waiting),
      pods,
      released,
      completed,
      done,
      stop,
      failures: this.#failures,
      again: this.#controller.scope.ctx.bug(BUG_COUNTS_AGAIN),
      leavesOut: this.#controller.scope.ctx.bug(BUG_LEAVES_OUT_STOPPED),
    });
    this.#status = step.status;
    const conditions = this.#status.conditions ?? [];
    if (stop !== undefined && !conditions.some((one) => one.type === stop.type)) {
      this.#status = { ...this.#status, conditions: [...conditions, stop] };
    }
    let current = yield* this.#flush(job);
    backoffs.set(uidOf(job), backoff);
    const error = yield* this.#release(step.release, waiting);
    this.#status = countReleased(this.#status, waiting);
    if (error === null && stop !== undefined && !step.full && change.active === 0 && change.terminating === 0)
      this.#finish(stop);
    current = yield* this.#flush(current);
    if (error !== null) throw error;
    if (!isJobFinished(current)) return;
    this.#controller.ended.add(uidOf(job));
    this.#reportEnd(current);
  }

  #finish(stop: Condition): void {
    if (!isCounted(this.#status)) return;
    const done = stop.type === SUCCESS_CRITERIA_MET;
    const wallUs = this.#controller.scope.ctx.wallUs();
    const final = jobCondition(done ? 'Complete' : 'Failed', stop.reason ?? '', stop.message ?? '', wallUs);
    const conditions = [...(this.#status.conditions ?? []), final];
    const completionTime = done ? formatTime(wallUs) : undefined;
    this.#status = { ...this.#status, conditions, completionTime };
  }

  #reportEnd(job: Job): void {
    const { recorder } = this.#controller.scope;
    const last = job.status?.conditions?.at(-1);
    if (last?.type !== 'Complete') {
      recorder.event(job, 'Warning', last?.reason ?? '', last?.message ?? '');
      return;
    }
    if ((job.status?.succeeded ?? 0) > (job.spec.completions ?? Number.POSITIVE_INFINITY)) {
      const message = 'Too many succeeded pods running after completion count reached';
      recorder.event(job, 'Warning', 'TooManySucceededPods', message);
    }
    recorder.event(job, 'Normal', 'Completed', 'Job completed');
  }

  /** Writes the status if it differs from what `shown` has; the answer is the job as it is. */
  *#flush(shown: Job): Generator<Wait, Job, unknown> {
    // Lists that are not there and empty ones are one.
    if (jsonEqual({ uncountedTerminatedPods: {}, ...shown.status }, this.#status)) return shown;
    return yield* this.#controller.scope.client.updateStatus<Job>(JOBS, { ...shown, status: this.#status });
  }

  /** Takes finalizers off; uids of those that lost theirs leave `waiting`. The answer is the first failure. */
  *#release(pods: readonly Pod[], waiting: Set<string>): Generator<Wait, StatusError | null, unknown> {
    const { error } = yield* runParallel(this.#controller.scope.ctx, 0, pods.length, (at) =>
      this.#releaseOne(pods[at] as Pod, waiting),
    );
    return error;
  }

  *#releaseOne(pod: Pod, waiting: Set<string>): Generator<Wait, void, unknown> {
    const { released, scope } = this.#controller;
    released.add(uidOf(pod));
    try {
      yield* releasePod(scope, pod);
      waiting.delete(uidOf(pod));
    } catch (error) {
      released.delete(uidOf(pod));
      throw error;
    }
  }

  #context(): Parameters<typeof changePods>[0] {
    const { control, expectations, queue, scope } = this.#controller;
    const wakeAfter = (us: number): void => queue.addAfter(this.#id, us);
    return {
      scope,
      control,
      expectations,
      owner: this.#id,
      job: this.#job,
      pods: this.#pods,
      failures: this.#failures,
      wakeAfter,
    };
  }
}
