/**
 * NodeAffinity (Kubernetes 1.34): nodeSelector and required terms filter, preferred terms score. Terms that name their
 * nodes narrow the search to these (PreFilter result).
 */
import type { NodeAffinity } from '../../types/pod.ts';
import { type Diagnosis, UNRESOLVABLE } from '../choice/diagnosis.ts';
import {
  type NodeTerm,
  parseNodeTerms,
  parsePreferredTerms,
  termMatches,
  type WeightedNodeTerm,
} from '../framework/node-selector.ts';
import type { FilterPlugin, Normalizer, PodRequest, ScorePlugin, Snapshot } from './plugin.ts';

/** The reason of a node that a pod does not ask for. */
export const NOT_SELECTED = "node(s) didn't match Pod's node affinity/selector";
const REASONS = [NOT_SELECTED];
const ADDED_REASONS = ["node(s) didn't match scheduler-enforced node affinity"];

/** Filter plugin; its score is the sum of the weights of matching preferred terms. */
export class NodeAffinityPlugin implements FilterPlugin, ScorePlugin {
  readonly name = 'NodeAffinity';
  readonly normalizer: Normalizer = 'maximum';

  readonly #addedRequired: readonly NodeTerm[] | null;
  readonly #addedPreferred: readonly WeightedNodeTerm[];

  /** `added`: the affinity that the profile adds to every pod. */
  constructor(added: NodeAffinity | undefined) {
    const required = added?.requiredDuringSchedulingIgnoredDuringExecution;
    this.#addedRequired = required === undefined ? null : parseNodeTerms(required.nodeSelectorTerms);
    this.#addedPreferred = parsePreferredTerms(added?.preferredDuringSchedulingIgnoredDuringExecution ?? []);
  }

  /** As PreFilter: rejects a pod whose terms name no node at all; as PreScore (without diagnosis): whether it prefers anything. */
  prepare(request: PodRequest, _snapshot: Snapshot, diagnosis?: Diagnosis, index?: number): boolean {
    const { required, preferred } = request.podClass.shape;
    if (diagnosis === undefined) return preferred.length + this.#addedPreferred.length > 0;
    if (required?.nodeNames?.length === 0) diagnosis.rejectAll(index as number, 'pod affinity terms conflict');
    return required !== null || this.#addedRequired !== null;
  }

  filter(
    request: PodRequest,
    { nodes }: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const { required } = request.podClass.shape;
    const added = this.#addedRequired;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const name = nodes.names[slot] as string;
      const labels = nodes.labels[slot] ?? {};
      if (added !== null && !added.some((term) => termMatches(term, name, labels))) {
        if (!diagnosis.silent) diagnosis.reject(slot, index, UNRESOLVABLE, diagnosis.reasonSet(ADDED_REASONS));
      } else if (required === null || required.matches(name, labels)) slots[kept++] = slot;
      else if (!diagnosis.silent) diagnosis.reject(slot, index, UNRESOLVABLE, diagnosis.reasonSet(REASONS));
    }
    return kept;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const preferred = [...this.#addedPreferred, ...request.podClass.shape.preferred];
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      let sum = 0;
      for (const { weight, term } of preferred) {
        if (termMatches(term, nodes.names[slot] as string, nodes.labels[slot] ?? {})) sum += weight;
      }
      out[i] = sum;
    }
  }
}
