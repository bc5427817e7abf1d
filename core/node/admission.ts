/**
 * Whether a kubelet takes a pod that was bound to its node: the check that shows a stale or a second scheduler.
 *
 * Source: kubelet 1.34 lifecycle/predicate.go (generalFilter, InsufficientResourceError) and rejectPod.
 */

import type { Node } from '../types/node.ts';
import { fitsNodeAffinity } from '../types/node-affinity.ts';
import type { Pod } from '../types/pod.ts';
import { type PodRequests, podRequests, resourceAmounts } from '../types/pod-requests.ts';
import { findUntolerated } from '../types/tolerations.ts';
import type { NodeColumns } from './node-columns.ts';
import { PHASE, type PodTable } from './pod-table.ts';

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
    // Resources the node does not offer are left to the scheduler (cluster-level extended resources).
    if (capacity === undefined) continue;
    let used = 0;
    for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
      if (pods.phase[row] === PHASE.ended || pods.phase[row] === PHASE.queued) continue;
      used += podRequests((pods.pod[row] as Pod).spec).extended.find((one) => one.name === name)?.amount ?? 0;
    }
    // The pod itself has a row already.
    if (used > capacity) return outOf(name, amount, used - amount, capacity);
  }
  return null;
}

function outOf(resource: string, requested: number, used: number, capacity: number): Refusal {
  const what = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${resource}`, message: `Pod was rejected: ${what}` };
}

/** The refusal for labels or taints of the Node as the kubelet knows it, null when there is none. */
export function placementRefusal(pod: Pod, node: Node): Refusal | null {
  if (!fitsNodeAffinity(pod.spec, node)) {
    const why = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
    return { reason: 'NodeAffinity', message: `Pod was rejected: ${why}` };
  }
  const taint = findUntolerated(node.spec?.taints, pod.spec.tolerations, (effect) => effect === 'NoExecute');
  if (taint === undefined) return null;
  const why = "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate";
  return { reason: 'TaintToleration', message: `Pod was rejected: ${why}` };
}
