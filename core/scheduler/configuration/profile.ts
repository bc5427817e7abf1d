/**
 * A scheduling profile and the choices that pick between equals; everything published rankings have hinged on is explicit.
 */

import type { NodeOrderRule } from '../nodes/node-order.ts';
import type { PolicyFactory } from '../policies/policy.ts';
import { defaultProfile, type ProfileConfiguration } from './configuration.ts';
import type { SchedulerVersion } from './default-plugins.ts';
import type { ResourceWeight, ShapePoint, ScoringStrategy as Strategy } from './plugin-arguments.ts';

export type { ResourceWeight } from './plugin-arguments.ts';

export type ScoringStrategy = Strategy['type'];

/** Weight by score plugin; 0 or absent = disabled. */
export interface ScoreWeights {
  readonly TaintToleration: number;
  readonly NodeAffinity: number;
  readonly NodeResourcesFit: number;
  readonly NodeResourcesBalancedAllocation: number;
  readonly PodTopologySpread?: number | undefined;
  readonly InterPodAffinity?: number | undefined;
  readonly ImageLocality?: number | undefined;
}

/** `uniform`: each of the best with equal chance; `first`: the first in search order; `name`: the smallest node name. */
export type TieRule = 'uniform' | 'first' | 'name';

/** One profile; pods choose it by `spec.schedulerName`. */
export interface Profile {
  readonly schedulerName: string;
  readonly strategy: ScoringStrategy;
  readonly strategyResources: readonly ResourceWeight[];
  /** Of strategy RequestedToCapacityRatio. */
  readonly strategyShape?: readonly ShapePoint[] | undefined;
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
  /** Pods that wait together are placed together by this solver where the caller has batches; absent = one by one. */
  readonly batch?: 'min-cost-flow' | undefined;
  /** Whose rules apply; absent = 1.34. */
  readonly version?: SchedulerVersion | undefined;
  /**
   * What a configuration file enables and the arguments that have no field above; absent = the default profile. Use
   * {@link configurationOf}, which has this profile's weights and strategy in it.
   */
  readonly base?: ProfileConfiguration | undefined;
  /** The tie rule belongs to the policy: who compares policies under one rule must not change it. */
  readonly fixedTieRule?: boolean | undefined;
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
  weights: {
    TaintToleration: 3,
    NodeAffinity: 2,
    NodeResourcesFit: 1,
    NodeResourcesBalancedAllocation: 1,
    PodTopologySpread: 2,
    InterPodAffinity: 2,
    ImageLocality: 1,
  },
  percentageOfNodesToScore: 0,
  tieRule: 'uniform',
  nodeOrder: 'zone-round-robin',
};

/** Whose rules a profile follows. */
export function versionOf({ version }: Profile): SchedulerVersion {
  return version ?? '1.34';
}

const WEIGHTED: readonly (keyof ScoreWeights)[] = [
  'TaintToleration',
  'NodeAffinity',
  'NodeResourcesFit',
  'NodeResourcesBalancedAllocation',
  'PodTopologySpread',
  'InterPodAffinity',
  'ImageLocality',
];

/** Configurations by profile: every scheduler of every run asks for them several times. */
const configurations = new WeakMap<Profile, ProfileConfiguration>();

/** The whole configuration of a profile: its base with its own weights, strategy and resources. Made once a profile. */
export function configurationOf(profile: Profile): ProfileConfiguration {
  let configuration = configurations.get(profile);
  if (configuration === undefined) {
    configuration = makeConfiguration(profile);
    configurations.set(profile, configuration);
  }
  return configuration;
}

function makeConfiguration(profile: Profile): ProfileConfiguration {
  const base = profile.base ?? defaultProfile(versionOf(profile));
  const weights = new Map(base.weights);
  const score = base.plugins.score.filter((name) => {
    const weight = WEIGHTED.includes(name as keyof ScoreWeights)
      ? (profile.weights[name as keyof ScoreWeights] ?? 0)
      : 1;
    return weight > 0;
  });
  for (const name of WEIGHTED) weights.set(name, profile.weights[name] ?? 0);
  return {
    ...base,
    schedulerName: profile.schedulerName,
    plugins: { ...base.plugins, score },
    weights,
    args: {
      ...base.args,
      nodeResourcesFit: {
        ...base.args.nodeResourcesFit,
        scoringStrategy: {
          type: profile.strategy,
          resources: profile.strategyResources,
          shape: profile.strategyShape ?? [],
        },
      },
      balancedAllocation: { resources: profile.balancedResources.map((name) => ({ name, weight: 1 })) },
    },
  };
}

/** Below so many nodes all are looked at, and at least so many feasible ones are looked for. */
const MIN_FEASIBLE_NODES = 100;

/** How many feasible nodes a cycle looks for among `nodeCount` (Kubernetes 1.34, `numFeasibleNodesToFind`). */
export function feasibleNodesWanted(percentage: number | 'all', nodeCount: number): number {
  if (percentage === 'all' || nodeCount < MIN_FEASIBLE_NODES) return nodeCount;
  const share = percentage === 0 ? Math.max(5, 50 - Math.floor(nodeCount / 125)) : percentage;
  return Math.max(MIN_FEASIBLE_NODES, Math.floor((nodeCount * share) / 100));
}

/** The same for a profile: without any score plugin the first feasible node will do. */
export function nodesWantedBy(profile: Profile): (nodeCount: number) => number {
  const { percentageOfNodesToScore } = profile;
  const scores = profile.policy !== undefined || configurationOf(profile).plugins.score.length > 0;
  if (!scores && percentageOfNodesToScore !== 'all') return (nodeCount) => Math.min(1, nodeCount);
  return (nodeCount) => feasibleNodesWanted(percentageOfNodesToScore, nodeCount);
}
