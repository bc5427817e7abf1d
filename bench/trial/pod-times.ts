/**
 * How long one pod of a workload takes by its own settings: the part of a bound that the user chose.
 */
import {
  annotatedPodUs,
  annotatedWorkloadUs,
  type Container,
  type KubeObject,
  type PodTemplateSpec,
} from '../../core/cluster/vocabulary.ts';

const S = 1_000_000;
const DEFAULT_GRACE_S = 30;

/**
 * From deletion of an old pod to a Ready new one, beyond pull and start, µs: grace, probes, init containers, minReadySeconds, what annotations say;
 * for a Job to its end.
 */
export function slowestPodUs(object: KubeObject, { metadata, spec }: PodTemplateSpec): number {
  const { minReadySeconds = 0 } = (object.spec ?? {}) as { readonly minReadySeconds?: number };
  const graceS = spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S;
  const probesS = Math.max(0, ...spec.containers.map(probeSeconds));
  let initS = 0;
  for (const { restartPolicy, startupProbe } of spec.initContainers ?? [])
    initS += 2 + (restartPolicy === 'Always' ? probeSeconds({ startupProbe }) : 0);
  const annotatedUs = object.kind === 'Job' ? annotatedWorkloadUs(object, 0) : annotatedPodUs(metadata?.annotations);
  return Math.round((graceS + probesS + initS + minReadySeconds) * S) + annotatedUs;
}

function probeSeconds({ startupProbe, readinessProbe }: Pick<Container, 'startupProbe' | 'readinessProbe'>): number {
  let seconds = 0;
  for (const probe of [startupProbe, readinessProbe]) {
    if (probe === undefined || probe === null) continue;
    seconds += (probe.initialDelaySeconds ?? 0) + (probe.successThreshold ?? 1) * (probe.periodSeconds ?? 10);
  }
  return seconds;
}
