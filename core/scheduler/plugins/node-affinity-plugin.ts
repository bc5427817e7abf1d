/**
 * NodeAffinity (Kubernetes 1.34): nodeSelector and required terms filter, preferred terms score. Terms that name their
 * nodes narrow the search to these (PreFilter result).
 */
import { type Diagnosis, UNRESOLVABLE } from '../diagnosis.ts';
import { matchesNodeTerm, matchesRequired, type RequiredNodeTerms } from '../node-terms.ts';
import type { FilterPlugin, Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugin.ts';

const REASONS = ["node(s) didn't match Pod's node affinity/selector"];

/** Filter plugin; its score is the sum of the weights of matching preferred terms. */
export class NodeAffinityPlugin implements FilterPlugin, ScorePlugin {
  readonly name = 'NodeAffinity';
  readonly normalizer: Normalizer = 'maximum';

  /** As PreFilter: rejects a pod whose terms name no node at all; as PreScore (without diagnosis): whether it prefers anything. */
  prepare(request: PodRequest, _snapshot: Snapshot, diagnosis?: Diagnosis, index?: number): boolean {
    if (diagnosis === undefined) return request.podClass.shape.preferred.length > 0;
    const required = request.podClass.shape.required;
    if (required?.nodeNames?.length === 0) diagnosis.rejectAll(index as number, 'pod affinity terms conflict');
    return required !== null;
  }

  filter(
    request: PodRequest,
    { nodes }: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const required = request.podClass.shape.required as RequiredNodeTerms;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      if (matchesRequired(required, nodes.names[slot] as string, nodes.labels[slot] ?? {})) slots[kept++] = slot;
      else diagnosis.reject(slot, index, UNRESOLVABLE, diagnosis.reasonSet(REASONS));
    }
    return kept;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const preferred = request.podClass.shape.preferred;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      let sum = 0;
      for (const { weight, term } of preferred) {
        if (matchesNodeTerm(term, nodes.names[slot] as string, nodes.labels[slot] ?? {})) sum += weight;
      }
      out[i] = sum;
    }
  }
}
