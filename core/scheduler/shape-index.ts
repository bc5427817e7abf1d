/**
 * The cached totals of one shape, brought up to date from the change log before each use.
 *
 * Holds for shapes whose outcome on a node depends on that node's row alone (no pod terms, spread, host ports). What depends
 * on the node's description is computed when that changes; a change of usage costs one kernel evaluation. Everything is by
 * position in the search order; a new order, or a reader too far behind, means a rebuild in O(nodes).
 */
import { BlockIndex, type Totals } from './block-index.ts';
import { CHANGE_LOG_MASK, CHANGE_LOG_SIZE } from './change-log.ts';
import type { Diagnosis } from './diagnosis.ts';
import { NodeScores } from './node-scores.ts';
import type { FilterPlugin, PodRequest, Snapshot } from './plugin.ts';
import type { WeightedScore } from './plugins/index.ts';
import type { PodShape } from './pod-shape.ts';

/** Computes fit and resource scores: `base` + the weighted scores, or −1 where the pod does not fit. */
export type Evaluate = (
  request: PodRequest,
  slots: Int32Array,
  from: number,
  count: number,
  base: number,
  out: Int32Array,
) => void;

/** What all indexes of one profile share. */
export interface IndexPlan {
  readonly snapshot: Snapshot;
  /** Filters that read a node's description only. */
  readonly nodeFilters: readonly FilterPlugin[];
  /** Scores that read a node's description only. */
  readonly nodeScores: readonly WeightedScore[];
  readonly evaluate: Evaluate;
  readonly totalMax: number;
  /** A diagnosis that records nothing. */
  readonly silent: Diagnosis;
}

/** Scratch space for one batch of totals, shared by all indexes. */
let touchedTotals = new Int32Array(1024);
/** Positions that became feasible or infeasible in the run being taken over. */
const turned: number[] = [];

/** Totals of one shape over all nodes. */
export class ShapeIndex {
  readonly shape: PodShape;
  /** Running number of the last use, for eviction. */
  lastUse = 0;
  blocks: BlockIndex = new BlockIndex(0, 0);
  readonly #plan: IndexPlan;
  #passes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #scores: NodeScores[] = [];
  /** Sum of the normalised scores by position under the present normalisers, −1 where the node's description keeps the pod off. */
  #added: Totals = new Int16Array(0);
  /** Whether any of these is not 0. */
  #addsAny = false;
  #constant = 0;
  #orderVersion = -1;
  #seen = 0;
  #specSeen = 0;

  constructor(shape: PodShape, plan: IndexPlan) {
    this.shape = shape;
    this.#plan = plan;
  }

  /** Whether normalisation depends on which nodes are feasible, so that a sample of nodes may score differently. */
  get normalises(): boolean {
    return this.#scores.length > 0;
  }

  /** Catches up with the node table. */
  update(request: PodRequest): void {
    const { nodes } = this.#plan.snapshot;
    const log = nodes.changes;
    if (this.#orderVersion !== nodes.order.version || this.#specSeen !== nodes.specVersion) {
      this.#rebuild(request);
      return;
    }
    const behind = log.head - this.#seen;
    if (behind === 0) return;
    if (behind > CHANGE_LOG_SIZE || behind > 2 * nodes.nodeCount + 64) this.#recompute(request);
    else {
      const from = this.#seen & CHANGE_LOG_MASK;
      const count = Math.min(behind, CHANGE_LOG_SIZE - from);
      this.#apply(request, from, count);
      if (count < behind) this.#apply(request, 0, behind - count);
    }
    this.#seen = log.head;
    for (const scores of this.#scores) {
      if (!scores.stale) continue;
      this.#recompute(request);
      return;
    }
  }

  /** Takes over a run of the change log; a node that is in it twice gets the same total twice. */
  #apply(request: PodRequest, from: number, count: number): void {
    const { slots, positions } = this.#plan.snapshot.nodes.changes;
    if (touchedTotals.length < count) reserve(count);
    const totals = touchedTotals;
    this.#plan.snapshot.nodes.evaluations += count;
    this.#plan.evaluate(request, slots, from, count, this.#constant, totals);
    if (this.#addsAny) {
      const added = this.#added;
      for (let i = 0; i < count; i++) {
        const own = totals[i] as number;
        const more = added[positions[from + i] as number] as number;
        totals[i] = (own | more) < 0 ? -1 : own + more;
      }
    }
    this.blocks.setAll(positions, from, totals, count, turned);
    if (turned.length === 0) return;
    for (const scores of this.#scores) {
      for (const position of turned) scores.change(position, (this.blocks.totals[position] as number) < 0 ? -1 : 1);
    }
    turned.length = 0;
  }

  /** Works out everything anew: order, filters and scores of the nodes' descriptions, totals. */
  #rebuild(request: PodRequest): void {
    const { snapshot, nodeFilters, nodeScores, silent, totalMax } = this.#plan;
    const { nodes } = snapshot;
    const count = nodes.nodeCount;
    const positions = nodes.order.positions;
    const survivors = nodes.order.list.slice(0, count);
    let kept = count;
    for (let i = 0; i < nodeFilters.length; i++) {
      const filter = nodeFilters[i] as FilterPlugin;
      if (filter.prepare(request, snapshot, silent, i))
        kept = filter.filter(request, snapshot, survivors, kept, silent, i);
    }
    const passes = new Uint8Array(count);
    for (let i = 0; i < kept; i++) passes[positions[survivors[i] as number] as number] = 1;
    this.#passes = passes;
    this.#constant = 0;
    this.#scores = [];
    for (const scored of nodeScores) {
      if (!scored.plugin.prepare(request, snapshot)) continue;
      const scores = NodeScores.of(scored, request, snapshot);
      if (scores !== null) this.#scores.push(scores);
      else if (scored.plugin.normalizer === 'reverse') this.#constant += 100 * scored.weight;
    }
    if (this.blocks.count !== count) this.blocks = new BlockIndex(count, totalMax);
    if (this.#added.length !== count) this.#added = totalMax < 0x7fff ? new Int16Array(count) : new Int32Array(count);
    this.#addsAny = kept < count || this.#scores.length > 0;
    this.#orderVersion = nodes.order.version;
    this.#specSeen = nodes.specVersion;
    this.#recompute(request);
  }

  /** Evaluates all nodes, then normalises and totals. */
  #recompute(request: PodRequest): void {
    const { nodes } = this.#plan.snapshot;
    const count = nodes.nodeCount;
    if (touchedTotals.length < count) reserve(count);
    const resource = touchedTotals;
    nodes.evaluations += count;
    this.#plan.evaluate(request, nodes.order.list, 0, count, this.#constant, resource);
    const passes = this.#passes;
    for (let i = 0; i < count; i++) if (passes[i] === 0) resource[i] = -1;
    for (const scores of this.#scores) scores.refresh(resource);
    const added = this.#added;
    added.fill(0);
    for (const scores of this.#scores) scores.addTo(added);
    const totals = this.blocks.totals;
    for (let i = 0; i < count; i++) {
      if (passes[i] === 0) added[i] = -1;
      const total = resource[i] as number;
      totals[i] = total < 0 ? -1 : total + (added[i] as number);
    }
    this.blocks.rebuild();
    this.#seen = nodes.changes.head;
  }
}

function reserve(count: number): void {
  touchedTotals = new Int32Array(count * 2);
}
