/**
 * Which existing volume satisfies a claim: one that is reserved for it, or the smallest available one that fits. Source: Kubernetes
 * 1.34, component-helpers storage/volume (FindMatchingVolume); the scheduler and the volume controller ask the same.
 */
import { compileSelector } from './label-selector.ts';
import { parseQuantity, type Quantity } from './quantity.ts';
import type { PersistentVolume, PersistentVolumeClaim } from './storage.ts';
import { storageClassNameOf } from './storage-class-name.ts';

/** Set on a claim by the scheduler: where its volume is needed. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** Set on a claim when its volume is bound for good. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** Set on claims and volumes that a controller bound, not a user. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** Set on a claim by the volume controller: who is to make its volume. */
export const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
/** The provisioner of classes whose volumes are made by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** How a volume is looked for. */
export interface VolumeQuery {
  /** Whether the volume can be used where it is needed; always true where no node is chosen. */
  readonly reachable: (volume: PersistentVolume) => boolean;
  /** Volumes that other claims of the pod take. */
  readonly taken: ReadonlySet<PersistentVolume>;
  /** Only a volume that is reserved for the claim will do: the claim waits for a pod. */
  readonly reservedOnly: boolean;
}

/** The volume for a claim; undefined without one. */
export function matchingVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  { reachable, taken, reservedOnly }: VolumeQuery,
): PersistentVolume | undefined {
  const className = storageClassNameOf(claim);
  const wanted = requestOf(claim);
  let smallest: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (storageClassNameOf(volume) !== className || taken.has(volume)) continue;
    const reserved = volume.spec?.claimRef !== undefined;
    if (reserved && !isReservedFor(volume, claim)) continue;
    if (capacityOf(volume).compare(wanted) < 0 || modeOf(volume) !== modeOf(claim)) continue;
    if (attributesOf(volume) !== attributesOf(claim) || volume.metadata.deletionTimestamp !== undefined) continue;
    if (reserved) return reachable(volume) ? volume : undefined;
    if (reservedOnly || !isAvailable(volume, claim) || !reachable(volume)) continue;
    if (smallest === undefined || capacityOf(smallest).compare(capacityOf(volume)) > 0) smallest = volume;
  }
  return smallest;
}

/** Whether a volume names a claim as its own; without a uid the name decides. */
export function isReservedFor({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { name, namespace, uid } = spec?.claimRef ?? {};
  if (name !== claim.metadata.name || (namespace ?? '') !== (claim.metadata.namespace ?? '')) return false;
  return (uid ?? '') === '' || uid === claim.metadata.uid;
}

/** The volume with a claim's name in it, as it is written. */
export function reserveFor(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
  const byUser = volume.spec?.claimRef !== undefined;
  const annotations = byUser
    ? volume.metadata.annotations
    : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  return { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef } };
}

/** The storage that a claim asks for. */
export function requestOf({ spec }: PersistentVolumeClaim): Quantity {
  return parseQuantity(spec?.resources?.requests?.['storage'] ?? '0');
}

function capacityOf({ spec }: PersistentVolume): Quantity {
  return parseQuantity(spec?.capacity?.['storage'] ?? '0');
}

function modeOf({ spec }: PersistentVolume | PersistentVolumeClaim): string {
  return spec?.volumeMode ?? 'Filesystem';
}

/** The VolumeAttributesClass, `''` for none. */
function attributesOf({ spec }: PersistentVolume | PersistentVolumeClaim): string {
  return spec?.volumeAttributesClassName ?? '';
}

function isAvailable(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.status?.phase !== 'Available') return false;
  const selector = claim.spec?.selector;
  if (selector !== undefined && !compileSelector(selector).matches(volume.metadata.labels)) return false;
  return (claim.spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode));
}
