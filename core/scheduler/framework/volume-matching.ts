/**
 * Which volumes can satisfy which claims on a node: existing ones (the smallest that fits), or ones to be provisioned.
 * Source: Kubernetes 1.34, plugins volumebinding/binder.go and component-helpers storage/volume.
 */
import { compileSelector } from '../../types/label-selector.ts';
import type { StringMap } from '../../types/object.ts';
import { parseQuantity, type Quantity } from '../../types/quantity.ts';
import type {
  CsiDriver,
  CsiStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../types/storage.ts';
import { storageClassNameOf } from '../../types/storage-class-name.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { anyTermMatches } from './node-selector.ts';
import { CycleError } from './status.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** Whether claims that wait for a consumer find volumes on a node. */
export interface VolumeSearch {
  readonly bindable: boolean;
  readonly enoughSpace: boolean;
}

const FOUND: VolumeSearch = { bindable: true, enoughSpace: true };
const NOT_BINDABLE: VolumeSearch = { bindable: false, enoughSpace: true };
const NO_SPACE: VolumeSearch = { bindable: true, enoughSpace: false };

/** Whether a storage class binds its claims only when a pod needs them. @throws CycleError for a class without a mode. */
export function waitsForConsumer(objects: ClusterObjects, className: string): boolean {
  if (className === '') return false;
  const storageClass = objects.get<StorageClass>('StorageClass', '', className);
  if (storageClass === undefined) return false;
  if (storageClass.volumeBindingMode === undefined) {
    throw new CycleError(`VolumeBindingMode not set for StorageClass "${className}"`);
  }
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer';
}

/** Whether the volumes of bound claims can be used from a node with these labels; the first that cannot decides. */
export function boundVolumesFit(
  objects: ClusterObjects,
  claims: readonly PersistentVolumeClaim[],
  labels: StringMap,
): 'fits' | 'conflict' | 'missing' {
  for (const { spec } of claims) {
    const volume = objects.get<PersistentVolume>('PersistentVolume', '', spec?.volumeName ?? '');
    if (volume === undefined) return 'missing';
    if (!allowsNode(volume, labels)) return 'conflict';
  }
  return 'fits';
}

/** Looks for volumes for all claims that wait. */
export function findVolumes(
  objects: ClusterObjects,
  claims: readonly PersistentVolumeClaim[],
  nodeName: string,
  labels: StringMap,
): VolumeSearch {
  const toProvision: PersistentVolumeClaim[] = [];
  const toMatch: PersistentVolumeClaim[] = [];
  for (const claim of claims) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== nodeName) return NOT_BINDABLE;
    (selected === undefined ? toMatch : toProvision).push(claim);
  }
  const chosen = new Set<PersistentVolume>();
  for (const claim of toMatch.sort((a, b) => requestOf(a).compare(requestOf(b)))) {
    const volume = smallestMatch(objects, claim, labels, chosen);
    if (volume === undefined) toProvision.push(claim);
    else chosen.add(volume);
  }
  return canProvision(objects, toProvision, labels);
}

function smallestMatch(
  objects: ClusterObjects,
  claim: PersistentVolumeClaim,
  labels: StringMap,
  chosen: ReadonlySet<PersistentVolume>,
): PersistentVolume | undefined {
  const className = storageClassNameOf(claim);
  const wanted = requestOf(claim);
  let smallest: PersistentVolume | undefined;
  for (const volume of objects.list<PersistentVolume>('PersistentVolume')) {
    if (storageClassNameOf(volume) !== className || chosen.has(volume)) continue;
    const reserved = volume.spec?.claimRef !== undefined;
    if (reserved && !isReservedFor(volume, claim)) continue;
    if (capacityOf(volume).compare(wanted) < 0 || modeOf(volume) !== modeOf(claim)) continue;
    if (volume.metadata.deletionTimestamp !== undefined) continue;
    if (reserved) return allowsNode(volume, labels) ? volume : undefined;
    if (!isAvailable(volume, claim) || !allowsNode(volume, labels)) continue;
    if (smallest === undefined || capacityOf(smallest).compare(capacityOf(volume)) > 0) smallest = volume;
  }
  return smallest;
}

function isReservedFor({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { name, namespace, uid } = spec?.claimRef ?? {};
  if (name !== claim.metadata.name || (namespace ?? '') !== (claim.metadata.namespace ?? '')) return false;
  return (uid ?? '') === '' || uid === claim.metadata.uid;
}

function isAvailable(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.status?.phase !== 'Available') return false;
  const selector = claim.spec?.selector;
  if (selector !== undefined && !compileSelector(selector).matches(volume.metadata.labels)) return false;
  return (claim.spec?.accessModes ?? []).every((mode) => volume.spec?.accessModes?.includes(mode));
}

function canProvision(
  objects: ClusterObjects,
  claims: readonly PersistentVolumeClaim[],
  labels: StringMap,
): VolumeSearch {
  for (const claim of claims) {
    const className = storageClassNameOf(claim);
    if (className === '')
      throw new CycleError(`no class for claim "${claim.metadata.namespace}/${claim.metadata.name}"`);
    const storageClass = objects.get<StorageClass>('StorageClass', '', className);
    if (storageClass === undefined) throw new CycleError(`failed to find storage class "${className}"`);
    const provisioner = storageClass.provisioner ?? '';
    if (provisioner === '' || provisioner === NO_PROVISIONER) return NOT_BINDABLE;
    if (!topologyAllows(storageClass, labels)) return NOT_BINDABLE;
    if (!hasCapacity(objects, provisioner, claim, className, labels)) return NO_SPACE;
  }
  return FOUND;
}

/** allowedTopologies: terms OR-ed, expressions AND-ed; none at all allows every node. */
function topologyAllows({ allowedTopologies }: StorageClass, labels: StringMap): boolean {
  if (allowedTopologies === undefined || allowedTopologies.length === 0) return true;
  return allowedTopologies.some(({ matchLabelExpressions }) => {
    const expressions = matchLabelExpressions ?? [];
    if (expressions.length === 0) return false;
    return expressions.every(({ key, values }) => labels[key] !== undefined && values?.includes(labels[key]));
  });
}

/** Only drivers that publish their capacity are asked for it. */
function hasCapacity(
  objects: ClusterObjects,
  provisioner: string,
  claim: PersistentVolumeClaim,
  className: string,
  labels: StringMap,
): boolean {
  if (claim.spec?.resources?.requests?.['storage'] === undefined) return true;
  if (objects.get<CsiDriver>('CSIDriver', '', provisioner)?.spec?.storageCapacity !== true) return true;
  const wanted = requestOf(claim);
  for (const capacity of objects.list<CsiStorageCapacity>('CSIStorageCapacity')) {
    const limit = capacity.maximumVolumeSize ?? capacity.capacity;
    if (capacity.storageClassName !== className || limit === undefined || capacity.nodeTopology === undefined) continue;
    if (parseQuantity(limit).compare(wanted) < 0) continue;
    if (compileSelector(capacity.nodeTopology).matches(labels)) return true;
  }
  return false;
}

function allowsNode({ spec }: PersistentVolume, labels: StringMap): boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined || anyTermMatches(required.nodeSelectorTerms, labels);
}

function requestOf({ spec }: PersistentVolumeClaim): Quantity {
  return parseQuantity(spec?.resources?.requests?.['storage'] ?? '0');
}

function capacityOf({ spec }: PersistentVolume): Quantity {
  return parseQuantity(spec?.capacity?.['storage'] ?? '0');
}

function modeOf({ spec }: PersistentVolume | PersistentVolumeClaim): string {
  return spec?.volumeMode ?? 'Filesystem';
}
