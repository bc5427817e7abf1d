/**
 * NodeResourcesBalancedAllocation: ⌊(1 − std)·100⌋ of the fractions of each resource that would be requested; real
 * requests, no scoring defaults. Skipped for pods without requests. From 1.36 it is the change that the pod makes that
 * counts (see the reference plugin of the same name).
 */
import { balanceChange, balanceOf } from '../framework/resource-scores.ts';
import { FIRST_EXTENDED } from '../nodes/resource-names.ts';
import { requestOf } from '../nodes/resource-vector.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from './plugin.ts';

/** Score by how evenly the resources would be used. */
export class NodeResourcesBalancedAllocationPlugin implements ScorePlugin {
  readonly name = 'NodeResourcesBalancedAllocation';
  readonly normalizer: Normalizer = 'none';
  readonly #names: readonly string[];
  readonly #relative: boolean;

  constructor(names: readonly string[], relative: boolean) {
    this.#names = names;
    this.#relative = relative;
  }

  prepare(request: PodRequest, { nodes }: Snapshot): boolean {
    const vector = request.podClass.shape.vector;
    for (const name of this.#names) if (requestOf(vector, nodes.resources.intern(name)) > 0) return true;
    return false;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const vector = request.podClass.shape.vector;
    const ids = this.#names.map((name) => nodes.resources.intern(name));
    const pod = ids.map((id) => requestOf(vector, id));
    const before: number[] = ids.map(() => 0);
    const after: number[] = ids.map(() => 0);
    const allocatable: number[] = ids.map(() => 0);
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      for (let r = 0; r < ids.length; r++) {
        const id = ids[r] as number;
        const amount = pod[r] as number;
        before[r] = nodes.requestedOf(slot, id);
        after[r] = (before[r] as number) + amount;
        allocatable[r] = id >= FIRST_EXTENDED && amount === 0 ? 0 : nodes.allocatableOf(slot, id);
      }
      out[i] = this.#relative ? balanceChange(before, after, allocatable) : balanceOf(after, allocatable);
    }
  }
}
