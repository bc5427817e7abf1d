/** PriorityClasses, and the priority of what names one. Source: Kubernetes 1.34, scheduling.k8s.io/v1 PriorityClass, plug-in Priority. */
import type { KubeObject } from './object.ts';
import type { PodSpec } from './pod.ts';

/** scheduling/v1 PriorityClass. */
export interface PriorityClass extends KubeObject {
  readonly value: number;
  readonly globalDefault?: boolean | undefined;
  readonly description?: string | undefined;
  readonly preemptionPolicy?: string | undefined;
}

/** Values of the classes that every cluster has. */
export const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** What a named class, or the default one, says. */
export interface AdmittedPriority {
  /** Of the class; what was given where there is none. */
  readonly name: string | undefined;
  readonly priority: number;
  readonly preemptionPolicy: string;
  /** Why an API server refuses what was given; '' = it does not. */
  readonly refusal: string;
}

/** What of a pod or a group of pods says its priority. */
export type GivenPriority = Pick<PodSpec, 'priorityClassName' | 'priority' | 'preemptionPolicy'>;

/**
 * What the Priority plug-in makes of what a pod or a group of pods gives; of several default classes the one of the lowest value counts. A policy of a group
 * is not read (gate PodGroupPreemptionPolicy of Kubernetes 1.37, off by default).
 */
export function priorityOf(
  classes: Iterable<PriorityClass>,
  given: GivenPriority,
  what: 'pod' | 'pod group',
): AdmittedPriority {
  const asked = given.priorityClassName ?? '';
  let chosen: PriorityClass | undefined;
  for (const each of classes) {
    const counts = asked === '' ? each.globalDefault === true : each.metadata.name === asked;
    if (counts && (chosen === undefined || each.value < chosen.value)) chosen = each;
  }
  const priority = chosen?.value ?? 0;
  const preemptionPolicy = chosen?.preemptionPolicy ?? 'PreemptLowerPriority';
  const [value, policy] = [given.priority ?? priority, given.preemptionPolicy ?? preemptionPolicy];
  const differing = (field: string, computed: string | number): string =>
    `the ${field} must not be provided in ${what} spec; priority admission controller computed ${computed} from the given PriorityClass name`;
  let refusal = '';
  if (asked !== '' && chosen === undefined) refusal = `no PriorityClass with name ${asked} was found`;
  else if (value !== priority) refusal = differing(`integer value of priority (${value})`, priority);
  else if (what === 'pod' && policy !== preemptionPolicy)
    refusal = differing(`string value of PreemptionPolicy (${policy})`, preemptionPolicy);
  return {
    name: chosen === undefined ? given.priorityClassName : chosen.metadata.name,
    priority,
    preemptionPolicy,
    refusal,
  };
}
