/**
 * InterPodAffinity: required and preferred pod affinity and anti-affinity, of the pod and of those that run already.
 * Source: Kubernetes 1.34. Domains are pairs of a topology key and a node's value of it.
 */
import type { InterPodAffinityArgs } from '../../configuration/plugin-arguments.ts';
import { type AffinityTerm, resolveNamespaces, termSelects, type WeightedAffinityTerm } from '../affinity-term.ts';
import type { Cycle, PluginState } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { MAX_NODE_SCORE, type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Rejection, unresolvable, unschedulable } from '../status.ts';
import { PairCounts } from '../topology-pairs.ts';

const NAME = 'InterPodAffinity';
const NO_LABELS = Object.freeze({});

interface FilterState extends PluginState {
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  /** Pods that run already and whose required anti-affinity selects the pod. */
  readonly repelling: PairCounts;
  /** Pods that match all of the pod's affinity terms. */
  readonly attracting: PairCounts;
  /** Pods that match one of its anti-affinity terms. */
  readonly repelled: PairCounts;
}

interface ScoreState extends PluginState {
  readonly sums: PairCounts;
}

/** The plugin. */
export class InterPodAffinity implements Plugin {
  readonly name = NAME;
  readonly #args: InterPodAffinityArgs;

  constructor(args: InterPodAffinityArgs) {
    this.#args = args;
  }

  preFilter(cycle: Cycle): PreFilterOutcome {
    const { info, view } = cycle;
    const state = stateOf(
      info.requiredAffinity.map((term) => resolveNamespaces(term, view.objects)),
      info.requiredAntiAffinity.map((term) => resolveNamespaces(term, view.objects)),
      new PairCounts(),
      new PairCounts(),
      new PairCounts(),
    );
    const ownTerms = state.affinity.length + state.antiAffinity.length > 0;
    for (const node of view.nodes) {
      for (const existing of node.pods) {
        if (ownTerms || existing.requiredAntiAffinity.length > 0) count(cycle, state, existing, node, 1);
      }
    }
    // Also for a dry run that brings pods which repel this one.
    cycle.write(NAME, state);
    return !ownTerms && state.repelling.isEmpty ? SKIP : null;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const state = cycle.read<FilterState>(NAME);
    if (!satisfiesAffinity(cycle, state, node)) return unresolvable("node(s) didn't match pod affinity rules");
    if (state.antiAffinity.some(({ topologyKey }) => state.repelled.at(node, topologyKey) > 0)) {
      return unschedulable("node(s) didn't match pod anti-affinity rules");
    }
    if (state.repelling.holdsAnyOf(node)) {
      return unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");
    }
    return null;
  }

  addPod(cycle: Cycle, added: PodInfo, node: NodeInfo): void {
    count(cycle, cycle.read<FilterState>(NAME), added, node, 1);
  }

  removePod(cycle: Cycle, removed: PodInfo, node: NodeInfo): void {
    count(cycle, cycle.read<FilterState>(NAME), removed, node, -1);
  }

  preScore(cycle: Cycle): typeof SKIP | null {
    const { info, view } = cycle;
    const ownTerms = info.preferredAffinity.length + info.preferredAntiAffinity.length > 0;
    if (this.#args.ignorePreferredTermsOfExistingPods && !ownTerms) return SKIP;
    const affinity = info.preferredAffinity.map((term) => resolveNamespaces(term, view.objects));
    const antiAffinity = info.preferredAntiAffinity.map((term) => resolveNamespaces(term, view.objects));
    const sums = new PairCounts();
    for (const node of view.nodes) {
      for (const existing of node.pods) {
        if (!ownTerms && !existing.hasPodAffinity) continue;
        addPreferred(sums, affinity, existing.pod, node, 1);
        addPreferred(sums, antiAffinity, existing.pod, node, -1);
        this.#addExisting(cycle, sums, existing, node);
      }
    }
    if (!sums.wasTouched) return SKIP;
    const state: ScoreState = { sums, clone: () => state };
    cycle.write(`${NAME}/score`, state);
    return null;
  }

  score(cycle: Cycle, node: NodeInfo): number {
    return cycle.read<ScoreState>(`${NAME}/score`).sums.sumOver(node);
  }

  normalize(_cycle: Cycle, _nodes: readonly NodeInfo[], scores: Float64Array): void {
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (const score of scores) {
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
    const range = max - min;
    for (let i = 0; i < scores.length; i++) {
      scores[i] = range > 0 ? Math.trunc(MAX_NODE_SCORE * (((scores[i] as number) - min) / range)) : 0;
    }
  }

  /** What a pod that runs already says about the incoming one. */
  #addExisting(cycle: Cycle, sums: PairCounts, existing: PodInfo, node: NodeInfo): void {
    const { pod } = cycle.info;
    const labels = cycle.view.objects.namespaceLabels(cycle.info.namespace);
    const hardWeight = this.#args.hardPodAffinityWeight;
    if (hardWeight > 0) {
      for (const term of existing.requiredAffinity) {
        if (termSelects(term, pod, labels)) sums.add(node, term.topologyKey, hardWeight);
      }
    }
    for (const term of existing.preferredAffinity) {
      if (termSelects(term, pod, labels)) sums.add(node, term.topologyKey, term.weight);
    }
    for (const term of existing.preferredAntiAffinity) {
      if (termSelects(term, pod, labels)) sums.add(node, term.topologyKey, -term.weight);
    }
  }
}

function stateOf(
  affinity: readonly AffinityTerm[],
  antiAffinity: readonly AffinityTerm[],
  repelling: PairCounts,
  attracting: PairCounts,
  repelled: PairCounts,
): FilterState {
  const clone = () => stateOf(affinity, antiAffinity, repelling.clone(), attracting.clone(), repelled.clone());
  return { affinity, antiAffinity, repelling, attracting, repelled, clone };
}

/** Counts a pod on a node (`sign` −1: takes it off). Its terms are about the incoming pod, and the incoming pod's about it. */
function count(
  cycle: Cycle,
  state: FilterState,
  { pod, requiredAntiAffinity }: PodInfo,
  node: NodeInfo,
  sign: 1 | -1,
): void {
  const labels = cycle.view.objects.namespaceLabels(cycle.info.namespace);
  for (const term of requiredAntiAffinity) {
    if (termSelects(term, cycle.info.pod, labels)) state.repelling.add(node, term.topologyKey, sign);
  }
  if (state.affinity.length > 0 && state.affinity.every((term) => termSelects(term, pod, NO_LABELS))) {
    for (const { topologyKey } of state.affinity) state.attracting.add(node, topologyKey, sign);
  }
  for (const term of state.antiAffinity) {
    if (termSelects(term, pod, NO_LABELS)) state.repelled.add(node, term.topologyKey, sign);
  }
}

function satisfiesAffinity(cycle: Cycle, state: FilterState, node: NodeInfo): boolean {
  let found = true;
  for (const { topologyKey } of state.affinity) {
    if (node.labels[topologyKey] === undefined) return false;
    if (state.attracting.at(node, topologyKey) <= 0) found = false;
  }
  if (found) return true;
  const { pod } = cycle.info;
  return state.attracting.isEmpty && state.affinity.every((term) => termSelects(term, pod, NO_LABELS));
}

function addPreferred(
  sums: PairCounts,
  terms: readonly WeightedAffinityTerm[],
  existing: PodInfo['pod'],
  node: NodeInfo,
  sign: 1 | -1,
): void {
  for (const term of terms) {
    if (termSelects(term, existing, NO_LABELS)) sums.add(node, term.topologyKey, sign * term.weight);
  }
}
