/**
 * What a cluster consists of: plain data, as a scenario file, a dump or a test gives it.
 *
 * `ClusterDescription` is what a user may write; `ResolvedCluster` has every default filled in.
 */
import { assert } from '../base/assert.ts';
import type { CostTable } from '../base/costs.ts';
import type { DeviceGate } from '../types/device-gates.ts';
import type { KubeObject } from '../types/object.ts';

/** A group of equal nodes. */
export interface NodeGroup {
  /** Prefix of the names: `<name>-0`, `<name>-1` … Default `node`. */
  readonly name?: string;
  /** Names of the nodes where they are given one by one, instead of prefix and number. */
  readonly names?: readonly string[];
  readonly count: number;
  /** Zones the nodes are dealt to in turn. */
  readonly zones?: readonly string[];
  /** Capacity by resource name, Kubernetes quantities. */
  readonly capacity?: Readonly<Record<string, string>>;
  /** Allocatable; default: the capacity. */
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** Cordoned from the start. Default false. */
  readonly unschedulable?: boolean;
}

/** How many of each control-plane component. */
export interface ControlPlane {
  readonly storeMembers?: number;
  readonly apiServers?: number;
  readonly schedulers?: number;
  readonly controllerManagers?: number;
  readonly cloudControllerManagers?: number;
}

/** Settings that differ from upstream's defaults. */
export interface ClusterSettings {
  /** Requests a second and burst of each controller's own client. Default 20/30. */
  readonly controllerQps?: number;
  readonly controllerBurst?: number;
  readonly schedulerQps?: number;
  readonly schedulerBurst?: number;
  /** node-monitor-grace-period, s. Default 50 (1.34). */
  readonly nodeMonitorGraceS?: number;
  /** A policy by name instead of the configuration's profiles, see {@link NAMED_POLICIES}; '' = none. */
  readonly schedulingPolicy?: string;
  /** Event objects on or off. Default on. */
  readonly events?: boolean;
  /** kube-proxy's choice of endpoints. */
  readonly proxyMode?: 'default' | 'same-node' | 'same-zone';
  /** Lease renewals and other fleet-wide work as cohorts. Default true. */
  readonly cohorts?: boolean;
  /** `real`: a kubelet with images, probes, stop times; `recorded`: the fake kubelet of the reference recordings. */
  readonly kubelet?: 'real' | 'recorded';
  /** The service-account volume in every pod, as the real admission adds it. Default false. */
  readonly serviceAccountVolumes?: boolean;
  /** Which service accounts of pods must exist: `all` as in the real admission, `named` all but `default`, or `none`. Default none. */
  readonly serviceAccounts?: 'all' | 'named' | 'none';
  /** Images that no node can pull: exact names or a suffix like `:broken`. */
  readonly unpullableImages?: readonly string[];
  /** Compaction of the store each so many s. Default 300. */
  readonly compactionPeriodS?: number;
  /** Size of the store's backend from which on writes are refused, bytes (--quota-backend-bytes). Default 2 GiB. */
  readonly storeQuotaBytes?: number;
  /** Events the watch cache keeps a type, so that watches can be resumed; small values provoke 410 Gone. Default 102,400. */
  readonly watchCacheEvents?: number;
  /** Reading and mutating requests that an API server serves at one time (--max-requests-inflight, --max-mutating-requests-inflight). Default 400, 200. */
  readonly readsInFlight?: number;
  readonly writesInFlight?: number;
  /** How long Event objects live, s (--event-ttl). Default 3600. */
  readonly eventTtlS?: number;
  /** The scheduler's feature gate SchedulerPopFromBackoffQ. Default true (1.34). */
  readonly schedulerPopsBackoff?: boolean;
  /**
   * Volumes and devices are claimed: schedulers watch them and controllers satisfy the claims. Default false: pods are placed as if their
   * claims were satisfied.
   */
  readonly claims?: boolean;
  /** Feature gates of devices that are on; of effect where {@link claims} is. Default none (1.34). */
  readonly deviceGates?: readonly DeviceGate[];
  /** The version of PodGroups that schedulers watch, such as `scheduling.k8s.io/v1beta1`. Default `''`: none. */
  readonly podGroups?: string;
  /** Objects that are there from the start besides the server's own. Default none. */
  readonly bootstrapObjects?: readonly KubeObject[];
  /** Names of the controllers that run; empty = all. Default all. */
  readonly controllers?: readonly string[];
  /** Plug-ins that are off, as in `--disable-admission-plugins`. Default none. */
  readonly disableAdmissionPlugins?: readonly ('Priority' | 'ServiceAccount' | 'TaintNodesByCondition')[];
  /** A KubeSchedulerConfiguration as plain data, for every scheduler. Default: kube-scheduler's own. */
  readonly schedulerConfiguration?: Readonly<Record<string, unknown>> | null;
}

/** A controller of a user that runs in the cluster. */
export interface OperatorDescription {
  /** Place of its module; it has to be registered under it before the cluster is made. */
  readonly module: string;
  /** Instances, of which one leads. Default 1. */
  readonly replicas?: number;
}

export interface ClusterDescription {
  /** Nodes with a kubelet. An empty list: none, and Node objects are whatever somebody creates. */
  readonly nodes: NodeGroup | readonly NodeGroup[];
  readonly controlPlane?: ControlPlane;
  readonly settings?: ClusterSettings;
  readonly operators?: readonly OperatorDescription[];
  readonly costs?: Partial<CostTable>;
}

/** One node with everything decided. */
export interface NodeDescription {
  readonly name: string;
  readonly zone: string;
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly unschedulable: boolean;
}

export interface ResolvedCluster {
  readonly nodes: readonly NodeDescription[];
  readonly controlPlane: Required<ControlPlane>;
  readonly settings: Required<ClusterSettings>;
  readonly operators: readonly OperatorDescription[];
  readonly costs: Partial<CostTable>;
}

/** Capacity of a node about which nothing is said. */
export const DEFAULT_CAPACITY: Readonly<Record<string, string>> = {
  cpu: '4',
  memory: '16Gi',
  'ephemeral-storage': '100Gi',
  pods: '110',
};

const DEFAULT_SETTINGS: Required<ClusterSettings> = {
  controllerQps: 20,
  controllerBurst: 30,
  schedulerQps: 50,
  schedulerBurst: 100,
  schedulingPolicy: '',
  nodeMonitorGraceS: 50,
  events: true,
  proxyMode: 'default',
  cohorts: true,
  kubelet: 'real',
  serviceAccountVolumes: false,
  serviceAccounts: 'none',
  unpullableImages: [],
  compactionPeriodS: 300,
  storeQuotaBytes: 2 * 1024 * 1024 * 1024,
  watchCacheEvents: 102_400,
  readsInFlight: 400,
  writesInFlight: 200,
  eventTtlS: 3_600,
  schedulerPopsBackoff: true,
  claims: false,
  deviceGates: [],
  podGroups: '',
  bootstrapObjects: [],
  controllers: [],
  disableAdmissionPlugins: [],
  schedulerConfiguration: null,
};

/** Fills in every default. The description must have been checked: an impossible one is a bug here. */
export function resolveCluster(description: ClusterDescription): ResolvedCluster {
  const groups = 'count' in description.nodes ? [description.nodes] : description.nodes;
  const nodes: NodeDescription[] = [];
  for (const group of groups) addNodes(group, nodes);
  assert(nodes.length > 0 || groups.length === 0, 'cluster: no group has a node');
  const controlPlane = {
    storeMembers: 1,
    apiServers: 1,
    schedulers: 1,
    controllerManagers: 1,
    cloudControllerManagers: 0,
    ...description.controlPlane,
  };
  assert(
    controlPlane.storeMembers >= 1 && controlPlane.apiServers >= 1,
    'cluster: at least one store member and API server',
  );
  return {
    nodes,
    controlPlane,
    settings: { ...DEFAULT_SETTINGS, ...description.settings },
    operators: description.operators ?? [],
    costs: description.costs ?? {},
  };
}

/** Adds the nodes of a group; what is equal they share. */
function addNodes(group: NodeGroup, nodes: NodeDescription[]): void {
  const { zones = [], labels = {}, taints = [], unschedulable = false } = group;
  const capacity = { pods: '110', ...(group.capacity ?? DEFAULT_CAPACITY) };
  const allocatable = { ...capacity, ...group.allocatable };
  for (let i = 0; i < group.count; i++) {
    nodes.push({
      name: group.names?.[i] ?? `${group.name ?? 'node'}-${i}`,
      zone: zones.length === 0 ? '' : (zones[i % zones.length] as string),
      capacity,
      allocatable,
      labels,
      taints,
      unschedulable,
    });
  }
}
