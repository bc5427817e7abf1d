/**
 * What the server refuses in a status that comes from outside; components write what they saw and are not looked at.
 *
 * What is not here it stores: a phase that nobody knows, a negative restartCount. Source: Kubernetes 1.34, pkg/apis/core/validation
 * (ValidatePodStatusUpdate, ValidateNamespaceStatusUpdate, ValidateNodeUpdate, ValidatePersistentVolumeClaimStatusUpdate), pkg/apis/apps/validation,
 * pkg/apis/policy/validation, pkg/apis/resource/validation.
 */
import { isClaimType } from '../claim-types.ts';
import { withoutNulls } from '../defaults/without-nulls.ts';
import type { Job } from '../job.ts';
import { type JsonRecord, jsonEqual } from '../json-value.ts';
import type { Node } from '../node.ts';
import type { KubeObject } from '../object.ts';
import type { Pod } from '../pod.ts';
import * as types from '../resource-type.ts';
import { at, type FieldErrors } from './field-errors.ts';
import { validateOutsideJobStatus } from './job-status.ts';
import { validateNode } from './others.ts';
import { validatePodStatus } from './pod-status.ts';
import { validateResourceList } from './resources.ts';
import type { Shape } from './shape-parts.ts';
import { shapeOf } from './shapes.ts';
import { CONDITION_STATUSES, isWithin } from './value-limits.ts';

/** Reports what is wrong with the status of `given`, whose types are right and which was that of `stored`. */
export function validateOutsideStatus(
  type: types.ResourceType,
  given: KubeObject,
  stored: KubeObject,
  errors: FieldErrors,
): void {
  const [status, before] = [given, stored].map((each) => withoutNulls(each.status ?? {})) as [JsonRecord, JsonRecord];
  const [next, old]: [KubeObject, KubeObject] = [
    { ...given, status },
    { ...stored, status: before },
  ];
  const shape = shapeOf(type);
  if (typeof shape === 'object' && 'fields' in shape) validateCounts(status, shape.fields['status'], 'status', errors);
  const parts = PARTS_OF_REPLICAS.get(type.id);
  if (parts !== undefined) validateReplicas(parts, status, errors);
  if (status['collisionCount'] !== before['collisionCount']) validateCollisions(status, before, errors);
  if (type === types.PODS) validatePodStatus(next as Pod, old as Pod, errors);
  else if (type === types.JOBS) validateOutsideJobStatus(next as Job, old as Job, errors);
  else if (type === types.NODES) validateNodeStatus(next as Node, errors);
  else if (type === types.NAMESPACES) validatePhase(next, errors);
  else if (type === types.PODDISRUPTIONBUDGETS) validateConditions(status['conditions'], 'status.conditions', errors);
  else if (isClaimType(type)) validateClaimStatus(type.kind, status, before, errors);
}

/** Numbers that count are not negative, by the table; the server looks at no text there. */
function validateCounts(value: unknown, shape: Shape | undefined, path: string, errors: FieldErrors): void {
  if (value === undefined || value === null || shape === undefined || typeof shape === 'string') return;
  if (shape.scalar !== undefined) {
    if (shape.isRefused && !isWithin(value, shape)) errors.nonNegative(path, value as number);
  } else if (shape.list !== undefined) {
    for (const [i, item] of (value as readonly unknown[]).entries())
      validateCounts(item, shape.list, at(path, i), errors);
  } else if (shape.entries === undefined) {
    const fields = value as JsonRecord;
    for (const name in fields) validateCounts(fields[name], shape.fields[name], `${path}.${name}`, errors);
  }
}

/** Of the replicas these are some. */
const PARTS_OF_REPLICAS: ReadonlyMap<number, readonly string[]> = new Map([
  [types.DEPLOYMENTS.id, ['updatedReplicas', 'readyReplicas', 'availableReplicas']],
  [types.REPLICASETS.id, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']],
  [types.STATEFULSETS.id, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']],
]);

function validateReplicas(parts: readonly string[], status: JsonRecord, errors: FieldErrors): void {
  const count = (name: string): number => (status[name] as number | undefined) ?? 0;
  for (const name of parts) {
    if (count(name) > count('replicas'))
      errors.invalid(`status.${name}`, count(name), 'cannot be greater than status.replicas');
  }
  if (count('availableReplicas') > count('readyReplicas'))
    errors.invalid('status.availableReplicas', count('availableReplicas'), 'cannot be greater than readyReplicas');
}

function validateCollisions(status: JsonRecord, before: JsonRecord, errors: FieldErrors): void {
  const count = (status['collisionCount'] as number | undefined) ?? 0;
  if (count < ((before['collisionCount'] as number | undefined) ?? 0))
    errors.invalid('status.collisionCount', count, 'cannot be decremented');
}

function validateNodeStatus(node: Node, errors: FieldErrors): void {
  validateNode(node, errors);
  const seen = new Set<string>();
  const addresses = (node.status?.addresses ?? []) as readonly { readonly type?: string; readonly address?: string }[];
  addresses.forEach((address, i) => {
    const key = JSON.stringify([address.type, address.address]);
    if (seen.has(key)) errors.duplicate(at('status.addresses', i), address);
    seen.add(key);
  });
}

/** The phase of a namespace follows from whether it is deleted. */
function validatePhase({ metadata, status }: KubeObject, errors: FieldErrors): void {
  const { phase } = (status ?? {}) as { readonly phase?: string };
  const [expected, when] = metadata.deletionTimestamp === undefined ? ['Active', ''] : ['Terminating', 'not '];
  if (phase === expected) return;
  const detail = `may only be '${expected}' if \`deletionTimestamp\` is ${when}empty`;
  errors.invalid('status.Phase', phase ?? '', detail);
}

/** meta/v1 conditions, which the server knows better than those of pods and nodes. */
function validateConditions(conditions: unknown, path: string, errors: FieldErrors): void {
  ((conditions ?? []) as readonly JsonRecord[]).forEach(({ type, status, reason, lastTransitionTime }, i) => {
    const field = at(path, i);
    if ((type ?? '') === '') errors.required(`${field}.type`);
    if (!CONDITION_STATUSES.includes(status as string))
      errors.notSupported(`${field}.status`, status ?? '', CONDITION_STATUSES);
    if (lastTransitionTime === undefined) errors.required(`${field}.lastTransitionTime`);
    if ((reason ?? '') === '') errors.required(`${field}.reason`);
  });
}

function validateClaimStatus(kind: string, status: JsonRecord, before: JsonRecord, errors: FieldErrors): void {
  if (kind === 'PersistentVolumeClaim') {
    validateResourceList(status['capacity'] as Readonly<Record<string, string>> | undefined, 'status.capacity', errors);
  }
  if (kind !== 'ResourceClaim') return;
  const { allocation, reservedFor } = status;
  const consumers = (reservedFor ?? []) as readonly JsonRecord[];
  consumers.forEach((consumer, i) => {
    for (const name of ['resource', 'name', 'uid'] as const)
      if ((consumer[name] ?? '') === '') errors.required(`${at('status.reservedFor', i)}.${name}`);
  });
  if (consumers.length > 0 && allocation === undefined)
    errors.forbidden('status.reservedFor', 'may not be specified when `allocated` is not set');
  const old = before['allocation'];
  if (old !== undefined && allocation !== undefined && !jsonEqual(old, allocation))
    errors.immutable('status.allocation', allocation);
}
