/** The plugins on columns, in upstream's order (Kubernetes 1.34, default profile); those for volumes and claims are the reference framework's. */

import { configurationOf, type Profile, versionOf } from '../configuration/profile.ts';
import type { SchedulingPolicy } from '../policies/policy.ts';
import { GpuSharePlugin } from './gpu-share-plugin.ts';
import { ImageLocalityPlugin } from './image-locality-plugin.ts';
import { InterPodAffinityPlugin } from './inter-pod-affinity-plugin.ts';
import { InterPodAffinityScorePlugin } from './inter-pod-affinity-score-plugin.ts';
import { NodeAffinityPlugin } from './node-affinity-plugin.ts';
import { NodeNamePlugin } from './node-name-plugin.ts';
import { NodePortsPlugin } from './node-ports-plugin.ts';
import { NodeResourcesBalancedAllocationPlugin } from './node-resources-balanced-allocation-plugin.ts';
import { NodeResourcesFitPlugin } from './node-resources-fit-plugin.ts';
import { NodeUnschedulablePlugin } from './node-unschedulable-plugin.ts';
import type { FilterPlugin, ScorePlugin } from './plugin.ts';
import { PodTopologySpreadPlugin } from './pod-topology-spread-plugin.ts';
import { PodTopologySpreadScorePlugin } from './pod-topology-spread-score-plugin.ts';
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

/**
 * Makes the plugins that a profile enables, in its order; a policy's score takes the place of all others. GPU shares are
 * judged right behind the resources that they are part of.
 */
export function pluginsOf(profile: Profile, policy: SchedulingPolicy | null = null): PluginSet {
  const { plugins, args } = configurationOf(profile);
  const newer = versionOf(profile) === '1.36';
  const taints = new TaintTolerationPlugin(!newer);
  const affinity = new NodeAffinityPlugin(args.nodeAffinity.addedAffinity);
  const fit = new NodeResourcesFitPlugin(args.nodeResourcesFit);
  const known: readonly FilterPlugin[] = [
    new NodeUnschedulablePlugin(),
    new NodeNamePlugin(),
    taints,
    affinity,
    new NodePortsPlugin(),
    fit,
    new PodTopologySpreadPlugin(args.podTopologySpread),
    new InterPodAffinityPlugin(),
  ];
  const filters = plugins.filter.flatMap((name) => known.find((plugin) => plugin.name === name) ?? []);
  filters.splice(filters.indexOf(fit) + 1, 0, new GpuSharePlugin());
  if (policy !== null) return { filters, scores: [{ plugin: policy.score, weight: 1 }] };
  const balance = new NodeResourcesBalancedAllocationPlugin(profile.balancedResources, newer);
  const scores: readonly WeightedScore[] = [
    { plugin: taints, weight: profile.weights.TaintToleration },
    { plugin: affinity, weight: profile.weights.NodeAffinity },
    { plugin: fit, weight: profile.weights.NodeResourcesFit },
    { plugin: balance, weight: profile.weights.NodeResourcesBalancedAllocation },
    {
      plugin: new PodTopologySpreadScorePlugin(args.podTopologySpread),
      weight: profile.weights.PodTopologySpread ?? 0,
    },
    { plugin: new InterPodAffinityScorePlugin(args.interPodAffinity), weight: profile.weights.InterPodAffinity ?? 0 },
    { plugin: new ImageLocalityPlugin(profile.version === '1.36'), weight: profile.weights.ImageLocality ?? 0 },
  ];
  return { filters, scores: scores.filter(({ weight }) => weight > 0) };
}
