/**
 * Spread terms of pods that have no constraints of their own: the profile's defaults with the selector of the pod's Services
 * and owner (Kubernetes 1.34, PodTopologySpread defaulting).
 *
 * A pod group's selector is worked out once and kept until a selector of its namespace changes; the pods of one owner share
 * it. Cost: a few comparisons a pod.
 */
import { jsonEqual } from '../../types/json-value.ts';
import type { Selector } from '../../types/label-selector.ts';
import type { KubeObject, LabelSelector, StringMap } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { Pod, TopologySpreadConstraint } from '../../types/pod.ts';
import type { ClusterObjects } from '../framework/cluster-objects.ts';
import { defaultSelector } from '../framework/default-selector.ts';
import type { PodCounts } from './pod-counts.ts';
import type { PodGroup, SpreadTerm } from './pod-shape.ts';

/** Kinds whose selectors matter. */
const KINDS: readonly string[] = ['Service', 'ReplicationController', 'ReplicaSet', 'StatefulSet'];
const NO_TERMS: readonly SpreadTerm[] = [];

interface GroupEntry {
  readonly version: number;
  readonly ownerKind: string;
  readonly ownerName: string;
  /** −1 = nothing serves or owns the pod. */
  readonly counter: number;
  readonly self: 0 | 1;
  readonly byConstraints: Map<readonly TopologySpreadConstraint[], readonly SpreadTerm[]>;
}

/** Default spread terms of all pod groups of one scheduler. */
export class DefaultSpread {
  readonly #objects: ClusterObjects;
  readonly #counts: PodCounts;
  readonly #fill: (counter: number) => void;
  readonly #versions = new Map<string, number>();
  readonly #byGroup: (GroupEntry | undefined)[] = [];

  constructor(objects: ClusterObjects, counts: PodCounts, fill: (counter: number) => void) {
    this.#objects = objects;
    this.#counts = counts;
    this.#fill = fill;
  }

  /** An object came, changed or went (`undefined`). */
  changed(before: KubeObject | undefined, after: KubeObject | undefined): void {
    const object = after ?? before;
    if (object === undefined || !KINDS.includes(object.kind)) return;
    if (before !== undefined && after !== undefined && jsonEqual(selectorOf(before), selectorOf(after))) return;
    const namespace = object.metadata.namespace ?? '';
    this.#versions.set(namespace, (this.#versions.get(namespace) ?? 0) + 1);
  }

  /** Terms of the default constraints of one kind for a pod without its own. */
  termsOf(
    pod: Pod,
    group: PodGroup,
    constraints: readonly TopologySpreadConstraint[],
    action: string,
  ): readonly SpreadTerm[] {
    if (constraints.length === 0 || this.#versions.size === 0) return NO_TERMS;
    const version = this.#versions.get(group.namespace);
    if (version === undefined) return NO_TERMS;
    const owner = controllerOf(pod);
    const ownerKind = owner?.kind ?? '';
    const ownerName = owner?.name ?? '';
    let entry = this.#byGroup[group.id];
    if (entry?.version !== version || entry.ownerName !== ownerName || entry.ownerKind !== ownerKind) {
      entry = this.#makeEntry(pod, group, version, ownerKind, ownerName);
      while (this.#byGroup.length < group.id) this.#byGroup.push(undefined);
      this.#byGroup[group.id] = entry;
    }
    if (entry.counter < 0) return NO_TERMS;
    let terms = entry.byConstraints.get(constraints);
    if (terms === undefined) {
      terms = constraints.map((constraint) => termOf(constraint, entry));
      entry.byConstraints.set(constraints, terms);
    }
    return terms.some((_term, i) => constraints[i]?.whenUnsatisfiable !== action)
      ? terms.filter((_term, i) => constraints[i]?.whenUnsatisfiable === action)
      : terms;
  }

  #makeEntry(pod: Pod, group: PodGroup, version: number, ownerKind: string, ownerName: string): GroupEntry {
    const selector = defaultSelector(pod, this.#objects);
    const counter = selector.isEmpty ? -1 : this.#counterOf(selector, group.namespace);
    const self = selector.matches(group.labels) ? 1 : 0;
    return { version, ownerKind, ownerName, counter, self, byConstraints: new Map() };
  }

  #counterOf(selector: Selector, namespace: string): number {
    const text = `default spread ${namespace} ${selector}`;
    const known = this.#counts.find(text);
    if (known >= 0) return known;
    const part = { namespaces: [namespace], namespaceSelector: null, selector };
    const counter = this.#counts.add(text, { parts: [part], skipTerminating: true });
    this.#fill(counter);
    return counter;
  }
}

function termOf(constraint: TopologySpreadConstraint, { counter, self }: GroupEntry): SpreadTerm {
  return {
    counter,
    key: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    honorAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorTaints: (constraint.nodeTaintsPolicy ?? 'Ignore') === 'Honor',
    matchesAll: false,
    self,
  };
}

/** The selector by which an object serves or owns pods; undefined for other kinds, and where there is none. */
export function servingSelector(object: KubeObject): LabelSelector | undefined {
  if (!KINDS.includes(object.kind)) return undefined;
  const selector = selectorOf(object);
  if (typeof selector !== 'object' || selector === null) return undefined;
  const plain = object.kind === 'Service' || object.kind === 'ReplicationController';
  return plain ? { matchLabels: selector as StringMap } : (selector as LabelSelector);
}

function selectorOf({ spec }: KubeObject): unknown {
  return (spec as { readonly selector?: unknown } | undefined)?.selector;
}
