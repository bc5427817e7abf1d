/**
 * NodeResourcesFit (Kubernetes 1.34): the pod count and every requested resource must fit into what is left; scores by the
 * strategy LeastAllocated or MostAllocated.
 */
import { type Diagnosis, UNRESOLVABLE, UNSCHEDULABLE } from '../diagnosis.ts';
import { NON_ZERO_CPU, ROW } from '../node-table.ts';
import type { FilterPlugin, Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugin.ts';
import type { ResourceWeight, ScoringStrategy } from '../profile.ts';
import { CPU, FIRST_EXTENDED, MEMORY, PODS } from '../resource-names.ts';
import { requestOf } from '../resource-vector.ts';

/** Filter and score on resources. */
export class NodeResourcesFitPlugin implements FilterPlugin, ScorePlugin {
  readonly name = 'NodeResourcesFit';
  readonly normalizer: Normalizer = 'none';
  readonly #strategy: ScoringStrategy;
  readonly #weights: readonly ResourceWeight[];

  constructor(strategy: ScoringStrategy, weights: readonly ResourceWeight[]) {
    this.#strategy = strategy;
    this.#weights = weights;
  }

  prepare(): boolean {
    return true;
  }

  filter(
    request: PodRequest,
    { nodes }: Snapshot,
    slots: Int32Array,
    count: number,
    diagnosis: Diagnosis,
    index: number,
  ): number {
    const { resources, amounts } = request.podClass.shape.vector;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      let fits = nodes.requestedOf(slot, PODS) + 1 <= nodes.allocatableOf(slot, PODS);
      for (let r = 0; fits && r < amounts.length; r++) {
        const id = resources[r] as number;
        fits = (amounts[r] as number) <= nodes.allocatableOf(slot, id) - nodes.requestedOf(slot, id);
      }
      if (fits) slots[kept++] = slot;
      else if (!diagnosis.silent) this.#reject(request, { nodes }, slot, diagnosis, index);
    }
    return kept;
  }

  /** LeastAllocated: ⌊(cap − req)·100/cap⌋; MostAllocated: ⌊min(req, cap)·100/cap⌋; weighted mean, floored. */
  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const vector = request.podClass.shape.vector;
    const ids = this.#weights.map(({ name }) => nodes.resources.intern(name));
    const weights = this.#weights.map(({ weight }) => weight);
    const pod = ids.map((id) =>
      id === CPU ? vector.scoreCpu : id === MEMORY ? vector.scoreMemory : requestOf(vector, id),
    );
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      let sum = 0;
      let weightSum = 0;
      for (let r = 0; r < ids.length; r++) {
        const id = ids[r] as number;
        const amount = pod[r] as number;
        const capacity = nodes.allocatableOf(slot, id);
        if (capacity === 0 || (id >= FIRST_EXTENDED && amount === 0)) continue;
        const used =
          id <= MEMORY ? (nodes.rows[slot * ROW + NON_ZERO_CPU + id] as number) : nodes.requestedOf(slot, id);
        sum += (weights[r] as number) * resourceScore(this.#strategy, used + amount, capacity);
        weightSum += weights[r] as number;
      }
      out[i] = weightSum === 0 ? 0 : Math.floor(sum / weightSum);
    }
  }

  #reject(
    request: PodRequest,
    { nodes }: Pick<Snapshot, 'nodes'>,
    slot: number,
    diagnosis: Diagnosis,
    index: number,
  ): void {
    const { resources, amounts } = request.podClass.shape.vector;
    const reasons: string[] = [];
    let code = UNSCHEDULABLE;
    if (nodes.requestedOf(slot, PODS) + 1 > nodes.allocatableOf(slot, PODS)) reasons.push('Too many pods');
    for (let r = 0; r < amounts.length; r++) {
      const id = resources[r] as number;
      const amount = amounts[r] as number;
      const capacity = nodes.allocatableOf(slot, id);
      if (amount <= capacity - nodes.requestedOf(slot, id)) continue;
      reasons.push(`Insufficient ${nodes.resources.nameOf(id)}`);
      if (amount > capacity) code = UNRESOLVABLE;
    }
    diagnosis.reject(slot, index, code, diagnosis.reasonSet(reasons));
  }
}

/** Score 0 … 100 of one resource; `capacity` is positive. */
export function resourceScore(strategy: ScoringStrategy, requested: number, capacity: number): number {
  if (strategy === 'MostAllocated') return Math.floor((Math.min(requested, capacity) * 100) / capacity);
  return requested > capacity ? 0 : Math.floor(((capacity - requested) * 100) / capacity);
}
