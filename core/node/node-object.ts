/**
 * The Node and Lease objects as a kubelet writes them. Parts that are alike are shared between nodes.
 *
 * Source: kubelet 1.34 nodestatus setters and nodelease; the recordings' KWOK for mode `recorded`.
 */
import type { Lease } from '../types/lease.ts';
import type { Node, NodeStatus, NodeSystemInfo, Taint } from '../types/node.ts';
import type { Condition, StringMap } from '../types/object.ts';
import { formatMicroTime, formatTime } from '../types/time.ts';
import type { FleetNode } from './options.ts';

/** Lease duration, s. */
const LEASE_DURATION_S = 40;
export const LEASE_NAMESPACE = 'kube-node-lease';
const TAINT_UNINITIALIZED: Taint = {
  key: 'node.cloudprovider.kubernetes.io/uninitialized',
  value: 'true',
  effect: 'NoSchedule',
};

const NODE_INFO: NodeSystemInfo = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  kernelVersion: '6.1.0',
  osImage: 'Simulated Linux',
  containerRuntimeVersion: 'containerd://2.1.0',
  kubeletVersion: 'v1.34.1',
  kubeProxyVersion: '',
  operatingSystem: 'linux',
  architecture: 'amd64',
};
const RECORDED_INFO: NodeSystemInfo = {
  ...NODE_INFO,
  kernelVersion: 'kwok-v0.8.0',
  osImage: '',
  containerRuntimeVersion: 'kwok-v0.8.0',
  kubeletVersion: 'kwok-v0.8.0',
  kubeProxyVersion: 'kwok-v0.8.0',
};
const DAEMON_ENDPOINTS = { kubeletEndpoint: { Port: 10250 } };
const RECORDED_ENDPOINTS = { kubeletEndpoint: { Port: 17247 } };

const CONDITIONS: readonly (readonly [string, 'True' | 'False', string, string])[] = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
];
/** The same of a kubelet that has not heard of its containers for too long. */
const UNHEALTHY: typeof CONDITIONS = [
  ...CONDITIONS.slice(0, -1),
  ['Ready', 'False', 'KubeletNotReady', 'PLEG is not healthy: pleg was last seen active 3m0s ago; threshold is 3m0s'],
];
const NETWORK: readonly [string, 'False', string, string] = [
  'NetworkUnavailable',
  'False',
  'RouteCreated',
  'RouteController created a route',
];

/** Makes objects of one fleet; remembers the lists that many nodes share. */
export class NodeObjects {
  readonly #recorded: boolean;
  readonly #cloud: boolean;
  readonly #region: string;
  #lastTime = '';
  #lastConditions: readonly Condition[] = [];

  constructor(recorded: boolean, cloudProvider: boolean, region: string) {
    this.#recorded = recorded;
    this.#cloud = cloudProvider;
    this.#region = region;
  }

  /** The Node that a kubelet creates. */
  registration(node: FleetNode, address: string, wallUs: number): Node {
    const own = node.taints as readonly Taint[];
    const taints = this.#cloud ? [...own, TAINT_UNINITIALIZED] : own;
    const unschedulable = node.unschedulable === true ? true : undefined;
    const spec = { unschedulable, taints: taints.length === 0 ? undefined : taints };
    const metadata = { name: node.name, labels: this.#labels(node) };
    return { apiVersion: 'v1', kind: 'Node', metadata, spec, status: this.status(node, address, wallUs, undefined) };
  }

  /** A fresh status; transition times of `old` stay where the condition did not change. */
  status(node: FleetNode, address: string, wallUs: number, old: NodeStatus | undefined, unhealthy = false): NodeStatus {
    const conditions = this.#conditions(wallUs, old?.conditions, unhealthy ? UNHEALTHY : CONDITIONS);
    const addresses = this.#cloud
      ? (old?.addresses ?? [{ type: 'InternalIP', address }])
      : this.#recorded
        ? [{ type: 'InternalIP', address }]
        : [
            { type: 'InternalIP', address },
            { type: 'Hostname', address: node.name },
          ];
    return {
      capacity: node.capacity,
      allocatable: node.allocatable,
      phase: this.#recorded ? 'Running' : undefined,
      conditions,
      addresses,
      daemonEndpoints: this.#recorded ? RECORDED_ENDPOINTS : DAEMON_ENDPOINTS,
      nodeInfo: this.#recorded ? RECORDED_INFO : NODE_INFO,
    };
  }

  /** Whether what the API holds differs from what the kubelet would say now, times aside. */
  statusDiffers(status: NodeStatus | undefined, unhealthy: boolean): boolean {
    for (const [type, value] of unhealthy ? UNHEALTHY : CONDITIONS) {
      if (status?.conditions?.find((condition) => condition.type === type)?.status !== value) return true;
    }
    return false;
  }

  lease(nodeName: string, wallUs: number, owner: Node | null, old: Lease | null): Lease {
    const uid = owner?.metadata.uid;
    const owners = uid === undefined ? undefined : [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }];
    const metadata =
      old === null ? { name: nodeName, namespace: LEASE_NAMESPACE, ownerReferences: owners } : old.metadata;
    const spec = {
      holderIdentity: nodeName,
      leaseDurationSeconds: LEASE_DURATION_S,
      renewTime: formatMicroTime(wallUs),
    };
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
  }

  /** Built field by field: nodes with the same keys then share their hidden class, which copies by spread would not. */
  #labels(node: FleetNode): StringMap {
    const labels: Record<string, string> = {
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': node.name,
      'kubernetes.io/os': 'linux',
    };
    if (node.zone !== '' && !this.#cloud) {
      if (this.#region !== '') labels['topology.kubernetes.io/region'] = this.#region;
      labels['topology.kubernetes.io/zone'] = node.zone;
    }
    for (const key of Object.keys(node.labels)) labels[key] = node.labels[key] as string;
    return labels;
  }

  #conditions(wallUs: number, old: readonly Condition[] | undefined, rows: typeof CONDITIONS): readonly Condition[] {
    const now = formatTime(wallUs);
    if (old === undefined && now === this.#lastTime) return this.#lastConditions;
    const list: Condition[] = rows.map((row) => conditionOf(row, now, old));
    if (this.#recorded) {
      list.unshift(list.pop() as Condition);
      list.push(conditionOf(NETWORK, now, old));
    }
    if (old === undefined) {
      this.#lastTime = now;
      this.#lastConditions = list;
    }
    return list;
  }
}

function conditionOf(
  [type, status, reason, message]: readonly [string, 'True' | 'False', string, string],
  now: string,
  old: readonly Condition[] | undefined,
): Condition {
  const known = old?.find((condition) => condition.type === type);
  const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
  return { type, status, lastHeartbeatTime: now, lastTransitionTime, reason, message };
}
