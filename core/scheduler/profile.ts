/**
 * A scheduling profile and the choices that pick between equals; everything published rankings have hinged on is explicit.
 */
import type { NodeOrderRule } from './node-order.ts';
import type { PolicyFactory } from './policies/policy.ts';

export type ScoringStrategy = 'LeastAllocated' | 'MostAllocated';

/** A resource with its weight in the strategy of NodeResourcesFit. */
export interface ResourceWeight {
  readonly name: string;
  readonly weight: number;
}

/** Weight by score plugin; 0 = disabled. */
export interface ScoreWeights {
  readonly TaintToleration: number;
  readonly NodeAffinity: number;
  readonly NodeResourcesFit: number;
  readonly NodeResourcesBalancedAllocation: number;
}

/** `uniform`: each of the best with equal chance; `first`: the first in search order; `name`: the smallest node name. */
export type TieRule = 'uniform' | 'first' | 'name';

/** One profile; pods choose it by `spec.schedulerName`. */
export interface Profile {
  readonly schedulerName: string;
  readonly strategy: ScoringStrategy;
  readonly strategyResources: readonly ResourceWeight[];
  readonly balancedResources: readonly string[];
  readonly weights: ScoreWeights;
  /**
   * How many feasible nodes a cycle looks for: a percentage 1 … 100, 0 = adaptive (upstream's default), `all` = every node.
   */
  readonly percentageOfNodesToScore: number | 'all';
  readonly tieRule: TieRule;
  readonly nodeOrder: NodeOrderRule;
  /** Scores instead of the weighted plugins; absent = the plugins. */
  readonly policy?: PolicyFactory | undefined;
}

/** The default profile of Kubernetes 1.34. */
export const DEFAULT_PROFILE: Profile = {
  schedulerName: 'default-scheduler',
  strategy: 'LeastAllocated',
  strategyResources: [
    { name: 'cpu', weight: 1 },
    { name: 'memory', weight: 1 },
  ],
  balancedResources: ['cpu', 'memory'],
  weights: { TaintToleration: 3, NodeAffinity: 2, NodeResourcesFit: 1, NodeResourcesBalancedAllocation: 1 },
  percentageOfNodesToScore: 0,
  tieRule: 'uniform',
  nodeOrder: 'zone-round-robin',
};

/** Below so many nodes all are looked at, and at least so many feasible ones are looked for. */
const MIN_FEASIBLE_NODES = 100;

/** How many feasible nodes a cycle looks for among `nodeCount` (Kubernetes 1.34, `numFeasibleNodesToFind`). */
export function feasibleNodesWanted(percentage: number | 'all', nodeCount: number): number {
  if (percentage === 'all' || nodeCount < MIN_FEASIBLE_NODES) return nodeCount;
  const share = percentage === 0 ? Math.max(5, 50 - Math.floor(nodeCount / 125)) : percentage;
  return Math.max(MIN_FEASIBLE_NODES, Math.floor((nodeCount * share) / 100));
}
