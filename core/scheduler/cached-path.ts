/**
 * The scheduling cycle on cached totals: the same choice as the plain path, in O(changes since the shape's last use).
 *
 * Indexes are kept per shape, the least recently used goes first when there are {@link MAX_INDEXES}. What it cannot answer
 * (pod terms, spread, host ports, named nodes, samples with normalised scores) it declines; the plain path then decides.
 */
import { assert } from '../base/assert.ts';
import { Diagnosis } from './diagnosis.ts';
import type { PodRequest, Snapshot } from './plugin.ts';
import { GpuSharePlugin } from './plugins/gpu-share-plugin.ts';
import type { PluginSet } from './plugins/index.ts';
import { NodeResourcesFitPlugin } from './plugins/node-resources-fit-plugin.ts';
import { PodTopologySpreadScorePlugin } from './plugins/pod-topology-spread-score-plugin.ts';
import { nodesWantedBy, type Profile } from './profile.ts';
import { kernelCovers, ResourceKernel } from './resource-kernel.ts';
import { type Draws, type Selection, smallerName, tieOrdinal } from './selection.ts';
import { type Evaluate, type IndexPlan, ShapeIndex } from './shape-index.ts';
import { SpreadChoice } from './spread-choice.ts';

/** Shapes that have an index at one time; an index takes about 3 bytes a node and 12 bytes a block. */
const MAX_INDEXES = 1024;

/** Filters and scores that read nothing but the node's description. */
const NODE_PLUGINS = new Set(['NodeUnschedulable', 'TaintToleration', 'NodeAffinity']);

/** What beyond its shape decides on a pod: nothing, soft spreading alone, or what this path does not know. */
const NO_CONTEXT = 0;
const SPREADS = 1;
const DECLINES = 2;

/** A plugin that depends on more than the pod's shape. */
interface ContextualPlugin {
  /** Whether it can change the outcome for a pod. */
  inPlay(request: PodRequest, snapshot: Snapshot): boolean;
}

/** The cached path of one profile. */
export class CachedPath {
  readonly #snapshot: Snapshot;
  readonly #profile: Profile;
  readonly #wanted: (nodeCount: number) => number;
  readonly #draws: Draws;
  readonly #plan: IndexPlan;
  /** Plugins that a shape says nothing about: they decline when they matter to the pod. */
  readonly #contextual: readonly ContextualPlugin[];
  readonly #spread: SpreadChoice | null;
  readonly #indexes: (ShapeIndex | undefined)[] = [];
  #indexCount = 0;
  #uses = 0;

  constructor(snapshot: Snapshot, plugins: PluginSet, profile: Profile, draws: Draws) {
    this.#snapshot = snapshot;
    this.#profile = profile;
    this.#wanted = nodesWantedBy(profile);
    this.#draws = draws;
    const silent = new Diagnosis();
    silent.silent = true;
    const all = [...plugins.filters, ...plugins.scores.map(({ plugin }) => plugin)];
    this.#contextual = all.filter((plugin) => 'inPlay' in plugin) as unknown as readonly ContextualPlugin[];
    const spread = plugins.scores.find(({ plugin }) => plugin instanceof PodTopologySpreadScorePlugin);
    this.#spread =
      spread === undefined
        ? null
        : new SpreadChoice(snapshot, profile, draws, {
            plugin: spread.plugin as PodTopologySpreadScorePlugin,
            weight: spread.weight,
          });
    this.#plan = {
      snapshot,
      nodeFilters: plugins.filters.filter(({ name }) => NODE_PLUGINS.has(name)),
      nodeScores: plugins.scores.filter(({ plugin }) => NODE_PLUGINS.has(plugin.name)),
      evaluate:
        kernelCovers(profile) && profile.policy === undefined
          ? withDevices(snapshot, kernelEvaluate(snapshot, profile))
          : pluginEvaluate(snapshot, plugins, silent),
      totalMax: plugins.scores.reduce((sum, { weight }) => sum + 100 * weight, 0),
      silent,
    };
  }

  /** Runs one cycle from search position `start`; `false` = declined, nothing was done. */
  select(request: PodRequest, start: number, out: Selection): boolean {
    const { podClass, nodeName } = request;
    const shape = podClass.shape;
    if (shape.dependsOnPods || nodeName !== '' || shape.required?.nodeNames) return false;
    if (this.#snapshot.carried.selecting(podClass.group).length > 0) return false;
    const context = this.#contextOf(request);
    if (context === DECLINES) return false;
    const index = this.#indexes[shape.id] ?? this.#addIndex(request);
    index.lastUse = ++this.#uses;
    index.update(request);
    const nodeCount = this.#snapshot.nodes.nodeCount;
    const wanted = this.#wanted(nodeCount);
    const blocks = index.blocks;
    if (blocks.feasible > wanted && index.normalises) return false;
    if (context === SPREADS && this.#spread !== null) {
      this.#spread.select(request, blocks.totals, start, wanted, out);
      return true;
    }
    out.feasible = Math.min(wanted, blocks.feasible);
    out.examined = nodeCount;
    out.ties = 0;
    if (blocks.feasible === 0) out.slot = -1;
    else if (blocks.feasible <= wanted && start === 0) this.#selectAll(index, out);
    else this.#selectRange(index, start, wanted, out);
    return true;
  }

  /** What the shape does not say about the pod's outcome. Plugins are asked only when they can matter. */
  #contextOf(request: PodRequest): number {
    const { carriedAffinity, carriedPreferred } = this.#snapshot;
    if (request.pod === undefined && !carriedAffinity.any && !carriedPreferred.any) return NO_CONTEXT;
    let context = NO_CONTEXT;
    for (const plugin of this.#contextual) {
      if (!plugin.inPlay(request, this.#snapshot)) continue;
      if (!(plugin instanceof PodTopologySpreadScorePlugin)) return DECLINES;
      context = SPREADS;
    }
    return context;
  }

  #selectAll(index: ShapeIndex, out: Selection): void {
    const { nodes } = this.#snapshot;
    const { total, ties } = index.blocks.best();
    const list = nodes.order.list;
    out.ties = ties;
    if (this.#profile.tieRule === 'name') {
      let slot = -1;
      for (let i = 0; i < ties; i++) slot = smallerName(nodes, slot, list[index.blocks.nthBest(total, i)] as number);
      out.slot = slot;
      return;
    }
    out.slot = list[index.blocks.nthBest(total, tieOrdinal(this.#profile.tieRule, ties, this.#draws))] as number;
  }

  /** Search order starts at `start` and goes round; it ends with the last wanted feasible node. */
  #selectRange(index: ShapeIndex, start: number, wanted: number, out: Selection): void {
    const { nodes } = this.#snapshot;
    const blocks = index.blocks;
    const count = nodes.nodeCount;
    const behind = blocks.feasibleFrom(start);
    let end = count;
    let wrapped = start;
    if (blocks.feasible > wanted) {
      if (behind >= wanted) {
        end = blocks.nthFeasible(start, wanted - 1) + 1;
        wrapped = 0;
      } else wrapped = blocks.nthFeasible(0, wanted - behind - 1) + 1;
    }
    out.examined = end - start + wrapped;
    const first = blocks.bestIn(start, end);
    const firstTotal = first.total;
    const firstTies = first.ties;
    const second = blocks.bestIn(0, wrapped);
    const total = Math.max(firstTotal, second.total);
    const tiesBehind = firstTotal === total ? firstTies : 0;
    const ties = tiesBehind + (second.total === total ? second.ties : 0);
    out.ties = ties;
    const position = (ordinal: number) =>
      ordinal < tiesBehind
        ? blocks.nthIn(start, end, total, ordinal)
        : blocks.nthIn(0, wrapped, total, ordinal - tiesBehind);
    let slot = -1;
    if (this.#profile.tieRule === 'name') {
      for (let i = 0; i < ties; i++) slot = smallerName(nodes, slot, nodes.order.list[position(i)] as number);
    } else slot = nodes.order.list[position(tieOrdinal(this.#profile.tieRule, ties, this.#draws))] as number;
    out.slot = slot;
  }

  #addIndex({ podClass }: PodRequest): ShapeIndex {
    if (this.#indexCount >= MAX_INDEXES) this.#evict();
    const index = new ShapeIndex(podClass.shape, this.#plan);
    this.#indexes[podClass.shape.id] = index;
    this.#indexCount++;
    return index;
  }

  #evict(): void {
    let oldest: ShapeIndex | undefined;
    for (const index of this.#indexes) {
      if (index !== undefined && (oldest === undefined || index.lastUse < oldest.lastUse)) oldest = index;
    }
    assert(oldest !== undefined, 'cached path: there is an index to evict');
    this.#indexes[oldest.shape.id] = undefined;
    this.#indexCount--;
  }
}

function kernelEvaluate(snapshot: Snapshot, profile: Profile): Evaluate {
  const kernel = new ResourceKernel(snapshot.nodes, profile);
  return (request, slots, from, count, base, out) =>
    kernel.evaluate(request.podClass.shape, slots, from, count, base, out);
}

/** Nodes without fitting devices are infeasible; a pod without GPU costs nothing. */
function withDevices({ nodes }: Snapshot, evaluate: Evaluate): Evaluate {
  return (request, slots, from, count, base, out) => {
    evaluate(request, slots, from, count, base, out);
    const { gpu } = request.podClass.shape;
    if (gpu === null) return;
    const { gpus } = nodes;
    for (let i = 0; i < count; i++) if (!gpus.fits(slots[from + i] as number, gpu)) out[i] = -1;
  };
}

/** The same through the plugins, for policies and for profiles with other resources. Only nodes that fit are scored. */
function pluginEvaluate(snapshot: Snapshot, plugins: PluginSet, silent: Diagnosis): Evaluate {
  const fit = plugins.filters.find((plugin) => plugin instanceof NodeResourcesFitPlugin);
  const devices = plugins.filters.find((plugin) => plugin instanceof GpuSharePlugin);
  const scores = plugins.scores.filter(({ plugin }) => !NODE_PLUGINS.has(plugin.name) && !('inPlay' in plugin));
  let fitting = new Int32Array(1024);
  let places = new Int32Array(1024);
  let column = new Float64Array(1024);
  return (request, slots, from, count, base, out) => {
    if (column.length < count) {
      fitting = new Int32Array(count * 2);
      places = new Int32Array(count * 2);
      column = new Float64Array(count * 2);
    }
    for (let i = 0; i < count; i++) fitting[i] = slots[from + i] as number;
    let kept = fit?.filter(request, snapshot, fitting, count, silent, 0) ?? count;
    if (devices?.prepare(request) === true) {
      kept = devices.filter(request, snapshot, fitting, kept, silent, 0);
    }
    // Filters keep the order, so one walk finds where the survivors stood; a slot may stand there twice.
    for (let i = 0, found = 0; i < count; i++) {
      const survives = found < kept && fitting[found] === slots[from + i];
      out[i] = survives ? base : -1;
      if (survives) places[found++] = i;
    }
    for (const { plugin, weight } of scores) {
      if (!plugin.prepare(request, snapshot)) continue;
      plugin.score(request, snapshot, fitting, kept, column);
      for (let i = 0; i < kept; i++) {
        const place = places[i] as number;
        out[place] = (out[place] as number) + weight * (column[i] as number);
      }
    }
  };
}
