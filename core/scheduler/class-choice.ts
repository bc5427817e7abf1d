/**
 * The scheduling cycle for a class that depends on other pods, on the groups of its index: verdicts and normalised scores are worked out once a
 * group, then the best nodes are found by the groups' best totals, or among the nodes of the sample.
 *
 * Chooses what the plain path chooses. Cost: O(groups) + a part of the nodes' totals for the draw between equals; with sampling O(nodes looked at).
 */
import { growInt32 } from '../base/grow.ts';
import type { ClassIndex } from './class-index.ts';
import type { GroupScores } from './group-scores.ts';
import { isZero } from './level-index.ts';
import type { Snapshot } from './plugin.ts';
import type { Profile } from './profile.ts';
import { type Draws, type Selection, smallerName, tieOrdinal } from './selection.ts';

/** No node has this total. */
const NOWHERE = -2;

/** Scratch space and rules of one profile. */
export class ClassChoice {
  readonly #snapshot: Snapshot;
  readonly #profile: Profile;
  readonly #draws: Draws;
  readonly #scores: GroupScores;
  /** Positions of the sample. */
  #sample = new Int32Array(256);
  /** By group: feasible nodes of the sample; the own total that makes a node of the group one of the best. */
  #sampled = new Int32Array(64);
  #wanted = new Int32Array(64);

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
    out.slot = this.#winner(index, null, out.examined, ties);
  }

  /** Search order starts at `start`, goes round, and ends with the last wanted feasible node. */
  #selectSample(index: ClassIndex, start: number, wanted: number, out: Selection): void {
    const { groups, totals, groupOf } = index;
    const { passes } = this.#scores;
    const count = this.#snapshot.nodes.nodeCount;
    if (this.#sample.length < wanted) this.#sample = new Int32Array(wanted * 2);
    const sample = this.#sample;
    const sampled = this.#sampled;
    sampled.fill(0, 0, groups.count);
    let found = 0;
    let examined = 0;
    let position = start;
    for (; examined < count && found < wanted; examined++) {
      if ((totals[position] as number) >= 0) {
        const group = groupOf[position] as number;
        if (passes[group] === 1) {
          sampled[group] = (sampled[group] as number) + 1;
          sample[found++] = position;
        }
      }
      if (++position === count) position = 0;
    }
    out.feasible = found;
    out.examined = examined;
    this.#scores.score(index, sampled);
    const groupTotals = this.#scores.totals;
    let best = -1;
    let ties = 0;
    for (let i = 0; i < found; i++) {
      const at = sample[i] as number;
      const total = (totals[at] as number) + (groupTotals[groupOf[at] as number] as number);
      if (total > best) {
        best = total;
        ties = 1;
      } else if (total === best) ties++;
    }
    for (let group = 0; group < groups.count; group++) {
      this.#wanted[group] = sampled[group] === 0 ? NOWHERE : best - (groupTotals[group] as number);
    }
    out.ties = ties;
    out.slot = this.#winner(index, sample, found, ties);
  }

  /** The winner among the best of `sample` (`null` = all positions): those whose own total is the one wanted of their group. */
  #winner(index: ClassIndex, sample: Int32Array | null, count: number, ties: number): number {
    const { nodes } = this.#snapshot;
    const { list } = nodes.order;
    const { tieRule } = this.#profile;
    if (tieRule !== 'name')
      return list[this.#nth(index, sample, count, tieOrdinal(tieRule, ties, this.#draws))] as number;
    const { totals, groupOf } = index;
    let smallest = -1;
    for (let i = 0; i < count; i++) {
      const position = sample === null ? i : (sample[i] as number);
      if (totals[position] !== this.#wanted[groupOf[position] as number]) continue;
      smallest = smallerName(nodes, smallest, list[position] as number);
    }
    return smallest;
  }

  /** Position of the `ordinal`-th of the best. Without a branch a node: whether it is one of the best no predictor learns. */
  #nth({ totals, groupOf }: ClassIndex, sample: Int32Array | null, count: number, ordinal: number): number {
    const wanted = this.#wanted;
    let left = ordinal;
    let i = -1;
    if (sample === null) {
      while (left >= 0 && ++i < count) left -= isZero((totals[i] as number) ^ (wanted[groupOf[i] as number] as number));
      return i;
    }
    let position = -1;
    while (left >= 0 && ++i < count) {
      position = sample[i] as number;
      left -= isZero((totals[position] as number) ^ (wanted[groupOf[position] as number] as number));
    }
    return position;
  }

  #grow(groups: number): void {
    this.#sampled = growInt32(this.#sampled, groups * 2);
    this.#wanted = growInt32(this.#wanted, groups * 2);
  }
}
