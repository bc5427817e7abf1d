/**
 * NodeResourcesBalancedAllocation (Kubernetes 1.34, before the formula of 1.36): ⌊(1 − std)·100⌋ of the fractions of each
 * resource that would be requested; real requests, no scoring defaults. Skipped for pods without requests.
 */
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugin.ts';
import { FIRST_EXTENDED } from '../resource-names.ts';
import { requestOf } from '../resource-vector.ts';

/** Score by how evenly the resources would be used. */
export class NodeResourcesBalancedAllocationPlugin implements ScorePlugin {
  readonly name = 'NodeResourcesBalancedAllocation';
  readonly normalizer: Normalizer = 'none';
  readonly #names: readonly string[];
  readonly #fractions = new Float64Array(16);

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  prepare(request: PodRequest, { nodes }: Snapshot): boolean {
    const vector = request.podClass.shape.vector;
    for (const name of this.#names) if (requestOf(vector, nodes.resources.intern(name)) > 0) return true;
    return false;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const vector = request.podClass.shape.vector;
    const fractions = this.#fractions;
    const ids = this.#names.map((name) => nodes.resources.intern(name));
    const pod = ids.map((id) => requestOf(vector, id));
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      let used = 0;
      for (let r = 0; r < ids.length; r++) {
        const id = ids[r] as number;
        const amount = pod[r] as number;
        const capacity = nodes.allocatableOf(slot, id);
        if (capacity === 0 || (id >= FIRST_EXTENDED && amount === 0)) continue;
        fractions[used++] = Math.min(1, (nodes.requestedOf(slot, id) + amount) / capacity);
      }
      out[i] = Math.trunc((1 - deviation(fractions, used)) * 100);
    }
  }
}

/** |f1 − f2| / 2 of two fractions, population standard deviation of more, 0 of one or none. */
function deviation(fractions: Float64Array, count: number): number {
  if (count < 2) return 0;
  if (count === 2) return Math.abs(((fractions[0] as number) - (fractions[1] as number)) / 2);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += fractions[i] as number;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += ((fractions[i] as number) - mean) * ((fractions[i] as number) - mean);
  return Math.sqrt(squares / count);
}
