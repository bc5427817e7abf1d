/**
 * P1: evictions through the eviction API never take a budget's healthy pods below what it wants.
 *
 * An eviction shows in the history as a pod that starts to terminate with the condition DisruptionTarget of reason EvictionByEvictionAPI. At that
 * revision the healthy pods that stay must be at least status.desiredHealthy, unless the evicted pod was not healthy itself.
 */
import { compileSelector } from '../../types/label-selector.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition, isPodReady } from '../../types/pod-conditions.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import { type Judge, keyOf, type Predicate } from '../predicate.ts';
import type { Commit, World } from '../world.ts';

function isEviction(commit: Commit): boolean {
  if (commit.kind !== 'Pod' || commit.previous === null) return false;
  if (commit.previous.metadata.deletionTimestamp !== undefined) return false;
  const last = (commit.object ?? commit.previous) as Pod;
  if (commit.object !== null && last.metadata.deletionTimestamp === undefined) return false;
  return findCondition(last.status?.conditions, 'DisruptionTarget')?.reason === 'EvictionByEvictionAPI';
}

/** Ready pods of the budget that are neither ending nor recorded as disrupted. */
export function healthyPods(world: World, budget: PodDisruptionBudget): number {
  const selector = compileSelector(budget.spec?.selector);
  let healthy = 0;
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (pod.metadata.namespace !== budget.metadata.namespace || pod.metadata.deletionTimestamp !== undefined) continue;
    if (selector.matches(pod.metadata.labels) && isPodReady(pod)) healthy++;
  }
  return healthy;
}

export function disruptionBudget(judge: Judge): Predicate {
  const predicate: Predicate = {
    id: 'P1',
    about: 'evictions never take a disruption budget below its desired healthy pods',
    evaluations: 0,
    onCommit(commit: Commit) {
      if (!isEviction(commit)) return;
      const pod = commit.previous as Pod;
      for (const object of judge.world.of('PodDisruptionBudget').values()) {
        const budget = object as PodDisruptionBudget;
        if (budget.metadata.namespace !== pod.metadata.namespace) continue;
        if (!compileSelector(budget.spec?.selector).matches(pod.metadata.labels) || !isPodReady(pod)) continue;
        predicate.evaluations++;
        const healthy = healthyPods(judge.world, budget);
        const desired = budget.status?.desiredHealthy ?? 0;
        if (healthy < desired) {
          judge.violate(
            predicate,
            `eviction of ${keyOf(pod)} leaves ${healthy} healthy pods, budget ${keyOf(budget)} wants ${desired}`,
          );
        }
      }
    },
  };
  return predicate;
}
