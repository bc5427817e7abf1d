/**
 * P1: evictions through the eviction API never take a budget's healthy pods below what it wants.
 *
 * An eviction shows in the history as a pod that starts to terminate with the condition DisruptionTarget of reason EvictionByEvictionAPI. At that
 * revision the healthy pods that stay must be at least status.desiredHealthy, unless the evicted pod was not healthy itself. Pods lost for other
 * reasons count as healthy until the disruption controller has seen that and written the budget anew, and what the budget wants is what it wanted when the
 * eviction was charged to it: a budget that is raised between charge and deletion (its owner was just scaled up) binds the next eviction. No eviction is
 * charged to a status that is older than its spec, and pods that are not ready go uncharged only while their budget is met.
 */
import { compileSelector } from '../../types/label-selector.ts';
import type { Pod } from '../../types/pod.ts';
import { findCondition, isPodReady } from '../../types/pod-conditions.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import { BudgetSight } from '../budget-sight.ts';
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

/** A change of a pod is known to the disruption controller at the latest after so long, whatever holds back what it hears, µs. */
const LAG_US = 35_000_000;

const isHealthy = (pod: Pod | null): boolean =>
  pod !== null && pod.metadata.deletionTimestamp === undefined && isPodReady(pod);

/** Names of the pods whose eviction this write charges to the budget. Everything else in a status is the controller's. */
function chargedPods(commit: Commit): readonly string[] {
  const before = (commit.previous as PodDisruptionBudget | null)?.status?.disruptedPods ?? {};
  const after = (commit.object as PodDisruptionBudget | null)?.status?.disruptedPods ?? {};
  return Object.keys(after).filter((name) => !(name in before));
}

/** What each budget wanted when an eviction was charged to it, by budget and pod. */
class Charges {
  readonly #desired = new Map<string, Map<string, number>>();

  see(commit: Commit): void {
    if (commit.kind !== 'PodDisruptionBudget' || commit.object === null) return;
    const names = chargedPods(commit);
    if (names.length === 0) return;
    const budget = commit.object as PodDisruptionBudget;
    let pods = this.#desired.get(keyOf(budget));
    if (pods === undefined) {
      pods = new Map();
      this.#desired.set(keyOf(budget), pods);
    }
    for (const name of names) pods.set(name, budget.status?.desiredHealthy ?? 0);
  }

  /** Healthy pods that the budget wanted for the eviction of `pod`. */
  desiredFor(budget: PodDisruptionBudget, pod: Pod): number {
    const now = budget.status?.desiredHealthy ?? 0;
    return Math.min(now, this.#desired.get(keyOf(budget))?.get(pod.metadata.name) ?? now);
  }
}

/** A pod that was healthy, and the change after which it is not. */
interface Loss {
  readonly pod: Pod;
  readonly timeUs: number;
  readonly revision: number;
}

/**
 * What the budgets cannot know yet: pods that stopped being healthy for other reasons than an eviction. The eviction API goes by what the
 * disruption controller wrote last, so such a loss counts only once that controller has written after it had seen it.
 */
class RecentLosses {
  readonly #judge: Judge;
  readonly #lost = new Map<number, Loss>();
  /** What the controller went by when it last wrote each budget. */
  readonly #written = new Map<string, { readonly timeUs: number; readonly pods: number }>();
  /** From the first budget on. */
  #sight: BudgetSight | null = null;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  see(commit: Commit, anyBudget: boolean): void {
    if (anyBudget) this.#sight ??= new BudgetSight(this.#judge);
    if (commit.kind === 'PodDisruptionBudget' && commit.object !== null && chargedPods(commit).length === 0)
      this.#written.set(keyOf(commit.object), { timeUs: commit.timeUs, pods: this.#sight?.pods ?? -1 });
    if (commit.kind !== 'Pod' || !anyBudget) return;
    const before = commit.previous as Pod | null;
    if (isHealthy(commit.object as Pod | null)) this.#lost.delete(commit.keyId);
    else if (before !== null && isHealthy(before) && !isEviction(commit))
      this.#lost.set(commit.keyId, { pod: before, timeUs: commit.timeUs, revision: commit.revision });
  }

  /** How many healthy pods the budget may still count that are none any more. */
  unknownTo(budget: PodDisruptionBudget): number {
    const selector = compileSelector(budget.spec?.selector);
    const written = this.#written.get(keyOf(budget));
    let count = 0;
    for (const { pod, timeUs, revision } of this.#lost.values()) {
      const isKnown = written !== undefined && (revision <= written.pods || timeUs + LAG_US <= written.timeUs);
      if (isKnown || pod.metadata.namespace !== budget.metadata.namespace) continue;
      if (selector.matches(pod.metadata.labels)) count++;
    }
    return count;
  }
}

/** A budget that has not been met for so long is known not to be, whatever a watch cache lags behind, µs. */
const KNOWN_US = 60_000_000;

/** Since when budgets have fewer healthy pods than they want. */
class UnmetBudgets {
  readonly #sinceUs = new Map<string, number>();

  see(commit: Commit): void {
    if (commit.kind !== 'PodDisruptionBudget') return;
    const budget = (commit.object ?? commit.previous) as PodDisruptionBudget;
    const { desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {};
    const isMet = commit.object === null || (desiredHealthy > 0 && currentHealthy >= desiredHealthy);
    if (isMet) this.#sinceUs.delete(keyOf(budget));
    else if (!this.#sinceUs.has(keyOf(budget))) this.#sinceUs.set(keyOf(budget), commit.timeUs);
  }

  /** Why a pod that runs and is not ready may not be evicted without a charge, or null. */
  whyNot(budget: PodDisruptionBudget, pod: Pod, nowUs: number): string | null {
    if (pod.status?.phase !== 'Running' || budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return null;
    if (pod.metadata.name in (budget.status?.disruptedPods ?? {})) return null;
    const sinceUs = this.#sinceUs.get(keyOf(budget));
    if (sinceUs === undefined || nowUs - sinceUs < KNOWN_US) return null;
    return `budget ${keyOf(budget)} has not been met for ${Math.round((nowUs - sinceUs) / 1_000_000)} s`;
  }
}

/** Whether an eviction is charged to a status that has not observed the newest spec. */
function isStaleCharge(commit: Commit): boolean {
  if (commit.kind !== 'PodDisruptionBudget' || commit.object === null || chargedPods(commit).length === 0) return false;
  const { metadata, status } = commit.object as PodDisruptionBudget;
  return (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

export function disruptionBudget(judge: Judge): Predicate {
  const losses = new RecentLosses(judge);
  const charges = new Charges();
  const unmet = new UnmetBudgets();
  const predicate: Predicate = {
    id: 'P1',
    about: 'evictions never take a disruption budget below its desired healthy pods',
    evaluations: 0,
    commitKinds: ['Pod', 'PodDisruptionBudget'],
    onCommit(commit: Commit) {
      const budgets = judge.world.of('PodDisruptionBudget');
      losses.see(commit, budgets.size > 0);
      charges.see(commit);
      unmet.see(commit);
      if (isStaleCharge(commit)) {
        const budget = keyOf(commit.object as PodDisruptionBudget);
        judge.violate(
          predicate,
          `eviction of ${chargedPods(commit)} is charged to budget ${budget} by its spec of before`,
        );
      }
      if (budgets.size === 0 || !isEviction(commit)) return;
      const pod = commit.previous as Pod;
      for (const object of budgets.values()) {
        const budget = object as PodDisruptionBudget;
        if (budget.metadata.namespace !== pod.metadata.namespace) continue;
        if (!compileSelector(budget.spec?.selector).matches(pod.metadata.labels)) continue;
        predicate.evaluations++;
        if (!isPodReady(pod)) {
          const why = unmet.whyNot(budget, pod, commit.timeUs);
          if (why !== null) judge.violate(predicate, `eviction of ${keyOf(pod)}, which is not ready, though ${why}`);
          continue;
        }
        const healthy = healthyPods(judge.world, budget) + losses.unknownTo(budget);
        const desired = charges.desiredFor(budget, pod);
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
