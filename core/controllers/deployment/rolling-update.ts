/**
 * The strategy RollingUpdate: the new ReplicaSet grows as far as the surge allows, the old ones shrink as far as the available pods
 * allow, one of both a sync. Source: Kubernetes 1.34 pkg/controller/deployment/rolling.go.
 */
import type { Context } from '../../sim/context.ts';
import type { Wait } from '../../sim/task.ts';
import type { Deployment } from '../../types/deployment.ts';
import { scaledValue } from '../../types/int-or-percent.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { StatusError } from '../../types/status-error.ts';
import { BUG_IGNORES_MAX_SURGE, BUG_IGNORES_MAX_UNAVAILABLE, BUG_SURGE_ROUNDS_DOWN } from './bugs.ts';
import type { DeploymentSync } from './deployment-sync.ts';
import {
  activeReplicaSets,
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
  const wanted = size > replicas ? replicas : newReplicaSetSize(deployment, sync.oldReplicaSets, size, sync.scope.ctx);
  return (yield* sync.scale(replicaSet, wanted, true)) !== replicaSet;
}

/** A failure is not told: the status is written as if nothing had been there to shrink. */
function* shrinkOld(sync: DeploymentSync): Generator<Wait, boolean, unknown> {
  const { deployment } = sync;
  const newReplicaSet = sync.newReplicaSet as ReplicaSet;
  const active = activeReplicaSets(sync.oldReplicaSets);
  if (active.length === 0) return false;
  const minAvailable = sizeOf(deployment) - maxUnavailable(deployment);
  const newAvailable = newReplicaSet.status?.availableReplicas ?? 0;
  const newUnavailable = sizeOf(newReplicaSet) - newAvailable;
  const allowed = totalSize(sync.all) - minAvailable - newUnavailable;
  try {
    if (sync.scope.ctx.bug(BUG_IGNORES_MAX_UNAVAILABLE))
      return (yield* shrink(sync, active, Number.MAX_SAFE_INTEGER)) > 0;
    if (allowed <= 0) return false;
    const removed = yield* removeUnhealthy(sync, active, allowed);
    if (removed < 0) return false;
    // What is left of ReplicaSets that are at 0 already does not count.
    const spare = statusSum(active, 'availableReplicas') + newAvailable - minAvailable;
    const shrunk = spare > 0 ? yield* shrink(sync, active, spare) : 0;
    return removed + shrunk > 0;
  } catch (error) {
    if (error instanceof StatusError) return false;
    throw error;
  }
}

/**
 * Takes away up to `allowed` pods that are not available, oldest ReplicaSet first, and puts what was written into `active`. −1 when a
 * status shows more available pods than were asked for: it is behind, and nothing may be decided on it.
 */
function* removeUnhealthy(
  sync: DeploymentSync,
  active: ReplicaSet[],
  allowed: number,
): Generator<Wait, number, unknown> {
  let removed = 0;
  for (const [i, replicaSet] of active.entries()) {
    if (removed >= allowed) break;
    const size = sizeOf(replicaSet);
    const unavailable = size - (replicaSet.status?.availableReplicas ?? 0);
    if (unavailable === 0) continue;
    const count = Math.min(allowed - removed, unavailable);
    if (count < 0) return -1;
    active[i] = yield* sync.scale(replicaSet, size - count, true);
    removed += count;
  }
  return removed;
}

/** Takes away up to `spare` pods, oldest ReplicaSet first. */
function* shrink(sync: DeploymentSync, active: readonly ReplicaSet[], spare: number): Generator<Wait, number, unknown> {
  let removed = 0;
  for (const replicaSet of active) {
    if (removed >= spare) break;
    const size = sizeOf(replicaSet);
    const count = Math.min(size, spare - removed);
    yield* sync.scale(replicaSet, size - count, true);
    removed += count;
  }
  return removed;
}
