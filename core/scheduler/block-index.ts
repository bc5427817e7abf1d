/**
 * Total scores of one shape over all node positions, arranged so that the best can be found without looking at all.
 *
 * Positions are cut into blocks, blocks into groups; each knows its largest total and how many positions have it. A total of
 * −1 means infeasible. When the last holder of a block's maximum falls, the old value stays as an upper bound with count 0,
 * and the block is scanned again only if that bound is above all that is known; groups are brought up to date at the next query.
 * Cost: a change O(1); a query O(groups + changed groups + one block).
 */

const SHIFT = 7;
/** Positions in a block. */
const BLOCK = 1 << SHIFT;
const GROUP_SHIFT = 3;
const GROUP = 1 << GROUP_SHIFT;

/** What a tie rule needs to know: the best total in a range of positions, and how many have it. */
export interface Best {
  total: number;
  ties: number;
}

export type Totals = Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

const onePosition = new Int32Array(1);
const oneTotal = new Int32Array(1);
const turnedOne: number[] = [];
const NO_BASE = new Int32Array(1);

/** Totals with block maxima. */
export class BlockIndex {
  /** Number of positions. */
  readonly count: number;
  /** Number of positions with a total of at least 0. */
  feasible = 0;
  readonly totals: Totals;
  readonly #blockCount: number;
  readonly #max: Int32Array<ArrayBuffer>;
  readonly #ties: Int32Array<ArrayBuffer>;
  readonly #feasible: Int32Array<ArrayBuffer>;
  readonly #groupCount: number;
  readonly #groupMax: Int32Array<ArrayBuffer>;
  readonly #groupTies: Int32Array<ArrayBuffer>;
  /** Largest bound of a block of the group whose maximum is not known, −1 without one. */
  readonly #groupBound: Int32Array<ArrayBuffer>;
  readonly #groupDirty: Uint8Array<ArrayBuffer>;
  readonly #best: Best = { total: -1, ties: 0 };

  /** All positions start as infeasible. `totalMax` is the largest total that will ever be set. */
  constructor(count: number, totalMax: number) {
    this.count = count;
    this.totals = (totalMax < 0x7fff ? new Int16Array(count) : new Int32Array(count)).fill(-1);
    this.#blockCount = Math.ceil(count / BLOCK);
    this.#groupCount = Math.ceil(this.#blockCount / GROUP);
    this.#max = new Int32Array(this.#blockCount).fill(-1);
    this.#ties = new Int32Array(this.#blockCount);
    this.#feasible = new Int32Array(this.#blockCount);
    this.#groupMax = new Int32Array(this.#groupCount).fill(-1);
    this.#groupTies = new Int32Array(this.#groupCount);
    this.#groupBound = new Int32Array(this.#groupCount).fill(-1);
    this.#groupDirty = new Uint8Array(this.#groupCount).fill(1);
  }

  /**
   * Sets the totals of the first `count` positions: own total + base, −1 where the own total is (infeasible). Positions that became feasible or
   * infeasible are added to `turned`, in turn.
   */
  setAll(positions: Int32Array, own: Int32Array, bases: Int32Array, count: number, turned: number[]): void {
    const totals = this.totals;
    const max = this.#max;
    const ties = this.#ties;
    const groupDirty = this.#groupDirty;
    for (let i = 0; i < count; i++) {
      const position = positions[i] as number;
      const part = own[i] as number;
      const total = (part + (bases[i] as number)) | (part >> 31);
      const old = totals[position] as number;
      totals[position] = total;
      const block = position >> SHIFT;
      groupDirty[block >> GROUP_SHIFT] = 1;
      if ((old ^ total) < 0) {
        this.#changeFeasible(block, total < 0 ? -1 : 1);
        turned.push(position);
      }
      const best = max[block] as number;
      if (total > best) {
        max[block] = total;
        ties[block] = 1;
      } else ties[block] = (ties[block] as number) + isZero(total ^ best) - isZero(old ^ best);
    }
  }

  /** Sets the total of one position. */
  set(position: number, total: number): void {
    onePosition[0] = position;
    oneTotal[0] = total;
    this.setAll(onePosition, oneTotal, NO_BASE, 1, turnedOne);
    turnedOne.length = 0;
  }

  /** Computes the blocks from the totals, after these were written directly. */
  rebuild(): void {
    this.feasible = 0;
    for (let block = 0; block < this.#blockCount; block++) {
      let feasible = 0;
      const end = Math.min(this.count, (block + 1) << SHIFT);
      for (let i = block << SHIFT; i < end; i++) if ((this.totals[i] as number) >= 0) feasible++;
      this.#feasible[block] = feasible;
      this.feasible += feasible;
      this.#scan(block);
    }
    this.#groupDirty.fill(1);
  }

  /** The best of all positions; the object is reused by the next query. */
  best(): Best {
    const groupMax = this.#groupMax;
    const groupTies = this.#groupTies;
    const groupBound = this.#groupBound;
    for (;;) {
      let total = -1;
      let ties = 0;
      let bound = -1;
      for (let group = 0; group < this.#groupCount; group++) {
        if (this.#groupDirty[group] === 1) this.#gather(group);
        const max = groupMax[group] as number;
        if (max > total) {
          total = max;
          ties = groupTies[group] as number;
        } else if (max === total) ties += groupTies[group] as number;
        if ((groupBound[group] as number) > bound) bound = groupBound[group] as number;
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
      if ((this.#groupBound[group] as number) <= total) continue;
      const end = Math.min(this.#blockCount, (group + 1) << GROUP_SHIFT);
      for (let block = group << GROUP_SHIFT; block < end; block++) {
        if (this.#ties[block] === 0 && (this.#max[block] as number) > total) this.#scan(block);
      }
    }
  }

  /**
   * Position of the `ordinal`-th (from 0) position with this total, right after {@link best} gave it and more than `ordinal`
   * ties.
   */
  nthBest(total: number, ordinal: number): number {
    let left = ordinal;
    let group = 0;
    for (; ; group++) {
      if (this.#groupMax[group] !== total) continue;
      if (left < (this.#groupTies[group] as number)) break;
      left -= this.#groupTies[group] as number;
    }
    const max = this.#max;
    const ties = this.#ties;
    let block = group << GROUP_SHIFT;
    for (; ; block++) {
      if (max[block] !== total) continue;
      if (left < (ties[block] as number)) break;
      left -= ties[block] as number;
    }
    const totals = this.totals;
    let i = (block << SHIFT) - 1;
    while (left >= 0) left -= isZero((totals[++i] as number) ^ total);
    return i;
  }

  /** The best of positions `from` … `to` − 1. */
  bestIn(from: number, to: number): Best {
    const totals = this.totals;
    let best = -1;
    let ties = 0;
    let i = from;
    while (i < to) {
      const block = i >> SHIFT;
      const end = Math.min(to, (block + 1) << SHIFT);
      const bound = this.#max[block] as number;
      if (end - i < BLOCK) {
        if (bound < best) i = end;
        for (; i < end; i++) {
          const total = totals[i] as number;
          if (total > best) {
            best = total;
            ties = 1;
          } else ties += isZero(total ^ best);
        }
        continue;
      }
      i = end;
      if (bound > best && this.#ties[block] === 0) this.#scan(block);
      const max = this.#max[block] as number;
      if (max > best) {
        best = max;
        ties = this.#ties[block] as number;
      } else if (max === best) ties += this.#ties[block] as number;
    }
    this.#best.total = best;
    this.#best.ties = ties;
    return this.#best;
  }

  /**
   * Position of the `ordinal`-th position in `from` … `to` − 1 with this total, right after {@link bestIn} gave it for these or for others that
   * hold more than `ordinal` of it; −1 if there are not so many.
   */
  nthIn(from: number, to: number, total: number, ordinal: number): number {
    const totals = this.totals;
    let left = ordinal;
    let i = from;
    while (i < to) {
      const block = i >> SHIFT;
      const end = Math.min(to, (block + 1) << SHIFT);
      const max = this.#max[block] as number;
      const ties = this.#ties[block] as number;
      if (max < total) i = end;
      else if (max === total && end - i === BLOCK && left >= ties) {
        left -= ties;
        i = end;
      }
      for (; i < end; i++) {
        left -= isZero((totals[i] as number) ^ total);
        if (left < 0) return i;
      }
    }
    return -1;
  }

  /** Position of the `ordinal`-th (from 0) feasible position at or after `from`, −1 if there are not so many. */
  nthFeasible(from: number, ordinal: number): number {
    const totals = this.totals;
    let left = ordinal;
    let i = from;
    while (i < this.count) {
      const block = i >> SHIFT;
      const end = (block + 1) << SHIFT;
      const feasible = this.#feasible[block] as number;
      // Every position of a full block counts.
      const known = feasible === BLOCK ? end - i : end - i === BLOCK ? feasible : 0;
      if (known > 0 && left >= known) {
        left -= known;
        i = end;
        continue;
      }
      if (feasible === BLOCK) return i + left;
      for (const last = Math.min(end, this.count); i < last; i++) {
        if ((totals[i] as number) >= 0 && left-- === 0) return i;
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
        count += this.#feasible[i >> SHIFT] as number;
        i += BLOCK;
      } else if ((this.totals[i++] as number) >= 0) count++;
    }
    return count;
  }

  #changeFeasible(block: number, sign: 1 | -1): void {
    this.#feasible[block] = (this.#feasible[block] as number) + sign;
    this.feasible += sign;
  }

  /** Maximum and ties over the blocks of a group whose maximum is known, and the largest bound of the others. */
  #gather(group: number): void {
    const max = this.#max;
    const ties = this.#ties;
    const end = Math.min(this.#blockCount, (group + 1) << GROUP_SHIFT);
    let total = -1;
    let count = 0;
    let bound = -1;
    for (let block = group << GROUP_SHIFT; block < end; block++) {
      const value = max[block] as number;
      const holders = ties[block] as number;
      if (holders === 0) {
        if (value > bound) bound = value;
      } else if (value > total) {
        total = value;
        count = holders;
      } else if (value === total) count += holders;
    }
    this.#groupMax[group] = total;
    this.#groupTies[group] = count;
    this.#groupBound[group] = bound;
    this.#groupDirty[group] = 0;
  }

  #scan(block: number): void {
    const totals = this.totals;
    const end = Math.min(this.count, (block + 1) << SHIFT);
    let max = -1;
    let ties = 0;
    for (let i = block << SHIFT; i < end; i++) {
      if ((totals[i] as number) > max) max = totals[i] as number;
    }
    for (let i = block << SHIFT; i < end; i++) ties += isZero((totals[i] as number) ^ max);
    this.#max[block] = max;
    this.#ties[block] = ties;
    this.#groupDirty[block >> GROUP_SHIFT] = 1;
  }
}

/** 1 for 0, else 0, without a branch: whether two totals are equal is a coin toss that no predictor learns. */
export function isZero(x: number): 0 | 1 {
  return (((x | -x) >>> 31) ^ 1) as 0 | 1;
}
