/**
 * How long workloads take because a user said so by annotation (`seatrial.dev/ready-after`, `image-pull`, `stop-after`, `run-for`): what a bound has to
 * contain.
 *
 * Nothing without such annotations but for a Job of many waves. Counted is the longest chain of pods that wait for one another.
 */
import { ANNOTATION_PREFIX } from '../node/options.ts';
import type { DaemonSet } from '../types/daemon-set.ts';
import type { Deployment } from '../types/deployment.ts';
import { parseGoDuration } from '../types/go-duration.ts';
import { surgeOf, unavailableOf } from '../types/int-or-percent.ts';
import { isJobFinished, isManagedElsewhere, type Job } from '../types/job.ts';
import type { KubeObject, StringMap } from '../types/object.ts';
import type { StatefulSet } from '../types/stateful-set.ts';

const S = 1_000_000;
/** Start and end of a Job's pod at their slowest, and how long it runs where nothing is said, µs. */
const JOB_POD_US = 15 * S;
/** Back-off of a Job whose pods fail. Source: Kubernetes 1.34, job controller, DefaultJobPodFailureBackOff and its maximum. */
const FAILURE_BACKOFF_US = 10 * S;
const FAILURE_BACKOFF_MAX_US = 600 * S;
/** Kubernetes 1.34, batch/v1 defaults. */
const BACKOFF_LIMIT = 6;

/** Kinds that may have such a time. */
export const ANNOTATED_KINDS = ['Job', 'Deployment', 'StatefulSet', 'DaemonSet'] as const;

/** Pull, start and stop of one pod as annotated, µs; 0 where nothing is said, or `never`. */
export function annotatedPodUs(annotations: StringMap | undefined): number {
  if (annotations === undefined) return 0;
  return (['image-pull', 'ready-after', 'stop-after'] as const).reduce(
    (sum, name) => sum + (durationOf(annotations, name) ?? 0),
    0,
  );
}

/** Longest that a workload takes for all its pods by annotation, µs: its waves one after another, a Job with its retries. `nodes`: how many a DaemonSet has. */
export function annotatedWorkloadUs(object: KubeObject, nodes: number): number {
  switch (object.kind) {
    case 'Job':
      return jobUs(object as Job);
    case 'Deployment': {
      const { replicas = 1, strategy, template } = (object as Deployment).spec;
      const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
      const atOnce = surgeOf(maxSurge, replicas) + unavailableOf(maxUnavailable, maxSurge, replicas);
      return wavesOf(replicas, atOnce) * annotatedPodUs(template.metadata?.annotations);
    }
    case 'StatefulSet': {
      const { replicas = 1, template } = (object as StatefulSet).spec;
      return replicas * annotatedPodUs(template.metadata?.annotations);
    }
    case 'DaemonSet': {
      const { template, updateStrategy } = (object as DaemonSet).spec;
      const { maxSurge, maxUnavailable = maxSurge === undefined ? 1 : 0 } = updateStrategy?.rollingUpdate ?? {};
      const atOnce = surgeOf(maxSurge, nodes) + surgeOf(maxUnavailable, nodes);
      return wavesOf(nodes, atOnce) * annotatedPodUs(template.metadata?.annotations);
    }
    default:
      return 0;
  }
}

/** From its first pod to its end, beyond one plain pod, 0 when it has ended or nobody runs it; one whose pods never end may take as long as its deadline. */
function jobUs(job: Job): number {
  if (isManagedElsewhere(job) || isJobFinished(job)) return 0;
  const { spec } = job;
  const annotations = spec.template.metadata?.annotations;
  const { parallelism = 1, completions = parallelism, activeDeadlineSeconds } = spec;
  const crashUs = longestOf(annotations, 'crash-after');
  const runUs = crashUs ?? longestOf(annotations, 'run-for') ?? 0;
  const onceUs = runUs + annotatedPodUs(annotations);
  const exits = saidOf(annotations, 'exit');
  let us = 0;
  if (exits.includes('never') && crashUs === undefined)
    us = activeDeadlineSeconds === undefined ? 0 : Number.POSITIVE_INFINITY;
  else {
    const waves = wavesOf(completions, Math.max(1, parallelism));
    const fails = crashUs !== undefined || exits.includes('error');
    const retries = fails ? (spec.backoffLimitPerIndex ?? spec.backoffLimit ?? BACKOFF_LIMIT) : 0;
    const attempts = fails && spec.backoffLimitPerIndex === undefined ? retries + 1 : waves * (retries + 1);
    us = attempts * onceUs + (attempts - 1) * JOB_POD_US + (attempts / (retries + 1)) * backoffsUs(retries);
  }
  return activeDeadlineSeconds === undefined ? us : Math.min(us, activeDeadlineSeconds * S);
}

/** Sum of the waits after so many failures. */
function backoffsUs(failures: number): number {
  let sum = 0;
  let delayUs = FAILURE_BACKOFF_US;
  let left = failures;
  for (; left > 0 && delayUs < FAILURE_BACKOFF_MAX_US; left--, delayUs *= 2) sum += delayUs;
  return sum + left * FAILURE_BACKOFF_MAX_US;
}

function wavesOf(pods: number, atOnce: number): number {
  return Math.ceil(pods / Math.max(1, atOnce));
}

/** What the annotation says of all containers and of single ones. */
function saidOf(annotations: StringMap | undefined, name: string): string[] {
  const key = ANNOTATION_PREFIX + name;
  return Object.entries(annotations ?? {}).flatMap(([each, said]) =>
    each === key || each.startsWith(`${key}.`) ? [said] : [],
  );
}

function longestOf(annotations: StringMap | undefined, name: string): number | undefined {
  const all = saidOf(annotations, name).flatMap((text) => parseGoDuration(text) ?? []);
  return all.length === 0 ? undefined : Math.max(...all);
}

function durationOf(annotations: StringMap | undefined, name: string): number | undefined {
  const text = annotations?.[ANNOTATION_PREFIX + name];
  return text === undefined ? undefined : parseGoDuration(text);
}
