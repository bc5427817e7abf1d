/**
 * Which pods of its node a kubelet kills so that a critical pod has room.
 *
 * As few guaranteed pods as can be, then burstable ones, then those of best effort; of one class first who frees most of what is short.
 * Source: Kubernetes 1.34.1, kubelet/preemption/preemption.go (getPodsToPreempt), types/pod_update.go (IsCriticalPod, Preemptable).
 */
import type { Pod } from '../types/pod.ts';
import { podRequests, qosClassOf } from '../types/pod-requests.ts';

/** Reason and message of what is told of a pod that was killed. */
export const PREEMPTING = 'Preempting';
export const PREEMPTED = 'Preempted in order to admit critical pod';

const CRITICAL_PRIORITY = 2_000_000_000;

/** A resource of which a node has too little for a pod, in base units. */
export interface Shortage {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

/** How much of a resource has to be freed, in base units. */
interface Need {
  readonly resource: string;
  readonly amount: number;
}

/** Whether the kubelet makes room for the pod. */
export function isCritical({ spec }: Pod): boolean {
  return (spec.priority ?? 0) >= CRITICAL_PRIORITY;
}

/** The pods among `pods` that have to go for `critical`, in the order in which they are killed; a text where all of them together would not do. */
export function podsToPreempt(
  critical: Pod,
  pods: readonly Pod[],
  shortages: readonly Shortage[],
): readonly Pod[] | string {
  const needs = shortages.map(({ resource, requested, used, capacity }) => ({
    resource,
    amount: requested - (capacity - used),
  }));
  const meant = pods.filter((pod) => isPreemptable(critical, pod));
  const unmet = without(needs, meant);
  if (unmet.length > 0) {
    const list = unmet.map(({ resource, amount }) => `(res: ${resource}, q: ${amount}), `).join('');
    return `preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [${list}]`;
  }
  const ofClass = (qosClass: string): Pod[] => meant.filter(({ spec }) => qosClassOf(spec) === qosClass);
  const bestEffort = ofClass('BestEffort');
  const burstable = ofClass('Burstable');
  const guaranteed = nearest(ofClass('Guaranteed'), without(needs, [...bestEffort, ...burstable]));
  const someBurstable = nearest(burstable, without(needs, [...bestEffort, ...guaranteed]));
  const someBestEffort = nearest(bestEffort, without(needs, [...someBurstable, ...guaranteed]));
  return [...someBestEffort, ...someBurstable, ...guaranteed];
}

function isPreemptable(critical: Pod, pod: Pod): boolean {
  return !isCritical(pod) || (critical.spec.priority ?? 0) > (pod.spec.priority ?? 0);
}

/** Takes pods until nothing is needed any more; who frees most comes first, and of equals who asks for least. */
function nearest(pods: readonly Pod[], needed: readonly Need[]): Pod[] {
  const left = [...pods];
  const chosen: Pod[] = [];
  for (let needs = needed; needs.length > 0; ) {
    let best = 0;
    let bestDistance = needs.length + 1;
    for (const [index, pod] of left.entries()) {
      const distance = distanceOf(needs, pod);
      if (distance > bestDistance || (distance === bestDistance && !asksNoMore(pod, left[best] as Pod))) continue;
      best = index;
      bestDistance = distance;
    }
    const pod = left[best] as Pod;
    left[best] = left.at(-1) as Pod;
    left.pop();
    chosen.push(pod);
    needs = without(needs, [pod]);
  }
  return chosen;
}

/** The share of each need that the pod leaves, squared, in sum. */
function distanceOf(needs: readonly Need[], pod: Pod): number {
  let distance = 0;
  for (const { resource, amount } of needs) {
    const left = amount - requestOf(pod, resource);
    if (left > 0) distance += (left / amount) ** 2;
  }
  return distance;
}

/** By memory, then by cpu. */
function asksNoMore(pod: Pod, other: Pod): boolean {
  const own = podRequests(pod.spec);
  const others = podRequests(other.spec);
  return own.memoryBytes === others.memoryBytes
    ? own.cpuMilli <= others.cpuMilli
    : own.memoryBytes < others.memoryBytes;
}

/** What is still needed once `pods` are gone. */
function without(needs: readonly Need[], pods: readonly Pod[]): readonly Need[] {
  return needs
    .map(({ resource, amount }) => ({
      resource,
      amount: pods.reduce((left, pod) => left - requestOf(pod, resource), amount),
    }))
    .filter(({ amount }) => amount > 0);
}

function requestOf({ spec }: Pod, resource: string): number {
  if (resource === 'pods') return 1;
  const { cpuMilli, memoryBytes, ephemeralStorageBytes, extended } = podRequests(spec);
  if (resource === 'cpu') return cpuMilli;
  if (resource === 'memory') return memoryBytes;
  if (resource === 'ephemeral-storage') return ephemeralStorageBytes;
  return extended.find(({ name }) => name === resource)?.amount ?? 0;
}
