/**
 * InterPodAffinity, preferred part (Kubernetes 1.34): the pod's preferred terms, and the required and preferred terms of
 * pods that run already and select it. Cost: O(nodes) a term that is in play.
 */
import type { InterPodAffinityArgs } from '../configuration/plugin-arguments.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from './plugin.ts';

/** One topology key: what a node gets for its value of it. */
interface Part {
  readonly values: Int32Array;
  readonly sums: Float64Array;
}

/** Score by preferred pod terms. */
export class InterPodAffinityScorePlugin implements ScorePlugin {
  readonly name = 'InterPodAffinity';
  readonly normalizer: Normalizer = 'range';
  readonly #args: InterPodAffinityArgs;
  readonly #parts: Part[] = [];

  constructor(args: InterPodAffinityArgs) {
    this.#args = args;
  }

  /** What a required affinity term of a pod that runs already weighs; 0 = nothing. */
  get hardWeight(): number {
    return this.#args.hardPodAffinityWeight;
  }

  prepare(request: PodRequest, snapshot: Snapshot): boolean {
    this.#parts.length = 0;
    if (!this.inPlay(request, snapshot)) return false;
    const { counts, carriedAffinity, carriedPreferred } = snapshot;
    const { group, terms } = request.podClass;
    for (const { counter, key, weight } of terms?.preferred ?? []) {
      this.#parts.push(part(snapshot, key, counts.perNode(counter), weight));
    }
    for (const id of this.hardWeight > 0 ? carriedAffinity.selecting(group) : []) {
      this.#parts.push(part(snapshot, carriedAffinity.keyOf(id), carriedAffinity.perNode(id), this.hardWeight));
    }
    for (const id of carriedPreferred.selecting(group)) {
      const weight = carriedPreferred.weightOf(id);
      this.#parts.push(part(snapshot, carriedPreferred.keyOf(id), carriedPreferred.perNode(id), weight));
    }
    return this.#parts.length > 0;
  }

  /** Whether any term can move a node's score. */
  inPlay({ podClass }: PodRequest, { carriedAffinity, carriedPreferred }: Snapshot): boolean {
    if ((podClass.terms?.preferred.length ?? 0) > 0) return true;
    if (this.#args.ignorePreferredTermsOfExistingPods) return false;
    const { group } = podClass;
    if (carriedPreferred.selecting(group).length > 0) return true;
    return this.hardWeight > 0 && carriedAffinity.selecting(group).length > 0;
  }

  score(_request: PodRequest, _snapshot: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      let sum = 0;
      for (const { values, sums } of this.#parts) {
        const value = values[slot] as number;
        if (value >= 0) sum += sums[value] as number;
      }
      out[i] = sum;
    }
  }
}

function part({ nodes }: Snapshot, key: string, perNode: Int32Array, weight: number): Part {
  const column = nodes.topology(key);
  const { values } = column;
  const sums = new Float64Array(column.valueCount);
  const list = nodes.order.list;
  for (let i = 0; i < nodes.nodeCount; i++) {
    const slot = list[i] as number;
    const value = values[slot] as number;
    const pods = perNode[slot] ?? 0;
    if (value >= 0 && pods !== 0) sums[value] = (sums[value] as number) + weight * pods;
  }
  return { values, sums };
}
