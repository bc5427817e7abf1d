/**
 * Whether a kubelet takes a pod that was bound to its node: the check that shows a stale or a second scheduler.
 *
 * Source: kubelet 1.34 lifecycle/predicate.go (generalFilter, InsufficientResourceError) and rejectPod.
 */

import { isExtendedResource } from '../types/dns-names.ts';
import { hostPortsOf, portsClash } from '../types/host-ports.ts';
import type { Node } from '../types/node.ts';
import { fitsNodeAffinity } from '../types/node-affinity.ts';
import type { Pod } from '../types/pod.ts';
import { type PodRequests, podRequests, resourceAmounts } from '../types/pod-requests.ts';
import { findUntolerated } from '../types/tolerations.ts';
import type { NodeColumns } from './node-columns.ts';
import { FLAG, type PodTable } from './pod-table.ts';

/** Why a pod is refused: `reason` and `message` of its status. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** The refusal for lack of room, null when the pod fits. */
export function roomRefusal(nodes: NodeColumns, pods: PodTable, node: number, requests: PodRequests): Refusal | null {
  const at = (column: Float64Array | Int32Array): number => column[node] as number;
  if (at(nodes.usedPods) + 1 > at(nodes.podsMax)) return outOf('pods', 1, at(nodes.usedPods), at(nodes.podsMax));
  const { cpuMilli, memoryBytes, ephemeralStorageBytes } = requests;
  if (cpuMilli > 0 && at(nodes.usedCpuMilli) + cpuMilli > at(nodes.cpuMilli)) {
    return outOf('cpu', cpuMilli, at(nodes.usedCpuMilli), at(nodes.cpuMilli));
  }
  if (memoryBytes > 0 && at(nodes.usedMemoryBytes) + memoryBytes > at(nodes.memoryBytes)) {
    return outOf('memory', memoryBytes, at(nodes.usedMemoryBytes), at(nodes.memoryBytes));
  }
  if (ephemeralStorageBytes > 0 && at(nodes.usedEphemeralBytes) + ephemeralStorageBytes > at(nodes.ephemeralBytes)) {
    return outOf('ephemeral-storage', ephemeralStorageBytes, at(nodes.usedEphemeralBytes), at(nodes.ephemeralBytes));
  }
  return requests.extended.length === 0 ? null : extendedRefusal(nodes, pods, node, requests);
}

function extendedRefusal(nodes: NodeColumns, pods: PodTable, node: number, requests: PodRequests): Refusal | null {
  const allocatable = resourceAmounts(nodes.description[node]?.allocatable);
  for (const { name, amount } of requests.extended) {
    const capacity = allocatable.get(name);
    // Extended resources the node does not offer are left to the scheduler (cluster-level ones); huge pages are not.
    if (amount === 0 || (capacity === undefined && isExtendedResource(name))) continue;
    let used = 0;
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
      if (!pods.has(row, FLAG.admitted)) continue;
      used += podRequests((pods.pod[row] as Pod).spec).extended.find((one) => one.name === name)?.amount ?? 0;
    }
    if (used + amount > (capacity ?? 0)) return outOf(name, amount, used, capacity ?? 0);
  }
  return null;
}

function outOf(resource: string, requested: number, used: number, capacity: number): Refusal {
  const what = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${resource}`, message: `Pod was rejected: ${what}` };
}

/** The refusal for labels, taken ports or taints, null when there is none. `object`: the Node as the kubelet knows it. */
export function placementRefusal(pods: PodTable, node: number, pod: Pod, object: Node | null): Refusal | null {
  if (object !== null && !fitsNodeAffinity(pod.spec, object))
    return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  if (portsTaken(pods, node, pod))
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  const taint = findUntolerated(object?.spec?.taints, pod.spec.tolerations, (effect) => effect === 'NoExecute');
  return taint === undefined ? null : failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
}

function portsTaken(pods: PodTable, node: number, pod: Pod): boolean {
  const wanted = hostPortsOf(pod.spec);
  if (wanted.length === 0) return false;
  for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
    if (!pods.has(row, FLAG.admitted)) continue;
    const used = hostPortsOf((pods.pod[row] as Pod).spec);
    if (wanted.some((port) => used.some((other) => portsClash(port, other)))) return true;
  }
  return false;
}

function failed(predicate: string, why: string): Refusal {
  return { reason: predicate, message: `Pod was rejected: Predicate ${predicate} failed: ${why}` };
}
