/**
 * Cached totals plus soft topology spreading: the usual case of a pod with an owner or a Service under the default
 * constraints. The totals of everything else come from the shape's index; spreading is scored over the sample alone.
 *
 * Chooses what the plain path chooses. Cost: O(sample) + O(nodes) for the sums of domains.
 */
import { growInt32 } from '../base/grow.ts';
import type { Totals } from './block-index.ts';
import { normalize, type PodRequest, type Snapshot } from './plugin.ts';
import type { PodTopologySpreadScorePlugin } from './plugins/pod-topology-spread-score-plugin.ts';
import type { Profile } from './profile.ts';
import { type Draws, type Selection, smallerName, tieOrdinal } from './selection.ts';

/** Scratch space and rules of one profile. */
export class SpreadChoice {
  readonly #snapshot: Snapshot;
  readonly #profile: Profile;
  readonly #draws: Draws;
  readonly #plugin: PodTopologySpreadScorePlugin;
  readonly #weight: number;
  #slots = new Int32Array(256);
  #totals = new Int32Array(256);
  #column = new Float64Array(256);

  constructor(
    snapshot: Snapshot,
    profile: Profile,
    draws: Draws,
    scored: { readonly plugin: PodTopologySpreadScorePlugin; readonly weight: number },
  ) {
    this.#snapshot = snapshot;
    this.#profile = profile;
    this.#draws = draws;
    this.#plugin = scored.plugin;
    this.#weight = scored.weight;
  }

  /** Takes the first `wanted` feasible nodes from `start` on (`totals` by position, −1 = infeasible) and fills `out`. */
  select(request: PodRequest, totals: Totals, start: number, wanted: number, out: Selection): void {
    const { nodes } = this.#snapshot;
    const count = nodes.nodeCount;
    const list = nodes.order.list;
    if (this.#slots.length < wanted) this.#grow(wanted);
    let found = 0;
    let examined = 0;
    let position = start;
    for (; examined < count && found < wanted; examined++) {
      const total = totals[position] as number;
      if (total >= 0) {
        this.#slots[found] = list[position] as number;
        this.#totals[found++] = total;
      }
      if (++position === count) position = 0;
    }
    out.feasible = found;
    out.examined = examined;
    out.slot = found === 0 ? -1 : found === 1 ? (this.#slots[0] as number) : this.#best(request, found);
  }

  #best(request: PodRequest, found: number): number {
    const totals = this.#totals;
    if (this.#plugin.prepare(request, this.#snapshot)) {
      this.#plugin.score(request, this.#snapshot, this.#slots, found, this.#column);
      normalize('spread', this.#column, found);
      for (let i = 0; i < found; i++) totals[i] = (totals[i] as number) + this.#weight * (this.#column[i] as number);
    }
    let highest = -1;
    let ties = 0;
    for (let i = 0; i < found; i++) {
      const total = totals[i] as number;
      if (total > highest) {
        highest = total;
        ties = 1;
      } else if (total === highest) ties++;
    }
    const { tieRule } = this.#profile;
    let left = tieOrdinal(tieRule, ties, this.#draws);
    let smallest = -1;
    for (let i = 0; i < found; i++) {
      if (totals[i] !== highest) continue;
      const slot = this.#slots[i] as number;
      if (tieRule !== 'name' && left-- === 0) return slot;
      if (tieRule === 'name') smallest = smallerName(this.#snapshot.nodes, smallest, slot);
    }
    return smallest;
  }

  #grow(wanted: number): void {
    this.#slots = growInt32(this.#slots, wanted * 2);
    this.#totals = growInt32(this.#totals, wanted * 2);
    this.#column = new Float64Array(wanted * 2);
  }
}
