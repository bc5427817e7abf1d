/**
 * Totals of one class of pods whose outcome depends on other pods: nodes are kept in groups that are alike but for their own total, and
 * brought up to date from the change log before each use.
 *
 * A node's total holds what depends on its own row (resources, ports, devices, images); everything else, filters by domain and all scores that are
 * normalised, is decided group by group at the time of the choice. Cost: O(terms) a changed node, O(nodes × terms) after a change of nodes
 * or terms.
 */
import { NO_INT32 } from '../../base/grow.ts';
import type { NodeOpinion, RawScores } from '../nodes/node-descriptions.ts';
import type { ImageLocalityPlugin } from '../plugins/image-locality-plugin.ts';
import type { PodRequest } from '../plugins/plugin.ts';
import type { PodClass } from '../pods/pod-shape.ts';
import type { ClassContext } from './class-context.ts';
import { GroupBlocks } from './group-blocks.ts';
import { NodeGroups } from './node-groups.ts';
import type { RowEvaluator } from './row-evaluate.ts';
import type { IndexPlan } from './shape-index.ts';
import { TermColumn } from './term-column.ts';

/** What all class indexes of one profile share. */
export interface ClassPlan extends IndexPlan {
  /** Largest sum of the scores that a node's total holds. */
  readonly totalMax: number;
  readonly images: { readonly plugin: ImageLocalityPlugin; readonly weight: number } | null;
}

/** Group of a node when there are too many groups. */
const NO_GROUP = -1;

/** Groups and totals of one class. */
export class ClassIndex {
  readonly podClass: PodClass;
  /** Running number of the last use, for eviction. */
  lastUse = 0;
  readonly context: ClassContext;
  /** By position: the node's own total, −1 where it is infeasible by itself. */
  totals: Int32Array<ArrayBuffer> | Int16Array<ArrayBuffer> = new Int16Array(0);
  /** By position. */
  groupOf = new Int16Array(0);
  groups = new NodeGroups(0, 0);
  blocks = new GroupBlocks(0);
  /** A component of the group each, in this order: terms, then raw scores of the node's description. */
  columns: readonly TermColumn[] = [];
  readonly #plan: ClassPlan;
  readonly #rows: RowEvaluator;
  #opinion: NodeOpinion;
  /** Weighted image scores by position; `null` without any. */
  #imageScores: Int32Array | null = null;
  /** Component of each column; terms with the same key and no figure of their own share one. */
  #components: readonly number[] = [];
  #scratch = NO_INT32;
  /** By column: what the run being taken over reads. */
  readonly #sources: Int32Array[] = [];
  #crowded = false;
  #seen = 0;
  #contextSeen = -1;
  #orderSeen = -1;
  #specSeen = -1;
  #countsSeen = -1;
  #imagesSeen = -1;
  /** Containers whose images were scored. */
  #containers: unknown;
  #initContainers: unknown;

  constructor(request: PodRequest, context: ClassContext, plan: ClassPlan) {
    this.podClass = request.podClass;
    this.context = context;
    this.#plan = plan;
    this.#rows = plan.rows.of(request);
    this.#opinion = plan.descriptions.opinionOf(request);
  }

  /** Scores of the nodes' descriptions; their raw scores are the last components of the groups. */
  get nodeScores(): readonly RawScores[] {
    return this.#opinion.scores;
  }

  /** Index of the component that a term's column reads. */
  componentOf(column: number): number {
    return this.#components[column] as number;
  }

  /** Catches up with the node table; false when the nodes are too different for groups. */
  update(request: PodRequest): boolean {
    const { nodes, counts, images } = this.#plan.snapshot;
    this.context.update(request, this.#plan.snapshot);
    const behind = nodes.changes.head - this.#seen;
    if (
      this.#orderSeen !== nodes.order.version ||
      this.#specSeen !== nodes.specVersion ||
      this.#contextSeen !== this.context.version ||
      this.#countsSeen !== counts.version ||
      this.#imagesSeen !== images.version ||
      behind > nodes.changes.size ||
      behind > 2 * nodes.nodeCount + 64 ||
      this.#hasOtherImages(request)
    ) {
      this.#rebuild(request);
    } else if (behind > 0) {
      this.#opinion.widen();
      const from = this.#seen & nodes.changes.mask;
      const count = Math.min(behind, nodes.changes.size - from);
      this.#apply(request, from, count);
      if (count < behind) this.#apply(request, 0, behind - count);
      this.#seen = nodes.changes.head;
    }
    return !this.#crowded;
  }

  /** Whether this pod's containers are not those whose images were scored: a class does not say what its pods run. */
  #hasOtherImages({ pod }: PodRequest): boolean {
    const { images, snapshot } = this.#plan;
    if (images === null || snapshot.images.isEmpty || pod === undefined) return false;
    return pod.spec.containers !== this.#containers || pod.spec.initContainers !== this.#initContainers;
  }

  /** Takes over a run of the change log. */
  #apply(request: PodRequest, from: number, count: number): void {
    const { nodes } = this.#plan.snapshot;
    const { slots, positions } = nodes.changes;
    if (rowTotals.length < count) rowTotals = new Int32Array(count * 2);
    const fresh = rowTotals;
    nodes.evaluations += count;
    this.#rows.evaluate(request, slots, from, count, fresh);
    const { columns, totals, groupOf, groups, blocks } = this;
    const sources = this.#sources;
    for (let c = 0; c < columns.length; c++) sources[c] = (columns[c] as TermColumn).term.perNode();
    for (let i = 0; i < count; i++) {
      const position = positions[from + i] as number;
      const slot = slots[from + i] as number;
      let mayMove = false;
      for (let c = 0; c < columns.length; c++) {
        if ((columns[c] as TermColumn).see(position, slot, (sources[c] as Int32Array)[slot] ?? 0)) mayMove = true;
      }
      const total = this.#rowTotal(position, fresh[i] as number);
      const before = totals[position] as number;
      const group = groupOf[position] as number;
      totals[position] = total;
      if (group === NO_GROUP) continue;
      if (mayMove && this.#leaves(position, slot)) {
        groups.leave(group, before);
        this.#enter(position, total);
      } else if (total !== before) groups.change(group, before, total);
      else continue;
      blocks.changed(position);
    }
  }

  /** Makes a node infeasible until {@link show}; returns its total, −1 when it is infeasible already. */
  hide(position: number): number {
    const total = this.totals[position] as number;
    if (total >= 0) this.#replace(position, -1);
    return total;
  }

  /** Gives a hidden node its total back. */
  show(position: number, total: number): void {
    if (total >= 0) this.#replace(position, total);
  }

  #replace(position: number, total: number): void {
    this.groups.change(this.groupOf[position] as number, this.totals[position] as number, total);
    this.totals[position] = total;
    this.blocks.changed(position);
  }

  #kindOf(position: number): number {
    return this.#plan.descriptions.kinds.ofPosition[position] as number;
  }

  #rowTotal(position: number, resources: number): number {
    if (resources < 0 || this.#opinion.passes[this.#kindOf(position)] === 0) return -1;
    return this.#imageScores === null ? resources : resources + (this.#imageScores[position] as number);
  }

  /** Whether a node's components are no longer those of its group; they are in the scratch space then. */
  #leaves(position: number, slot: number): boolean {
    this.#fillComponents(position, slot);
    return !this.groups.has(this.groupOf[position] as number, this.#scratch);
  }

  #enter(position: number, total: number): void {
    const group = this.groups.find(this.#scratch);
    this.groupOf[position] = group;
    if (group === NO_GROUP) this.#crowded = true;
    else this.groups.enter(group, total);
  }

  #fillComponents(position: number, slot: number): void {
    const { columns } = this;
    const scratch = this.#scratch;
    for (let c = 0; c < columns.length; c++) {
      scratch[this.#components[c] as number] = (columns[c] as TermColumn).componentOf(position, slot);
    }
    const { scores } = this.#opinion;
    const first = scratch.length - scores.length;
    const kind = this.#kindOf(position);
    for (let s = 0; s < scores.length; s++) scratch[first + s] = scores[s]?.raw[kind] as number;
  }

  /** Works out everything anew. */
  #rebuild(request: PodRequest): void {
    const { snapshot, descriptions, totalMax } = this.#plan;
    const { nodes, counts, images } = snapshot;
    const count = nodes.nodeCount;
    const { list } = nodes.order;
    if (this.totals.length !== count) {
      this.totals = totalMax < 0x7fff ? new Int16Array(count) : new Int32Array(count);
      this.groupOf = new Int16Array(count);
    }
    this.#opinion = descriptions.opinionOf(request);
    this.#scoreImages(request);
    this.#countTerms(request);
    this.groups = new NodeGroups(this.#scratch.length, totalMax);
    this.blocks = new GroupBlocks(count);
    this.#crowded = false;
    if (rowTotals.length < count) rowTotals = new Int32Array(count * 2);
    nodes.evaluations += count;
    this.#rows.evaluate(request, list, 0, count, rowTotals);
    for (let position = 0; position < count; position++) {
      this.#fillComponents(position, list[position] as number);
      const total = this.#rowTotal(position, rowTotals[position] as number);
      this.totals[position] = total;
      this.#enter(position, total);
    }
    this.#seen = nodes.changes.head;
    this.#contextSeen = this.context.version;
    this.#orderSeen = nodes.order.version;
    this.#specSeen = nodes.specVersion;
    this.#countsSeen = counts.version;
    this.#imagesSeen = images.version;
  }

  /** Scores of the images that the pod's containers run. */
  #scoreImages(request: PodRequest): void {
    const { snapshot, images } = this.#plan;
    const { nodes } = snapshot;
    this.#containers = request.pod?.spec.containers;
    this.#initContainers = request.pod?.spec.initContainers;
    this.#imageScores = null;
    if (images?.plugin.prepare(request, snapshot) !== true) return;
    const column = new Float64Array(nodes.nodeCount);
    images.plugin.score(request, snapshot, nodes.order.list, nodes.nodeCount, column);
    this.#imageScores = Int32Array.from(column, (score) => score * images.weight);
  }

  /** Columns of all terms, with every pod that is there, and the component of each. */
  #countTerms(request: PodRequest): void {
    const { nodes } = this.#plan.snapshot;
    const { list } = nodes.order;
    const keysOf = (kind: string) =>
      this.context.terms.filter((term) => term.kind === kind).map(({ key }) => nodes.topology(key).values);
    const hardKeys = keysOf('hard');
    const softKeys = this.context.needsAllKeys ? keysOf('soft') : [];
    const shared = new Map<string, number>();
    const components: number[] = [];
    let width = 0;
    this.columns = this.context.terms.map((term) => {
      const column = new TermColumn(term, request, this.#plan.snapshot, term.kind === 'hard' ? hardKeys : softKeys);
      const source = term.perNode();
      for (let position = 0; position < nodes.nodeCount; position++) {
        const slot = list[position] as number;
        column.see(position, slot, source[slot] ?? 0);
      }
      const known = column.local ? undefined : shared.get(term.key);
      if (!column.local && known === undefined) shared.set(term.key, width);
      components.push(known ?? width++);
      return column;
    });
    this.#components = components;
    this.#scratch = new Int32Array(width + this.#opinion.scores.length);
  }
}

/** Scratch space for one batch of totals, shared by all indexes. */
let rowTotals = new Int32Array(1024);
