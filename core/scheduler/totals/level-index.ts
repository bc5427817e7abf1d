/**
 * Totals of one shape over all node positions as levels of a byte, arranged so that the best are found without looking at all.
 *
 * A level is a total less the *floor*; 0 stands for positions where the pod does not fit, the lowest and the highest level also for all totals
 * beyond. Positions are cut into blocks; for each level it is known how many positions of each block have it. So a change
 * moves one position from one count to another, and the best is the highest level that anybody has. As nodes fill up or empty, the best
 * leaves the levels that tell totals apart: then {@link LevelIndex.fill} puts the floor elsewhere.
 * Cost: a change O(1); a query O(blocks + one block), of a range ({@link LevelIndex.bestIn}) so much for each level that is empty there; the space a byte a position and four for its share of the counts.
 */

import type { KindColumn } from '../nodes/node-kinds.ts';

const SHIFT = 6;
/** Positions in a block. */
const BLOCK = 1 << SHIFT;
const LEVELS = 256;
const UNFIT = 0;
const LOWEST = 1;
const HIGHEST = LEVELS - 1;
/** Level of the best total after {@link LevelIndex.fill}: totals mostly fall, as nodes fill up. */
const FIRST_TOP = 220;

/** What a tie rule needs to know: the best level in a range of positions, and how many have it. */
export interface Best {
  level: number;
  ties: number;
}

/** Whether positions of a level have the same total: those of the outer levels may not. */
export function tellsTotals(level: number): boolean {
  return level > LOWEST && level < HIGHEST;
}

/** Levels with counts by block. */
export class LevelIndex {
  /** Number of positions. */
  readonly count: number;
  readonly #levels: Uint8Array<ArrayBuffer>;
  readonly #blockCount: number;
  /** By level, then block: positions. */
  readonly #held: Uint8Array<ArrayBuffer>;
  /** The highest level that anybody has had since it was last asked for, and how many have it now. */
  #top = UNFIT;
  #ties = 0;
  /** Positions where the pod fits. */
  feasible = 0;
  #floor = 0;
  readonly #best: Best = { level: UNFIT, ties: 0 };

  /** All positions start as infeasible. */
  constructor(count: number) {
    this.count = count;
    this.#levels = new Uint8Array(count);
    this.#blockCount = Math.ceil(count / BLOCK);
    this.#held = new Uint8Array(LEVELS * this.#blockCount);
    this.#clear();
  }

  /** Makes all positions infeasible. */
  #clear(): void {
    const rest = this.count & (BLOCK - 1);
    this.#levels.fill(UNFIT);
    this.#held.fill(0);
    this.#held.fill(BLOCK, 0, this.#blockCount);
    if (rest > 0) this.#held[this.#blockCount - 1] = rest;
    this.feasible = 0;
  }

  /** Whether the pod fits a position. */
  isFeasible(position: number): boolean {
    return this.#levels[position] !== UNFIT;
  }

  /** Sets the totals of the first `count` of these positions, −1 where the pod does not fit, and makes all others infeasible. */
  fill(positions: Int32Array, totals: Int32Array, count: number): void {
    const levels = this.#levels;
    const held = this.#held;
    const blockCount = this.#blockCount;
    let best = -1;
    let feasible = 0;
    for (let i = 0; i < count; i++) if ((totals[i] as number) > best) best = totals[i] as number;
    const floor = best - FIRST_TOP;
    this.#clear();
    for (let i = 0; i < count; i++) {
      const total = totals[i] as number;
      if (total < 0) continue;
      const position = positions[i] as number;
      const block = position >> SHIFT;
      const level = Math.max(LOWEST, total - floor);
      const at = level * blockCount + block;
      levels[position] = level;
      held[at] = (held[at] as number) + 1;
      held[block] = (held[block] as number) - 1;
      feasible++;
    }
    this.#floor = floor;
    this.feasible = feasible;
    this.#top = best < 0 ? UNFIT : FIRST_TOP;
    this.#ties = this.#heldOn(this.#top);
  }

  /** Positions on a level. */
  #heldOn(level: number): number {
    const held = this.#held;
    const first = level * this.#blockCount;
    const end = first + this.#blockCount;
    let count = 0;
    for (let at = first; at < end; at++) count += held[at] as number;
    return count;
  }

  /** Writes all totals, −1 where the pod does not fit; false when the levels do not tell them all. */
  copyTotals(out: Int32Array): boolean {
    if (this.#heldOn(LOWEST) + this.#heldOn(HIGHEST) > 0) return false;
    const levels = this.#levels;
    for (let i = 0; i < this.count; i++) out[i] = levels[i] === UNFIT ? -1 : (levels[i] as number) + this.#floor;
    return true;
  }

  /**
   * Sets the totals of `count` positions, those from index `at` on: what the row is worth, −1 where the pod does not fit, and the base of its kind.
   * Positions that became feasible or infeasible are added to `turned`, in turn.
   */
  setAll(
    positions: Int32Array,
    at: number,
    count: number,
    rowTotals: Int32Array,
    kinds: KindColumn,
    bases: Int32Array,
    turned: number[],
  ): void {
    const levels = this.#levels;
    const held = this.#held;
    const blockCount = this.#blockCount;
    const floor = this.#floor;
    let top = this.#top;
    let ties = this.#ties;
    for (let i = 0; i < count; i++) {
      const position = positions[at + i] as number;
      const row = rowTotals[i] as number;
      const above = (row + (bases[kinds[position] as number] as number) - floor) | 0;
      const level = (above < LOWEST ? LOWEST : above > HIGHEST ? HIGHEST : above) & ~(row >> 31);
      const old = levels[position] as number;
      levels[position] = level;
      const block = position >> SHIFT;
      const from = Math.imul(old, blockCount) + block;
      const to = Math.imul(level, blockCount) + block;
      held[from] = (held[from] as number) - 1;
      held[to] = (held[to] as number) + 1;
      ties += isZero(level ^ top) - isZero(old ^ top);
      if (level > top) {
        top = level;
        ties = 1;
      }
      if (((old - 1) ^ (level - 1)) < 0) {
        this.feasible += level === UNFIT ? -1 : 1;
        turned.push(position);
      }
    }
    this.#top = top;
    this.#ties = ties;
  }

  /** Puts one position on a level; returns the one it was on. */
  swap(position: number, level: number): number {
    const old = this.#levels[position] as number;
    const held = this.#held;
    const from = old * this.#blockCount + (position >> SHIFT);
    const to = level * this.#blockCount + (position >> SHIFT);
    this.#levels[position] = level;
    held[from] = (held[from] as number) - 1;
    held[to] = (held[to] as number) + 1;
    this.feasible += isZero(old) - isZero(level);
    this.#top = Math.max(this.#top, level);
    this.#ties = this.#heldOn(this.#top);
    return old;
  }

  /** The highest level that a position has, 0 when the pod fits nowhere. */
  top(): number {
    while (this.#ties === 0 && this.#top > UNFIT) this.#ties = this.#heldOn(--this.#top);
    return this.#top;
  }

  /** Positions on the level that {@link top} gives. */
  get ties(): number {
    return this.#ties;
  }

  /** The `ordinal`-th (from 0) position on a level that has more than `ordinal`. */
  nth(level: number, ordinal: number): number {
    const held = this.#held;
    let left = ordinal;
    const first = level * this.#blockCount;
    let at = first;
    for (; left >= (held[at] as number); at++) left -= held[at] as number;
    return this.#nthOf((at - first) << SHIFT, this.count, level, left);
  }

  /** The best of positions `from` … `to` − 1 from level `least` on, no ties when there is none; the object is reused by the next query. */
  bestIn(from: number, to: number, least: number): Best {
    const best = this.#best;
    best.ties = 0;
    for (best.level = this.top(); best.level >= least; best.level--) {
      best.ties = this.#countIn(best.level, from, to);
      if (best.ties > 0) break;
    }
    return best;
  }

  /** Number of positions `from` … `to` − 1 on a level. */
  #countIn(level: number, from: number, to: number): number {
    const held = this.#held;
    const first = level * this.#blockCount;
    let count = 0;
    for (let i = from; i < to; ) {
      const end = Math.min(to, (i | (BLOCK - 1)) + 1);
      const all = held[first + (i >> SHIFT)] as number;
      if (all > 0) count += end - i === BLOCK ? all : this.#countOf(i, end, level);
      i = end;
    }
    return count;
  }

  #countOf(from: number, to: number, level: number): number {
    const levels = this.#levels;
    let count = 0;
    for (let i = from; i < to; i++) count += isZero((levels[i] as number) ^ level);
    return count;
  }

  /** Position of the `ordinal`-th of positions `from` … `to` − 1 on a level, −1 if there are not so many. */
  nthIn(from: number, to: number, level: number, ordinal: number): number {
    const held = this.#held;
    const first = level * this.#blockCount;
    let left = ordinal;
    for (let i = from; i < to; ) {
      const end = Math.min(to, (i | (BLOCK - 1)) + 1);
      const all = held[first + (i >> SHIFT)] as number;
      if (end - i === BLOCK && left >= all) left -= all;
      else if (all > 0) {
        const found = this.#nthOf(i, end, level, left);
        if (found >= 0) return found;
        left = ~found;
      }
      i = end;
    }
    return -1;
  }

  /** Position of the `ordinal`-th (from 0) feasible position at or after `from`, −1 if there are not so many. */
  nthFeasible(from: number, ordinal: number): number {
    const levels = this.#levels;
    let left = ordinal;
    for (let i = from; i < this.count; ) {
      const end = Math.min(this.count, (i | (BLOCK - 1)) + 1);
      const unfit = this.#held[i >> SHIFT] as number;
      const isWhole = (i & (BLOCK - 1)) === 0;
      if ((unfit === 0 || isWhole) && left >= end - i - unfit) left -= end - i - unfit;
      else if (unfit === 0) return i + left;
      else for (let at = i; at < end; at++) if (levels[at] !== UNFIT && left-- === 0) return at;
      i = end;
    }
    return -1;
  }

  /** Number of feasible positions at or after `from`. */
  feasibleFrom(from: number): number {
    const rest = this.count - from;
    return rest - this.#countIn(UNFIT, from, this.count);
  }

  /** The `ordinal`-th (from 0) of positions `from` … `to` − 1 on a level; ~n where there are too few of them, n being the ordinal behind them. */
  #nthOf(from: number, to: number, level: number, ordinal: number): number {
    const levels = this.#levels;
    let left = ordinal;
    for (let i = from; i < to; i++) {
      left -= isZero((levels[i] as number) ^ level);
      if (left < 0) return i;
    }
    return ~left;
  }
}

/** 1 for 0, else 0, without a branch: whether two totals are equal is a coin toss that no predictor learns. */
export function isZero(x: number): 0 | 1 {
  return (((x | -x) >>> 31) ^ 1) as 0 | 1;
}
