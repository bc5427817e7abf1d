/**
 * J1, J2: a Job counts each pod once, has no more pods than it may, and ends when the last of them has.
 *
 * J1 by committed history: a status never says that more pods succeeded (or which indexes did) or failed than have, a Job is Complete only with all of them, and
 * where no fault lets its controller be behind, pods that have been ready for a while are counted as ready; one that has failed counts all that did not succeed. J2 in
 * the controller's view: it creates no pod for a Job that is over or that has failed too often, and never more than parallelism and completions leave room
 * for, nor before the back-off after a failure is over (by history, too); by committed history no Job is Complete or Failed while one of its pods is being deleted, nor, where no fault
 * lets its controller be behind, while one runs on.
 * Source: Kubernetes documentation, Jobs; KEP-2307 (tracking with finalizers).
 */
import { isJobFinished, isManagedElsewhere, type Job, type JobStatus } from '../../types/job.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod } from '../../types/pod.ts';
import { isConditionTrue, isPodActive, isPodAvailable, isPodTerminal } from '../../types/pod-conditions.ts';
import { type Judge, keyOf, listen, type Predicate } from '../predicate.ts';
import type { Commit } from '../world.ts';
import { JobFailures } from './job-failures.ts';
import { TRACKING } from './waiting-ring-check.ts';

/** Default of spec.backoffLimit (Kubernetes 1.34, batch/v1 defaults). */
const BACKOFF_LIMIT_DEFAULT = 6;
const INDEX = 'batch.kubernetes.io/job-completion-index';

/** What was so before this is in the copies of every controller that no fault keeps behind, and in what it has computed, µs. */
const SEEN_US = 20_000_000;

/** Ended pods of a Job by committed history. */
interface Ended {
  /** Uids of pods that have succeeded. */
  readonly succeeded: Set<string>;
  /** Their indexes. */
  readonly indexes: Set<number>;
  /** Uids of pods that have failed, or were made to go before they had succeeded. */
  readonly failed: Set<string>;
  /** Uids of pods that were let go of before they had succeeded, and had to be counted. */
  readonly released: Set<string>;
}

/** Jobs, as they were committed last, and their ended pods, by uid of the Job. */
interface Known {
  readonly jobs: Map<string, Job>;
  readonly ended: Map<string, Ended>;
}

export function countedOnce(judge: Judge): Predicate {
  const known: Known = { jobs: new Map(), ended: new Map() };
  const predicate: Predicate = {
    id: 'J1',
    about:
      'no Job counts more pods that succeeded or failed than have, or fewer that are ready, or has ended with fewer than it wants or has lost',
    evaluations: 0,
    commitKinds: ['Pod', 'Job'],
    onCommit({ kind, object, previous }: Commit) {
      if (kind === 'Pod') {
        note(known, (object ?? previous) as Pod, previous as Pod | null, object === null);
        return;
      }
      if (object === null) return;
      const job = object as Job;
      if (isManagedElsewhere(job)) return;
      predicate.evaluations++;
      const isNew = job.status !== (previous as Job | null)?.status && judge.isOfFault !== true;
      const uid = job.metadata.uid ?? '';
      known.jobs.set(uid, job);
      const ended = known.ended.get(uid);
      const isOver = isNew && isJobFinished(job) && (previous === null || !isJobFinished(previous as Job));
      const fault =
        miscount(job, ended) ?? (isNew ? forgotten(job, judge) : null) ?? (isOver ? leftOut(job, ended) : null);
      if (fault !== null) judge.violate(predicate, `Job ${keyOf(job)}: ${fault}`);
    },
  };
  return predicate;
}

function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING) === true;
}

function note({ jobs, ended: all }: Known, pod: Pod, before: Pod | null, isGone: boolean): void {
  const hasSucceeded = pod.status?.phase === 'Succeeded';
  if (!isGone && isPodActive(pod)) return;
  const owner = controllerOf(pod);
  if (owner?.kind !== 'Job') return;
  let ended = all.get(owner.uid);
  if (ended === undefined) {
    ended = { succeeded: new Set(), indexes: new Set(), failed: new Set(), released: new Set() };
    all.set(owner.uid, ended);
  }
  const uid = pod.metadata.uid ?? '';
  if (!hasSucceeded) {
    // Whose phase somebody has rewritten counts as either.
    if (!ended.succeeded.has(uid) || pod.status?.phase === 'Failed') ended.failed.add(uid);
    if (before === null || !isTracked(before) || (!isGone && isTracked(pod))) return;
    const job = jobs.get(owner.uid);
    if (job !== undefined && hasToCount(job, pod)) ended.released.add(uid);
    return;
  }
  ended.succeeded.add(uid);
  const index = pod.metadata.annotations?.[INDEX];
  if (index !== undefined) ended.indexes.add(Number(index));
}

/**
 * Whether a Job has to count a pod that is let go of without success. Not one of an index that it has no more, nor one that its controller takes away because there are
 * too many, which somebody else may have deleted a moment before, and none once the Job itself is being deleted. Source: Kubernetes 1.34.1,
 * pkg/controller/job/job_controller.go, trackJobStatusAndRemoveFinalizers and deleteJobPods.
 */
function hasToCount({ metadata, spec, status }: Job, pod: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  const index = pod.metadata.annotations?.[INDEX];
  if (spec.completionMode === 'Indexed' && !(Number(index) < (spec.completions ?? 0))) return false;
  const isListed = status?.uncountedTerminatedPods?.failed?.includes(pod.metadata.uid ?? '') === true;
  return isListed || isPodTerminal(pod) || isConditionTrue(status?.conditions, 'FailureTarget');
}

/** Failures that are counted, or about to be. */
function failuresOf({ failed = 0, uncountedTerminatedPods }: JobStatus): number {
  return failed + (uncountedTerminatedPods?.failed?.length ?? 0);
}

/** What is wrong with the counts, or null. */
function miscount({ spec, status = {} }: Job, ended: Ended | undefined): string | null {
  const { succeeded = 0, completedIndexes = '', uncountedTerminatedPods } = status;
  const counted = succeeded + (uncountedTerminatedPods?.succeeded?.length ?? 0);
  const happened = ended?.succeeded.size ?? 0;
  if (counted > happened) return `${counted} successes are counted, ${happened} pods have succeeded`;
  const failures = failuresOf(status);
  const lost = ended?.failed.size ?? 0;
  if (failures > lost) return `${failures} failures are counted, ${lost} pods have failed or were deleted`;
  if (spec.completionMode === 'Indexed') {
    for (const index of indexesOf(completedIndexes)) {
      if (ended?.indexes.has(index) !== true) return `index ${index} is completed, no pod of it has succeeded`;
    }
  }
  const wanted = spec.successPolicy === undefined ? (spec.completions ?? 0) : 0;
  if (succeeded >= wanted || !isConditionTrue(status.conditions, 'Complete')) return null;
  return `it is Complete with ${succeeded} of ${wanted} successes`;
}

/** Failures that a Job does not count that has failed, or null. Rules of its own may leave some out. */
function leftOut({ spec, status = {} }: Job, ended: Ended | undefined): string | null {
  if (ended === undefined || spec.podFailurePolicy !== undefined || !isConditionTrue(status.conditions, 'Failed'))
    return null;
  const counted = failuresOf(status);
  const lost = ended.released.size;
  return counted >= lost ? null : `it has failed and counts ${counted} failures, ${lost} pods had not succeeded`;
}

/** Ready pods that the controller must have seen and that its status does not count, or null; while it cannot count an ended pod it can write no status at all. */
function forgotten({ metadata, status = {} }: Job, { world, sim, calmSinceUs }: Judge): string | null {
  const { ready = 0, active = 0 } = status;
  if (ready >= active || sim.now - calmSinceUs < SEEN_US) return null;
  let long = 0;
  for (const object of world.of('Pod').values()) {
    if (controllerOf(object)?.uid !== metadata.uid) continue;
    if (!isPodActive(object as Pod)) {
      if (isTracked(object as Pod)) return null;
      continue;
    }
    if (isPodAvailable(object as Pod, SEEN_US / 1_000_000, sim.clocks.trueWallUs)) long++;
  }
  return ready >= long ? null : `${ready} ready pods are counted, ${long} have been ready for ${SEEN_US / 1_000_000} s`;
}

/** `0-2,5` → 0, 1, 2, 5. */
function* indexesOf(text: string): Generator<number, void, undefined> {
  for (const part of text.split(',')) {
    const [first = '', last = first] = part.split('-');
    if (first !== '') for (let index = Number(first); index <= Number(last); index++) yield index;
  }
}

/** What the controller saw when it decided to create pods; all counts as in its own copies. */
interface Creation {
  readonly job: Job;
  readonly active: number;
  readonly succeeded: number;
  readonly create: number;
  readonly indexes: readonly number[];
  /** Failures since the last success (0 where each index has its own), and when the last of them was; wall time, µs. */
  readonly failures: number;
  readonly lastFailureUs: number;
  readonly wallUs: number;
}

/** Kubernetes 1.34 pkg/controller/job: DefaultJobPodFailureBackOff, MaxJobPodFailureBackOff. */
const BACKOFF_US = 10_000_000;
const BACKOFF_US_MAX = 600_000_000;

/** After so long a controller knows of a new limit and has acted on it, µs. */
const KNOWN_US = 60_000_000;

/** How many pods may be active at one time. */
function limitOf({ spec }: Job): number {
  return spec.suspend === true ? 0 : (spec.parallelism ?? 1);
}

export function endedJobs(judge: Judge): Predicate {
  /** Since when a Job has its present limit, by uid, µs. */
  const limitedUs = new Map<string, number>();
  const failures = new JobFailures(judge);
  const predicate: Predicate = {
    id: 'J2',
    about:
      'no Job ends before its pods, or gets some after its end, too many failures, or beyond what it wants at a time',
    evaluations: 0,
    commitKinds: ['Job'],
    onCommit({ object, previous, timeUs }: Commit) {
      const job = (object ?? previous) as Job;
      if (isManagedElsewhere(job)) return;
      failures.note(object as Job | null, previous as Job | null);
      const uid = job.metadata.uid ?? '';
      if (object === null) limitedUs.delete(uid);
      else if (previous === null || limitOf(previous as Job) !== limitOf(job)) limitedUs.set(uid, timeUs);
      if (object !== null && isJobFinished(job) && (previous === null || !isJobFinished(previous as Job))) ended(job);
      const { active = 0 } = job.status ?? {};
      if (active === ((previous as Job | null)?.status?.active ?? 0) || active <= limitOf(job)) return;
      predicate.evaluations++;
      if (timeUs - (limitedUs.get(uid) ?? timeUs) < KNOWN_US) return;
      judge.violate(predicate, `Job ${keyOf(job)}: ${active} pods are active, for a minute ${limitOf(job)} may be`);
    },
  };
  const ended = (job: Job): void => {
    predicate.evaluations++;
    // A creation may be on its way then that nobody has heard of.
    const mayBeUnseen = judge.calmSinceUs > judge.sim.now;
    for (const object of judge.world.of('Pod').values()) {
      const pod = object as Pod;
      if (isPodTerminal(pod) || (mayBeUnseen && pod.metadata.deletionTimestamp === undefined)) continue;
      if (controllerOf(pod)?.uid !== job.metadata.uid) continue;
      judge.violate(predicate, `Job ${keyOf(job)} has ended, but its pod ${pod.metadata.name} has not`);
      return;
    }
  };
  listen(judge, 'job.create', (_pid, subject) => {
    const creation = subject as Creation;
    predicate.evaluations++;
    const fault = whyNot(creation) ?? tooSoon(creation, failures);
    if (fault === null) return;
    judge.violate(
      predicate,
      `Job ${keyOf(creation.job)}: its controller creates ${creation.create} pods, though ${fault}`,
    );
  });
  return predicate;
}

/** How soon it is after a failure that the Job's status tells of, or null; for what the controller remembers see {@link whyNot}. */
function tooSoon({ job, wallUs }: Creation, failures: JobFailures): string | null {
  // A recording does not tell the controller's time: NaN.
  const waitedUs = wallUs - failures.lastUs(job);
  const isSoon = waitedUs < BACKOFF_US;
  return isSoon ? `the last failure that it counts was ${Math.round(waitedUs / 1_000_000)} s ago` : null;
}

/** Why no such pods may be created, or null. */
function whyNot({ job, active, succeeded, create, indexes, failures, lastFailureUs, wallUs }: Creation): string | null {
  const { status = {} } = job;
  const { conditions, failed = 0 } = status;
  for (const end of ['Complete', 'Failed']) if (isConditionTrue(conditions, end)) return `it is ${end}`;
  const { backoffLimit = BACKOFF_LIMIT_DEFAULT, backoffLimitPerIndex, parallelism = 1, completions } = job.spec;
  if (job.metadata.deletionTimestamp !== undefined) return 'it is being deleted';
  if (job.spec.suspend === true) return 'it is suspended';
  if (backoffLimitPerIndex === undefined && failed > backoffLimit)
    return `${failed} have failed, limit ${backoffLimit}`;
  const over = new Set([...indexesOf(status.completedIndexes ?? ''), ...indexesOf(status.failedIndexes ?? '')]);
  const late = indexes.find((index) => over.has(index));
  if (late !== undefined) return `index ${late} is over`;
  const waitedUs = wallUs - lastFailureUs;
  if (failures > 0 && waitedUs < Math.min(BACKOFF_US * 2 ** (failures - 1), BACKOFF_US_MAX))
    return `the last of ${failures} failures was ${Math.round(waitedUs / 1_000_000)} s ago`;
  if (active + create > parallelism) return `${active} are active and ${parallelism} may be`;
  if (completions === undefined || active + create <= completions - succeeded) return null;
  return `${active} are active, ${succeeded} have succeeded and ${completions} are wanted`;
}
