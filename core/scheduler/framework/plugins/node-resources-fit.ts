/**
 * NodeResourcesFit: what is allocatable and not requested covers the pod; scores by a strategy. Filter and score read
 * different sums (see pod-resources.ts). Source: Kubernetes 1.34.
 */
import type { NodeResourcesFitArgs } from '../../configuration/plugin-arguments.ts';
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import type { Plugin } from '../plugin.ts';
import { isExtendedResource, isScalarResource } from '../resource-kinds.ts';
import { type ScoringFunction, scoringFunctionOf } from '../resource-scores.ts';
import type { Rejection } from '../status.ts';

const NAMED: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

/** The plugin. */
export class NodeResourcesFit implements Plugin {
  readonly name = 'NodeResourcesFit';
  readonly #args: NodeResourcesFitArgs;
  readonly #scoring: ScoringFunction;

  constructor(args: NodeResourcesFitArgs) {
    this.#args = args;
    this.#scoring = scoringFunctionOf(args.scoringStrategy);
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const reasons: string[] = [];
    let unresolvable = false;
    if (node.pods.length + 1 > node.allocatableOf('pods')) reasons.push('Too many pods');
    const { requests } = cycle.info.resources;
    const others = [...requests.keys()].filter((name) => !NAMED.includes(name)).sort();
    for (const name of [...NAMED, ...others]) {
      const amount = requests.get(name) ?? 0;
      if (amount <= 0 || this.#ignores(name)) continue;
      if (amount <= node.allocatableOf(name) - node.requestedOf(name)) continue;
      reasons.push(`Insufficient ${name}`);
      if (amount > node.allocatableOf(name)) unresolvable = true;
    }
    if (reasons.length === 0) return null;
    return { code: unresolvable ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons };
  }

  score(cycle: Cycle, node: NodeInfo): number {
    const { resources } = this.#args.scoringStrategy;
    const requested: number[] = [];
    const allocatable: number[] = [];
    for (const { name } of resources) {
      const own = cycle.info.resources.scored.get(name) ?? 0;
      const skipped = own === 0 && isScalarResource(name);
      allocatable.push(skipped ? 0 : node.allocatableOf(name));
      requested.push(scoredSum(node, name) + own);
    }
    return this.#scoring(requested, allocatable);
  }

  #ignores(name: string): boolean {
    if (!isExtendedResource(name)) return false;
    const group = name.slice(0, name.indexOf('/'));
    return this.#args.ignoredResources.includes(name) || this.#args.ignoredResourceGroups.includes(group);
  }
}

/** What the node's pods request, with the defaults that scoring counts. */
function scoredSum(node: NodeInfo, name: string): number {
  if (name === 'cpu') return node.nonZeroCpuMilli;
  return name === 'memory' ? node.nonZeroMemoryBytes : node.requestedOf(name);
}
