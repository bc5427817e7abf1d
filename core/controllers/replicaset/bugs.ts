/** Bug switches and observation points of the ReplicaSet controller. */
import { defineBug, definePoint } from '../../sim/registry.ts';
import type { Pod } from '../../types/pod.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';

export const BUG_IGNORES_EXPECTATIONS = defineBug(
  'replicaset-ignores-expectations',
  'the ReplicaSet controller acts before it has seen its own creations and deletions',
);
export const BUG_FORGETS_ADOPTED = defineBug(
  'replicaset-forgets-adopted',
  'a sync that adopts pods does not count them as the ReplicaSet’s',
);
export const BUG_DELETES_READY_FIRST = defineBug(
  'replicaset-deletes-ready-first',
  'scaling down deletes ready pods before those that are not',
);
export const BUG_NEVER_RELEASES = defineBug(
  'replicaset-never-releases',
  'a pod that no longer matches the selector keeps its owner',
);
export const BUG_WRITES_UNCHANGED_STATUS = defineBug(
  'replicaset-writes-unchanged-status',
  'the status is written by every sync, changed or not',
);

/** Subject: {@link ReplicaSetSync}. */
export const POINT_REPLICASET_SYNC = definePoint(
  'replicaset.sync',
  'the ReplicaSet controller decided how many pods to create or delete',
);

/** Subject: {@link ReplicaSetChoice}. */
export const POINT_REPLICASET_DELETE = definePoint(
  'replicaset.delete',
  'the ReplicaSet controller chose pods to delete',
);

/** Which active pods go and which stay. */
export interface ReplicaSetChoice {
  readonly replicaSet: ReplicaSet;
  readonly chosen: readonly Pod[];
  readonly kept: readonly Pod[];
}

/** What a sync saw and decided. */
export interface ReplicaSetSync {
  readonly replicaSet: ReplicaSet;
  /** Active pods in the controller's copy. */
  readonly activePods: number;
  /** Pods to create (positive) or delete (negative). */
  readonly change: number;
}
