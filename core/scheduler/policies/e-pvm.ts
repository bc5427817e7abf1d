/**
 * E-PVM: the node where the pod's opportunity cost is least. Costs grow exponentially with a resource's load, so load spreads.
 *
 * Source: "An Opportunity Cost Approach for Job Assignment in a Scalable Computing Cluster" (Amir, Awerbuch, Barak, Borgstrom,
 * Keren; IEEE TPDS 2000): marginal cost Σ (n^load with the pod − n^load without) over the resources, n = number of nodes, load
 * as a share of the node. Small differences decide at low load, so the score goes down with the cost's logarithm, which keeps the order:
 * trunc(100 (1 − ln(1 + cost) ÷ ln(1 + highest cost))). Cut to an integer at once; a test holds both sides of the steps.
 */
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugin.ts';
import { freeShares, SHARES_MAX } from './free-shares.ts';

/** Score of a marginal cost among `nodeCount` nodes; 100 for no cost, 0 where every resource goes from empty to full. */
export function ePvmScore(cost: number, nodeCount: number, resourceCount: number): number {
  const highest = resourceCount * (baseOf(nodeCount) - 1);
  return Math.max(0, Math.trunc(100 * (1 - Math.log(1 + cost) / Math.log(1 + highest))));
}

/** With one node there is nothing to choose, and a base of 1 would give no costs. */
function baseOf(nodeCount: number): number {
  return Math.max(2, nodeCount);
}

/** Scores 0 … 100, more where the cost is less. */
export class EPvmPolicy implements ScorePlugin {
  readonly name = 'EPvm';
  readonly normalizer: Normalizer = 'none';
  readonly #free = new Float64Array(SHARES_MAX);
  readonly #left = new Float64Array(SHARES_MAX);

  prepare(): boolean {
    return true;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const base = baseOf(nodes.nodeCount);
    for (let i = 0; i < count; i++) {
      const resources = freeShares(nodes, slots[i] as number, request.podClass.shape, this.#free, this.#left);
      let cost = 0;
      for (let r = 0; r < resources; r++) {
        cost += base ** (1 - (this.#left[r] as number)) - base ** (1 - (this.#free[r] as number));
      }
      out[i] = ePvmScore(cost, nodes.nodeCount, Math.max(1, resources));
    }
  }
}
