/**
 * Scheduling policies that a suite may name, and what a policy does to a plan.
 *
 * A policy is part of the plan (the cluster's settings), so it reaches the worker threads and the suite's digest as data.
 */
import type { ScenarioPlan } from '../../core/chaos/plan.ts';
import { NAMED_POLICIES } from '../../core/cluster/placement.ts';

/** What a cluster schedules with when nothing is said. */
export const DEFAULT_POLICY = 'kube-default';

/** Policies that need to know the workload beforehand; a simulated cluster does not. */
const NEEDS_WORKLOAD: readonly string[] = ['fgd'];

/** Names that a suite may use. */
export const SUITE_POLICIES: readonly string[] = NAMED_POLICIES.map(({ name }) => name).filter(
  (name) => !NEEDS_WORKLOAD.includes(name),
);

/** The plan under a policy, one of {@link SUITE_POLICIES}. */
export function withPolicy(plan: ScenarioPlan, policy: string): ScenarioPlan {
  if (policy === DEFAULT_POLICY) return plan;
  const settings = { ...plan.cluster.settings, schedulingPolicy: policy };
  return { ...plan, cluster: { ...plan.cluster, settings } };
}
