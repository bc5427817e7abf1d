/**
 * Borg-like hybrid: fills nodes, but rather those where the pod leaves no resource stranded beside a full one.
 *
 * Source of the idea: "Large-scale cluster management at Google with Borg" (EuroSys'15, §3.2): the worst fit of E-PVM leaves no
 * room for large tasks, best fit strands resources; a hybrid lies between. Borg's formula is not published, this one is ours:
 * stranded is what a node's tightest resource keeps the others from being used for, s = mean free share − smallest free share,
 * and the score trunc(20 (1 − mean share left) + 40 (1 − (s with the pod − s without it))).
 */
import type { Normalizer, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';
import { freeShares, SHARES_MAX } from './free-shares.ts';

/** Points for a full node, and for a pod that frees what was stranded; together 100. */
const FILL_POINTS = 20;
const STRANDING_POINTS = 80;

/** Scores 0 … 100. */
export class BorgHybridPolicy implements ScorePlugin {
  readonly name = 'BorgHybrid';
  readonly normalizer: Normalizer = 'none';
  readonly #free = new Float64Array(SHARES_MAX);
  readonly #left = new Float64Array(SHARES_MAX);

  prepare(): boolean {
    return true;
  }

  score(request: PodRequest, { nodes }: Snapshot, slots: Int32Array, count: number, out: Float64Array): void {
    for (let i = 0; i < count; i++) {
      const resources = freeShares(nodes, slots[i] as number, request.podClass.shape, this.#free, this.#left);
      const strandedMore = stranded(this.#left, resources) - stranded(this.#free, resources);
      const fill = 1 - mean(this.#left, resources);
      out[i] = Math.max(0, Math.trunc(FILL_POINTS * fill + (STRANDING_POINTS / 2) * (1 - strandedMore)));
    }
  }
}

/** Mean share that lies above the smallest one, 0 … 1. */
function stranded(shares: Float64Array, count: number): number {
  let least = 1;
  for (let r = 0; r < count; r++) least = Math.min(least, shares[r] as number);
  return mean(shares, count) - least;
}

function mean(shares: Float64Array, count: number): number {
  let sum = 0;
  for (let r = 0; r < count; r++) sum += shares[r] as number;
  return count === 0 ? 0 : sum / count;
}
