/**
 * P1: evictions through the eviction API never take a budget's healthy pods below what it wants.
 *
 * An eviction shows in the history as a pod that starts to terminate with the condition DisruptionTarget of reason EvictionByEvictionAPI. At that
 * revision the healthy pods that stay must be at least status.desiredHealthy, unless the evicted pod was not healthy itself. Pods lost for other
 * reasons count as healthy until the disruption controller has written the budget anew.
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
function healthyPods(world: World, budget: PodDisruptionBudget): number {
  const selector = compileSelector(budget.spec?.selector);
  let healthy = 0;
  for (const object of world.of('Pod').values()) {
    const pod = object as Pod;
    if (pod.metadata.namespace !== budget.metadata.namespace || pod.metadata.deletionTimestamp !== undefined) continue;
    if (selector.matches(pod.metadata.labels) && isPodReady(pod)) healthy++;
  }
  return healthy;
}

/** A change of a pod takes so long at most until the disruption controller has written it into the budget, µs. */
const LAG_US = 3_000_000;

const isHealthy = (pod: Pod | null): boolean =>
  pod !== null && pod.metadata.deletionTimestamp === undefined && isPodReady(pod);

/** true if the write adds pods to disruptedPods: an eviction is charged. Everything else in a status is the controller's. */
function isCharge(commit: Commit): boolean {
  const before = (commit.previous as PodDisruptionBudget | null)?.status?.disruptedPods ?? {};
  const after = (commit.object as PodDisruptionBudget | null)?.status?.disruptedPods ?? {};
  return Object.keys(after).some((name) => !(name in before));
}

/**
 * What the budgets cannot know yet: pods that stopped being healthy for other reasons than an eviction. The eviction API goes by what the
 * disruption controller wrote last, so such a loss counts only once that controller has written after it.
 */
class RecentLosses {
  readonly #lost = new Map<number, { readonly pod: Pod; readonly timeUs: number }>();
  /** When the controller last wrote each budget, µs. */
  readonly #writtenUs = new Map<string, number>();

  see(commit: Commit, anyBudget: boolean): void {
    if (commit.kind === 'PodDisruptionBudget' && commit.object !== null && !isCharge(commit))
      this.#writtenUs.set(keyOf(commit.object), commit.timeUs);
    if (commit.kind !== 'Pod' || !anyBudget) return;
    const before = commit.previous as Pod | null;
    if (isHealthy(commit.object as Pod | null)) this.#lost.delete(commit.keyId);
    else if (before !== null && isHealthy(before) && !isEviction(commit))
      this.#lost.set(commit.keyId, { pod: before, timeUs: commit.timeUs });
  }

  /** How many healthy pods the budget may still count that are none any more. */
  unknownTo(budget: PodDisruptionBudget): number {
    const selector = compileSelector(budget.spec?.selector);
    const writtenUs = this.#writtenUs.get(keyOf(budget)) ?? Number.NEGATIVE_INFINITY;
    let count = 0;
    for (const { pod, timeUs } of this.#lost.values()) {
      if (timeUs + LAG_US <= writtenUs || pod.metadata.namespace !== budget.metadata.namespace) continue;
      if (selector.matches(pod.metadata.labels)) count++;
    }
    return count;
  }
}

export function disruptionBudget(judge: Judge): Predicate {
  const losses = new RecentLosses();
  const predicate: Predicate = {
    id: 'P1',
    about: 'evictions never take a disruption budget below its desired healthy pods',
    evaluations: 0,
    onCommit(commit: Commit) {
      const budgets = judge.world.of('PodDisruptionBudget');
      losses.see(commit, budgets.size > 0);
      if (budgets.size === 0 || !isEviction(commit)) return;
      const pod = commit.previous as Pod;
      for (const object of budgets.values()) {
        const budget = object as PodDisruptionBudget;
        if (budget.metadata.namespace !== pod.metadata.namespace) continue;
        if (!compileSelector(budget.spec?.selector).matches(pod.metadata.labels) || !isPodReady(pod)) continue;
        predicate.evaluations++;
        const healthy = healthyPods(judge.world, budget) + losses.unknownTo(budget);
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
