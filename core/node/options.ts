/**
 * What the fleet is made of and how its kubelets behave: plain data.
 */

import type { CostTable } from '../base/costs.ts';
import type { Balancer } from '../client/balancer.ts';
import type { NameTable } from '../types/names.ts';
import type { TaintEffect } from '../types/node.ts';
import type { ResourceType } from '../types/resource-type.ts';
import type { ProxyMode } from './endpoint-choice.ts';

/** One machine. Quantities as Kubernetes writes them. */
export interface FleetNode {
  readonly name: string;
  /** '' = no zone label. */
  readonly zone: string;
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: TaintEffect | string }[];
  /** Registers cordoned, as with `--register-schedulable=false`. Default false. */
  readonly unschedulable?: boolean;
}

export interface FleetOptions {
  readonly nodes: readonly FleetNode[];
  readonly names: NameTable;
  readonly balancer: Balancer;
  /** When its processes start, µs. Default: the current instant. */
  readonly startUs?: number;
  /** `real`: images, probes, stop times; `recorded`: writes exactly what the fake kubelets of the recordings wrote. Default `real`. */
  readonly mode?: 'real' | 'recorded';
  /** Nodes register with the taint that a cloud controller manager removes. Default false. */
  readonly cloudProvider?: boolean;
  /** Value of topology.kubernetes.io/region. Default `region-1`; '' = no label. */
  readonly region?: string;
  /** Equal lease renewals as one event a tick. Default true. */
  readonly cohorts?: boolean;
  /** kube-proxy's choice of endpoints; null = no proxies. Default `default`. */
  readonly proxyMode?: ProxyMode | null;
  /** Event objects. Default true. */
  readonly events?: boolean;
  /** Prefix of a second set of annotations, e.g. `reference.example/`; `seatrial.dev/` is always read. */
  readonly annotationPrefix?: string;
  /** Images that no node can pull: exact names, or suffixes such as `:broken`. */
  readonly unpullableImages?: readonly string[];
  /** Types of claims for volumes and devices, which kubelets then look at; absent: claims count as satisfied. */
  readonly claimTypes?: { readonly volumes: ResourceType; readonly devices: ResourceType } | undefined;
  /** Requests a second and burst of each kubelet's client; kubelet's defaults 50 and 100. */
  readonly qps?: number;
  readonly burst?: number;
}

/** What pods do when nothing is said about them, µs. */
export interface PodDefaults {
  /** How long a container of a Job runs. */
  readonly jobRunUs: number;
  /** How long an init container runs. */
  readonly initRunUs: number;
  /** From start to the first successful readiness probe, for pods that have one. */
  readonly readinessUs: number;
  /** How long an application takes to end on SIGTERM. */
  readonly stopUs: number;
  readonly imagePullUs: number;
  readonly imagePullJitterUs: number;
}

/** Annotations of ours begin with this. */
export const ANNOTATION_PREFIX = 'seatrial.dev/';

/** The defaults of one cost table. */
export function podDefaults(costs: CostTable): PodDefaults {
  return {
    jobRunUs: 5_000_000,
    initRunUs: 1_000_000,
    readinessUs: costs.readinessUs,
    stopUs: costs.containerStopUs,
    imagePullUs: costs.imagePullUs,
    imagePullJitterUs: costs.imagePullJitterUs,
  };
}

/** What pods of a set of manifests have, and defaults are about. */
export interface PodTraits {
  readonly probes: boolean;
  readonly jobs: boolean;
  readonly initContainers: boolean;
}

/** The defaults that matter for pods with these traits, on one line. */
export function podDefaultsInShort(costs: CostTable, { probes, jobs, initContainers }: PodTraits): string {
  const d = podDefaults(costs);
  const seconds = (us: number, jitterUs = 0): string =>
    jitterUs === 0 ? `${us / 1_000_000} s` : `${us / 1_000_000} to ${(us + jitterUs) / 1_000_000} s`;
  const startUs = costs.sandboxUs + costs.containerCreateUs + costs.containerStartUs;
  return [
    `image pull ${seconds(d.imagePullUs, d.imagePullJitterUs)}`,
    `start ${seconds(startUs, costs.sandboxJitterUs)}`,
    ...(probes ? [`first successful readiness probe ${seconds(d.readinessUs)} later`] : []),
    ...(initContainers ? [`init containers ${seconds(d.initRunUs)}`] : []),
    ...(jobs ? [`containers of a Job ${seconds(d.jobRunUs)}`] : []),
    `stop ${seconds(d.stopUs)}`,
  ].join(', ');
}

/** The defaults in words, one a line, for reports. */
export function describePodDefaults(costs: CostTable): readonly string[] {
  const d = podDefaults(costs);
  const seconds = (us: number): string => `${us / 1_000_000} s`;
  const annotation = (name: string): string => `annotation ${ANNOTATION_PREFIX}${name}`;
  return [
    `image pull, once a node and image: ${seconds(d.imagePullUs)} plus up to ${seconds(d.imagePullJitterUs)} (${annotation('image-pull')})`,
    `sandbox and container start: ${seconds(costs.sandboxUs + costs.containerCreateUs + costs.containerStartUs)} plus up to ${seconds(costs.sandboxJitterUs)}`,
    `first successful readiness probe: ${seconds(d.readinessUs)} after start, initialDelaySeconds if later (${annotation('ready-after')})`,
    `containers of a Job run ${seconds(d.jobRunUs)} and succeed (annotations ${ANNOTATION_PREFIX}run-for, ${ANNOTATION_PREFIX}exit)`,
    `init containers run ${seconds(d.initRunUs)} and succeed`,
    `an application ends ${seconds(d.stopUs)} after SIGTERM (${annotation('stop-after')})`,
  ];
}
