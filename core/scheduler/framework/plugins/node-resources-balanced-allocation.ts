/**
 * NodeResourcesBalancedAllocation: nodes whose resources are used evenly score higher. Up to 1.35 the balance after the pod
 * counts, from 1.36 the change that the pod makes (kubernetes #135573).
 */
import type { ResourceWeight } from '../../configuration/plugin-arguments.ts';
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, SKIP } from '../plugin.ts';
import { isScalarResource } from '../resource-kinds.ts';
import { balanceChange, balanceOf } from '../resource-scores.ts';

/** The plugin. */
export class NodeResourcesBalancedAllocation implements Plugin {
  readonly name = 'NodeResourcesBalancedAllocation';
  readonly #resources: readonly ResourceWeight[];
  readonly #relative: boolean;

  constructor(resources: readonly ResourceWeight[], relative: boolean) {
    this.#resources = resources;
    this.#relative = relative;
  }

  preScore(cycle: Cycle): typeof SKIP | null {
    const { requests } = cycle.info.held;
    return this.#resources.some(({ name }) => (requests.get(name) ?? 0) > 0) ? null : SKIP;
  }

  score(cycle: Cycle, node: NodeInfo): number {
    const before: number[] = [];
    const after: number[] = [];
    const allocatable: number[] = [];
    for (const { name } of this.#resources) {
      const own = cycle.info.held.requests.get(name) ?? 0;
      const skipped = own === 0 && isScalarResource(name);
      allocatable.push(skipped ? 0 : node.allocatableOf(name));
      before.push(node.requestedOf(name));
      after.push(node.requestedOf(name) + own);
    }
    return this.#relative ? balanceChange(before, after, allocatable) : balanceOf(after, allocatable);
  }
}
