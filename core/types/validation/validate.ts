/**
 * Validation of all built-in kinds: what the server refuses with 422, all causes at once.
 *
 * Expects objects that passed `checkShape` and were defaulted. Parts known to be valid by identity (pod specs) and parts
 * an update did not touch cost nothing.
 */
import { isClaimType, isDeviceTaintRule } from '../claim-types.ts';
import type { ConfigMap } from '../config-map.ts';
import type { ControllerRevision } from '../controller-revision.ts';
import type { DaemonSet } from '../daemon-set.ts';
import type { Deployment } from '../deployment.ts';
import type { EndpointSlice } from '../endpoint-slice.ts';
import type { Event } from '../event.ts';
import type { Job } from '../job.ts';
import type { Lease } from '../lease.ts';
import type { Namespace } from '../namespace.ts';
import type { Node } from '../node.ts';
import type { KubeObject } from '../object.ts';
import type { Pod } from '../pod.ts';
import type { PodDisruptionBudget } from '../pod-disruption-budget.ts';
import { isPodGroup, type PodGroup } from '../pod-group.ts';
import type { PriorityClass } from '../priority-class.ts';
import type { ReplicaSet } from '../replica-set.ts';
import * as types from '../resource-type.ts';
import type { Secret } from '../secret.ts';
import type { Service } from '../service.ts';
import type { StatefulSet } from '../stateful-set.ts';
import { StatusError } from '../status-error.ts';
import { validateSlice } from './device-slices.ts';
import * as devices from './devices.ts';
import { validateEndpoints } from './endpoints.ts';
import { FieldErrors } from './field-errors.ts';
import { validateAnyJobStatus } from './job-status.ts';
import { validateMeta, validateMetaUpdate } from './object-meta.ts';
import * as others from './others.ts';
import { validatePodGroup } from './pod-groups.ts';
import { validatePod, validatePodUpdate } from './pod-spec.ts';
import { validateService, validateServiceUpdate } from './services.ts';
import { validateOutsideStatus } from './status-rules.ts';
import { validateTaintRule } from './taint-rules.ts';
import * as volumes from './volumes.ts';
import * as workloads from './workloads.ts';

interface Rules {
  /** Rules of the content, for creates and for updates that change it. */
  readonly content: Rule<KubeObject>;
  /** Rules between the old and the new content. */
  readonly change: ((next: KubeObject, old: KubeObject, errors: FieldErrors) => void) | undefined;
  /** Rules of the content that components are known to keep. */
  readonly outside: Rule<KubeObject> | undefined;
  /** Rules of what an update does not look at again. */
  readonly fresh: Rule<KubeObject> | undefined;
  /** Kinds whose content is not under `spec` are checked on every update. */
  readonly hasSpec: boolean;
}

type Rule<T> = (object: T, errors: FieldErrors) => void;

function rules<T extends KubeObject>(
  hasSpec: boolean,
  content: Rule<T>,
  change?: (next: T, old: T, errors: FieldErrors) => void,
  { outside, fresh }: { readonly outside?: Rule<T>; readonly fresh?: Rule<T> } = {},
): Rules {
  return { content, change, outside, fresh, hasSpec } as Rules;
}

const BY_TYPE = new Map<number, Rules>([
  [types.PODS.id, rules<Pod>(true, validatePod, validatePodUpdate)],
  [
    types.DEPLOYMENTS.id,
    rules<Deployment>(true, workloads.validateDeployment, (next, old, errors) =>
      workloads.validateSelectorUnchanged(next.spec, old.spec, errors),
    ),
  ],
  [
    types.REPLICASETS.id,
    rules<ReplicaSet>(true, workloads.validateReplicaSet, (next, old, errors) =>
      workloads.validateSelectorUnchanged(next.spec, old.spec, errors),
    ),
  ],
  [
    types.DAEMONSETS.id,
    rules<DaemonSet>(true, workloads.validateDaemonSet, (next, old, errors) =>
      workloads.validateSelectorUnchanged(next.spec, old.spec, errors),
    ),
  ],
  [
    types.STATEFULSETS.id,
    rules<StatefulSet>(true, workloads.validateStatefulSet, workloads.validateStatefulSetUpdate, {
      fresh: workloads.validateNewStatefulSet,
    }),
  ],
  [
    types.JOBS.id,
    rules<Job>(true, workloads.validateJob, workloads.validateJobUpdate, { fresh: workloads.validateNewJob }),
  ],
  [types.SERVICES.id, rules<Service>(true, validateService, validateServiceUpdate)],
  [types.PODDISRUPTIONBUDGETS.id, rules<PodDisruptionBudget>(true, others.validateBudget)],
  [
    types.PRIORITYCLASSES.id,
    rules<PriorityClass>(false, others.validatePriorityClass, others.validatePriorityClassUpdate),
  ],
  [types.LEASES.id, rules<Lease>(true, others.validateLease)],
  [
    types.NAMESPACES.id,
    rules<Namespace>(true, () => {}, others.validateFinalized, { fresh: others.validateNewNamespace }),
  ],
  [types.NODES.id, rules<Node>(false, others.validateNode, others.validateNodeUpdate)],
  [
    types.ENDPOINTSLICES.id,
    rules<EndpointSlice>(false, others.validateEndpointSlice, others.validateEndpointSliceUpdate, {
      outside: validateEndpoints,
    }),
  ],
  [types.EVENTS.id, rules<Event>(false, others.validateEvent)],
  [types.CONFIGMAPS.id, rules<ConfigMap>(false, others.validateConfigMap, others.validateDataUpdate)],
  [types.SECRETS.id, rules<Secret>(false, others.validateSecret, others.validateDataUpdate)],
  [
    types.CONTROLLERREVISIONS.id,
    rules<ControllerRevision>(false, others.validateRevision, others.validateRevisionUpdate),
  ],
]);

/** Rules of the types of claims, which have a number of their own in each cluster. */
const BY_CLAIM_KIND: ReadonlyMap<string, Rules> = new Map([
  ['PersistentVolumeClaim', rules(true, volumes.validateVolumeClaim)],
  ['PersistentVolume', rules(true, volumes.validateVolume)],
  ['StorageClass', rules(false, volumes.validateStorageClass)],
  ['CSINode', rules(true, volumes.validateCsiNode)],
  ['CSIStorageCapacity', rules(false, volumes.validateStorageCapacity)],
  ['ResourceClaim', rules(true, devices.validateDeviceClaim)],
  ['ResourceClaimTemplate', rules(true, devices.validateClaimTemplate)],
  ['DeviceClass', rules(true, devices.validateDeviceClass)],
  ['ResourceSlice', rules(true, validateSlice)],
]);

/** The version of its type is what manifests say. */
const POD_GROUP = rules<PodGroup>(true, validatePodGroup);
const TAINT_RULE = rules(true, validateTaintRule);

function rulesOf(type: types.ResourceType): Rules | undefined {
  const builtIn = BY_TYPE.get(type.id);
  if (builtIn !== undefined) return builtIn;
  if (isClaimType(type)) return BY_CLAIM_KIND.get(type.kind);
  if (isPodGroup(type)) return POD_GROUP;
  return isDeviceTaintRule(type) ? TAINT_RULE : undefined;
}

/** Kinds whose spec is no pointer: one left out is empty, and told what it lacks. */
export const NEEDS_SPEC: ReadonlySet<number> = new Set([
  types.PODS.id,
  types.DEPLOYMENTS.id,
  types.REPLICASETS.id,
  types.DAEMONSETS.id,
  types.STATEFULSETS.id,
  types.JOBS.id,
  types.SERVICES.id,
]);

function result(type: types.ResourceType, object: KubeObject, errors: FieldErrors): StatusError | null {
  if (errors.causes.length === 0) return null;
  const { name, generateName } = object.metadata;
  return StatusError.invalid(type, (name ?? '') === '' ? (generateName ?? '') : name, errors.causes);
}

/** Checks an object to be created, by a component unless `isOutside`; null when it is valid. */
export function validateCreate(type: types.ResourceType, object: KubeObject, isOutside = true): StatusError | null {
  const errors = new FieldErrors();
  validateMeta(type, object.metadata, errors);
  if (NEEDS_SPEC.has(type.id) && (object.spec === undefined || object.spec === null)) errors.required('spec');
  else {
    const entry = rulesOf(type);
    entry?.content(object, errors);
    entry?.fresh?.(object, errors);
    if (isOutside) entry?.outside?.(object, errors);
  }
  return result(type, object, errors);
}

/** Checks the metadata alone of an object to be created whose content is known to be valid; null when it is. */
export function validateNewMetadata(type: types.ResourceType, object: KubeObject): StatusError | null {
  const errors = new FieldErrors();
  validateMeta(type, object.metadata, errors);
  return result(type, object, errors);
}

/** Checks an update (of the spec; the status is taken as it is) by a component, unless `isOutside`, against the stored object; null when it is valid. */
export function validateUpdate(
  type: types.ResourceType,
  next: KubeObject,
  old: KubeObject,
  isOutside = true,
): StatusError | null {
  const errors = new FieldErrors();
  validateMetaUpdate(type, next.metadata, old.metadata, false, errors);
  const entry = rulesOf(type);
  if (entry === undefined || (entry.hasSpec && next.spec === old.spec)) return result(type, next, errors);
  if (NEEDS_SPEC.has(type.id) && (next.spec === undefined || next.spec === null)) errors.required('spec');
  else {
    entry.content(next, errors);
    entry.change?.(next, old, errors);
    if (isOutside) entry.outside?.(next, errors);
  }
  return result(type, next, errors);
}

/** Checks an update that leaves the content alone; null when it is valid. */
export function validateNextMetadata(type: types.ResourceType, next: KubeObject, old: KubeObject): StatusError | null {
  const errors = new FieldErrors();
  validateMetaUpdate(type, next.metadata, old.metadata, false, errors);
  return result(type, next, errors);
}

/** Checks an update of the `status` subresource; of a component's, which writes what it saw, little besides the metadata. */
export function validateStatusUpdate(
  type: types.ResourceType,
  next: KubeObject,
  old: KubeObject,
  isOutside = true,
): StatusError | null {
  const errors = new FieldErrors();
  validateMetaUpdate(type, next.metadata, old.metadata, true, errors);
  if (type === types.JOBS) validateAnyJobStatus(next as Job, old as Job, errors);
  if (isOutside && next.status !== old.status) validateOutsideStatus(type, next, old, errors);
  return result(type, next, errors);
}
