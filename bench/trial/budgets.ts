/**
 * What the disruption budgets of the manifests say about a workload.
 *
 * Source: Kubernetes 1.34, policy/v1: percentages of minAvailable and maxUnavailable round up; a budget that keeps as many pods as are wanted never
 * allows an eviction.
 */
import {
  type KubeObject,
  type PodDisruptionBudget,
  type PodTemplateSpec,
  scaledValue,
} from '../../core/cluster/vocabulary.ts';
import { appliedNamespace } from '../../scenarios/manifests.ts';
import { selects } from './templates.ts';
import type { BudgetFact } from './workload.ts';

/** Budgets of the namespace that select the template, with their minimum out of `replicas`. */
export function budgetFacts(
  template: PodTemplateSpec,
  namespace: string,
  replicas: number,
  objects: readonly KubeObject[],
): BudgetFact[] {
  const facts: BudgetFact[] = [];
  for (const object of objects) {
    if (object.kind !== 'PodDisruptionBudget' || appliedNamespace(object.metadata) !== namespace) continue;
    const { spec } = object as PodDisruptionBudget;
    if (spec === undefined || !selects(spec.selector, template)) continue;
    const minimum = minimumOf(spec, replicas);
    facts.push({
      name: `${namespace}/${object.metadata.name}`,
      minimum,
      text:
        spec.minAvailable === undefined
          ? `maxUnavailable ${spec.maxUnavailable ?? 0}`
          : `minAvailable ${spec.minAvailable}`,
      neverAllows: replicas > 0 && minimum >= replicas,
    });
  }
  return facts;
}

function minimumOf(spec: NonNullable<PodDisruptionBudget['spec']>, replicas: number): number {
  if (replicas < 0) return 0;
  if (spec.minAvailable !== undefined) return scaledValue(spec.minAvailable, replicas, true);
  return Math.max(0, replicas - scaledValue(spec.maxUnavailable ?? 0, replicas, true));
}
