/**
 * What a search finds in a block of node positions whose nodes are all of one group: feasible nodes, the best own total and how many have it. A search
 * for a sample passes over such a block as a whole.
 *
 * A block that changed is looked at anew when it is next asked for. Cost: O(block) for one that changed, mostly a step or two where groups take turns.
 */

const SHIFT = 6;
/** Positions in a block. */
export const BLOCK = 1 << SHIFT;
/** Block of a position. */
export function blockOf(position: number): number {
  return position >> SHIFT;
}

/** Nodes of several groups, or (the last block) fewer nodes than others have. */
const MIXED = -1;
/** Changed since it was looked at. */
const STALE = -2;

/** The blocks of one class index. */
export class GroupBlocks {
  /** By block; good where {@link groupOf} gives a group. */
  readonly feasible: Uint8Array;
  readonly best: Int32Array;
  readonly ties: Uint8Array;
  readonly #groups: Int16Array;

  /** All blocks have changed. */
  constructor(positions: number) {
    const blocks = Math.ceil(positions / BLOCK);
    this.#groups = new Int16Array(blocks).fill(STALE);
    this.feasible = new Uint8Array(blocks);
    this.best = new Int32Array(blocks);
    this.ties = new Uint8Array(blocks);
  }

  /** The group or the total of a node changed. */
  changed(position: number): void {
    this.#groups[position >> SHIFT] = STALE;
  }

  /** The group of all nodes of a block, −1 where there is none; `groupOf` and `totals` are those of the index. */
  groupOf(block: number, groupOf: Int16Array, totals: Int32Array | Int16Array): number {
    const group = this.#groups[block] as number;
    return group === STALE ? this.#look(block, groupOf, totals) : group;
  }

  #look(block: number, groupOf: Int16Array, totals: Int32Array | Int16Array): number {
    const from = block << SHIFT;
    const group = groupOf[from] as number;
    let [feasible, best, ties] = [0, -1, 0];
    this.#groups[block] = MIXED;
    if (from + BLOCK > totals.length) return MIXED;
    for (let i = from; i < from + BLOCK; i++) {
      if (groupOf[i] !== group) return MIXED;
      const total = totals[i] as number;
      if (total < 0) continue;
      feasible++;
      if (total > best) {
        best = total;
        ties = 0;
      }
      if (total === best) ties++;
    }
    this.#groups[block] = group;
    this.feasible[block] = feasible;
    this.best[block] = best;
    this.ties[block] = ties;
    return group;
  }
}
