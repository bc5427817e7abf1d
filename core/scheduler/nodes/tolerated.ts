/**
 * What the taints of a node mean for placing a pod: those that keep it off, and those that only make the node less wanted
 * (Kubernetes 1.34, plugin TaintToleration).
 */
import type { Taint } from '../../types/node.ts';
import type { Toleration } from '../../types/pod.ts';
import { isTolerated } from '../../types/tolerations.ts';

/** The first taint that keeps the pod off a node (NoSchedule or NoExecute, not tolerated); `null` when there is none. */
export function firstUntolerated(tolerations: readonly Toleration[], taints: readonly Taint[]): Taint | null {
  for (const taint of taints) {
    if (taint.effect !== 'PreferNoSchedule' && !isTolerated(tolerations, taint)) return taint;
  }
  return null;
}

/** How many PreferNoSchedule taints the pod does not tolerate; only tolerations with that effect or none count. */
export function preferredUntolerated(tolerations: readonly Toleration[], taints: readonly Taint[]): number {
  let count = 0;
  for (const taint of taints) {
    if (taint.effect === 'PreferNoSchedule' && !isTolerated(tolerations, taint)) count++;
  }
  return count;
}
