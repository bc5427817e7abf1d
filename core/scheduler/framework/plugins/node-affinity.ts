/**
 * NodeAffinity: nodeSelector, required and preferred node affinity, and the affinity that a profile adds.
 *
 * `metadata.name In` terms narrow the search to the nodes they name. A required term that cannot be parsed never matches;
 * a preferred one ends the cycle with an error. Source: Kubernetes 1.34.
 */
import type { NodeAffinity as NodeAffinitySpec } from '../../../types/pod.ts';
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import {
  type NodeTerm,
  parseNodeTerms,
  parsePreferredTerms,
  preferredTermErrors,
  requiredNodeTerms,
  termMatches,
  type WeightedNodeTerm,
} from '../node-selector.ts';
import { normalizeByMaximum, type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { CycleError, type Rejection, unresolvable } from '../status.ts';

/** The plugin. */
export class NodeAffinity implements Plugin {
  readonly name = 'NodeAffinity';
  readonly #countsBytes: boolean;
  readonly #addedRequired: readonly NodeTerm[] | null;
  readonly #addedPreferred: readonly WeightedNodeTerm[] | null;

  /** `added`: the affinity that the profile adds; `countsBytes`: whether an error calls the length of a label bytes, as from 1.36. */
  constructor(added: NodeAffinitySpec | undefined, countsBytes: boolean) {
    this.#countsBytes = countsBytes;
    const required = added?.requiredDuringSchedulingIgnoredDuringExecution;
    const preferred = added?.preferredDuringSchedulingIgnoredDuringExecution;
    this.#addedRequired = required === undefined ? null : parseNodeTerms(required.nodeSelectorTerms);
    this.#addedPreferred = preferred === undefined ? null : preferencesOf(preferred);
  }

  preFilter(cycle: Cycle): PreFilterOutcome {
    const { spec } = cycle.info.pod;
    const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (required === undefined && this.#addedRequired === null && spec.nodeSelector === undefined) return SKIP;
    const { nodeNames } = requiredNodeTerms(spec);
    if (nodeNames === null) return null;
    return nodeNames.length === 0 ? unresolvable('pod affinity terms conflict') : { nodeNames };
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const added = this.#addedRequired;
    if (added !== null && !added.some((term) => termMatches(term, node.name, node.labels))) {
      return unresolvable("node(s) didn't match scheduler-enforced node affinity");
    }
    const fits = requiredNodeTerms(cycle.info.pod.spec).matches(node.name, node.labels);
    return fits ? null : unresolvable("node(s) didn't match Pod's node affinity/selector");
  }

  preScore(cycle: Cycle): typeof SKIP | null {
    const preferred = cycle.info.pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if (preferred === undefined) return this.#addedPreferred === null ? SKIP : null;
    const message = preferredTermErrors(preferred, this.#countsBytes);
    if (message !== '') throw new CycleError(message);
    return null;
  }

  score(cycle: Cycle, node: NodeInfo): number {
    const preferred = cycle.info.pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    let sum = 0;
    for (const { weight, term } of [...(this.#addedPreferred ?? []), ...preferencesOf(preferred)]) {
      if (termMatches(term, node.name, node.labels)) sum += weight;
    }
    return sum;
  }

  normalize(_cycle: Cycle, _nodes: readonly NodeInfo[], scores: Float64Array): void {
    normalizeByMaximum(scores, false);
  }
}

type PreferredTerms = NonNullable<NodeAffinitySpec['preferredDuringSchedulingIgnoredDuringExecution']>;

const parsed = new WeakMap<PreferredTerms, readonly WeightedNodeTerm[]>();

function preferencesOf(preferred: PreferredTerms): readonly WeightedNodeTerm[] {
  let preferences = parsed.get(preferred);
  if (preferences === undefined) {
    preferences = parsePreferredTerms(preferred);
    parsed.set(preferred, preferences);
  }
  return preferences;
}
