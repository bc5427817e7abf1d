/**
 * E-PVM: the node where the pod's opportunity cost is least. Costs grow exponentially with a resource's load, so load spreads.
 *
 * Source: "An Opportunity Cost Approach for Job Assignment in a Scalable Computing Cluster" (Amir, Awerbuch, Barak, Borgstrom,
 * Keren; IEEE TPDS 2000): marginal cost Σ (n^load with the pod − n^load without) over the resources, n = number of nodes, load
 * as a share of the node. Small differences decide at low load, so the score goes down with the cost's logarithm, which keeps the order:
 * trunc(100 (1 − ln(1 + cost) ÷ ln(1 + highest cost))). Cut to an integer at once; a test holds both sides of the steps.
 */
import { NO_FLOAT64 } from '../../base/grow.ts';
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';
import { freeShares, SHARES_MAX } from './free-shares.ts';

/** Score of a marginal cost among `nodeCount` nodes; 100 for no cost, 0 where every resource goes from empty to full. */
export function ePvmScore(cost: number, nodeCount: number, resourceCount: number): number {
  return scoreOf(cost, logOfHighest(nodeCount, resourceCount));
}

function scoreOf(cost: number, logHighest: number): number {
  return Math.max(0, Math.trunc(100 * (1 - Math.log(1 + cost) / logHighest)));
}

/** ln(1 + highest cost). */
function logOfHighest(nodeCount: number, resourceCount: number): number {
  return Math.log(1 + resourceCount * (baseOf(nodeCount) - 1));
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
  /** By slot × {@link SHARES_MAX} + resource: the free share seen last and its cost. A node changes once and is then scored for many shapes. */
  #knownFree = NO_FLOAT64;
  #knownCosts = NO_FLOAT64;
  /** By number of resources. */
  #logHighest = NO_FLOAT64;
  #nodeCount = -1;

  prepare(_request: PodRequest, { nodes }: Snapshot): boolean {
    const { nodeCount, slotCount } = nodes;
    if (nodeCount === this.#nodeCount && slotCount * SHARES_MAX <= this.#knownFree.length) return true;
    this.#nodeCount = nodeCount;
    this.#knownFree = new Float64Array(slotCount * SHARES_MAX).fill(Number.NaN);
    this.#knownCosts = new Float64Array(slotCount * SHARES_MAX);
    this.#logHighest = Float64Array.from({ length: SHARES_MAX + 1 }, (_, r) => logOfHighest(nodeCount, Math.max(1, r)));
    return true;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    const logBase = Math.log(baseOf(nodes.nodeCount));
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const resources = freeShares(nodes, slot, request.podClass.shape, this.#free, this.#left);
      let cost = 0;
      for (let r = 0; r < resources; r++) {
        const free = this.#free[r] as number;
        const left = this.#left[r] as number;
        if (left !== free) cost += Math.exp((1 - left) * logBase) - this.#costOf(slot * SHARES_MAX + r, free, logBase);
      }
      out[i] = scoreOf(cost, this.#logHighest[resources] as number);
    }
  }

  /** Cost of what is taken already where this share is free. */
  #costOf(at: number, free: number, logBase: number): number {
    if (this.#knownFree[at] !== free) {
      this.#knownFree[at] = free;
      this.#knownCosts[at] = Math.exp((1 - free) * logBase);
    }
    return this.#knownCosts[at] as number;
  }
}
