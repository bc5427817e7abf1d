/**
 * Queueing hints of the plugins that look at volumes, claims and devices (Kubernetes 1.34): which objects that came, changed
 * or went may help a pod that such a plugin rejected.
 */
import { claimNameOf, type ResourceClaim } from '../../types/device.ts';
import type { KubeObject } from '../../types/object.ts';
import type { Pod, Volume } from '../../types/pod.ts';
import { amountOf } from '../../types/quantity.ts';
import type { CsiDriver, CsiNode, CsiStorageCapacity, StorageClass, VolumeAttachment } from '../../types/storage.ts';
import type { ClusterObjects } from '../framework/cluster-objects.ts';
import { claimObjectsOf } from '../framework/devices/device-claims.ts';
import { inlineDriver, MIGRATED_PLUGINS } from '../framework/in-tree-volumes.ts';
import { disksConflict } from '../framework/plugins/volume-restrictions.ts';
import { zoneLabelsDiffer } from '../framework/plugins/volume-zone.ts';
import { claimsOf } from '../framework/pod-claims.ts';
import { differs, type PodGoneEvent, type VolumeEvent } from './cluster-event.ts';

/** Kinds that devices hang on. */
const DEVICE_KINDS: readonly string[] = ['ResourceSlice', 'DeviceClass', 'DeviceTaintRule'];

/** VolumeRestrictions: a pod of the namespace that used one of the pod's disks or claims is gone. */
export function freesVolume(pod: Pod, { pod: gone }: PodGoneEvent): boolean {
  if (pod.metadata.namespace !== gone.metadata.namespace) return false;
  if ((pod.spec.volumes ?? []).some((volume) => disksConflict(volume, gone))) return true;
  const lost = claimsOf(gone);
  return claimsOf(pod).some((own) => !own.ephemeral && lost.some((each) => !each.ephemeral && each.name === own.name));
}

/** VolumeRestrictions: a claim of the pod came. */
export function bringsClaim(pod: Pod, { object, old }: VolumeEvent): boolean {
  return object.kind === 'PersistentVolumeClaim' && old === undefined && isOwnClaim(pod, object);
}

/** NodeVolumeLimits: limits came or rose, a claim of the pod came, or a volume is attached no more. */
export function raisesVolumeLimit(pod: Pod, { object, old, gone }: VolumeEvent): boolean {
  if (object.kind === 'VolumeAttachment') {
    const attacher = (object as VolumeAttachment).spec?.attacher ?? '';
    const isOwn = (volume: Volume) =>
      volume.persistentVolumeClaim !== undefined || (attacher !== '' && inlineDriver(volume) === attacher);
    return gone && (pod.spec.volumes ?? []).some(isOwn);
  }
  if (object.kind === 'PersistentVolumeClaim') return old === undefined && isClaimOf(pod, object);
  return object.kind === 'CSINode' && !gone && (old === undefined || limitRose(old as CsiNode, object as CsiNode));
}

/** VolumeBinding: something that the pod's claims can be bound by, or made from. */
export function helpsBinding(pod: Pod, { object, old, gone }: VolumeEvent): boolean {
  if (gone) return false;
  switch (object.kind) {
    case 'PersistentVolume':
      return true;
    case 'PersistentVolumeClaim':
      return isClaimOf(pod, object);
    case 'StorageClass':
      return (
        old === undefined ||
        differs((old as StorageClass).allowedTopologies, (object as StorageClass).allowedTopologies)
      );
    case 'CSINode':
      return old === undefined || migratedPlugins(old) !== migratedPlugins(object);
    case 'CSIDriver':
      return publishesCapacity(old) && !publishesCapacity(object) && hasInlineVolume(pod, object.metadata.name);
    case 'CSIStorageCapacity':
      return old === undefined || capacityOf(object) > capacityOf(old);
    default:
      return false;
  }
}

/** VolumeZone: the pod's claim, a volume in another zone, or a class that waits for the first consumer. */
export function helpsZone(pod: Pod, { object, old, gone }: VolumeEvent): boolean {
  if (gone) return false;
  if (object.kind === 'PersistentVolumeClaim') return isOwnClaim(pod, object);
  if (object.kind === 'PersistentVolume') return old === undefined || zoneLabelsDiffer(old.metadata, object.metadata);
  if (object.kind !== 'StorageClass' || old !== undefined) return false;
  return (object as StorageClass).volumeBindingMode === 'WaitForFirstConsumer';
}

/**
 * DynamicResources: a claim helps whoever names it, and everybody when its devices are free again; but nobody one of whose own
 * claims is missing, going or another pod's.
 */
export function helpsDevices(pod: Pod, event: VolumeEvent, objects: ClusterObjects): boolean {
  if (event.object.kind !== 'ResourceClaim') return DEVICE_KINDS.includes(event.object.kind);
  return (freesDevices(event) || bringsOwnDevices(pod, event)) && hasItsClaims(pod, objects);
}

/** Whether all claims for devices that a pod names are there for it. */
export function hasItsClaims(pod: Pod, objects: ClusterObjects): boolean {
  return typeof claimObjectsOf(pod, objects) !== 'string';
}

function freesDevices({ object, old, gone }: VolumeEvent): boolean {
  const allocated = (claim: ResourceClaim | undefined) => claim?.status?.allocation !== undefined;
  return allocated(old as ResourceClaim | undefined) && (gone || !allocated(object as ResourceClaim));
}

function bringsOwnDevices(pod: Pod, { object, old, gone }: VolumeEvent): boolean {
  const { namespace, name } = object.metadata;
  if (gone || namespace !== pod.metadata.namespace) return false;
  if (!(pod.spec.resourceClaims ?? []).some((entry) => claimNameOf(pod, entry) === name)) return false;
  return old === undefined || differs((old as ResourceClaim).status, (object as ResourceClaim).status);
}

function migratedPlugins({ metadata }: KubeObject): string {
  return metadata.annotations?.[MIGRATED_PLUGINS] ?? '';
}

function publishesCapacity(driver: KubeObject | undefined): boolean {
  return (driver as CsiDriver | undefined)?.spec?.storageCapacity === true;
}

/** Whether a claim is one that the pod's volumes name: plugins that look at these only do not see those of ephemeral volumes. */
function isOwnClaim(pod: Pod, { metadata }: KubeObject): boolean {
  if (metadata.namespace !== pod.metadata.namespace) return false;
  return claimsOf(pod).some(({ name, ephemeral }) => !ephemeral && name === metadata.name);
}

function isClaimOf(pod: Pod, { metadata }: KubeObject): boolean {
  return metadata.namespace === pod.metadata.namespace && claimsOf(pod).some(({ name }) => name === metadata.name);
}

/** Whether the pod has a volume inside its spec that a driver makes: upstream thinks of no other pod when a driver changes. */
function hasInlineVolume(pod: Pod, driver: string): boolean {
  return (pod.spec.volumes ?? []).some(
    (volume) => (volume['csi'] as { driver?: string } | undefined)?.driver === driver,
  );
}

/** Whether a node may have more volumes of some driver than before; a driver without a limit counts as one of 0. */
function limitRose(old: CsiNode, now: CsiNode): boolean {
  const limitOf = ({ spec }: CsiNode, driver: string) =>
    spec?.drivers?.find(({ name }) => name === driver)?.allocatable?.count ?? 0;
  return (now.spec?.drivers ?? []).some(({ name }) => limitOf(now, name) > limitOf(old, name));
}

/** Largest volume that the storage has room for, bytes; −1 when it does not say. */
function capacityOf({ maximumVolumeSize, capacity }: CsiStorageCapacity): number {
  const limit = maximumVolumeSize ?? capacity;
  return limit === undefined ? -1 : amountOf('storage', limit);
}
