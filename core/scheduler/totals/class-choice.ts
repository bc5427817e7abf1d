/**
 * The scheduling cycle for a class that depends on other pods, on the groups of its index: verdicts and normalised scores are worked out once a
 * group, then the best nodes are found by the groups' best totals, or among the nodes of the sample.
 *
 * Chooses what the plain path chooses. Cost: O(groups) + a part of the nodes' totals for the draw between equals; with sampling O(nodes looked at), twice.
 */
import { AssertionError } from '../../base/assert.ts';
import { growInt32 } from '../../base/grow.ts';
import { type Draws, type Selection, smallerName, tieOrdinal } from '../choice/selection.ts';
import type { Profile } from '../configuration/profile.ts';
import type { Snapshot } from '../plugins/plugin.ts';
import type { ClassIndex } from './class-index.ts';
import { BLOCK, blockOf } from './group-blocks.ts';
import type { GroupScores } from './group-scores.ts';
import { isZero } from './level-index.ts';

/** No node has this total. */
const NOWHERE = -2;

/** Scratch space and rules of one profile. */
export class ClassChoice {
  readonly #snapshot: Snapshot;
  readonly #profile: Profile;
  readonly #draws: Draws;
  readonly #scores: GroupScores;
  /** By group: feasible nodes of the sample, the best own total among them, and how many have it. */
  #sampled = new Int32Array(16);
  #best = new Int32Array(16);
  #ties = new Int32Array(16);
  /** By group: the own total that makes a node one of the best. */
  #wanted = new Int32Array(16);

  constructor(snapshot: Snapshot, profile: Profile, draws: Draws, scores: GroupScores) {
    this.#snapshot = snapshot;
    this.#profile = profile;
    this.#draws = draws;
    this.#scores = scores;
  }

  /** Takes the first `wanted` feasible nodes from `start` on and fills `out`. The index is up to date. */
  select(index: ClassIndex, start: number, wanted: number, out: Selection): void {
    const { groups } = index;
    const scores = this.#scores;
    const feasible = scores.judge(index);
    out.examined = this.#snapshot.nodes.nodeCount;
    out.feasible = feasible;
    out.ties = 0;
    out.slot = -1;
    if (feasible === 0) return;
    if (this.#wanted.length < groups.count) this.#grow(groups.count);
    if (feasible > wanted || start > 0) this.#selectSample(index, start, wanted, out);
    else {
      scores.score(index, groups.feasible);
      this.#selectAll(index, out);
    }
  }

  /** Every feasible node takes part: the groups know their best. */
  #selectAll(index: ClassIndex, out: Selection): void {
    const { groups } = index;
    const { passes, totals } = this.#scores;
    let best = -1;
    for (let group = 0; group < groups.count; group++) {
      if (passes[group] === 0 || groups.feasible[group] === 0) continue;
      const total = (groups.best[group] as number) + (totals[group] as number);
      if (total > best) best = total;
    }
    let ties = 0;
    for (let group = 0; group < groups.count; group++) {
      this.#wanted[group] = NOWHERE;
      if (passes[group] === 0 || groups.feasible[group] === 0) continue;
      const own = best - (totals[group] as number);
      if (own !== groups.best[group]) continue;
      this.#wanted[group] = own;
      ties += groups.withTotal(group, own);
    }
    out.ties = ties;
    out.slot = this.#winner(index, 0, out.examined, ties);
  }

  /** Search order starts at `start`, goes round, and ends with the last wanted feasible node. */
  #selectSample(index: ClassIndex, start: number, wanted: number, out: Selection): void {
    const { groups } = index;
    this.#take(index, start, wanted, out);
    this.#scores.score(index, this.#sampled);
    const { totals } = this.#scores;
    let best = -1;
    for (let group = 0; group < groups.count; group++) {
      if (this.#sampled[group] === 0) continue;
      best = Math.max(best, (this.#best[group] as number) + (totals[group] as number));
    }
    let ties = 0;
    for (let group = 0; group < groups.count; group++) {
      const own = best - (totals[group] as number);
      const isBest = this.#sampled[group] !== 0 && own === this.#best[group];
      this.#wanted[group] = isBest ? own : NOWHERE;
      if (isBest) ties += this.#ties[group] as number;
    }
    out.ties = ties;
    out.slot = this.#winner(index, start, out.examined, ties);
  }

  /** Goes through the sample: counts nodes and the best own totals by group. Where all nodes of a block are of one group, it is counted as a whole. */
  #take(index: ClassIndex, start: number, wanted: number, out: Selection): void {
    const { nodeCount } = this.#snapshot.nodes;
    const { count } = index.groups;
    this.#sampled.fill(0, 0, count);
    this.#best.fill(0, 0, count);
    this.#ties.fill(0, 0, count);
    out.feasible = 0;
    out.examined = 0;
    let position = start;
    while (out.examined < nodeCount && out.feasible < wanted) {
      const rest = Math.min(BLOCK - (position & (BLOCK - 1)), nodeCount - position, nodeCount - out.examined);
      if (rest < BLOCK || !this.#takeBlock(index, blockOf(position), wanted, out)) {
        this.#walk(index, position, rest, wanted, out);
      }
      position += rest;
      if (position === nodeCount) position = 0;
    }
  }

  /** Counts a block as a whole; false, and nothing done, where its nodes are of several groups or the last wanted one is among them. */
  #takeBlock({ totals, groupOf, blocks }: ClassIndex, block: number, wanted: number, out: Selection): boolean {
    const group = blocks.groupOf(block, groupOf, totals);
    if (group < 0) return false;
    const feasible = this.#scores.passes[group] === 1 ? (blocks.feasible[block] as number) : 0;
    if (out.feasible + feasible >= wanted) return false;
    out.examined += BLOCK;
    out.feasible += feasible;
    if (feasible === 0) return true;
    const best = blocks.best[block] as number;
    const known = this.#best[group] as number;
    const ties = blocks.ties[block] as number;
    this.#sampled[group] = (this.#sampled[group] as number) + feasible;
    this.#best[group] = Math.max(best, known);
    if (best >= known) this.#ties[group] = best > known ? ties : ties + (this.#ties[group] as number);
    return true;
  }

  /** Counts `length` nodes one by one, or up to the last wanted. Neighbours are mostly of one group, whose figures are written when it ends. */
  #walk({ totals, groupOf }: ClassIndex, from: number, length: number, wanted: number, out: Selection): void {
    const { passes } = this.#scores;
    const sampled = this.#sampled;
    const bests = this.#best;
    const tied = this.#ties;
    const end = from + length;
    let run = groupOf[from] as number;
    let runPasses = passes[run] === 1;
    let count = sampled[run] as number;
    let best = bests[run] as number;
    let ties = tied[run] as number;
    let found = out.feasible;
    let position = from;
    for (; position < end && found < wanted; position++) {
      const group = groupOf[position] as number;
      const total = totals[position] as number;
      if (group !== run) {
        sampled[run] = count;
        bests[run] = best;
        tied[run] = ties;
        run = group;
        runPasses = passes[group] === 1;
        count = sampled[group] as number;
        best = bests[group] as number;
        ties = tied[group] as number;
      }
      if (!runPasses || total < 0) continue;
      found++;
      count++;
      if (total > best) {
        best = total;
        ties = 0;
      }
      // Without a branch: whether it is one of the best no predictor learns.
      ties += isZero(total ^ best);
    }
    sampled[run] = count;
    bests[run] = best;
    tied[run] = ties;
    out.feasible = found;
    out.examined += position - from;
  }

  /** The winner among the best of `examined` positions from `start` on, around: those whose own total is the one wanted of their group. */
  #winner(index: ClassIndex, start: number, examined: number, ties: number): number {
    const { nodes } = this.#snapshot;
    const { list } = nodes.order;
    const { tieRule } = this.#profile;
    if (tieRule !== 'name') {
      return list[this.#nth(index, start, examined, tieOrdinal(tieRule, ties, this.#draws))] as number;
    }
    const { totals, groupOf } = index;
    let smallest = -1;
    for (let i = 0; i < examined; i++) {
      const position = (start + i) % nodes.nodeCount;
      if (totals[position] !== this.#wanted[groupOf[position] as number]) continue;
      smallest = smallerName(nodes, smallest, list[position] as number);
    }
    return smallest;
  }

  /**
   * Position of the `ordinal`-th of the best among `examined` positions from `start` on, around. A block that is only partly among them is walked:
   * its best may lie outside.
   */
  #nth({ totals, groupOf, blocks }: ClassIndex, start: number, examined: number, ordinal: number): number {
    const wanted = this.#wanted;
    const { nodeCount } = this.#snapshot.nodes;
    let left = ordinal;
    let position = start;
    for (let seen = 0; seen < examined; ) {
      const rest = Math.min(BLOCK - (position & (BLOCK - 1)), nodeCount - position, examined - seen);
      const block = blockOf(position);
      const group = rest === BLOCK ? blocks.groupOf(block, groupOf, totals) : -1;
      const held = group >= 0 && wanted[group] === blocks.best[block] ? (blocks.ties[block] as number) : 0;
      seen += rest;
      if (group >= 0 && left >= held) {
        left -= held;
        position += BLOCK;
      } else {
        for (const end = position + rest; position < end; position++) {
          // Without a branch: whether it is one of the best no predictor learns.
          left -= isZero((totals[position] as number) ^ (wanted[groupOf[position] as number] as number));
          if (left < 0) return position;
        }
      }
      if (position === nodeCount) position = 0;
    }
    throw new AssertionError('class choice: the winner is among the nodes looked at');
  }

  #grow(groups: number): void {
    this.#sampled = growInt32(this.#sampled, groups * 2);
    this.#best = growInt32(this.#best, groups * 2);
    this.#ties = growInt32(this.#ties, groups * 2);
    this.#wanted = growInt32(this.#wanted, groups * 2);
  }
}
