/**
 * Topology spread constraints, compiled, and the counts of their domains. Source: Kubernetes 1.34, plugins
 * podtopologyspread.
 */
import { compileSelector, type Selector } from '../../types/label-selector.ts';
import type { LabelSelector, StringMap } from '../../types/object.ts';
import type { Pod, TopologySpreadConstraint } from '../../types/pod.ts';
import { findUntolerated } from '../../types/tolerations.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { defaultSelector } from './default-selector.ts';
import type { NodeInfo } from './node-info.ts';
import { requiredNodeTerms } from './node-selector.ts';

export const HOSTNAME = 'kubernetes.io/hostname';

/** A constraint with its defaults filled in. */
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: Selector;
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
}

const NO_CONSTRAINTS: readonly SpreadConstraint[] = [];

/** The pod's own constraints of one kind (`DoNotSchedule` or `ScheduleAnyway`). */
export function podConstraints(
  pod: Pod,
  constraints: readonly TopologySpreadConstraint[],
  action: string,
): readonly SpreadConstraint[] {
  return constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((constraint) => compile(constraint, selectorWithKeys(constraint, pod.metadata.labels ?? {})));
}

/** The profile's default constraints of one kind; none when nothing owns or serves the pod. */
export function defaultConstraints(
  pod: Pod,
  defaults: readonly TopologySpreadConstraint[],
  action: string,
  objects: ClusterObjects,
): readonly SpreadConstraint[] {
  const wanted = defaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action);
  if (wanted.length === 0) return NO_CONSTRAINTS;
  const selector = defaultSelector(pod, objects);
  return selector.isEmpty ? NO_CONSTRAINTS : wanted.map((constraint) => compile(constraint, selector));
}

function compile(constraint: TopologySpreadConstraint, selector: Selector): SpreadConstraint {
  return {
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    selector,
    honorAffinity: (constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor',
    honorTaints: (constraint.nodeTaintsPolicy ?? 'Ignore') === 'Honor',
  };
}

/** The selector with the pod's values of matchLabelKeys; the API server has usually merged them already. */
export function selectorWithKeys(constraint: TopologySpreadConstraint, labels: StringMap): Selector {
  const keys = (constraint.matchLabelKeys ?? []).filter((key) => Object.hasOwn(labels, key));
  if (keys.length === 0) return compileSelector(constraint.labelSelector);
  const added = keys.map((key) => ({ key, operator: 'In' as const, values: [labels[key] as string] }));
  const merged: LabelSelector = {
    matchLabels: constraint.labelSelector?.matchLabels,
    matchExpressions: [...(constraint.labelSelector?.matchExpressions ?? []), ...added],
  };
  return compileSelector(merged);
}

/** Whether a node has the keys of all constraints. */
export function hasAllKeys(node: NodeInfo, constraints: readonly SpreadConstraint[]): boolean {
  return constraints.every(({ topologyKey }) => node.labels[topologyKey] !== undefined);
}

/** Whether a node takes part in the constraint for this pod: nodeAffinityPolicy and nodeTaintsPolicy. */
export function includesNode(constraint: SpreadConstraint, pod: Pod, node: NodeInfo): boolean {
  if (constraint.honorAffinity && !requiredNodeTerms(pod.spec).matches(node.name, node.labels)) return false;
  if (!constraint.honorTaints) return true;
  const { taints } = node.node.spec ?? {};
  return findUntolerated(taints, pod.spec.tolerations, (effect) => effect !== 'PreferNoSchedule') === undefined;
}

/** Pods on a node that a constraint counts: same namespace, not being deleted, selected; an empty selector counts none. */
export function countMatching(node: NodeInfo, { selector }: SpreadConstraint, namespace: string): number {
  if (selector.isEmpty) return 0;
  let count = 0;
  for (const { pod, namespace: own } of node.pods) {
    if (own !== namespace || pod.metadata.deletionTimestamp !== undefined) continue;
    if (selector.matches(pod.metadata.labels)) count++;
  }
  return count;
}

/** Matching pods by domain, and the least of these numbers as kube-scheduler follows it. */
export class DomainCounts {
  #counts = new Map<string, number>();
  /**
   * The two least domains. kube-scheduler follows only these two while a dry run moves pods on one node; so does this, for
   * the answer to be the same.
   */
  #first = { domain: '', count: Number.POSITIVE_INFINITY };
  #second = { domain: '', count: Number.POSITIVE_INFINITY };

  /** Number of domains. */
  get size(): number {
    return this.#counts.size;
  }

  /** The least count of a domain. */
  get least(): number {
    return this.#first.count;
  }

  of(domain: string): number {
    return this.#counts.get(domain) ?? 0;
  }

  /** Counts more pods in a domain, before {@link close}. */
  add(domain: string, count: number): void {
    this.#counts.set(domain, this.of(domain) + count);
  }

  /** All nodes are counted: finds the least domains. */
  close(): void {
    for (const [domain, count] of this.#counts) this.#follow(domain, count);
  }

  /** One pod more or less in a domain, after {@link close}. */
  change(domain: string, sign: 1 | -1): void {
    const count = this.of(domain) + sign;
    this.#counts.set(domain, count);
    this.#follow(domain, count);
  }

  clone(): DomainCounts {
    const copy = new DomainCounts();
    copy.#counts = new Map(this.#counts);
    copy.#first = this.#first;
    copy.#second = this.#second;
    return copy;
  }

  #follow(domain: string, count: number): void {
    const entry = { domain, count };
    if (domain === this.#first.domain) this.#first = entry;
    else if (domain === this.#second.domain) this.#second = entry;
    else if (count < this.#first.count) {
      this.#second = this.#first;
      this.#first = entry;
      return;
    } else if (count < this.#second.count) {
      this.#second = entry;
      return;
    }
    if (this.#first.count > this.#second.count) [this.#first, this.#second] = [this.#second, this.#first];
  }
}
