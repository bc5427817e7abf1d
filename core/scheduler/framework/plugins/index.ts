/** Makes the plugins of a profile by name. */
import type { ProfileConfiguration } from '../../configuration/configuration.ts';
import type { SchedulerVersion } from '../../configuration/default-plugins.ts';
import type { Plugin } from '../plugin.ts';
import { DynamicResources } from './dynamic-resources.ts';
import { ImageLocality } from './image-locality.ts';
import { InterPodAffinity } from './inter-pod-affinity.ts';
import { NodeAffinity } from './node-affinity.ts';
import { NodeDeclaredFeatures } from './node-declared-features.ts';
import { NodeName } from './node-name.ts';
import { NodePorts } from './node-ports.ts';
import { NodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts';
import { NodeResourcesFit } from './node-resources-fit.ts';
import { NodeUnschedulable } from './node-unschedulable.ts';
import { NodeVolumeLimits } from './node-volume-limits.ts';
import { PodTopologySpread } from './pod-topology-spread.ts';
import { SchedulingGates } from './scheduling-gates.ts';
import { TaintToleration } from './taint-toleration.ts';
import { VolumeBinding } from './volume-binding.ts';
import { VolumeRestrictions } from './volume-restrictions.ts';
import { VolumeZone } from './volume-zone.ts';

/**
 * One instance of every plugin that answers questions about a pod and a node. PrioritySort, DefaultPreemption,
 * DefaultBinder and GangScheduling act on the queue, the cluster or a group, and are no part of this.
 */
export function makePlugins({ args }: ProfileConfiguration, version: SchedulerVersion): ReadonlyMap<string, Plugin> {
  const newer = version === '1.36';
  const plugins: readonly Plugin[] = [
    new SchedulingGates(),
    new NodeUnschedulable(),
    new NodeName(),
    new TaintToleration(!newer),
    new NodeAffinity(args.nodeAffinity.addedAffinity, newer),
    new NodePorts(),
    new NodeResourcesFit(args.nodeResourcesFit),
    new VolumeRestrictions(),
    new NodeVolumeLimits(newer),
    new VolumeBinding(),
    new VolumeZone(),
    new PodTopologySpread(args.podTopologySpread),
    new InterPodAffinity(args.interPodAffinity),
    new DynamicResources(),
    new NodeResourcesBalancedAllocation(args.balancedAllocation.resources, newer),
    new ImageLocality(newer),
    new NodeDeclaredFeatures(),
  ];
  return new Map(plugins.map((plugin) => [plugin.name, plugin]));
}
