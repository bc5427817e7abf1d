/**
 * The choice of a node by the cached totals of one shape: the best of all feasible nodes, or of the sample that a search from some position finds.
 *
 * The totals are normalised over all feasible nodes. A sample that holds the normalisers of all is normalised alike; for others this declines, as for a sample whose best
 * totals are so far below the best of all that levels do not tell them.
 */

import { type Draws, type Selection, smallerName, tieOrdinal } from '../choice/selection.ts';
import type { Profile } from '../configuration/profile.ts';
import type { Snapshot } from '../plugins/plugin.ts';
import { type LevelIndex, tellsTotals } from './level-index.ts';
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
    const { levels } = index;
    const { nodeCount } = this.#snapshot.nodes;
    out.feasible = Math.min(wanted, levels.feasible);
    out.examined = nodeCount;
    out.ties = 0;
    out.slot = -1;
    if (levels.feasible === 0) return true;
    if (levels.feasible <= wanted) {
      return start === 0 ? this.#selectAll(levels, out) : this.#selectRange(levels, start, nodeCount, start, out);
    }
    let end = nodeCount;
    let wrapped = 0;
    const last = levels.nthFeasible(start, wanted - 1);
    if (last >= 0) end = last + 1;
    else wrapped = levels.nthFeasible(0, wanted - levels.feasibleFrom(start) - 1) + 1;
    if (!index.normalisesAlike(start, end, wrapped)) return false;
    out.examined = end - start + wrapped;
    return this.#selectRange(levels, start, end, wrapped, out);
  }

  #selectAll(levels: LevelIndex, out: Selection): boolean {
    const { nodes } = this.#snapshot;
    const level = levels.top();
    if (!tellsTotals(level)) return false;
    const { ties } = levels;
    const list = nodes.order.list;
    out.ties = ties;
    if (this.#profile.tieRule === 'name') {
      for (let i = 0; i < ties; i++) out.slot = smallerName(nodes, out.slot, list[levels.nth(level, i)] as number);
    } else out.slot = list[levels.nth(level, tieOrdinal(this.#profile.tieRule, ties, this.#draws))] as number;
    return true;
  }

  /** The best of positions `start` … `end` − 1 and 0 … `wrapped` − 1, in this order. */
  #selectRange(levels: LevelIndex, start: number, end: number, wrapped: number, out: Selection): boolean {
    const { nodes } = this.#snapshot;
    const list = nodes.order.list;
    let { level, ties } = levels.bestIn(start, end, 1);
    let tiesBehind = ties;
    if (wrapped > 0) {
      const second = levels.bestIn(0, wrapped, Math.max(1, level));
      if (second.level > level) {
        level = second.level;
        ties = second.ties;
        tiesBehind = 0;
      } else if (second.level === level) ties += second.ties;
    }
    if (!tellsTotals(level)) return false;
    out.ties = ties;
    if (this.#profile.tieRule === 'name') {
      for (let i = 0; i < tiesBehind; i++)
        out.slot = smallerName(nodes, out.slot, list[levels.nthIn(start, end, level, i)] as number);
      for (let i = 0; i < ties - tiesBehind; i++)
        out.slot = smallerName(nodes, out.slot, list[levels.nthIn(0, wrapped, level, i)] as number);
    } else {
      const ordinal = tieOrdinal(this.#profile.tieRule, ties, this.#draws);
      const position =
        ordinal < tiesBehind
          ? levels.nthIn(start, end, level, ordinal)
          : levels.nthIn(0, wrapped, level, ordinal - tiesBehind);
      out.slot = list[position] as number;
    }
    return true;
  }
}
