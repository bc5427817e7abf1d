/**
 * One scheduling cycle as kube-scheduler runs it: filter nodes in search order until enough are feasible, score these,
 * pick among the best. This path defines what is right; the cached path must choose the same. It also explains failures.
 * Cost: O(nodes examined × plugins).
 */
import { NO_FLOAT64, NO_INT32 } from '../../base/grow.ts';
import { nodesWantedBy, type Profile } from '../configuration/profile.ts';
import { leftOutReason } from '../framework/fit-error.ts';
import type { PluginSet } from '../plugins/index.ts';
import { type FilterPlugin, normalize, type PodRequest, type Snapshot } from '../plugins/plugin.ts';
import type { Diagnosis } from './diagnosis.ts';
import { type Draws, type Selection, smallerName, tieOrdinal } from './selection.ts';

const LEFT_OUT = leftOutReason(['NodeAffinity']);
/** Slots filtered at a time. */
const BATCH = 512;

/** The batch path of one profile. */
export class PlainPath {
  readonly #snapshot: Snapshot;
  readonly #plugins: PluginSet;
  readonly #profile: Profile;
  readonly #wanted: (nodeCount: number) => number;
  readonly #draws: Draws;
  readonly #diagnosis: Diagnosis;
  /** Filters with something to do for the pod, and their places in the profile; of former pods behind {@link #activeCount}. */
  readonly #active: FilterPlugin[] = [];
  readonly #activeIndex: number[] = [];
  #activeCount = 0;
  /** The bit of NodeAffinity among the filters, 0 without it. */
  readonly #affinity: number;
  #batch = new Int32Array(BATCH);
  #candidates: Int32Array = NO_INT32;
  /** Slots of the nodes that a pod names. */
  #named = new Int32Array(16);
  #feasible = NO_INT32;
  #totals = NO_FLOAT64;
  #column = NO_FLOAT64;

  constructor(snapshot: Snapshot, plugins: PluginSet, profile: Profile, draws: Draws, diagnosis: Diagnosis) {
    this.#snapshot = snapshot;
    this.#plugins = plugins;
    this.#profile = profile;
    this.#wanted = nodesWantedBy(profile);
    this.#draws = draws;
    this.#diagnosis = diagnosis;
    const affinity = plugins.filters.findIndex(({ name }) => name === 'NodeAffinity');
    this.#affinity = affinity < 0 ? 0 : 1 << affinity;
  }

  /** Runs one cycle from search position `start` and fills `out`. The diagnosis then says why nodes were rejected. */
  select(request: PodRequest, start: number, out: Selection): void {
    const { nodes } = this.#snapshot;
    this.#diagnosis.reset(nodes.nodeCount);
    out.slot = -1;
    out.feasible = 0;
    out.examined = 0;
    out.ties = 0;
    this.#prepareFilters(request);
    if (this.#diagnosis.preFilterMessage !== '') return;
    const count = this.#fillCandidates(request);
    this.#filter(request, start, count, out);
    if (out.feasible === 0) return;
    out.ties = 1;
    out.slot = out.feasible === 1 ? (this.#feasible[0] as number) : this.#pick(request, out.feasible, out);
  }

  /**
   * The same where only these slots, in search order, can be feasible, and all of them are wanted; false when none is: then
   * nothing was said or drawn.
   */
  selectAmong(request: PodRequest, slots: Int32Array, out: Selection): boolean {
    const { nodeCount } = this.#snapshot.nodes;
    this.#diagnosis.reset(nodeCount);
    out.ties = 1;
    this.#prepareFilters(request);
    if (this.#diagnosis.preFilterMessage !== '') return false;
    this.#candidates = slots;
    this.#filter(request, 0, slots.length, out);
    if (out.feasible === 0) return false;
    out.examined = nodeCount;
    out.slot = out.feasible === 1 ? (this.#feasible[0] as number) : this.#pick(request, out.feasible, out);
    return true;
  }

  /**
   * The weighted score of every score plugin on the last cycle's feasible nodes, for explanations; skipped plugins are left
   * out. `count` is that cycle's feasible count.
   */
  explainScores(
    request: PodRequest,
    count: number,
    visit: (plugin: string, slot: number, weighted: number) => void,
  ): void {
    for (const { plugin, weight } of this.#plugins.scores) {
      if (!plugin.prepare(request, this.#snapshot)) continue;
      plugin.score(request, this.#snapshot, this.#feasible, count, this.#column);
      normalize(plugin.normalizer, this.#column, count);
      for (let i = 0; i < count; i++)
        visit(plugin.name, this.#feasible[i] as number, weight * (this.#column[i] as number));
    }
  }

  /** Whether the cycle that has just filled `out` could have ended with this slot. */
  couldChoose(slot: number, { slot: chosen, feasible }: Selection): boolean {
    if (slot === chosen) return true;
    if (feasible < 2 || this.#profile.tieRule !== 'uniform') return false;
    let best = -1;
    let own = -1;
    for (let i = 0; i < feasible; i++) {
      best = Math.max(best, this.#totals[i] as number);
      if (this.#feasible[i] === slot) own = this.#totals[i] as number;
    }
    return own === best;
  }

  /** Whether one slot passes every filter. */
  fits(request: PodRequest, slot: number): boolean {
    this.#diagnosis.reset(this.#snapshot.nodes.nodeCount);
    this.#prepareFilters(request);
    if (this.#diagnosis.preFilterMessage !== '') return false;
    this.#batch[0] = slot;
    for (let p = 0; p < this.#activeCount; p++) {
      const plugin = this.#active[p] as FilterPlugin;
      const index = this.#activeIndex[p] as number;
      if (plugin.filter(request, this.#snapshot, this.#batch, 1, this.#diagnosis, index) === 0) return false;
    }
    return this.#snapshot.nodes.live[slot] === 1;
  }

  #prepareFilters(request: PodRequest): void {
    this.#activeCount = 0;
    for (let i = 0; i < this.#plugins.filters.length; i++) {
      const plugin = this.#plugins.filters[i] as FilterPlugin;
      if (!plugin.prepare(request, this.#snapshot, this.#diagnosis, i)) continue;
      if (this.#diagnosis.preFilterMessage !== '') return;
      this.#active[this.#activeCount] = plugin;
      this.#activeIndex[this.#activeCount++] = i;
    }
  }

  /** The nodes to search: all in order, or those that the pod's affinity names. */
  #fillCandidates(request: PodRequest): number {
    const { nodes } = this.#snapshot;
    const nodeCount = nodes.nodeCount;
    const list = nodes.order.list;
    const names = request.podClass.shape.required?.nodeNames ?? null;
    if (names === null) {
      this.#candidates = list;
      return nodeCount;
    }
    if (this.#named.length < names.length) this.#named = new Int32Array(names.length * 2);
    const named = this.#named;
    let count = 0;
    for (let i = 0; i < names.length; i++) {
      const slot = nodes.find(names[i] as string);
      if (slot >= 0 && nodes.live[slot] === 1) named[count++] = slot;
    }
    const { positions } = nodes.order;
    if (count > 1) named.subarray(0, count).sort((a, b) => (positions[a] as number) - (positions[b] as number));
    this.#candidates = named;
    this.#diagnosis.exclude(this.#affinity, nodeCount - count, LEFT_OUT);
    return count;
  }

  #filter(request: PodRequest, start: number, count: number, out: Selection): void {
    const wanted = this.#wanted(count);
    this.#reserve(count);
    let found = 0;
    let done = 0;
    const first = count === 0 ? 0 : start % count;
    while (done < count && found < wanted) {
      const size = Math.min(BATCH, count - done);
      for (let i = 0; i < size; i++) this.#batch[i] = this.#candidates[(first + done + i) % count] as number;
      let kept = size;
      for (let p = 0; p < this.#activeCount && kept > 0; p++) {
        const plugin = this.#active[p] as FilterPlugin;
        kept = plugin.filter(
          request,
          this.#snapshot,
          this.#batch,
          kept,
          this.#diagnosis,
          this.#activeIndex[p] as number,
        );
      }
      const taken = Math.min(kept, wanted - found);
      for (let i = 0; i < taken; i++) this.#feasible[found++] = this.#batch[i] as number;
      if (found === wanted && taken > 0) {
        done += 1 + this.#offsetOf(this.#feasible[found - 1] as number, first + done, count);
        break;
      }
      done += size;
    }
    this.#snapshot.nodes.evaluations += done;
    out.feasible = found;
    out.examined = done;
  }

  /** How far behind candidate index `from` (taken round the list) a slot lies. */
  #offsetOf(slot: number, from: number, count: number): number {
    let offset = 0;
    while (this.#candidates[(from + offset) % count] !== slot) offset++;
    return offset;
  }

  #pick(request: PodRequest, count: number, out: Selection): number {
    const totals = this.#totals;
    totals.fill(0, 0, count);
    for (const { plugin, weight } of this.#plugins.scores) {
      if (!plugin.prepare(request, this.#snapshot)) continue;
      plugin.score(request, this.#snapshot, this.#feasible, count, this.#column);
      normalize(plugin.normalizer, this.#column, count);
      for (let i = 0; i < count; i++) totals[i] = (totals[i] as number) + weight * (this.#column[i] as number);
    }
    let best = -1;
    let ties = 0;
    for (let i = 0; i < count; i++) {
      const total = totals[i] as number;
      if (total > best) {
        best = total;
        ties = 1;
      } else if (total === best) ties++;
    }
    out.ties = ties;
    return this.#breakTie(best, ties, count);
  }

  #breakTie(best: number, ties: number, count: number): number {
    const rule = this.#profile.tieRule;
    let left = tieOrdinal(rule, ties, this.#draws);
    let smallest = -1;
    for (let i = 0; i < count; i++) {
      if (this.#totals[i] !== best) continue;
      const slot = this.#feasible[i] as number;
      if (rule !== 'name' && left-- === 0) return slot;
      if (rule === 'name') smallest = smallerName(this.#snapshot.nodes, smallest, slot);
    }
    return smallest;
  }

  #reserve(count: number): void {
    if (count <= this.#feasible.length) return;
    this.#feasible = new Int32Array(count * 2);
    this.#totals = new Float64Array(count * 2);
    this.#column = new Float64Array(count * 2);
  }
}
