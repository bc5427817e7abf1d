/**
 * Which taints a pod tolerates (Kubernetes 1.34, `ToleratesTaint`): effect and key equal or empty, and the value equal
 * unless the operator is Exists.
 */
import type { Taint } from '../types/node.ts';
import type { Toleration } from '../types/pod.ts';

/** Whether one toleration covers one taint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const effect = toleration.effect ?? '';
  if (effect !== '' && effect !== taint.effect) return false;
  const key = toleration.key ?? '';
  if (key !== '' && key !== taint.key) return false;
  const operator = toleration.operator ?? '';
  if (operator === 'Exists') return true;
  return (operator === '' || operator === 'Equal') && (toleration.value ?? '') === (taint.value ?? '');
}

/** Whether any toleration covers the taint. */
export function toleratesAny(tolerations: readonly Toleration[], taint: Taint): boolean {
  for (const toleration of tolerations) if (tolerates(toleration, taint)) return true;
  return false;
}

/** The first taint that keeps the pod off a node (NoSchedule or NoExecute, not tolerated); `null` when there is none. */
export function firstUntolerated(tolerations: readonly Toleration[], taints: readonly Taint[]): Taint | null {
  for (const taint of taints) {
    if (taint.effect !== 'PreferNoSchedule' && !toleratesAny(tolerations, taint)) return taint;
  }
  return null;
}

/** How many PreferNoSchedule taints the pod does not tolerate; only tolerations with that effect or none count. */
export function preferredUntolerated(tolerations: readonly Toleration[], taints: readonly Taint[]): number {
  let count = 0;
  for (const taint of taints) {
    if (taint.effect === 'PreferNoSchedule' && !toleratesAny(tolerations, taint)) count++;
  }
  return count;
}
