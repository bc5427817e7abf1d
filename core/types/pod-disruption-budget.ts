/** PodDisruptionBudgets. Source: Kubernetes 1.34, policy/v1 PodDisruptionBudget. */
import type { Condition, IntOrString, KubeObject, LabelSelector, StringMap } from './object.ts';

/** policy/v1 PodDisruptionBudgetSpec; at most one of the first two. */
export interface PodDisruptionBudgetSpec {
  readonly minAvailable?: IntOrString | undefined;
  readonly maxUnavailable?: IntOrString | undefined;
  readonly selector?: LabelSelector | undefined;
  readonly unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow' | undefined;
}

/** policy/v1 PodDisruptionBudgetStatus; `disruptedPods` maps a pod's name to the time of its eviction. */
export interface PodDisruptionBudgetStatus {
  readonly observedGeneration?: number | undefined;
  readonly disruptedPods?: StringMap | undefined;
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  readonly conditions?: readonly Condition[] | undefined;
}

/** policy/v1 PodDisruptionBudget. */
export interface PodDisruptionBudget extends KubeObject {
  readonly spec?: PodDisruptionBudgetSpec | undefined;
  readonly status?: PodDisruptionBudgetStatus | undefined;
}
