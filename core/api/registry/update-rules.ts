/**
 * What an update may change, kind by kind: which parts come from the request and which stay, and what counts as a new
 * generation.
 *
 * Source: Kubernetes 1.34, PrepareForUpdate of each registry's strategy.
 */
import { jsonEqual } from '../../types/json-value.ts';
import type { Namespace } from '../../types/namespace.ts';
import type { KubeObject, ObjectMeta, OwnerReference, StringMap } from '../../types/object.ts';
import type { Container, PodSpec } from '../../types/pod.ts';
import { DEPLOYMENTS, ENDPOINTSLICES, NAMESPACES, PODS, type ResourceType } from '../../types/resource-type.ts';
import { freshMeta, versionMeta } from '../../types/version-meta.ts';
import type { Subresource } from '../../types/wire.ts';

/** Kinds whose updates must carry a resourceVersion (AllowUnconditionalUpdate false). */
const NEED_VERSION: ReadonlySet<string> = new Set(['CSINode', 'CSIStorageCapacity', 'Lease', 'PodDisruptionBudget']);

/** Whether an update without resourceVersion is refused. */
export function needsVersion(type: ResourceType): boolean {
  return NEED_VERSION.has(type.kind) || !type.simulated;
}

/** `next` itself, or `old` when both say the same: equal parts keep one identity. */
function shared<T>(next: T, old: T): T {
  return next !== old && jsonEqual(next, old) ? old : next;
}

/** A list of the next version; an empty one is stored as none (`omitempty`). */
function nextList<T>(given: readonly T[] | undefined, old: readonly T[] | undefined): readonly T[] | undefined {
  return given === old ? old : shared(given?.length === 0 ? undefined : given, old);
}

/** Owners, each once; itself with one or none, as is usual. Source: Kubernetes 1.34, endpoints/handlers/create.go dedupOwnerReferences. */
export function withoutDoubles(owners: readonly OwnerReference[] | undefined): readonly OwnerReference[] | undefined {
  if (owners === undefined || owners.length < 2) return owners;
  const once = owners.filter((owner, i) => owners.findIndex((other) => jsonEqual(other, owner)) === i);
  return once.length === owners.length ? owners : once;
}

/** A map of the next version; an empty one is stored as none. */
function nextMap(given: StringMap | undefined, old: StringMap | undefined): StringMap | undefined {
  if (given === old) return old;
  return shared(given === undefined || Object.keys(given).length === 0 ? undefined : given, old);
}

/** Metadata of the next version: identity from the stored object, the rest from the request. */
export function nextMetadata(
  type: ResourceType,
  subresource: Subresource,
  given: ObjectMeta,
  old: ObjectMeta,
  generation: number | undefined,
): ObjectMeta {
  const status = subresource === 'status';
  const ofPodStatus = status && type === PODS;
  const labels = status && type === DEPLOYMENTS ? old.labels : nextMap(given.labels, old.labels);
  const annotations = nextMap(given.annotations, old.annotations);
  const owners = ofPodStatus
    ? old.ownerReferences
    : nextList(withoutDoubles(given.ownerReferences), old.ownerReferences);
  const finalizers = nextList(given.finalizers, old.finalizers);
  // A prefix has no meaning any more, and clients may write one.
  const generateName = (given.generateName ?? '') === '' ? undefined : given.generateName;
  // A mark of deletion is neither set nor moved by an update, nor taken away; one that is already there may be left out.
  const isKept = ofPodStatus || old.deletionTimestamp !== undefined;
  const deletionTimestamp = isKept ? old.deletionTimestamp : (given.deletionTimestamp ?? undefined);
  const grace = given.deletionGracePeriodSeconds ?? old.deletionGracePeriodSeconds;
  const isSame =
    labels === old.labels &&
    annotations === old.annotations &&
    generation === old.generation &&
    owners === old.ownerReferences &&
    finalizers === old.finalizers &&
    generateName === old.generateName &&
    deletionTimestamp === old.deletionTimestamp &&
    grace === old.deletionGracePeriodSeconds;
  if (isSame) return freshMeta(old);
  return versionMeta(
    old.name,
    generateName,
    old.namespace,
    old.uid,
    generation,
    old.creationTimestamp,
    deletionTimestamp,
    grace,
    labels,
    annotations,
    owners,
    finalizers,
  );
}

/** The spec of the next version. */
export function nextSpec(type: ResourceType, subresource: Subresource, given: unknown, old: unknown): unknown {
  if (subresource === 'status') return old;
  if (subresource === 'resize') return withResources(given as PodSpec, old as PodSpec);
  // A namespace's finalizers change by its own subresource only.
  if (type === NAMESPACES && subresource !== 'finalize') {
    return old;
  }
  return shared(given, old);
}

/** A pod's spec with the amounts of another: what the resize subresource may change (podResizeStrategy). */
function withResources(given: PodSpec, old: PodSpec): PodSpec {
  const resized = (next: readonly Container[] | undefined, before: readonly Container[] | undefined) => {
    return before?.map((container) => {
      const resources = next?.find(({ name }) => name === container.name)?.resources;
      return resources === undefined || jsonEqual(resources, container.resources)
        ? container
        : { ...container, resources };
    });
  };
  const containers = resized(given.containers, old.containers) as readonly Container[];
  const initContainers = resized(given.initContainers, old.initContainers);
  return shared({ ...old, containers, ...(initContainers === undefined ? {} : { initContainers }) }, old);
}

/** The status of the next version; only the subresource changes it where there is one. */
export function nextStatus(type: ResourceType, subresource: Subresource, given: unknown, old: unknown): unknown {
  if (!type.hasStatus) return given;
  return subresource === 'status' ? shared(given, old) : old;
}

/** Whether a change from `old` to `next` is a new generation. `next` has its final spec; equal parts are identical. */
export function isNewGeneration(
  type: ResourceType,
  subresource: Subresource,
  next: KubeObject,
  old: KubeObject,
): boolean {
  if (!type.hasGeneration || subresource === 'status') return false;
  if (type === ENDPOINTSLICES) return !sameBody(next, old) || !jsonEqual(next.metadata.labels, old.metadata.labels);
  if (next.spec !== old.spec) return true;
  if (type === DEPLOYMENTS) return !jsonEqual(next.metadata.annotations, old.metadata.annotations);
  return !type.simulated && !sameBody(next, old);
}

/** Whether everything but metadata and status is equal. */
function sameBody(next: KubeObject, old: KubeObject): boolean {
  const left = next as unknown as Record<string, unknown>;
  const right = old as unknown as Record<string, unknown>;
  for (const key in left) {
    if (key !== 'metadata' && key !== 'status' && !jsonEqual(left[key], right[key])) return false;
  }
  for (const key in right) if (right[key] !== undefined && left[key] === undefined && key !== 'status') return false;
  return true;
}

/** Whether two versions differ in nothing but resourceVersion. */
export function sameContent(next: KubeObject, old: KubeObject): boolean {
  const left = next as unknown as Record<string, unknown>;
  const right = old as unknown as Record<string, unknown>;
  for (const key in left) if (key !== 'metadata' && !sameField(left[key], right[key])) return false;
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false;
  return sameMetadata(next.metadata, old.metadata);
}

function sameField(left: unknown, right: unknown): boolean {
  return left === right || jsonEqual(left, right);
}

function sameMetadata(left: ObjectMeta, right: ObjectMeta): boolean {
  return (
    left.generation === right.generation &&
    left.generateName === right.generateName &&
    left.deletionTimestamp === right.deletionTimestamp &&
    left.deletionGracePeriodSeconds === right.deletionGracePeriodSeconds &&
    sameField(left.labels, right.labels) &&
    sameField(left.annotations, right.annotations) &&
    sameField(left.ownerReferences, right.ownerReferences) &&
    sameField(left.finalizers, right.finalizers)
  );
}

/**
 * Whether an update that leads to `next` is in truth the end of the object: deletion was asked for, no grace is left,
 * and the last finalizer is gone. `endsHeld`: a planted bug, see declarations.ts. Source: registry/generic ShouldDeleteDuringUpdate, and the namespace registry's.
 */
export function endsObject(type: ResourceType, next: KubeObject, old: KubeObject, endsHeld: boolean): boolean {
  if (old.metadata.deletionTimestamp === undefined) return false;
  if ((next.metadata.finalizers?.length ?? 0) > 0 && !endsHeld) return false;
  if ((old.metadata.deletionGracePeriodSeconds ?? 0) !== 0) return false;
  return type !== NAMESPACES || ((next as Namespace).spec?.finalizers?.length ?? 0) === 0;
}
