/**
 * One pod (anti-)affinity term, compiled: which pods it selects, and the key of its domains.
 *
 * A term without namespaces and without namespaceSelector means the pod's own namespace. matchLabelKeys are not looked at:
 * the API server has merged them into the selector. Source: Kubernetes 1.34, framework.AffinityTerm.
 */
import { compileSelector, type Selector } from '../../types/label-selector.ts';
import type { StringMap } from '../../types/object.ts';
import type { Pod, PodAffinity, PodAffinityTerm } from '../../types/pod.ts';
import type { ClusterObjects } from './cluster-objects.ts';

/** A compiled term. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly namespaces: readonly string[];
  readonly namespaceSelector: Selector;
  readonly selector: Selector;
}

/** A preferred term. */
export interface WeightedAffinityTerm extends AffinityTerm {
  readonly weight: number;
}

/** Required terms of one side of a pod's affinity. @throws StatusError for a malformed selector. */
export function requiredTerms(pod: Pod, affinity: PodAffinity | undefined): readonly AffinityTerm[] {
  return (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => compileTerm(pod, term));
}

/** Preferred terms of one side of a pod's affinity. @throws StatusError for a malformed selector. */
export function preferredTerms(pod: Pod, affinity: PodAffinity | undefined): readonly WeightedAffinityTerm[] {
  return (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
    ...compileTerm(pod, podAffinityTerm),
    weight,
  }));
}

function compileTerm(pod: Pod, term: PodAffinityTerm): AffinityTerm {
  const listed = term.namespaces ?? [];
  const own = listed.length === 0 && term.namespaceSelector === undefined;
  return {
    topologyKey: term.topologyKey,
    namespaces: own ? [pod.metadata.namespace ?? ''] : listed,
    namespaceSelector: compileSelector(term.namespaceSelector),
    selector: compileSelector(term.labelSelector),
  };
}

/** Whether a term of a pod that already runs selects the incoming pod, whose namespace has these labels. */
export function termSelects(term: AffinityTerm, pod: Pod, namespaceLabels: StringMap): boolean {
  const namespace = pod.metadata.namespace ?? '';
  if (!term.namespaces.includes(namespace) && !term.namespaceSelector.matches(namespaceLabels)) return false;
  return term.selector.matches(pod.metadata.labels);
}

/**
 * A term of the incoming pod with the namespaces that its namespaceSelector selects now added to those it lists. The selector stays, as upstream
 * (1.34 to 1.36 clear it on a copy): asked about pods whose namespace labels are not looked up, one that accepts a missing label accepts every
 * namespace.
 */
export function resolveNamespaces<T extends AffinityTerm>(term: T, objects: ClusterObjects): T {
  const { namespaceSelector } = term;
  if (namespaceSelector.isEmpty || namespaceSelector.isNothing) return term;
  const namespaces = [...term.namespaces];
  for (const { metadata } of objects.list('Namespace')) {
    if (namespaceSelector.matches(metadata.labels)) namespaces.push(metadata.name);
  }
  return { ...term, namespaces };
}
