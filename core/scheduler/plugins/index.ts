/** The plugins in upstream's order (Kubernetes 1.34, default profile); volumes, images and resource claims are not modelled here. */
import type { FilterPlugin, ScorePlugin } from '../plugin.ts';
import type { SchedulingPolicy } from '../policies/policy.ts';
import type { Profile } from '../profile.ts';
import { GpuSharePlugin } from './gpu-share-plugin.ts';
import { InterPodAffinityPlugin } from './inter-pod-affinity-plugin.ts';
import { NodeAffinityPlugin } from './node-affinity-plugin.ts';
import { NodeNamePlugin } from './node-name-plugin.ts';
import { NodePortsPlugin } from './node-ports-plugin.ts';
import { NodeResourcesBalancedAllocationPlugin } from './node-resources-balanced-allocation-plugin.ts';
import { NodeResourcesFitPlugin } from './node-resources-fit-plugin.ts';
import { NodeUnschedulablePlugin } from './node-unschedulable-plugin.ts';
import { PodTopologySpreadPlugin } from './pod-topology-spread-plugin.ts';
import { TaintTolerationPlugin } from './taint-toleration-plugin.ts';

/** A score plugin with its weight in the profile. */
export interface WeightedScore {
  readonly plugin: ScorePlugin;
  readonly weight: number;
}

/** The instances of one profile. */
export interface PluginSet {
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly WeightedScore[];
}

/** Makes the plugins of a profile, in upstream's order; a policy's score takes the place of all others. */
export function pluginsOf(profile: Profile, policy: SchedulingPolicy | null = null): PluginSet {
  const taints = new TaintTolerationPlugin();
  const affinity = new NodeAffinityPlugin();
  const fit = new NodeResourcesFitPlugin(profile.strategy, profile.strategyResources);
  const filters: FilterPlugin[] = [
    new NodeUnschedulablePlugin(),
    new NodeNamePlugin(),
    taints,
    affinity,
    new NodePortsPlugin(),
    fit,
    new GpuSharePlugin(),
    new PodTopologySpreadPlugin(),
    new InterPodAffinityPlugin(),
  ];
  if (policy !== null) return { filters, scores: [{ plugin: policy.score, weight: 1 }] };
  const scores: WeightedScore[] = [
    { plugin: taints, weight: profile.weights.TaintToleration },
    { plugin: affinity, weight: profile.weights.NodeAffinity },
    { plugin: fit, weight: profile.weights.NodeResourcesFit },
    {
      plugin: new NodeResourcesBalancedAllocationPlugin(profile.balancedResources),
      weight: profile.weights.NodeResourcesBalancedAllocation,
    },
  ];
  return { filters, scores: scores.filter(({ weight }) => weight > 0) };
}
