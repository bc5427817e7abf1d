/** Arguments of the plugins that take any, with kube-scheduler's defaults (Kubernetes 1.34, apis/config/v1 defaults.go). */
import type { NodeAffinity, TopologySpreadConstraint } from '../../types/pod.ts';

/** A resource with its weight in a score. */
export interface ResourceWeight {
  readonly name: string;
  readonly weight: number;
}

/** Utilisation 0 … 100 %, score 0 … 10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** How NodeResourcesFit scores. `shape` is read by RequestedToCapacityRatio only. */
export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
  readonly resources: readonly ResourceWeight[];
  readonly shape: readonly ShapePoint[];
}

export interface NodeResourcesFitArgs {
  readonly ignoredResources: readonly string[];
  readonly ignoredResourceGroups: readonly string[];
  readonly scoringStrategy: ScoringStrategy;
}

export interface InterPodAffinityArgs {
  readonly hardPodAffinityWeight: number;
  readonly ignorePreferredTermsOfExistingPods: boolean;
}

export interface PodTopologySpreadArgs {
  readonly defaultConstraints: readonly TopologySpreadConstraint[];
  /** The constraints are kube-scheduler's own: a node without the zone label then still counts for hostnames. */
  readonly systemDefaulted: boolean;
}

export interface DefaultPreemptionArgs {
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
}

/** Arguments of one profile. */
export interface PluginArguments {
  readonly nodeResourcesFit: NodeResourcesFitArgs;
  readonly balancedAllocation: { readonly resources: readonly ResourceWeight[] };
  readonly nodeAffinity: { readonly addedAffinity: NodeAffinity | undefined };
  readonly interPodAffinity: InterPodAffinityArgs;
  readonly podTopologySpread: PodTopologySpreadArgs;
  readonly defaultPreemption: DefaultPreemptionArgs;
  readonly volumeBinding: { readonly bindTimeoutSeconds: number };
  /** How long pods wait for conditions of devices (gate DRADeviceBindingConditions). */
  readonly dynamicResources: { readonly bindingTimeoutUs: number };
}

export const CPU_AND_MEMORY: readonly ResourceWeight[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** kube-scheduler's own default constraints. */
export const SYSTEM_CONSTRAINTS: readonly TopologySpreadConstraint[] = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
];

/** What holds where a profile says nothing. */
export const DEFAULT_ARGUMENTS: PluginArguments = {
  nodeResourcesFit: {
    ignoredResources: [],
    ignoredResourceGroups: [],
    scoringStrategy: { type: 'LeastAllocated', resources: CPU_AND_MEMORY, shape: [] },
  },
  balancedAllocation: { resources: CPU_AND_MEMORY },
  nodeAffinity: { addedAffinity: undefined },
  interPodAffinity: { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false },
  podTopologySpread: { defaultConstraints: SYSTEM_CONSTRAINTS, systemDefaulted: true },
  defaultPreemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
  volumeBinding: { bindTimeoutSeconds: 600 },
  dynamicResources: { bindingTimeoutUs: 600_000_000 },
};
