/**
 * The cached totals of one shape, brought up to date from the change log before each use.
 *
 * Holds for shapes whose outcome on a node depends on that node's row alone (no pod terms, no spread). What depends
 * on the node's description is computed when that changes; a change of usage costs one evaluation of the row. Everything is by
 * position in the search order; a new order, or a reader too far behind, means a rebuild in O(nodes).
 */
import { NO_INT32 } from '../../base/grow.ts';
import type { ChangeLog } from '../nodes/change-log.ts';
import type { NodeDescriptions, NodeOpinion } from '../nodes/node-descriptions.ts';
import type { ByKind, NodeKinds } from '../nodes/node-kinds.ts';
import { normalized, type PodRequest, type Snapshot } from '../plugins/plugin.ts';
import { LevelIndex, tellsTotals } from './level-index.ts';
import type { RowEvaluator, RowEvaluators } from './row-evaluate.ts';

/** What all indexes of one profile share. */
export interface IndexPlan {
  readonly snapshot: Snapshot;
  readonly rows: RowEvaluators;
  readonly descriptions: NodeDescriptions;
}

/** Scratch space of all indexes: positions and slots of nodes that let a pod pass, and what rows are worth. */
let passing = new Int32Array(1024);
let passingSlots = new Int32Array(1024);
let ownTotals = new Int32Array(1024);
/** Changes that are replayed rather than all nodes looked at, however few these are. */
const FEW = 64;

/** Positions that became feasible or infeasible in the run being taken over. */
const turned: number[] = [];

/** Totals of one shape over all nodes. */
export class ShapeIndex {
  /** Running number of the last use, for eviction. */
  lastUse = 0;
  levels = new LevelIndex(0);
  readonly #plan: IndexPlan;
  readonly #rows: RowEvaluator;
  readonly #kinds: NodeKinds;
  #opinion: NodeOpinion;
  /** By kind of node: sum of the normalised scores under the present normalisers, −1 where the description keeps the pod off. */
  #bases = NO_INT32;
  /** By kind: feasible nodes; kept where scores are normalised over them. */
  #feasible = NO_INT32;
  /** By score of the opinion: the largest raw score of a feasible node. */
  #maxima: number[] = [];
  #orderVersion = -1;
  /** The log that is read, up to entry `seen`. */
  #changes: ChangeLog | null = null;
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
      if (raw[kinds[i] as number] === score && this.levels.isFeasible(i)) return true;
    }
    return false;
  }

  /** Catches up with the node table. */
  update(request: PodRequest): void {
    const { nodes } = this.#plan.snapshot;
    if (this.#orderVersion !== nodes.order.version || this.#specSeen !== nodes.specVersion) {
      this.#rebuild(request);
      return;
    }
    if (this.#bases.length < this.#kinds.count) this.#widen();
    const changes = this.#opinion.changes();
    const behind = changes.head - this.#seen;
    if (changes !== this.#changes || behind > Math.min(changes.size, nodes.nodeCount + FEW)) {
      this.#recompute(request);
      return;
    }
    if (behind === 0) return;
    const from = this.#seen & changes.mask;
    const count = Math.min(behind, changes.size - from);
    this.#apply(request, from, count);
    if (count < behind) this.#apply(request, 0, behind - count);
    this.#seen = changes.head;
    const top = this.levels.top();
    if ((turned.length > 0 && this.#movesNormalisers()) || (top > 0 && !tellsTotals(top))) this.#recompute(request);
  }

  /** Makes a node infeasible until {@link show}; returns what that needs. Only where nothing is normalised. */
  hide(position: number): number {
    return this.levels.swap(position, 0);
  }

  /** Makes a hidden node what it was. */
  show(position: number, hidden: number): void {
    if (hidden > 0) this.levels.swap(position, hidden);
  }

  /** Writes all totals, −1 where the pod does not fit. The index is up to date. */
  copyTotals(request: PodRequest, out: Int32Array): void {
    if (this.levels.copyTotals(out)) return;
    const count = this.#evaluatePassing(request);
    this.#addBases(count);
    out.fill(-1);
    for (let i = 0; i < count; i++) out[passing[i] as number] = ownTotals[i] as number;
  }

  /** Takes over `count` changes from index `from` of the log on; a node that changed twice is evaluated twice. */
  #apply(request: PodRequest, from: number, count: number): void {
    const { slots, positions } = this.#changes as ChangeLog;
    reserve(count);
    this.#plan.snapshot.nodes.evaluations += count;
    this.#rows.evaluate(request, slots, from, count, ownTotals);
    this.levels.setAll(positions, from, count, ownTotals, this.#kinds.ofPosition, this.#bases, turned);
  }

  /** Counts the positions that turned feasible or infeasible; whether a largest raw score is another one now. */
  #movesNormalisers(): boolean {
    const changed = turned.splice(0);
    if (!this.normalises) return false;
    const feasible = this.#feasible;
    const kinds = this.#kinds.ofPosition;
    for (const position of changed) {
      const kind = kinds[position] as number;
      feasible[kind] = (feasible[kind] as number) + (this.levels.isFeasible(position) ? 1 : -1);
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

  /** Takes in kinds that came since: no total changes. */
  #widen(): void {
    this.#opinion.widen();
    this.#bases = this.#basesByKind();
    if (!this.normalises) return;
    const kinds = this.#kinds.ofPosition;
    const feasible = new Int32Array(this.#kinds.count);
    for (let position = 0; position < kinds.length; position++) {
      const kind = kinds[position] as number;
      if (this.levels.isFeasible(position)) feasible[kind] = (feasible[kind] as number) + 1;
    }
    this.#feasible = feasible;
  }

  /** Works out everything anew: order, what the nodes' descriptions are worth, totals. */
  #rebuild(request: PodRequest): void {
    const { snapshot, descriptions } = this.#plan;
    const { nodes } = snapshot;
    this.#opinion = descriptions.opinionOf(request);
    if (this.levels.count !== nodes.nodeCount) this.levels = new LevelIndex(nodes.nodeCount);
    this.#orderVersion = nodes.order.version;
    this.#specSeen = nodes.specVersion;
    this.#recompute(request);
  }

  /** Evaluates all nodes, normalises over those that are feasible, and totals. */
  #recompute(request: PodRequest): void {
    const count = this.#evaluatePassing(request);
    this.#feasible = this.#feasibleByKind(count);
    this.#maxima = this.#opinion.scores.map(({ raw }) => this.#maximumOf(raw));
    this.#bases = this.#basesByKind();
    this.#addBases(count);
    this.levels.fill(passing, ownTotals, count);
    this.#changes = this.#opinion.changes();
    this.#seen = this.#changes.head;
  }

  /** Fills the scratch space: the positions of the nodes that let the pod pass, and what their rows are worth. Returns their number. */
  #evaluatePassing(request: PodRequest): number {
    const { nodes } = this.#plan.snapshot;
    const { nodeCount } = nodes;
    const { list } = nodes.order;
    reserve(nodeCount);
    const kinds = this.#kinds.ofPosition;
    const { passes } = this.#opinion;
    const positions = passing;
    const slots = passingSlots;
    let count = 0;
    for (let position = 0; position < nodeCount; position++) {
      positions[count] = position;
      slots[count] = list[position] as number;
      // Without a branch: which nodes keep the pod off no predictor learns.
      count += (passes[kinds[position] as number] as number) | 0;
    }
    nodes.evaluations += count;
    this.#rows.evaluate(request, slots, 0, count, ownTotals);
    return count;
  }

  /** Feasible nodes by kind among those in the scratch space. */
  #feasibleByKind(count: number): Int32Array<ArrayBuffer> {
    const kinds = this.#kinds.ofPosition;
    const feasible = new Int32Array(this.#kinds.count);
    const positions = passing;
    const totals = ownTotals;
    for (let i = 0; i < count; i++) {
      const kind = kinds[positions[i] as number] as number;
      feasible[kind] = (feasible[kind] as number) + 1 + ((totals[i] as number) >> 31);
    }
    return feasible;
  }

  /** Adds what the descriptions are worth to what the rows are. */
  #addBases(count: number): void {
    const kinds = this.#kinds.ofPosition;
    const bases = this.#bases;
    const positions = passing;
    const totals = ownTotals;
    for (let i = 0; i < count; i++) {
      const row = totals[i] as number;
      if (row >= 0) totals[i] = row + (bases[kinds[positions[i] as number] as number] as number);
    }
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
  if (ownTotals.length >= count) return;
  passing = new Int32Array(count * 2);
  passingSlots = new Int32Array(count * 2);
  ownTotals = new Int32Array(count * 2);
}
