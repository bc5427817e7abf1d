/**
 * Scaling a Deployment: one ReplicaSet takes all; in the middle of a rollout all of them grow or shrink in proportion.
 * Source: Kubernetes 1.34 pkg/controller/deployment/sync.go (scale) and util (GetReplicaSetProportion).
 */
import type { Wait } from '../../sim/task.ts';
import type { Deployment } from '../../types/deployment.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS, sizeAnnotation } from './annotations.ts';
import type { DeploymentSync } from './deployment-sync.ts';
import {
  activeOrLatest,
  activeReplicaSets,
  bySizeNewer,
  bySizeOlder,
  isRollingUpdate,
  isSaturated,
  maxSurge,
  sizeOf,
  totalSize,
} from './replica-sets.ts';

/** Whether some ReplicaSet with pods was sized for another `spec.replicas`. */
export function isScalingEvent(sync: DeploymentSync): boolean {
  const replicas = sizeOf(sync.deployment);
  return activeReplicaSets(sync.all).some((replicaSet) => {
    const desired = sizeAnnotation(replicaSet, DESIRED_REPLICAS);
    return desired !== undefined && desired !== replicas;
  });
}

/** Gives the Deployment's present size to its ReplicaSets. */
export function* scaleReplicaSets(sync: DeploymentSync): Generator<Wait, void, unknown> {
  const { deployment } = sync;
  // Upstream's search for the latest leaves them so.
  sync.oldReplicaSets.reverse();
  const only = activeOrLatest(sync.newReplicaSet, sync.oldReplicaSets);
  if (only !== undefined) {
    yield* sync.scale(only, sizeOf(deployment), true);
    return;
  }
  if (isSaturated(deployment, sync.newReplicaSet)) {
    for (const old of activeReplicaSets(sync.oldReplicaSets)) yield* sync.scale(old, 0, true);
    return;
  }
  if (isRollingUpdate(deployment)) yield* scaleInProportion(sync);
}

function* scaleInProportion(sync: DeploymentSync): Generator<Wait, void, unknown> {
  const { deployment } = sync;
  const active = activeReplicaSets(sync.all);
  const replicas = sizeOf(deployment);
  const allowed = replicas > 0 ? replicas + maxSurge(deployment) : 0;
  const toAdd = allowed - totalSize(active);
  const ordered = toAdd > 0 ? bySizeNewer(active) : toAdd < 0 ? bySizeOlder(active) : active;
  const sizes: number[] = [];
  let added = 0;
  for (const replicaSet of ordered) {
    const share = proportionOf(replicaSet, deployment, toAdd, added);
    sizes.push(sizeOf(replicaSet) + share);
    added += share;
  }
  // What rounding left over goes to the largest.
  if (toAdd !== 0) sizes[0] = Math.max(0, (sizes[0] as number) + toAdd - added);
  for (let i = 0; i < ordered.length; i++) yield* sync.scale(ordered[i] as ReplicaSet, sizes[i] as number, false);
}

/** What one ReplicaSet takes of `toAdd` pods (negative: gives up) when `added` are dealt out already. */
export function proportionOf(replicaSet: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  if (sizeOf(replicaSet) === 0 || toAdd === 0 || toAdd === added) return 0;
  const fraction = fractionOf(replicaSet, deployment);
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

function fractionOf(replicaSet: ReplicaSet, deployment: Deployment): number {
  const size = sizeOf(replicaSet);
  if (sizeOf(deployment) === 0) return -size;
  const after = sizeOf(deployment) + maxSurge(deployment);
  let before = sizeAnnotation(replicaSet, MAX_REPLICAS) ?? 0;
  if (before === 0) before = deployment.status?.replicas ?? 0;
  if (before === 0) return 0;
  // Both factors are positive: half rounds up.
  return Math.floor((size * after) / before + 0.5) - size;
}
