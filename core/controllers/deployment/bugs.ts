/** Bug switches and observation points of the Deployment controller. */
import { defineBug, definePoint } from '../../sim/registry.ts';
import type { Deployment } from '../../types/deployment.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';

export const BUG_IGNORES_MAX_SURGE = defineBug(
  'deployment-ignores-max-surge',
  'a rollout scales its new ReplicaSet up without counting the pods of the old ones',
);
export const BUG_SURGE_ROUNDS_DOWN = defineBug(
  'deployment-surge-rounds-down',
  'a surge given in percent is rounded down, so that a small rollout may have no room at all',
);
export const BUG_IGNORES_MAX_UNAVAILABLE = defineBug(
  'deployment-ignores-max-unavailable',
  'a rollout scales its old ReplicaSets down without looking at how many pods are available',
);
export const BUG_KEEPS_OLD_REPLICASETS = defineBug(
  'deployment-keeps-old-replicasets',
  'ReplicaSets beyond revisionHistoryLimit are never deleted',
);
export const BUG_COUNTS_NEW_REVISION = defineBug(
  'deployment-counts-new-revision',
  'the new ReplicaSet counts among the old ones when its revision is computed',
);
export const BUG_WRITES_UNCHANGED_STATUS = defineBug(
  'deployment-writes-unchanged-status',
  'the status is written by every sync, changed or not',
);
export const BUG_IGNORES_PAUSE = defineBug(
  'deployment-ignores-pause',
  'a paused Deployment is rolled out like any other',
);

export const BUG_OVERLOOKS_ANNOTATIONS = defineBug(
  'deployment-overlooks-annotations',
  'a template that differs in its annotations alone is taken for the same, so that kubectl rollout restart does nothing',
);

export const BUG_FORGETS_DEADLINE = defineBug(
  'deployment-forgets-deadline',
  'a rollout that waits is not looked at again when its deadline has passed',
);

/** Subject: {@link DeploymentScale}; observed before the write. */
export const POINT_DEPLOYMENT_SCALE = definePoint(
  'deployment.scale',
  'the Deployment controller is about to change the size of a ReplicaSet',
);

/** What the controller saw when it decided on a size; all counts as in its own copies. */
export interface DeploymentScale {
  readonly deployment: Deployment;
  readonly replicaSet: ReplicaSet;
  /** true for the ReplicaSet of the current template. */
  readonly isNew: boolean;
  readonly from: number;
  readonly to: number;
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  /** Sum of spec.replicas over all its ReplicaSets, before the change. */
  readonly total: number;
  /** Sum of status.availableReplicas over all its ReplicaSets. */
  readonly available: number;
  /** Sum of status.availableReplicas, but of each ReplicaSet not more than its spec.replicas. */
  readonly kept: number;
  /** Its ReplicaSets before the change. */
  readonly all: readonly ReplicaSet[];
}
