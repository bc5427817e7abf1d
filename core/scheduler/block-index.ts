/**
 * Total scores of one shape over all node positions, arranged so that the best can be found without looking at all.
 *
 * A total is what the node's row is worth and what its description is worth, the *base* of its kind; −1 where the pod does not fit. Only
 * the first is kept by position, in a byte where it fits into one: a hundred shapes of a large cluster have to stay in the processor's
 * cache. Positions are cut into blocks, blocks into groups; each knows its largest total and how many positions have it. When the last holder of a block's maximum falls, the old value stays as an upper bound with count 0,
 * and the block is scanned again only if that bound is above all that is known; groups are brought up to date at the next query.
 * Cost: a change O(1); a query O(groups + changed groups + one block).
 */

import type { KindColumn } from './node-kinds.ts';

const SHIFT = 7;
/** Figures of a block or group lie together. */
const FIGURES_SHIFT = 2;
const FIGURES = 1 << FIGURES_SHIFT;
const MAX = 0;
const TIES = 1;
const FEASIBLE = 2;
const BOUND = 2;
const DIRTY = 3;
/** Positions in a block. */
const BLOCK = 1 << SHIFT;
const GROUP_SHIFT = 3;
const GROUP = 1 << GROUP_SHIFT;

/** What a tie rule needs to know: the best total in a range of positions, and how many have it. */
export interface Best {
  total: number;
  ties: number;
}

type RowTotals = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

const onePosition = new Int32Array(1);
const oneTotal = new Int32Array(1);
const oneBase = new Int32Array(1);
const turnedOne: number[] = [];

/** Totals with block maxima. */
export class BlockIndex {
  /** Number of positions. */
  readonly count: number;
  /** Number of positions with a total of at least 0. */
  feasible = 0;
  /** By position: the row's total + 1, 0 where the pod does not fit. */
  readonly #rows: RowTotals;
  readonly #kinds: KindColumn;
  #bases: Int32Array;
  /** The base of every kind that is not kept off where these are the same, else {@link UNEVEN}. */
  #evenBase = UNEVEN;
  readonly #blockCount: number;
  readonly #groupCount: number;
  /** Figures of each block: its maximum, positions with that, feasible positions. */
  readonly #blocks: Int32Array<ArrayBuffer>;
  /** Of each group: maximum, positions with that, largest bound of a block whose maximum is not known (−1 without one), whether blocks changed. */
  readonly #groups: Int32Array<ArrayBuffer>;
  readonly #best: Best = { total: -1, ties: 0 };
  readonly #scanned: Best = { total: -1, ties: 0 };

  /** All positions start as infeasible. `rowMax` is the largest total of a row that will ever be set; kinds by position, bases by kind. */
  constructor(kinds: KindColumn, bases: Int32Array, rowMax: number) {
    const count = kinds.length;
    this.count = count;
    this.#kinds = kinds;
    this.#bases = bases;
    this.#evenBase = evenBaseOf(bases);
    this.#rows =
      rowMax < 0xff ? new Uint8Array(count) : rowMax < 0xffff ? new Uint16Array(count) : new Int32Array(count);
    this.#blockCount = Math.ceil(count / BLOCK);
    this.#groupCount = Math.ceil(this.#blockCount / GROUP);
    this.#blocks = new Int32Array(this.#blockCount << FIGURES_SHIFT);
    this.#groups = new Int32Array(this.#groupCount << FIGURES_SHIFT);
    for (let block = 0; block < this.#blockCount; block++) this.#blocks[(block << FIGURES_SHIFT) + MAX] = -1;
    this.#forgetGroups();
  }

  /** Whether the pod fits a position. */
  isFeasible(position: number): boolean {
    return this.#rows[position] !== 0;
  }

  /** Writes all totals, −1 where the pod does not fit. */
  copyTotals(out: Int32Array): void {
    const rows = this.#rows;
    const even = this.#evenBase;
    if (even === 0) for (let i = 0; i < this.count; i++) out[i] = (rows[i] as number) - 1;
    else {
      const kinds = this.#kinds;
      const bases = this.#bases;
      for (let i = 0; i < this.count; i++) out[i] = totalAt(rows, kinds, bases, i);
    }
  }

  /**
   * Sets the rows' totals of the first `count` positions, −1 where the pod does not fit; their bases are those of their kinds. Positions that
   * became feasible or infeasible are added to `turned`, in turn.
   */
  setAll(positions: Int32Array, rowTotals: Int32Array, bases: Int32Array, count: number, turned: number[]): void {
    const rows = this.#rows;
    const blocks = this.#blocks;
    const groups = this.#groups;
    for (let i = 0; i < count; i++) {
      const position = positions[i] as number;
      const part = rowTotals[i] as number;
      const base = bases[i] as number;
      const oldPart = (rows[position] as number) - 1;
      rows[position] = part + 1;
      const total = (part + base) | (part >> 31);
      const old = (oldPart + base) | (oldPart >> 31);
      const block = position >> SHIFT;
      const at = block << FIGURES_SHIFT;
      groups[((block >> GROUP_SHIFT) << FIGURES_SHIFT) + DIRTY] = 1;
      if ((oldPart ^ part) < 0) {
        this.#changeFeasible(at, part < 0 ? -1 : 1);
        turned.push(position);
      }
      const best = blocks[at + MAX] as number;
      if (total > best) {
        blocks[at + MAX] = total;
        blocks[at + TIES] = 1;
      } else blocks[at + TIES] = (blocks[at + TIES] as number) + isZero(total ^ best) - isZero(old ^ best);
    }
  }

  /** Sets the row's total of one position; returns what it was. */
  set(position: number, rowTotal: number): number {
    const before = (this.#rows[position] as number) - 1;
    onePosition[0] = position;
    oneTotal[0] = rowTotal;
    oneBase[0] = this.#bases[this.#kinds[position] as number] as number;
    this.setAll(onePosition, oneTotal, oneBase, 1, turnedOne);
    turnedOne.length = 0;
    return before;
  }

  /** Sets the rows' totals of all positions, −1 where the pod does not fit; {@link rebase} has to follow. */
  fill(rowTotals: Int32Array): void {
    const rows = this.#rows;
    for (let i = 0; i < this.count; i++) rows[i] = (rowTotals[i] as number) + 1;
  }

  /** Other bases by kind. Totals, blocks and what is feasible are worked out anew. */
  rebase(bases: Int32Array): void {
    const rows = this.#rows;
    this.#bases = bases;
    this.#evenBase = evenBaseOf(bases);
    this.feasible = 0;
    for (let block = 0; block < this.#blockCount; block++) {
      let feasible = 0;
      const end = Math.min(this.count, (block + 1) << SHIFT);
      for (let i = block << SHIFT; i < end; i++) feasible += 1 - isZero(rows[i] as number);
      this.#blocks[(block << FIGURES_SHIFT) + FEASIBLE] = feasible;
      this.feasible += feasible;
      this.#scan(block);
    }
    this.#forgetGroups();
  }

  /** Bases with entries for kinds that were split off: those of all positions are what they were. */
  widen(bases: Int32Array): void {
    this.#bases = bases;
  }

  /** The best of all positions; the object is reused by the next query. */
  best(): Best {
    const groups = this.#groups;
    for (;;) {
      let total = -1;
      let ties = 0;
      let bound = -1;
      for (let at = 0; at < groups.length; at += FIGURES) {
        if (groups[at + DIRTY] === 1) this.#gather(at >> FIGURES_SHIFT);
        const max = groups[at + MAX] as number;
        if (max > total) {
          total = max;
          ties = groups[at + TIES] as number;
        } else if (max === total) ties += groups[at + TIES] as number;
        if ((groups[at + BOUND] as number) > bound) bound = groups[at + BOUND] as number;
      }
      if (bound <= total) {
        this.#best.total = total;
        this.#best.ties = ties;
        return this.#best;
      }
      this.#scanAbove(total);
    }
  }

  /** Looks into the blocks that might hold more than `total`. */
  #scanAbove(total: number): void {
    for (let group = 0; group < this.#groupCount; group++) {
      if ((this.#groups[(group << FIGURES_SHIFT) + BOUND] as number) <= total) continue;
      const end = Math.min(this.#blockCount, (group + 1) << GROUP_SHIFT);
      for (let block = group << GROUP_SHIFT; block < end; block++) {
        if (this.#tiesOf(block) === 0 && this.#maxOf(block) > total) this.#scan(block);
      }
    }
  }

  #maxOf(block: number): number {
    return this.#blocks[(block << FIGURES_SHIFT) + MAX] as number;
  }

  #tiesOf(block: number): number {
    return this.#blocks[(block << FIGURES_SHIFT) + TIES] as number;
  }

  #feasibleOf(block: number): number {
    return this.#blocks[(block << FIGURES_SHIFT) + FEASIBLE] as number;
  }

  /**
   * Position of the `ordinal`-th (from 0) position with this total, right after {@link best} gave it and more than `ordinal`
   * ties.
   */
  nthBest(total: number, ordinal: number): number {
    const groups = this.#groups;
    let left = ordinal;
    let at = 0;
    for (; ; at += FIGURES) {
      if (groups[at + MAX] !== total) continue;
      if (left < (groups[at + TIES] as number)) break;
      left -= groups[at + TIES] as number;
    }
    let block = (at >> FIGURES_SHIFT) << GROUP_SHIFT;
    for (; ; block++) {
      if (this.#maxOf(block) !== total) continue;
      if (left < this.#tiesOf(block)) break;
      left -= this.#tiesOf(block);
    }
    return this.#nthOf(block << SHIFT, this.count, total, left);
  }

  /** The best of positions `from` … `to` − 1. */
  bestIn(from: number, to: number): Best {
    const best = this.#best;
    best.total = -1;
    best.ties = 0;
    let i = from;
    while (i < to) {
      const block = i >> SHIFT;
      const end = Math.min(to, (block + 1) << SHIFT);
      if (this.#maxOf(block) >= best.total) {
        if (end - i < BLOCK) this.#addBest(i, end, best);
        else {
          if (this.#maxOf(block) > best.total && this.#tiesOf(block) === 0) this.#scan(block);
          const max = this.#maxOf(block);
          if (max > best.total) {
            best.total = max;
            best.ties = this.#tiesOf(block);
          } else if (max === best.total) best.ties += this.#tiesOf(block);
        }
      }
      i = end;
    }
    return best;
  }

  /**
   * Position of the `ordinal`-th position in `from` … `to` − 1 with this total, right after {@link bestIn} gave it for these or for others that
   * hold more than `ordinal` of it; −1 if there are not so many.
   */
  nthIn(from: number, to: number, total: number, ordinal: number): number {
    let left = ordinal;
    let i = from;
    while (i < to) {
      const block = i >> SHIFT;
      const end = Math.min(to, (block + 1) << SHIFT);
      const max = this.#maxOf(block);
      const ties = this.#tiesOf(block);
      if (max === total && end - i === BLOCK && left >= ties) left -= ties;
      else if (max >= total) {
        const found = this.#nthOf(i, end, total, left);
        if (found >= 0) return found;
        left = ~found;
      }
      i = end;
    }
    return -1;
  }

  /** Position of the `ordinal`-th (from 0) feasible position at or after `from`, −1 if there are not so many. */
  nthFeasible(from: number, ordinal: number): number {
    const rows = this.#rows;
    let left = ordinal;
    let i = from;
    while (i < this.count) {
      const block = i >> SHIFT;
      const end = (block + 1) << SHIFT;
      const feasible = this.#feasibleOf(block);
      // Every position of a full block counts.
      const known = feasible === BLOCK ? end - i : end - i === BLOCK ? feasible : 0;
      if (known > 0 && left >= known) {
        left -= known;
        i = end;
        continue;
      }
      if (feasible === BLOCK) return i + left;
      for (const last = Math.min(end, this.count); i < last; i++) {
        if ((rows[i] as number) > 0 && left-- === 0) return i;
      }
    }
    return -1;
  }

  /** Number of feasible positions at or after `from`. */
  feasibleFrom(from: number): number {
    let count = 0;
    let i = from;
    while (i < this.count) {
      if ((i & (BLOCK - 1)) === 0) {
        count += this.#feasibleOf(i >> SHIFT);
        i += BLOCK;
      } else if ((this.#rows[i++] as number) > 0) count++;
    }
    return count;
  }

  #changeFeasible(at: number, sign: 1 | -1): void {
    this.#blocks[at + FEASIBLE] = (this.#blocks[at + FEASIBLE] as number) + sign;
    this.feasible += sign;
  }

  /** Maximum and ties over the blocks of a group whose maximum is known, and the largest bound of the others. */
  #gather(group: number): void {
    const blocks = this.#blocks;
    const first = (group << GROUP_SHIFT) << FIGURES_SHIFT;
    const end = Math.min(blocks.length, first + (GROUP << FIGURES_SHIFT));
    let total = -1;
    let count = 0;
    let bound = -1;
    for (let at = first; at < end; at += FIGURES) {
      const value = blocks[at + MAX] as number;
      const holders = blocks[at + TIES] as number;
      if (holders === 0) {
        if (value > bound) bound = value;
      } else if (value > total) {
        total = value;
        count = holders;
      } else if (value === total) count += holders;
    }
    const at = group << FIGURES_SHIFT;
    this.#groups[at + MAX] = total;
    this.#groups[at + TIES] = count;
    this.#groups[at + BOUND] = bound;
    this.#groups[at + DIRTY] = 0;
  }

  /** All groups are gathered anew at the next query. */
  #forgetGroups(): void {
    for (let at = DIRTY; at < this.#groups.length; at += FIGURES) this.#groups[at] = 1;
  }

  #scan(block: number): void {
    const best = this.#scanned;
    best.total = -1;
    best.ties = 0;
    this.#addBest(block << SHIFT, Math.min(this.count, (block + 1) << SHIFT), best);
    const at = block << FIGURES_SHIFT;
    this.#blocks[at + MAX] = best.total;
    this.#blocks[at + TIES] = best.ties;
    this.#groups[((block >> GROUP_SHIFT) << FIGURES_SHIFT) + DIRTY] = 1;
  }

  /** Takes positions `from` … `to` − 1 into a best. */
  #addBest(from: number, to: number, best: Best): void {
    const rows = this.#rows;
    const even = this.#evenBase;
    let { total, ties } = best;
    if (even === UNEVEN) {
      const kinds = this.#kinds;
      const bases = this.#bases;
      for (let i = from; i < to; i++) {
        const each = totalAt(rows, kinds, bases, i);
        if (each > total) {
          total = each;
          ties = 1;
        } else ties += isZero(each ^ total);
      }
    } else {
      let row = total < 0 ? 0 : total - even + 1;
      for (let i = from; i < to; i++) {
        const each = rows[i] as number;
        if (each > row) {
          row = each;
          ties = 1;
        } else ties += isZero(each ^ row);
      }
      total = row === 0 ? -1 : row - 1 + even;
    }
    best.total = total;
    best.ties = ties;
  }

  /** The `ordinal`-th (from 0) of positions `from` … `to` − 1 with a total; ~n where there are too few of them, n being the ordinal behind them. */
  #nthOf(from: number, to: number, total: number, ordinal: number): number {
    const rows = this.#rows;
    const even = this.#evenBase;
    let left = ordinal;
    if (even === UNEVEN) {
      const kinds = this.#kinds;
      const bases = this.#bases;
      for (let i = from; i < to; i++) {
        left -= isZero(totalAt(rows, kinds, bases, i) ^ total);
        if (left < 0) return i;
      }
    } else {
      const row = total - even + 1;
      for (let i = from; i < to; i++) {
        left -= isZero((rows[i] as number) ^ row);
        if (left < 0) return i;
      }
    }
    return ~left;
  }
}

/** Bases differ. */
const UNEVEN = -1;

/** The one base of the kinds that are not kept off, {@link UNEVEN} where there are several or none. */
function evenBaseOf(bases: Int32Array): number {
  let even = UNEVEN;
  for (const base of bases) {
    if (base < 0 || base === even) continue;
    if (even !== UNEVEN) return UNEVEN;
    even = base;
  }
  return even;
}

function totalAt(rows: RowTotals, kinds: KindColumn, bases: Int32Array, position: number): number {
  const part = (rows[position] as number) - 1;
  return (part + (bases[kinds[position] as number] as number)) | (part >> 31);
}

/** 1 for 0, else 0, without a branch: whether two totals are equal is a coin toss that no predictor learns. */
export function isZero(x: number): 0 | 1 {
  return (((x | -x) >>> 31) ^ 1) as 0 | 1;
}
