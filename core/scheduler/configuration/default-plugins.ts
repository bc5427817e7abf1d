/**
 * kube-scheduler's plugins: in which order, with which weight, at which extension points. Source: Kubernetes 1.34
 * (apis/config/v1 default_plugins.go) and, where recorded decisions show a difference, 1.36.
 */
import type { Release } from '../../types/device-gates.ts';

/** Behaviour that is simulated; 1.35 is as 1.34 except for ties, which are drawn uniformly in both. */
export type SchedulerVersion = Release;

export const EXTENSION_POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;

export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

/** A plugin that a profile may name. */
export interface PluginEntry {
  readonly name: string;
  readonly points: readonly ExtensionPoint[];
  /** Weight in the default profile; 0 = it is not in the default profile's weights (1 where it scores). */
  readonly weight: number;
  readonly enabledByDefault: boolean;
}

const FILTER: readonly ExtensionPoint[] = ['preFilter', 'filter'];
const FILTER_AND_SCORE: readonly ExtensionPoint[] = ['preFilter', 'filter', 'preScore', 'score'];
const RESERVE: readonly ExtensionPoint[] = ['reserve', 'preBind'];

function entry(name: string, points: readonly ExtensionPoint[], weight = 0, enabledByDefault = true): PluginEntry {
  return { name, points, weight, enabledByDefault };
}

/** All plugins of a version in the default order. */
export function pluginsOfVersion(version: SchedulerVersion): readonly PluginEntry[] {
  const newer = version === '1.36';
  return [
    entry('SchedulingGates', ['preEnqueue']),
    entry('PrioritySort', ['queueSort']),
    entry('NodeUnschedulable', ['filter']),
    entry('NodeName', ['filter']),
    entry('TaintToleration', ['filter', 'preScore', 'score'], 3),
    entry('NodeAffinity', FILTER_AND_SCORE, 2),
    entry('NodePorts', FILTER),
    entry('NodeResourcesFit', FILTER_AND_SCORE, 1),
    entry('VolumeRestrictions', FILTER),
    entry('NodeVolumeLimits', FILTER),
    entry('VolumeBinding', [...FILTER_AND_SCORE, ...RESERVE]),
    entry('VolumeZone', FILTER),
    entry('PodTopologySpread', FILTER_AND_SCORE, 2),
    entry('InterPodAffinity', FILTER_AND_SCORE, 2),
    dynamicResources(newer),
    entry('DefaultPreemption', ['preEnqueue', 'postFilter']),
    entry('NodeResourcesBalancedAllocation', ['preScore', 'score'], 1),
    entry('ImageLocality', ['score'], 1),
    entry('DefaultBinder', ['bind']),
    ...(newer ? [entry('NodeDeclaredFeatures', FILTER)] : []),
    entry('GangScheduling', ['preEnqueue', 'reserve', 'permit'], 0, false),
  ];
}

/** From 1.36 it scores as well. */
function dynamicResources(scores: boolean): PluginEntry {
  const points: readonly ExtensionPoint[] = ['preEnqueue', 'preFilter', 'filter', 'postFilter', ...RESERVE];
  return scores ? entry('DynamicResources', [...points, 'score'], 2) : entry('DynamicResources', points);
}
