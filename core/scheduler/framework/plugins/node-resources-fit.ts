/**
 * NodeResourcesFit: what is allocatable and not requested covers the pod; scores by a strategy. Filter and score read
 * different sums (see pod-resources.ts). A resource that the node does not have and devices may stand for is left to DynamicResources, and scored by
 * devices (gate DRAExtendedResource, 1.36). Source: Kubernetes 1.34.
 */
import { isExtendedResource } from '../../../types/dns-names.ts';
import type { NodeResourcesFitArgs } from '../../configuration/plugin-arguments.ts';
import type { Cycle } from '../cycle.ts';
import { classesByResource, deviceTotals } from '../devices/extended-resources.ts';
import type { NodeInfo } from '../node-info.ts';
import type { Plugin } from '../plugin.ts';
import { isScalarResource } from '../resource-kinds.ts';
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
    const classes = classesByResource(cycle.view.objects);
    const others = [...requests.keys()].filter((name) => !NAMED.includes(name)).sort();
    for (const name of [...NAMED, ...others]) {
      const amount = requests.get(name) ?? 0;
      if (amount <= 0 || this.#ignores(name)) continue;
      if (amount <= node.allocatableOf(name) - node.requestedOf(name)) continue;
      if (node.allocatableOf(name) === 0 && classes.has(name)) continue;
      reasons.push(`Insufficient ${name}`);
      if (amount > node.allocatableOf(name)) unresolvable = true;
    }
    if (reasons.length === 0) return null;
    return { code: unresolvable ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons };
  }

  /** A pod being resized is scored by its spec: the scorer is made without the gate (NewFit); that of balanced allocation has it. */
  score(cycle: Cycle, node: NodeInfo): number {
    const { resources } = this.#args.scoringStrategy;
    const classes = classesByResource(cycle.view.objects);
    const requested: number[] = [];
    const allocatable: number[] = [];
    for (const { name } of resources) {
      const own = cycle.info.resources.scored.get(name) ?? 0;
      const skipped = own === 0 && isScalarResource(name);
      let capacity = skipped ? 0 : node.allocatableOf(name);
      let used = scoredSum(node, name);
      if (!skipped && capacity === 0 && classes.has(name)) {
        ({ allocatable: capacity, allocated: used } = deviceTotals(cycle.view.objects, node, name));
      }
      allocatable.push(capacity);
      requested.push(used + own);
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
