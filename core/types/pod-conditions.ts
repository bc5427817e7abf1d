/**
 * Conditions of pods (and of everything that has conditions): reading and setting them without mutation. Source:
 * Kubernetes 1.34, pkg/api/v1/pod/util.go.
 */
import type { Condition } from './object.ts';
import type { Pod } from './pod.ts';
import { formatTime, parseTime } from './time.ts';

/** The condition of a type, or undefined. */
export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  if (conditions === undefined) return undefined;
  for (let i = 0; i < conditions.length; i++) {
    const condition = conditions[i] as Condition;
    if (condition.type === type) return condition;
  }
  return undefined;
}

/** Whether the condition of a type is True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

function sameCondition(a: Condition, b: Condition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration &&
    (a.lastProbeTime ?? null) === (b.lastProbeTime ?? null) &&
    (a.lastHeartbeatTime ?? null) === (b.lastHeartbeatTime ?? null) &&
    (a.lastUpdateTime ?? null) === (b.lastUpdateTime ?? null) &&
    (a.lastTransitionTime ?? null) === (b.lastTransitionTime ?? null)
  );
}

/**
 * Conditions with `condition` put in, at the place of the old one or at the end. `lastTransitionTime` stays the old one
 * while the status does. Returns `conditions` itself when nothing changes.
 */
export function setCondition(conditions: readonly Condition[] | undefined, condition: Condition): readonly Condition[] {
  const list = conditions ?? [];
  const at = list.findIndex((known) => known.type === condition.type);
  if (at < 0) return list.concat(condition);
  const old = list[at] as Condition;
  const next: Condition =
    old.status === condition.status ? { ...condition, lastTransitionTime: old.lastTransitionTime } : condition;
  if (sameCondition(old, next)) return list;
  return list.with(at, next);
}

/**
 * The part of a status patch that writes `changed` where `known` are: the clients' patches say in which order the conditions shall stand, and new
 * ones stand last. Without that the server would put them first. Source: Kubernetes 1.34, apimachinery util/strategicpatch CreateTwoWayMergePatch.
 */
export function conditionsPatch(
  known: readonly Condition[] | undefined,
  changed: readonly Condition[],
): { readonly [field: string]: readonly object[] } {
  const types = new Set([...(known ?? []), ...changed].map(({ type }) => type));
  return { '$setElementOrder/conditions': [...types].map((type) => ({ type })), conditions: changed };
}

/** Conditions without those of a type; `conditions` itself when there is none. */
export function removeCondition(conditions: readonly Condition[] | undefined, type: string): readonly Condition[] {
  const list = conditions ?? [];
  return list.some((condition) => condition.type === type) ? list.filter((condition) => condition.type !== type) : list;
}

/**
 * The condition of a pod that somebody makes go: why, since `wallUs` (µs since 1970), and of which generation of the pod, where the writer says so.
 */
export function disruptionTarget(
  reason: string,
  message: string,
  wallUs: number,
  observedGeneration?: number,
): Condition {
  const condition: Condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(wallUs),
    reason,
    message,
  };
  return observedGeneration === undefined ? condition : { ...condition, observedGeneration };
}

/** Whether the pod's condition Ready is True. */
export function isPodReady(pod: Pod): boolean {
  return isConditionTrue(pod.status?.conditions, 'Ready');
}

/** Whether the pod has ended: phase Succeeded or Failed. */
export function isPodTerminal(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Whether controllers count the pod: not ended and not being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Whether the pod is there to run and has no node. */
export function waitsForNode(pod: Pod): boolean {
  return (pod.spec.nodeName ?? '') === '' && isPodActive(pod);
}

/** Since when the pod is Ready, µs since the Unix epoch; NaN when it is not. */
export function podReadySinceUs(pod: Pod): number {
  const condition = findCondition(pod.status?.conditions, 'Ready');
  if (condition?.status !== 'True' || typeof condition.lastTransitionTime !== 'string') return Number.NaN;
  return parseTime(condition.lastTransitionTime);
}

/** Whether the pod has been Ready for `minReadySeconds` at `wallUs` (µs since the Unix epoch). */
export function isPodAvailable(pod: Pod, minReadySeconds: number, wallUs: number): boolean {
  if (!isPodReady(pod)) return false;
  return minReadySeconds === 0 || podReadySinceUs(pod) + minReadySeconds * 1_000_000 <= wallUs;
}
