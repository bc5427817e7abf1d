/**
 * The strategy RollingUpdate: the new ReplicaSet grows as far as the surge allows, the old ones shrink as far as the available pods
 * allow, one of both a sync. Source: Kubernetes 1.34 pkg/controller/deployment/rolling.go.
 */
import type { Context } from '../../sim/context.ts';
import type { Wait } from '../../sim/task.ts';
import type { Deployment } from '../../types/deployment.ts';
import { scaledValue } from '../../types/int-or-percent.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { BUG_IGNORES_MAX_SURGE, BUG_IGNORES_MAX_UNAVAILABLE, BUG_SURGE_ROUNDS_DOWN } from './bugs.ts';
import type { DeploymentSync } from './deployment-sync.ts';
import {
  activeReplicaSets,
  byCreation,
  isRollingUpdate,
  maxSurge,
  maxUnavailable,
  sizeOf,
  statusSum,
  totalSize,
} from './replica-sets.ts';

/** How many pods the new ReplicaSet, which has `size` now, may have beside `others`. */
export function newReplicaSetSize(
  deployment: Deployment,
  others: readonly ReplicaSet[],
  size: number,
  ctx: Context,
): number {
  const replicas = sizeOf(deployment);
  if (!isRollingUpdate(deployment) || ctx.bug(BUG_IGNORES_MAX_SURGE)) return replicas;
  const surge = ctx.bug(BUG_SURGE_ROUNDS_DOWN) ? surgeRoundedDown(deployment) : maxSurge(deployment);
  const room = replicas + surge - totalSize(others) - size;
  return room <= 0 ? size : size + Math.min(room, replicas - size);
}

/** What the planted bug takes for the surge. */
function surgeRoundedDown(deployment: Deployment): number {
  return scaledValue(deployment.spec.strategy?.rollingUpdate?.maxSurge, sizeOf(deployment), false);
}

/** Grows the new ReplicaSet or shrinks the old ones; true if a size changed. */
export function* rollOut(sync: DeploymentSync): Generator<Wait, boolean, unknown> {
  if (yield* growNew(sync)) return true;
  return yield* shrinkOld(sync);
}

function* growNew(sync: DeploymentSync): Generator<Wait, boolean, unknown> {
  const { deployment } = sync;
  const replicaSet = sync.newReplicaSet as ReplicaSet;
  const replicas = sizeOf(deployment);
  const size = sizeOf(replicaSet);
  if (size === replicas) return false;
  if (size > replicas) return yield* sync.scale(replicaSet, replicas, true);
  const wanted = newReplicaSetSize(deployment, sync.oldReplicaSets, size, sync.scope.ctx);
  return yield* sync.scale(replicaSet, wanted, true);
}

function* shrinkOld(sync: DeploymentSync): Generator<Wait, boolean, unknown> {
  const { deployment } = sync;
  const newReplicaSet = sync.newReplicaSet as ReplicaSet;
  if (totalSize(activeReplicaSets(sync.oldReplicaSets)) === 0) return false;
  const minAvailable = sizeOf(deployment) - maxUnavailable(deployment);
  const newUnavailable = sizeOf(newReplicaSet) - (newReplicaSet.status?.availableReplicas ?? 0);
  const allowed = totalSize(sync.all) - minAvailable - newUnavailable;
  if (sync.scope.ctx.bug(BUG_IGNORES_MAX_UNAVAILABLE)) return (yield* shrink(sync, Number.MAX_SAFE_INTEGER)) > 0;
  if (allowed <= 0) return false;
  const removed = yield* removeUnhealthy(sync, allowed);
  if (removed < 0) return false;
  const spare = statusSum(sync.all, 'availableReplicas') - minAvailable;
  const shrunk = spare > 0 ? yield* shrink(sync, spare) : 0;
  return removed + shrunk > 0;
}

/**
 * Takes away up to `allowed` pods that are not available, oldest ReplicaSet first. −1 when a status shows more available pods than were
 * asked for: it is behind, and nothing may be decided on it.
 */
function* removeUnhealthy(sync: DeploymentSync, allowed: number): Generator<Wait, number, unknown> {
  let removed = 0;
  for (const replicaSet of byCreation(activeReplicaSets(sync.oldReplicaSets))) {
    if (removed >= allowed) break;
    const size = sizeOf(replicaSet);
    const unavailable = size - (replicaSet.status?.availableReplicas ?? 0);
    if (unavailable === 0) continue;
    const count = Math.min(allowed - removed, unavailable);
    if (count < 0) return -1;
    yield* sync.scale(replicaSet, size - count, true);
    removed += count;
  }
  return removed;
}

/** Takes away up to `spare` pods, oldest ReplicaSet first. */
function* shrink(sync: DeploymentSync, spare: number): Generator<Wait, number, unknown> {
  let removed = 0;
  for (const replicaSet of byCreation(activeReplicaSets(sync.oldReplicaSets))) {
    if (removed >= spare) break;
    const size = sizeOf(replicaSet);
    const count = Math.min(size, spare - removed);
    yield* sync.scale(replicaSet, size - count, true);
    removed += count;
  }
  return removed;
}
