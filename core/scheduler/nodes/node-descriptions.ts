/**
 * What the descriptions of nodes mean to pods: verdicts and raw scores of the plugins that read taints, labels and cordon only.
 *
 * Pods with the same tolerations, node selector and node affinity share one opinion, whatever else they ask for. An opinion is kept by
 * kind of node and worked out anew when order or descriptions of the nodes changed. It also tells which changes of usage matter to its pods.
 */

import type { Diagnosis } from '../choice/diagnosis.ts';
import type { PluginSet, WeightedScore } from '../plugins/index.ts';
import type { FilterPlugin, PodRequest, ScorePlugin, Snapshot } from '../plugins/plugin.ts';
import { IndexCache } from '../totals/index-cache.ts';
import { ChangeLog } from './change-log.ts';
import { type ByKind, NodeKinds } from './node-kinds.ts';
import type { NodeTable } from './node-table.ts';

/** Filters and scores that read nothing but the node's description. */
const NODE_PLUGINS = new Set(['NodeUnschedulable', 'TaintToleration', 'NodeAffinity']);

/** Whether a plugin reads nothing but the node's description. */
export function readsDescriptions({ name }: { readonly name: string }): boolean {
  return NODE_PLUGINS.has(name);
}

/** Opinions that are kept at one time; each takes some numbers a kind of node. */
const MAX_OPINIONS = 1024;

/** Changes that an opinion keeps: replaying more costs as much as looking at all nodes of most clusters. */
const OPINION_LOG_SIZE = 1 << 12;

/** Raw scores of one plugin by kind of node, not all of them 0. */
export interface RawScores {
  readonly plugin: ScorePlugin;
  readonly weight: number;
  raw: ByKind;
}

/** The opinion of pods with one description of the nodes they want. */
export class NodeOpinion {
  /** Running number of the last use, for eviction. */
  lastUse = 0;
  /** By kind: 1 where the description lets the pod pass, else 0. */
  passes: ByKind;
  readonly scores: readonly RawScores[];
  /** What scores add on every node because all their raw scores are 0. */
  readonly constant: number;
  /** Versions of the order and the descriptions that it holds for. */
  readonly orderVersion: number;
  readonly specVersion: number;
  readonly #kinds: NodeKinds;
  readonly #nodes: NodeTable;
  #changes = new ChangeLog(OPINION_LOG_SIZE);
  #seen: number;

  constructor(request: PodRequest, snapshot: Snapshot, kinds: NodeKinds, plugins: DescriptionPlugins) {
    const { nodeCount, order, specVersion } = snapshot.nodes;
    this.orderVersion = order.version;
    this.specVersion = specVersion;
    this.#kinds = kinds;
    this.#nodes = snapshot.nodes;
    this.#seen = snapshot.nodes.changes.head;
    this.passes = kinds.split(passing(request, snapshot, plugins));
    const scores: RawScores[] = [];
    let constant = 0;
    for (const { plugin, weight } of plugins.scores) {
      if (!plugin.prepare(request, snapshot)) continue;
      const column = new Float64Array(nodeCount);
      plugin.score(request, snapshot, order.list, nodeCount, column);
      if (column.some((score) => score !== 0)) scores.push({ plugin, weight, raw: kinds.split(column) });
      else if (plugin.normalizer === 'reverse') constant += 100 * weight;
    }
    this.scores = scores;
    this.constant = constant;
    this.widen();
  }

  /** Takes in kinds that came since. */
  widen(): void {
    const kinds = this.#kinds;
    if (this.passes.length < kinds.count) this.passes = kinds.widened(this.passes);
    for (const each of this.scores) if (each.raw.length < kinds.count) each.raw = kinds.widened(each.raw);
  }

  /** The changes of nodes that let the pod pass, all up to now; a new log when some were missed. No kind is missing. */
  changes(): ChangeLog {
    const { changes: all } = this.#nodes;
    if (all.head - this.#seen > all.size) {
      this.#changes = new ChangeLog(OPINION_LOG_SIZE);
      this.#seen = all.head;
    }
    for (; this.#seen < all.head; this.#seen++) {
      const at = this.#seen & all.mask;
      const position = all.positions[at] as number;
      if (this.passes[this.#kinds.ofPosition[position] as number] === 1) {
        this.#changes.touch(all.slots[at] as number, position);
      }
    }
    return this.#changes;
  }
}

/** The plugins of a profile that read descriptions. */
interface DescriptionPlugins {
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly WeightedScore[];
  /** A diagnosis that records nothing. */
  readonly silent: Diagnosis;
}

/** The opinions of one profile's pods. */
export class NodeDescriptions {
  readonly kinds = new NodeKinds();
  readonly #snapshot: Snapshot;
  readonly #plugins: DescriptionPlugins;
  readonly #opinions = new IndexCache<NodeOpinion>(MAX_OPINIONS);

  constructor(snapshot: Snapshot, { filters, scores }: PluginSet, silent: Diagnosis) {
    this.#snapshot = snapshot;
    this.#plugins = {
      filters: filters.filter(readsDescriptions),
      scores: scores.filter(({ plugin }) => readsDescriptions(plugin)),
      silent,
    };
  }

  /** The opinion of a pod on the nodes as they are now. */
  opinionOf(request: PodRequest): NodeOpinion {
    const { nodeCount, order, specVersion } = this.#snapshot.nodes;
    const { wishId } = request.podClass.shape;
    this.kinds.renew(nodeCount, order.version, specVersion);
    const known = this.#opinions.get(wishId);
    if (known !== undefined && known.orderVersion === order.version && known.specVersion === specVersion) {
      known.widen();
      return known;
    }
    return this.#opinions.put(wishId, new NodeOpinion(request, this.#snapshot, this.kinds, this.#plugins));
  }
}

/** By position: 1 for the nodes whose description the pod's filters let pass. */
function passing(request: PodRequest, snapshot: Snapshot, { filters, silent }: DescriptionPlugins): Float64Array {
  const { nodeCount, order } = snapshot.nodes;
  const survivors = order.list.slice(0, nodeCount);
  let kept = nodeCount;
  filters.forEach((filter, i) => {
    if (filter.prepare(request, snapshot, silent, i))
      kept = filter.filter(request, snapshot, survivors, kept, silent, i);
  });
  const passes = new Float64Array(nodeCount);
  for (let i = 0; i < kept; i++) passes[order.positions[survivors[i] as number] as number] = 1;
  return passes;
}
