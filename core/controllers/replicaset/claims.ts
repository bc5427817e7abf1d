/**
 * Adoptions and releases of one sync that the informer does not show yet: the same sync must count them, or it would create a pod too many.
 */
import type { Pod } from '../../types/pod.ts';
import { isPodAvailable, isPodReady } from '../../types/pod-conditions.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import type { PodGroup } from '../pod-groups.ts';
import { BUG_FORGETS_ADOPTED } from './bugs.ts';
import type { ReplicaSetController } from './controller.ts';

/** Local ids of pods. */
export interface Claims {
  readonly adopted: readonly number[];
  readonly released: readonly number[];
}

export const NO_CLAIMS: Claims = Object.freeze({ adopted: [], released: [] });

interface MutableCounts {
  replicas: number;
  fullyLabeled: number;
  ready: number;
  available: number;
}

/** Adds to `counts` (made from the group) what the group lacks. */
export function addUnseenClaims(
  controller: ReplicaSetController,
  replicaSet: ReplicaSet,
  group: PodGroup,
  claims: Claims,
  counts: MutableCounts,
): void {
  const { groups, pods, scope } = controller;
  const labels = replicaSet.spec.template?.metadata?.labels ?? {};
  const wallUs = scope.ctx.wallUs();
  const count = (id: number, sign: number): void => {
    const pod = pods.get(id) as Pod;
    counts.replicas += sign;
    if (Object.keys(labels).every((key) => pod.metadata.labels?.[key] === labels[key])) counts.fullyLabeled += sign;
    if (isPodReady(pod)) counts.ready += sign;
    if (isPodAvailable(pod, replicaSet.spec.minReadySeconds ?? 0, wallUs)) counts.available += sign;
  };
  const adopted = scope.ctx.bug(BUG_FORGETS_ADOPTED) ? [] : claims.adopted;
  for (const id of adopted) {
    if (pods.get(id) !== undefined && groups.isActive(id) && groups.groupOf(id) !== group) count(id, 1);
  }
  for (const id of claims.released) {
    if (pods.get(id) !== undefined && groups.isActive(id) && groups.groupOf(id) === group) count(id, -1);
  }
}

/** The group's active pods with this sync's claims applied. */
export function activeIds(controller: ReplicaSetController, group: PodGroup, claims: Claims): readonly number[] {
  const { groups, pods } = controller;
  const ids = group.ids.filter((id) => groups.isActive(id) && !claims.released.includes(id));
  for (const id of claims.adopted) {
    if (pods.get(id) !== undefined && groups.isActive(id) && groups.groupOf(id) !== group) ids.push(id);
  }
  return ids;
}
