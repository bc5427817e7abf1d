/**
 * The cached totals of one shape, brought up to date from the change log before each use.
 *
 * Holds for shapes whose outcome on a node depends on that node's row alone (no pod terms, spread, host ports). What depends
 * on the node's description is computed when that changes; a change of usage costs one kernel evaluation. Everything is by
 * position in the search order; a new order, or a reader too far behind, means a rebuild in O(nodes).
 */
import { BlockIndex, isZero } from './block-index.ts';
import { CHANGE_LOG_MASK, CHANGE_LOG_SIZE } from './change-log.ts';
import type { NodeDescriptions, NodeOpinion } from './node-descriptions.ts';
import type { ByKind, NodeKinds } from './node-kinds.ts';
import { normalized, type PodRequest, type Snapshot } from './plugin.ts';
import type { RowEvaluator, RowEvaluators } from './row-evaluate.ts';

/** What all indexes of one profile share. */
export interface IndexPlan {
  readonly snapshot: Snapshot;
  readonly rows: RowEvaluators;
  readonly descriptions: NodeDescriptions;
  /** Largest sum of the scores that read a node's row. */
  readonly rowMax: number;
}

/** Scratch space for a batch of changes, shared by all indexes: slots, positions and what their descriptions are worth; own totals. */
let changedSlots = new Int32Array(1024);
let changedPositions = new Int32Array(1024);
let changedBases = new Int32Array(1024);
let ownTotals = new Int32Array(1024);
/** Positions that became feasible or infeasible in the run being taken over. */
const turned: number[] = [];

/** Totals of one shape over all nodes. */
export class ShapeIndex {
  /** Running number of the last use, for eviction. */
  lastUse = 0;
  blocks = new BlockIndex(new Uint16Array(0), new Int32Array(0), 0);
  readonly #plan: IndexPlan;
  readonly #rows: RowEvaluator;
  readonly #kinds: NodeKinds;
  #opinion: NodeOpinion;
  /** By kind of node: sum of the normalised scores under the present normalisers, −1 where the description keeps the pod off. */
  #bases = new Int32Array(0);
  /** By kind: feasible nodes; kept where scores are normalised over them. */
  #feasible = new Int32Array(0);
  /** By score of the opinion: the largest raw score of a feasible node. */
  #maxima: number[] = [];
  #orderVersion = -1;
  #seen = 0;
  #specSeen = 0;

  /** `rows`: what judges the nodes' rows, where it is more than the shape. */
  constructor(request: PodRequest, plan: IndexPlan, rows: RowEvaluator = plan.rows.of(request)) {
    this.#plan = plan;
    this.#rows = rows;
    this.#kinds = plan.descriptions.kinds;
    this.#opinion = plan.descriptions.opinionOf(request);
  }

  /** Whether normalisation depends on which nodes are feasible, so that a sample of nodes may score differently. */
  get normalises(): boolean {
    return this.#opinion.scores.length > 0;
  }

  /**
   * Whether feasible nodes at positions `start` … `end` − 1 or 0 … `wrapped` − 1 have each of the largest raw scores: then scores
   * normalised over these are those normalised over all.
   */
  normalisesAlike(start: number, end: number, wrapped: number): boolean {
    const { scores } = this.#opinion;
    for (let i = 0; i < scores.length; i++) {
      const raw = scores[i]?.raw as ByKind;
      const max = this.#maxima[i] as number;
      if (max > 0 && !this.#holds(raw, max, start, end) && !this.#holds(raw, max, 0, wrapped)) return false;
    }
    return true;
  }

  #holds(raw: ByKind, score: number, from: number, to: number): boolean {
    const kinds = this.#kinds.ofPosition;
    for (let i = from; i < to; i++) {
      if (raw[kinds[i] as number] === score && this.blocks.isFeasible(i)) return true;
    }
    return false;
  }

  /** Catches up with the node table. */
  update(request: PodRequest): void {
    const { nodes } = this.#plan.snapshot;
    const log = nodes.changes;
    if (this.#orderVersion !== nodes.order.version || this.#specSeen !== nodes.specVersion) {
      this.#rebuild(request);
      return;
    }
    if (this.#bases.length < this.#kinds.count) this.#widen();
    const behind = log.head - this.#seen;
    if (behind === 0) return;
    if (behind > CHANGE_LOG_SIZE || behind > 2 * nodes.nodeCount + 64) {
      this.#recompute(request);
      return;
    }
    const from = this.#seen & CHANGE_LOG_MASK;
    const count = Math.min(behind, CHANGE_LOG_SIZE - from);
    this.#apply(request, this.#seen, from, count);
    if (count < behind) this.#apply(request, this.#seen + count, 0, behind - count);
    this.#seen = log.head;
    if (turned.length > 0 && this.#movesNormalisers()) this.#normalise();
  }

  /** Makes a node infeasible until {@link show}; returns what that needs, −1 when it is infeasible already. Only where nothing is normalised. */
  hide(position: number): number {
    return this.blocks.set(position, -1);
  }

  /** Makes a hidden node feasible again. */
  show(position: number, hidden: number): void {
    if (hidden >= 0) this.blocks.set(position, hidden);
  }

  /** Takes over `count` entries of the change log: number `entry` at index `from` and those behind it. */
  #apply(request: PodRequest, entry: number, from: number, count: number): void {
    const { nodes } = this.#plan.snapshot;
    const { slots, positions, lastEntries } = nodes.changes;
    if (ownTotals.length < count) reserve(count);
    const keptSlots = changedSlots;
    const keptPositions = changedPositions;
    const keptBases = changedBases;
    const kinds = this.#kinds.ofPosition;
    const bases = this.#bases;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[from + i] as number;
      const position = positions[from + i] as number;
      const base = bases[kinds[position] as number] as number;
      keptSlots[kept] = slot;
      keptPositions[kept] = position;
      keptBases[kept] = base;
      // Without a branch: which nodes keep the pod off, or change again, no predictor learns.
      kept += ((base >>> 31) ^ 1) & isZero((lastEntries[slot] as number) ^ (entry + i));
    }
    nodes.evaluations += kept;
    this.#rows.evaluate(request, keptSlots, 0, kept, ownTotals);
    this.blocks.setAll(keptPositions, ownTotals, keptBases, kept, turned);
  }

  /** Counts the positions that turned feasible or infeasible; whether a largest raw score is another one now. */
  #movesNormalisers(): boolean {
    const changed = turned.splice(0);
    if (!this.normalises) return false;
    const feasible = this.#feasible;
    const kinds = this.#kinds.ofPosition;
    for (const position of changed) {
      const kind = kinds[position] as number;
      feasible[kind] = (feasible[kind] as number) + (this.blocks.isFeasible(position) ? 1 : -1);
    }
    return this.#opinion.scores.some(({ raw }, i) => this.#maximumOf(raw) !== this.#maxima[i]);
  }

  #maximumOf(raw: ByKind): number {
    const feasible = this.#feasible;
    let max = 0;
    for (let kind = 0; kind < feasible.length; kind++) {
      if ((feasible[kind] as number) > 0 && (raw[kind] as number) > max) max = raw[kind] as number;
    }
    return max;
  }

  /** Takes in kinds that came since. */
  #widen(): void {
    this.#opinion.widen();
    this.#bases = this.#basesByKind();
    this.blocks.widen(this.#bases);
    this.#countFeasible();
  }

  /** Feasible nodes by kind. */
  #countFeasible(): void {
    if (!this.normalises) return;
    const kinds = this.#kinds.ofPosition;
    const feasible = new Int32Array(this.#kinds.count);
    for (let position = 0; position < kinds.length; position++) {
      const kind = kinds[position] as number;
      if (this.blocks.isFeasible(position)) feasible[kind] = (feasible[kind] as number) + 1;
    }
    this.#feasible = feasible;
  }

  /** Works out everything anew: order, what the nodes' descriptions are worth, totals. */
  #rebuild(request: PodRequest): void {
    const { snapshot, descriptions, rowMax } = this.#plan;
    this.#opinion = descriptions.opinionOf(request);
    this.blocks = new BlockIndex(this.#kinds.ofPosition, this.#bases, rowMax);
    this.#orderVersion = snapshot.nodes.order.version;
    this.#specSeen = snapshot.nodes.specVersion;
    this.#recompute(request);
  }

  /** Evaluates all nodes, then normalises and totals. */
  #recompute(request: PodRequest): void {
    const { nodes } = this.#plan.snapshot;
    const count = nodes.nodeCount;
    if (ownTotals.length < count) reserve(count);
    const own = ownTotals;
    const kinds = this.#kinds.ofPosition;
    const { passes } = this.#opinion;
    nodes.evaluations += count;
    this.#rows.evaluate(request, nodes.order.list, 0, count, own);
    for (let i = 0; i < count; i++) if (passes[kinds[i] as number] === 0) own[i] = -1;
    this.blocks.fill(own);
    this.#countFeasible();
    this.#normalise();
    this.#seen = nodes.changes.head;
  }

  /** Normalises over the nodes that are feasible now. */
  #normalise(): void {
    this.#maxima = this.#opinion.scores.map(({ raw }) => this.#maximumOf(raw));
    this.#bases = this.#basesByKind();
    this.blocks.rebase(this.#bases);
  }

  /** What descriptions add under the present largest raw scores. */
  #basesByKind(): Int32Array<ArrayBuffer> {
    const { passes, scores, constant } = this.#opinion;
    return Int32Array.from(passes, (pass, kind) => {
      if (pass === 0) return -1;
      let base = constant;
      scores.forEach(({ plugin, weight, raw }, i) => {
        base += weight * normalized(plugin.normalizer, raw[kind] as number, this.#maxima[i] as number);
      });
      return base;
    });
  }
}

function reserve(count: number): void {
  changedSlots = new Int32Array(count * 2);
  changedPositions = new Int32Array(count * 2);
  changedBases = new Int32Array(count * 2);
  ownTotals = new Int32Array(count * 2);
}
