/**
 * The plugins of one profile and how they are run: first refusal ends a node's filters, scores are normalised over the
 * feasible nodes and weighted. Source: Kubernetes 1.34, framework/runtime.
 */

import type { Pod } from '../../types/pod.ts';
import type { ProfileConfiguration } from '../configuration/configuration.ts';
import type { SchedulerVersion } from '../configuration/default-plugins.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { Cycle } from './cycle.ts';
import { filterWithoutState, scoreWithoutState } from './missing-state.ts';
import type { NodeInfo } from './node-info.ts';
import { MAX_NODE_SCORE, type NodeSet, type Plugin, SKIP } from './plugin.ts';
import { makePlugins } from './plugins/index.ts';
import type { PodInfo } from './pod-info.ts';
import { CycleError, type Rejection, type Verdict } from './status.ts';

/** What PreFilter came to: a refusal for all nodes, or the nodes that go on to the filters (`null` = all). */
export interface PreFilterResult {
  readonly verdict: Verdict | null;
  readonly nodeNames: readonly string[] | null;
  /** Plugins that narrowed the nodes, sorted. */
  readonly narrowedBy: readonly string[];
}

/** Weighted scores of one plugin by index of the feasible nodes. */
export interface ScoreColumn {
  readonly plugin: string;
  readonly weighted: Float64Array;
}

/** Runs a profile's plugins. */
export class Framework {
  readonly profile: ProfileConfiguration;
  readonly #plugins: ReadonlyMap<string, Plugin>;
  readonly #filters: readonly Plugin[];
  readonly #scores: readonly Plugin[];

  constructor(profile: ProfileConfiguration, version: SchedulerVersion) {
    this.profile = profile;
    this.#plugins = makePlugins(profile, version);
    const { preFilter, filter, preScore, score } = profile.plugins;
    this.#filters = this.#at(filter).map((plugin) =>
      preFilter.includes(plugin.name) ? plugin : filterWithoutState(plugin),
    );
    this.#scores = this.#at(score).map((plugin) =>
      preScore.includes(plugin.name) ? plugin : scoreWithoutState(plugin),
    );
  }

  /** Whether a plugin keeps the pod out of the queue. */
  preEnqueue(pod: Pod, objects: ClusterObjects): Verdict | null {
    for (const plugin of this.#at(this.profile.plugins.preEnqueue)) {
      const rejection = plugin.preEnqueue?.(pod, objects) ?? null;
      if (rejection !== null) return { plugin: plugin.name, ...rejection };
    }
    return null;
  }

  /** Runs PreFilter. @throws CycleError */
  preFilter(cycle: Cycle): PreFilterResult {
    let nodeNames: readonly string[] | null = null;
    const narrowedBy: string[] = [];
    for (const plugin of this.#at(this.profile.plugins.preFilter)) {
      const outcome = guard('PreFilter', plugin, () => plugin.preFilter?.(cycle) ?? null);
      if (outcome === SKIP) cycle.skippedFilters.add(plugin.name);
      if (outcome === SKIP || outcome === null) continue;
      if (isRejection(outcome)) return { verdict: { plugin: plugin.name, ...outcome }, nodeNames: null, narrowedBy };
      narrowedBy.push(plugin.name);
      const own: readonly string[] = outcome.nodeNames;
      nodeNames = nodeNames === null ? own : nodeNames.filter((name) => own.includes(name));
      if (nodeNames.length === 0) return { verdict: conflict(narrowedBy), nodeNames, narrowedBy };
    }
    return { verdict: null, nodeNames, narrowedBy: narrowedBy.sort() };
  }

  /** Runs the filters of one node with the pods that are on it. @throws CycleError */
  filter(cycle: Cycle, node: NodeInfo): Verdict | null {
    for (const plugin of this.#filters) {
      if (cycle.skippedFilters.has(plugin.name)) continue;
      const rejection = guard('Filter', plugin, () => plugin.filter?.(cycle, node) ?? null);
      if (rejection !== null) return { plugin: plugin.name, ...rejection };
    }
    return null;
  }

  /**
   * Runs the filters of one node with the pods nominated to it that are at least as important, and then without them: both
   * must pass, since a nominated pod may take room and may as well be what an affinity term waits for.
   */
  filterWithNominated(cycle: Cycle, node: NodeInfo): Verdict | null {
    const nominated = cycle.view
      .nominatedOn(node.name)
      .filter(({ priority, key }) => priority >= cycle.info.priority && key !== cycle.info.key);
    if (nominated.length > 0) {
      const dryCycle = cycle.clone();
      const dryNode = node.clone();
      for (const pod of nominated) this.addPod(dryCycle, pod, dryNode);
      const verdict = this.filter(dryCycle, dryNode);
      if (verdict !== null) return verdict;
    }
    return this.filter(cycle, node);
  }

  /** Whether a filter of the cycle's pod looks at other pods than those of the node it is asked about. */
  looksElsewhere({ skippedFilters }: Cycle): boolean {
    return this.#filters.some(({ name, addPod }) => addPod !== undefined && !skippedFilters.has(name));
  }

  /** Puts a pod on a node of a dry run; plugins that skipped PreFilter are not told. */
  addPod(cycle: Cycle, pod: PodInfo, node: NodeInfo): void {
    node.addPod(pod);
    this.tellAdded(cycle, pod, node);
  }

  /** Tells the plugins of a cycle that a pod is on a node of a dry run now. */
  tellAdded(cycle: Cycle, pod: PodInfo, node: NodeInfo): void {
    this.#extend(cycle, (plugin) => plugin.addPod?.(cycle, pod, node));
  }

  /** Takes a pod off a node of a dry run. */
  removePod(cycle: Cycle, pod: PodInfo, node: NodeInfo): void {
    node.removePod(pod);
    this.tellRemoved(cycle, pod, node);
  }

  /** Tells the plugins of a cycle that a pod is off a node of a dry run now. */
  tellRemoved(cycle: Cycle, pod: PodInfo, node: NodeInfo): void {
    this.#extend(cycle, (plugin) => plugin.removePod?.(cycle, pod, node));
  }

  /** Weighted scores of all feasible nodes; `null` when the profile has no score plugins. @throws CycleError */
  score(cycle: Cycle, nodes: readonly NodeInfo[]): readonly ScoreColumn[] | null {
    if (this.profile.plugins.score.length === 0) return null;
    for (const plugin of this.#at(this.profile.plugins.preScore)) {
      const outcome = guard('PreScore', plugin, () => plugin.preScore?.(cycle, nodes) ?? null);
      if (outcome === SKIP) cycle.skippedScores.add(plugin.name);
    }
    const columns: ScoreColumn[] = [];
    for (const plugin of this.#scores) {
      if (cycle.skippedScores.has(plugin.name) || plugin.score === undefined) continue;
      columns.push({ plugin: plugin.name, weighted: this.#column(plugin, cycle, nodes) });
    }
    return columns;
  }

  #column(plugin: Plugin, cycle: Cycle, nodes: readonly NodeInfo[]): Float64Array {
    const weight = this.profile.weights.get(plugin.name) ?? 1;
    const scores = Float64Array.from(nodes, (node) => guard('Score', plugin, () => plugin.score?.(cycle, node) ?? 0));
    plugin.normalize?.(cycle, nodes, scores);
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      if (score < 0 || score > MAX_NODE_SCORE) {
        const range = `[0, ${MAX_NODE_SCORE}]`;
        throw new CycleError(
          `plugin "${plugin.name}" returns an invalid score ${score}, it should in the range of ${range} after normalizing`,
        );
      }
      scores[i] = score * weight;
    }
    return scores;
  }

  #extend(cycle: Cycle, tell: (plugin: Plugin) => void): void {
    for (const plugin of this.#at(this.profile.plugins.preFilter)) {
      if (!cycle.skippedFilters.has(plugin.name) && cycle.has(plugin.name)) tell(plugin);
    }
  }

  #at(names: readonly string[]): readonly Plugin[] {
    return names.flatMap((name) => this.#plugins.get(name) ?? []);
  }
}

function isRejection(outcome: NodeSet | Rejection): outcome is Rejection {
  return 'code' in outcome;
}

function conflict(plugins: readonly string[]): Verdict {
  const reason = `node(s) didn't satisfy plugin(s) [${[...plugins].sort().join(' ')}] simultaneously`;
  return { plugin: '', code: 'UnschedulableAndUnresolvable', reasons: [reason] };
}

/** What was running, in the words of upstream's errors. */
const RUNNING = {
  PreFilter: (name: string) => `PreFilter plugin "${name}"`,
  Filter: (name: string) => `"${name}" filter plugin`,
  PreScore: (name: string) => `PreScore plugin "${name}"`,
  Score: (name: string) => `Score plugins: plugin "${name}" failed with`,
};

/** Says in an error that ends the cycle what was running. */
function guard<T>(point: keyof typeof RUNNING, plugin: Plugin, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CycleError) throw new CycleError(`running ${RUNNING[point](plugin.name)}: ${error.message}`);
    throw error;
  }
}
