/**
 * Scores of one shape that depend on a node's description alone (taints, labels), normalised over the feasible nodes.
 *
 * The normaliser is the largest raw score of a feasible node; it is followed with a count of its holders. When it changes,
 * every total of the shape changes: {@link NodeScores.stale} then asks for a re-total.
 */
import { normalized, type PodRequest, type Snapshot } from './plugin.ts';
import type { WeightedScore } from './plugins/index.ts';

/** Raw scores of one plugin by node position, with the maximum over feasible positions. */
export class NodeScores {
  readonly #scored: WeightedScore;
  readonly #raw: Float64Array<ArrayBuffer>;
  #max = 0;
  #holders = 0;
  /** True when the maximum over the feasible nodes is not the one the totals were made with. */
  stale = false;

  constructor(scored: WeightedScore, raw: Float64Array<ArrayBuffer>) {
    this.#scored = scored;
    this.#raw = raw;
  }

  /** Adds weight × normalised score to each position. */
  addTo(column: Int16Array | Int32Array): void {
    const { plugin, weight } = this.#scored;
    for (let i = 0; i < column.length; i++) {
      column[i] = (column[i] as number) + weight * normalized(plugin.normalizer, this.#raw[i] as number, this.#max);
    }
  }

  /** The position became feasible (`sign` 1) or infeasible (−1). */
  change(position: number, sign: 1 | -1): void {
    const raw = this.#raw[position] as number;
    if (raw === this.#max && raw > 0) {
      this.#holders += sign;
      if (this.#holders === 0) this.stale = true;
    } else if (raw > this.#max) this.stale = true;
  }

  /** Takes the maximum anew over the feasible positions: those with a total of at least 0. */
  refresh(totals: Int32Array): void {
    this.#max = 0;
    this.#holders = 0;
    for (let i = 0; i < this.#raw.length; i++) {
      const raw = this.#raw[i] as number;
      if (raw < this.#max || (totals[i] as number) < 0) continue;
      if (raw > this.#max) this.#holders = 0;
      this.#max = raw;
      this.#holders++;
    }
    this.stale = false;
  }

  /** The scores of a plugin over all positions; `null` when every raw score is 0, so that they are a constant. */
  static of(scored: WeightedScore, request: PodRequest, snapshot: Snapshot): NodeScores | null {
    const count = snapshot.nodes.nodeCount;
    const raw = new Float64Array(count);
    scored.plugin.score(request, snapshot, snapshot.nodes.order.list, count, raw);
    return raw.every((score) => score === 0) ? null : new NodeScores(scored, raw);
  }
}
