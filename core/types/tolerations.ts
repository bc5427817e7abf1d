/** Which taints a pod tolerates, and for how long. Source: Kubernetes 1.34, component-helpers and core/v1 ToleratesTaint. */
import type { Taint, TaintEffect } from './node.ts';
import type { Toleration } from './pod.ts';

/** Whether one toleration covers a taint: effect, key and value, empty fields being wildcards as in the API. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  const { effect, key, operator } = toleration;
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
  if (key !== undefined && key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  if (operator !== undefined && operator !== '' && operator !== 'Equal') return false;
  return (toleration.value ?? '') === (taint.value ?? '');
}

/** The first toleration that covers a taint, or undefined. */
function findToleration(tolerations: readonly Toleration[] | undefined, taint: Taint): Toleration | undefined {
  if (tolerations === undefined) return undefined;
  for (let i = 0; i < tolerations.length; i++) {
    const toleration = tolerations[i] as Toleration;
    if (toleratesTaint(toleration, taint)) return toleration;
  }
  return undefined;
}

/** Whether any toleration covers a taint. */
export function isTolerated(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return findToleration(tolerations, taint) !== undefined;
}

/** The first taint with one of the effects that is not tolerated, or undefined. */
export function findUntolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  includes: (effect: TaintEffect) => boolean,
): Taint | undefined {
  if (taints === undefined) return undefined;
  for (let i = 0; i < taints.length; i++) {
    const taint = taints[i] as Taint;
    if (includes(taint.effect) && !isTolerated(tolerations, taint)) return taint;
  }
  return undefined;
}

/** The tolerations that cover at least one NoExecute taint, null when some NoExecute taint is not tolerated. */
function noExecuteTolerations(
  taints: readonly Taint[],
  tolerations: readonly Toleration[] | undefined,
): readonly Toleration[] | null {
  const used: Toleration[] = [];
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue;
    const toleration = findToleration(tolerations, taint);
    if (toleration === undefined) return null;
    used.push(toleration);
  }
  return used;
}

/**
 * Seconds a pod may stay on a node with these taints: 0 when one NoExecute taint is not tolerated, the smallest
 * `tolerationSeconds` (negative counts as 0) otherwise, −1 for ever. Source: tainteviction controller,
 * getMinTolerationTime.
 */
export function noExecuteSeconds(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): number {
  const used = noExecuteTolerations(taints, tolerations);
  if (used === null) return 0;
  let least = -1;
  for (const { tolerationSeconds } of used) {
    if (tolerationSeconds === undefined) continue;
    if (tolerationSeconds <= 0) return 0;
    if (least < 0 || tolerationSeconds < least) least = tolerationSeconds;
  }
  return least;
}
