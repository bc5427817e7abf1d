/** Bug switches and observation points of the DaemonSet controller. */
import { defineBug, definePoint } from '../../sim/registry.ts';
import type { DaemonSet } from '../../types/daemon-set.ts';
import type { Pod } from '../../types/pod.ts';

export const BUG_IGNORES_MAX_UNAVAILABLE = defineBug(
  'daemonset-ignores-max-unavailable',
  'a rollout deletes old pods without looking on how many nodes none is available',
);

export const BUG_REPLACES_AT_ONCE = defineBug(
  'daemonset-replaces-at-once',
  'a daemon pod that has failed is replaced without a back-off',
);

/** Subject: {@link DaemonReplacement}; observed before the deletions. */
export const POINT_DAEMONSET_REPLACE = definePoint(
  'daemonset.replace',
  'the DaemonSet controller is about to delete old pods of a rollout',
);

/** What the controller saw when it decided which old pods go; all as in its own copies. */
export interface DaemonReplacement {
  readonly set: DaemonSet;
  /** Nodes that should have a pod. */
  readonly desired: number;
  /** All its pods. */
  readonly pods: readonly Pod[];
  readonly deleted: readonly Pod[];
}

/** Subject: {@link DaemonChange}; observed before the requests. */
export const POINT_DAEMONSET_CHANGE = definePoint(
  'daemonset.change',
  'the DaemonSet controller is about to create and delete pods',
);

/** How many. */
export interface DaemonChange {
  readonly set: DaemonSet;
  readonly create: number;
  readonly delete: number;
}
