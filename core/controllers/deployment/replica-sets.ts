/**
 * Reading a Deployment's ReplicaSets: which is the new one, sums, orders. Source: Kubernetes 1.34
 * pkg/controller/deployment/util/deployment_util.go and pkg/controller/controller_utils.go.
 */

import type { Deployment } from '../../types/deployment.ts';
import { surgeOf, unavailableOf } from '../../types/int-or-percent.ts';
import type { PodTemplateSpec } from '../../types/pod.ts';
import type { ReplicaSet } from '../../types/replica-set.ts';
import { isSameTemplate } from '../template-equality.ts';
import { revisionOfReplicaSet } from './annotations.ts';

export const POD_TEMPLATE_HASH = 'pod-template-hash';

/** `spec.replicas`, 1 when absent. */
export function sizeOf(object: Deployment | ReplicaSet): number {
  return object.spec.replicas ?? 1;
}

/** Sum of the sizes that were asked for. */
export function totalSize(replicaSets: readonly ReplicaSet[]): number {
  let sum = 0;
  for (const replicaSet of replicaSets) sum += sizeOf(replicaSet);
  return sum;
}

/** Sum of a count in the statuses. */
export function statusSum(
  replicaSets: readonly ReplicaSet[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas',
): number {
  let sum = 0;
  for (const replicaSet of replicaSets) sum += replicaSet.status?.[field] ?? 0;
  return sum;
}

/** Those with a size above 0. */
export function activeReplicaSets(replicaSets: readonly ReplicaSet[]): ReplicaSet[] {
  return replicaSets.filter((replicaSet) => sizeOf(replicaSet) > 0);
}

export function isRollingUpdate(deployment: Deployment): boolean {
  return (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/** Pods above `spec.replicas` that a rollout may have. */
export function maxSurge(deployment: Deployment): number {
  if (!isRollingUpdate(deployment)) return 0;
  return surgeOf(deployment.spec.strategy?.rollingUpdate?.maxSurge, sizeOf(deployment));
}

/** Pods below `spec.replicas` that may be missing. */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = sizeOf(deployment);
  if (!isRollingUpdate(deployment) || replicas === 0) return 0;
  const rolling = deployment.spec.strategy?.rollingUpdate;
  return Math.min(unavailableOf(rolling?.maxUnavailable, rolling?.maxSurge, replicas), replicas);
}

/** Whether a ReplicaSet was made from this template: equal but for the hash label. */
export function holdsTemplate(replicaSet: ReplicaSet, template: PodTemplateSpec): boolean {
  const held = replicaSet.spec.template;
  return held !== undefined && isSameTemplate(held, template, POD_TEMPLATE_HASH);
}

/** A copy, oldest first, equal times by name. */
export function byCreation(replicaSets: readonly ReplicaSet[]): ReplicaSet[] {
  return [...replicaSets].sort(compareCreation);
}

function compareCreation(a: ReplicaSet, b: ReplicaSet): number {
  const timeA = a.metadata.creationTimestamp ?? '';
  const timeB = b.metadata.creationTimestamp ?? '';
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}

/** A copy, largest first, equal sizes newer first. */
export function bySizeNewer(replicaSets: readonly ReplicaSet[]): ReplicaSet[] {
  return [...replicaSets].sort((a, b) => sizeOf(b) - sizeOf(a) || compareCreation(b, a));
}

/** A copy, largest first, equal sizes older first. */
export function bySizeOlder(replicaSets: readonly ReplicaSet[]): ReplicaSet[] {
  return [...replicaSets].sort((a, b) => sizeOf(b) - sizeOf(a) || compareCreation(a, b));
}

/** A copy, lowest revision first, equal revisions older first. */
export function byRevision(replicaSets: readonly ReplicaSet[]): ReplicaSet[] {
  return [...replicaSets].sort((a, b) => revisionOfReplicaSet(a) - revisionOfReplicaSet(b) || compareCreation(a, b));
}

/** The only ReplicaSet with pods; with none the newest (the new one first); undefined with several. */
export function activeOrLatest(
  newReplicaSet: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const all = newReplicaSet === undefined ? old : [...old, newReplicaSet];
  const active = activeReplicaSets(all);
  if (active.length > 1) return undefined;
  if (active.length === 1) return active[0];
  return newReplicaSet ?? byCreation(old).at(-1);
}

/** Whether the new ReplicaSet has all pods of the Deployment, and they are available. */
export function isSaturated(deployment: Deployment, replicaSet: ReplicaSet | undefined): boolean {
  if (replicaSet === undefined) return false;
  const desired = replicaSet.metadata.annotations?.['deployment.kubernetes.io/desired-replicas'];
  const replicas = sizeOf(deployment);
  return (
    sizeOf(replicaSet) === replicas &&
    desired !== undefined &&
    Number(desired) === replicas &&
    (replicaSet.status?.availableReplicas ?? 0) === replicas
  );
}
