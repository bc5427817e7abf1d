/**
 * PodTopologySpread: DoNotSchedule constraints filter, ScheduleAnyway constraints score. Constraints are the pod's own or
 * the profile's defaults. Source: Kubernetes 1.34.
 */
import { naturalLog } from '../../../base/natural-log.ts';
import type { PodTopologySpreadArgs } from '../../configuration/plugin-arguments.ts';
import type { Cycle, PluginState } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { MAX_NODE_SCORE, type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import {
  countMatching,
  DomainCounts,
  defaultConstraints,
  HOSTNAME,
  hasAllKeys,
  includesNode,
  podConstraints,
  type SpreadConstraint,
} from '../spread-constraints.ts';
import { type Rejection, unresolvable, unschedulable } from '../status.ts';

const NAME = 'PodTopologySpread';
/** A raw score that no node can have: the node lacks a key and gets 0 in the end. */
const IGNORED = -1;

interface FilterState extends PluginState {
  readonly constraints: readonly SpreadConstraint[];
  readonly counts: readonly DomainCounts[];
}

interface ScoreState extends PluginState {
  readonly constraints: readonly SpreadConstraint[];
  /** Matching pods by domain; hostnames are counted on the node. */
  readonly counts: readonly ReadonlyMap<string, number>[];
  readonly weights: readonly number[];
  readonly needsAllKeys: boolean;
}

/** The plugin. */
export class PodTopologySpread implements Plugin {
  readonly name = NAME;
  readonly #args: PodTopologySpreadArgs;

  constructor(args: PodTopologySpreadArgs) {
    this.#args = args;
  }

  preFilter(cycle: Cycle): PreFilterOutcome {
    const constraints = this.#constraints(cycle, 'DoNotSchedule');
    if (constraints.length === 0) return SKIP;
    const counts = constraints.map(() => new DomainCounts());
    for (const node of cycle.view.nodes) {
      if (!hasAllKeys(node, constraints)) continue;
      for (let i = 0; i < constraints.length; i++) {
        const constraint = constraints[i] as SpreadConstraint;
        if (!includesNode(constraint, cycle.info.pod, node)) continue;
        const domain = node.labels[constraint.topologyKey] as string;
        (counts[i] as DomainCounts).add(domain, countMatching(node, constraint, cycle.info.namespace));
      }
    }
    for (const domains of counts) domains.close();
    cycle.write(NAME, stateOf(constraints, counts));
    return null;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const { constraints, counts } = cycle.read<FilterState>(NAME);
    for (let i = 0; i < constraints.length; i++) {
      const constraint = constraints[i] as SpreadConstraint;
      const domains = counts[i] as DomainCounts;
      const domain = node.labels[constraint.topologyKey];
      if (domain === undefined) {
        return unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");
      }
      const self = constraint.selector.matches(cycle.info.pod.metadata.labels) ? 1 : 0;
      const least = domains.size < constraint.minDomains ? 0 : domains.least;
      if (domains.of(domain) + self - least > constraint.maxSkew) {
        return unschedulable("node(s) didn't match pod topology spread constraints");
      }
    }
    return null;
  }

  addPod(cycle: Cycle, added: PodInfo, node: NodeInfo): void {
    update(cycle, added, node, 1);
  }

  removePod(cycle: Cycle, removed: PodInfo, node: NodeInfo): void {
    update(cycle, removed, node, -1);
  }

  preScore(cycle: Cycle, feasible: readonly NodeInfo[]): typeof SKIP | null {
    const constraints = this.#constraints(cycle, 'ScheduleAnyway');
    if (constraints.length === 0) return SKIP;
    const { spec } = cycle.info.pod;
    const needsAllKeys = (spec.topologySpreadConstraints ?? []).length > 0 || !this.#args.systemDefaulted;
    const scored = needsAllKeys ? feasible.filter((node) => hasAllKeys(node, constraints)) : feasible;
    const counts = constraints.map(({ topologyKey }) => {
      const domains = new Map<string, number>();
      if (topologyKey !== HOSTNAME) for (const { labels } of scored) domains.set(labels[topologyKey] ?? '', 0);
      return domains;
    });
    for (const node of cycle.view.nodes) {
      if (!needsAllKeys || hasAllKeys(node, constraints)) addToDomains(cycle, node, constraints, counts);
    }
    const weights = constraints.map(({ topologyKey }, i) =>
      naturalLog((topologyKey === HOSTNAME ? scored.length : (counts[i] as ReadonlyMap<string, number>).size) + 2),
    );
    const state: ScoreState = { constraints, counts, weights, needsAllKeys, clone: () => state };
    cycle.write(`${NAME}/score`, state);
    return null;
  }

  score(cycle: Cycle, node: NodeInfo): number {
    const { constraints, counts, weights, needsAllKeys } = cycle.read<ScoreState>(`${NAME}/score`);
    if (needsAllKeys && !hasAllKeys(node, constraints)) return IGNORED;
    let sum = 0;
    for (let i = 0; i < constraints.length; i++) {
      const constraint = constraints[i] as SpreadConstraint;
      const domain = node.labels[constraint.topologyKey];
      if (domain === undefined) continue;
      const count =
        constraint.topologyKey === HOSTNAME
          ? countMatching(node, constraint, cycle.info.namespace)
          : ((counts[i] as ReadonlyMap<string, number>).get(domain) ?? 0);
      sum += count * (weights[i] as number) + (constraint.maxSkew - 1);
    }
    return Math.round(sum);
  }

  normalize(_cycle: Cycle, _nodes: readonly NodeInfo[], scores: Float64Array): void {
    let min = Number.POSITIVE_INFINITY;
    let max = 0;
    for (const score of scores) {
      if (score === IGNORED) continue;
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      if (score === IGNORED) scores[i] = 0;
      else scores[i] = max === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (max + min - score)) / max);
    }
  }

  #constraints(cycle: Cycle, action: string): readonly SpreadConstraint[] {
    const { pod } = cycle.info;
    const own = pod.spec.topologySpreadConstraints ?? [];
    if (own.length > 0) return podConstraints(pod, own, action);
    return defaultConstraints(pod, this.#args.defaultConstraints, action, cycle.view.objects);
  }
}

function stateOf(constraints: readonly SpreadConstraint[], counts: readonly DomainCounts[]): FilterState {
  return {
    constraints,
    counts,
    clone: () =>
      stateOf(
        constraints,
        counts.map((domains) => domains.clone()),
      ),
  };
}

/** A dry run moved a pod: pods that are being deleted count here as well, unlike at PreFilter. */
function update(cycle: Cycle, { pod, namespace }: PodInfo, node: NodeInfo, sign: 1 | -1): void {
  const { constraints, counts } = cycle.read<FilterState>(NAME);
  if (namespace !== cycle.info.namespace || !hasAllKeys(node, constraints)) return;
  for (let i = 0; i < constraints.length; i++) {
    const constraint = constraints[i] as SpreadConstraint;
    if (!constraint.selector.matches(pod.metadata.labels)) continue;
    if (!includesNode(constraint, cycle.info.pod, node)) continue;
    (counts[i] as DomainCounts).change(node.labels[constraint.topologyKey] as string, sign);
  }
}

function addToDomains(
  cycle: Cycle,
  node: NodeInfo,
  constraints: readonly SpreadConstraint[],
  counts: readonly Map<string, number>[],
): void {
  for (let i = 0; i < constraints.length; i++) {
    const constraint = constraints[i] as SpreadConstraint;
    const domains = counts[i] as Map<string, number>;
    const domain = node.labels[constraint.topologyKey] ?? '';
    const before = domains.get(domain);
    if (before === undefined || !includesNode(constraint, cycle.info.pod, node)) continue;
    domains.set(domain, before + countMatching(node, constraint, cycle.info.namespace));
  }
}
