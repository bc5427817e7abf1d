/**
 * Whether a kubelet takes a pod that was bound to its node: the check that shows a stale or a second scheduler.
 *
 * Source: kubelet 1.34 lifecycle/predicate.go (predicateAdmitHandler.Admit, generalFilter, InsufficientResourceError) and rejectPod.
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
import { isCritical, podsToPreempt, type Shortage } from './preemption.ts';

/** Why a pod is refused: `reason` and `message` of its status. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** What a kubelet says to `pod`: why it refuses it, or the rows of the pods that have to go first, in order; none: it takes the pod as things are. */
export function verdictOn(nodes: NodeColumns, pods: PodTable, node: number, pod: Pod): Refusal | readonly number[] {
  const shortages = shortagesOf(nodes, pods, node, podRequests(pod.spec));
  const misplaced = placementRefusal(pods, node, pod, nodes.object[node] ?? null);
  if (!isCritical(pod)) return roomRefusal(shortages) ?? misplaced ?? [];
  if (misplaced !== null || shortages.length === 0) return misplaced ?? [];
  const rows: number[] = [];
  for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
    if (pods.has(row, FLAG.admitted)) rows.unshift(row);
  }
  const others = rows.map((row) => pods.pod[row] as Pod);
  const victims = podsToPreempt(pod, others, shortages);
  return typeof victims === 'string'
    ? preemptionRefusal(victims)
    : victims.map((victim) => rows[others.indexOf(victim)] as number);
}

const NONE: readonly Shortage[] = Object.freeze([]);

/** What the node lacks for the pod; empty when it fits. */
function shortagesOf(nodes: NodeColumns, pods: PodTable, node: number, requests: PodRequests): readonly Shortage[] {
  const { cpuMilli, memoryBytes, ephemeralStorageBytes } = requests;
  let found = weigh(NONE, 'pods', 1, nodes.usedPods[node], nodes.podsMax[node]);
  found = weigh(found, 'cpu', cpuMilli, nodes.usedCpuMilli[node], nodes.cpuMilli[node]);
  found = weigh(found, 'memory', memoryBytes, nodes.usedMemoryBytes[node], nodes.memoryBytes[node]);
  const storage = nodes.ephemeralBytes[node];
  found = weigh(found, 'ephemeral-storage', ephemeralStorageBytes, nodes.usedEphemeralBytes[node], storage);
  if (requests.extended.length === 0) return found;
  const allocatable = resourceAmounts(nodes.description[node]?.allocatable);
  for (const { name, amount } of requests.extended) {
    const capacity = allocatable.get(name);
    // Extended resources the node does not offer are left to the scheduler (cluster-level ones); huge pages are not.
    if (amount === 0 || (capacity === undefined && isExtendedResource(name))) continue;
    found = weigh(found, name, amount, extendedUse(pods, node, name), capacity);
  }
  return found;
}

/** The shortages, with one more where the node has too little of the resource. */
function weigh(
  found: readonly Shortage[],
  resource: string,
  requested: number,
  used = 0,
  capacity = 0,
): readonly Shortage[] {
  if (requested <= 0 || used + requested <= capacity) return found;
  return [...found, { resource, requested, used, capacity }];
}

function extendedUse(pods: PodTable, node: number, name: string): number {
  let used = 0;
  for (let row = pods.firstOf(node); row >= 0; row = pods.next[row] as number) {
    if (!pods.has(row, FLAG.admitted)) continue;
    used += podRequests((pods.pod[row] as Pod).spec).extended.find((one) => one.name === name)?.amount ?? 0;
  }
  return used;
}

/** The refusal for the first of the shortages, null without any. */
function roomRefusal(shortages: readonly Shortage[]): Refusal | null {
  const [first] = shortages;
  if (first === undefined) return null;
  const { resource, requested, used, capacity } = first;
  const what = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${resource}`, message: `Pod was rejected: ${what}` };
}

/** The refusal of a critical pod for which no room can be made: `why` in the words of podsToPreempt. */
function preemptionRefusal(why: string): Refusal {
  const what = `Unexpected error while attempting to recover from admission failure: ${why}`;
  return { reason: 'UnexpectedAdmissionError', message: `Pod was rejected: ${what}` };
}

/** The refusal for labels, taken ports or taints, null when there is none. `object`: the Node as the kubelet knows it. */
function placementRefusal(pods: PodTable, node: number, pod: Pod, object: Node | null): Refusal | null {
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
