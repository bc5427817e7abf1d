/**
 * How many pods a budget expects and how many have to be healthy, from the scales of the pods' controllers.
 * Source: Kubernetes 1.34 pkg/controller/disruption (getExpectedPodCount, getExpectedScale, finders).
 */
import type { Informer } from '../../client/informer.ts';
import type { Deployment } from '../../types/deployment.ts';
import { scaledValue } from '../../types/int-or-percent.ts';
import type { KubeObject, OwnerReference } from '../../types/object.ts';
import { controllerOf } from '../../types/owner-references.ts';
import type { PodDisruptionBudget } from '../../types/pod-disruption-budget.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { BUILT_IN_TYPES } from '../../types/resource-type.ts';
import type { StatefulSet } from '../../types/stateful-set.ts';
import type { BudgetMembers } from './budget-members.ts';

/** Where scales are read. */
export interface ScaleSources {
  readonly replicaSets: Informer<ReplicaSet>;
  readonly deployments: Informer<Deployment>;
  readonly statefulSets: Informer<StatefulSet>;
  /** The name of a pod by its local id. */
  readonly podName: (id: number) => string;
}

export interface Expectation {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

/** What the budget expects; a string says why it cannot be computed. */
export function expectationOf(
  budget: PodDisruptionBudget,
  members: BudgetMembers,
  sources: ScaleSources,
): Expectation | string {
  const { maxUnavailable, minAvailable } = budget.spec ?? {};
  if (maxUnavailable !== undefined) {
    const expectedPods = totalScale(budget, members, sources);
    if (typeof expectedPods === 'string') return expectedPods;
    return {
      expectedPods,
      desiredHealthy: Math.max(0, expectedPods - scaledValue(maxUnavailable, expectedPods, true)),
    };
  }
  if (typeof minAvailable === 'string') {
    const expectedPods = totalScale(budget, members, sources);
    if (typeof expectedPods === 'string') return expectedPods;
    return { expectedPods, desiredHealthy: scaledValue(minAvailable, expectedPods, true) };
  }
  return { expectedPods: minAvailable === undefined ? 0 : members.count, desiredHealthy: minAvailable ?? 0 };
}

/** Whether a budget is computed from the scales of controllers: all but `minAvailable` as a number. */
export function countsScales({ spec }: PodDisruptionBudget): boolean {
  return spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';
}

function totalScale(budget: PodDisruptionBudget, members: BudgetMembers, sources: ScaleSources): number | string {
  const namespace = budget.metadata.namespace ?? '';
  const scales = new Map<string, number>();
  for (const { reference } of members.controllers.values()) {
    const found = scaleOf(reference, namespace, sources);
    if (typeof found === 'string') return found;
    if (found === undefined) return `found no controllers for pod "${sources.podName(members.podOf(reference.uid))}"`;
    scales.set(found.uid, found.scale);
  }
  let total = 0;
  for (const scale of scales.values()) total += scale;
  return total;
}

interface Scale {
  readonly uid: string;
  readonly scale: number;
}

/** A string says that the kind has no scale; undefined = the controller is not there. */
function scaleOf(reference: OwnerReference, namespace: string, sources: ScaleSources): Scale | string | undefined {
  const { kind, uid, apiVersion } = reference;
  if (kind === 'ReplicaSet') {
    const replicaSet = same(sources.replicaSets.find(namespace, reference.name), uid);
    if (replicaSet === undefined) return undefined;
    const owner = controllerOf(replicaSet);
    if (owner?.kind !== 'Deployment') return { uid, scale: replicaSet.spec?.replicas ?? 1 };
    const deployment = same(sources.deployments.find(namespace, owner.name), owner.uid);
    // One whose Deployment has gone still has a scale of its own (getScaleController).
    if (deployment === undefined) return { uid, scale: replicaSet.spec?.replicas ?? 1 };
    return { uid: owner.uid, scale: deployment.spec?.replicas ?? 1 };
  }
  if (kind === 'StatefulSet') {
    const statefulSet = same(sources.statefulSets.find(namespace, reference.name), uid);
    return statefulSet === undefined ? undefined : { uid, scale: statefulSet.spec?.replicas ?? 1 };
  }
  const type = BUILT_IN_TYPES.find((known) => known.kind === kind && known.apiVersion === apiVersion);
  if (type === undefined || type.hasScale) return undefined;
  return `${type.qualifiedName} does not implement the scale subresource`;
}

function same<T extends KubeObject>(object: T | undefined, uid: string): T | undefined {
  return object?.metadata.uid === uid ? object : undefined;
}
