/**
 * The choice of a node by the cached totals of one shape: the best of all feasible nodes, or of the sample that a search from some position finds.
 *
 * The totals are normalised over all feasible nodes. A sample that holds the normalisers of all is normalised alike; for others this declines.
 */
import type { Snapshot } from './plugin.ts';
import type { Profile } from './profile.ts';
import { type Draws, type Selection, smallerName, tieOrdinal } from './selection.ts';
import type { ShapeIndex } from './shape-index.ts';

/** Rules of one profile. */
export class ShapeChoice {
  readonly #snapshot: Snapshot;
  readonly #profile: Profile;
  readonly #draws: Draws;

  constructor(snapshot: Snapshot, profile: Profile, draws: Draws) {
    this.#snapshot = snapshot;
    this.#profile = profile;
    this.#draws = draws;
  }

  /**
   * Takes the first `wanted` feasible nodes from `start` on and fills `out`; `false` = declined, nothing was drawn. The index is up to date.
   */
  select(index: ShapeIndex, start: number, wanted: number, out: Selection): boolean {
    const { blocks } = index;
    const { nodeCount } = this.#snapshot.nodes;
    out.feasible = Math.min(wanted, blocks.feasible);
    out.examined = nodeCount;
    out.ties = 0;
    out.slot = -1;
    if (blocks.feasible === 0) return true;
    if (blocks.feasible <= wanted) {
      if (start === 0) this.#selectAll(index, out);
      else this.#selectRange(index, start, nodeCount, start, out);
      return true;
    }
    let end = nodeCount;
    let wrapped = 0;
    const last = blocks.nthFeasible(start, wanted - 1);
    if (last >= 0) end = last + 1;
    else wrapped = blocks.nthFeasible(0, wanted - blocks.feasibleFrom(start) - 1) + 1;
    if (!index.normalisesAlike(start, end, wrapped)) return false;
    out.examined = end - start + wrapped;
    this.#selectRange(index, start, end, wrapped, out);
    return true;
  }

  #selectAll({ blocks }: ShapeIndex, out: Selection): void {
    const { nodes } = this.#snapshot;
    const { total, ties } = blocks.best();
    const list = nodes.order.list;
    out.ties = ties;
    if (this.#profile.tieRule === 'name') {
      for (let i = 0; i < ties; i++) out.slot = smallerName(nodes, out.slot, list[blocks.nthBest(total, i)] as number);
      return;
    }
    out.slot = list[blocks.nthBest(total, tieOrdinal(this.#profile.tieRule, ties, this.#draws))] as number;
  }

  /** The best of positions `start` … `end` − 1 and 0 … `wrapped` − 1, in this order. */
  #selectRange({ blocks }: ShapeIndex, start: number, end: number, wrapped: number, out: Selection): void {
    const { nodes } = this.#snapshot;
    const list = nodes.order.list;
    let { total, ties } = blocks.bestIn(start, end);
    let tiesBehind = ties;
    if (wrapped > 0) {
      const second = blocks.bestIn(0, wrapped);
      if (second.total > total) {
        total = second.total;
        ties = second.ties;
        tiesBehind = 0;
      } else if (second.total === total) ties += second.ties;
    }
    out.ties = ties;
    const position = (ordinal: number) =>
      ordinal < tiesBehind
        ? blocks.nthIn(start, end, total, ordinal)
        : blocks.nthIn(0, wrapped, total, ordinal - tiesBehind);
    if (this.#profile.tieRule === 'name') {
      for (let i = 0; i < ties; i++) out.slot = smallerName(nodes, out.slot, list[position(i)] as number);
    } else out.slot = list[position(tieOrdinal(this.#profile.tieRule, ties, this.#draws))] as number;
  }
}
