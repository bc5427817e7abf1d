/**
 * Which volumes can satisfy which claims on a node: existing ones (the smallest that fits), or ones to be provisioned.
 * Source: Kubernetes 1.34, plugins volumebinding/binder.go and component-helpers storage/volume.
 */
import { compileSelector } from '../../types/label-selector.ts';
import type { StringMap } from '../../types/object.ts';
import { parseQuantity } from '../../types/quantity.ts';
import type {
  CsiDriver,
  CsiNode,
  CsiStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../types/storage.ts';
import { storageClassNameOf } from '../../types/storage-class-name.ts';
import { matchingVolume, NO_PROVISIONER, requestOf, SELECTED_NODE } from '../../types/volume-match.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { affinityTermsOn, TranslationError } from './in-tree-volumes.ts';
import { anyTermMatches } from './node-selector.ts';
import { CycleError } from './status.ts';

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

/**
 * Whether the volumes of bound claims can be used from a node with these labels; the first that cannot decides.
 * @throws CycleError for an in-tree volume that the node's drivers should have taken over and that cannot be theirs
 */
export function boundVolumesFit(
  objects: ClusterObjects,
  claims: readonly PersistentVolumeClaim[],
  nodeName: string,
  labels: StringMap,
): 'fits' | 'conflict' | 'missing' {
  for (const { spec } of claims) {
    const volume = objects.get<PersistentVolume>('PersistentVolume', '', spec?.volumeName ?? '');
    if (volume === undefined) return 'missing';
    if (!boundVolumeAllows(objects, volume, nodeName, labels)) return 'conflict';
  }
  return 'fits';
}

/** What claims that wait get on a node. */
export interface ChosenVolumes {
  readonly bindings: readonly { readonly volume: PersistentVolume; readonly claim: PersistentVolumeClaim }[];
  /** Claims for which a volume is to be made. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

/** Chooses volumes for all claims that wait; `null` when one of them is promised to another node. */
export function chooseVolumes(
  objects: ClusterObjects,
  claims: readonly PersistentVolumeClaim[],
  nodeName: string,
  labels: StringMap,
): ChosenVolumes | null {
  const provisions: PersistentVolumeClaim[] = [];
  const toMatch: PersistentVolumeClaim[] = [];
  for (const claim of claims) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== nodeName) return null;
    (selected === undefined ? toMatch : provisions).push(claim);
  }
  const taken = new Set<PersistentVolume>();
  const bindings: { volume: PersistentVolume; claim: PersistentVolumeClaim }[] = [];
  const query = { reachable: (volume: PersistentVolume) => allowsNode(volume, labels), taken, reservedOnly: false };
  for (const claim of toMatch.sort((a, b) => requestOf(a).compare(requestOf(b)))) {
    const volume = matchingVolume(claim, objects.list<PersistentVolume>('PersistentVolume'), query);
    if (volume === undefined) provisions.push(claim);
    else {
      taken.add(volume);
      bindings.push({ volume, claim });
    }
  }
  return { bindings, provisions };
}

/** Looks for volumes for all claims that wait. */
export function findVolumes(
  objects: ClusterObjects,
  claims: readonly PersistentVolumeClaim[],
  nodeName: string,
  labels: StringMap,
): VolumeSearch {
  const chosen = chooseVolumes(objects, claims, nodeName, labels);
  return chosen === null ? NOT_BINDABLE : canProvision(objects, chosen.provisions, labels);
}

/**
 * Whether a bound volume can be used from a node, with an in-tree one as the node's drivers know it.
 * @throws CycleError for one that cannot be theirs
 */
export function boundVolumeAllows(
  objects: ClusterObjects,
  volume: PersistentVolume,
  nodeName: string,
  labels: StringMap,
): boolean {
  try {
    const terms = affinityTermsOn(volume, objects.get<CsiNode>('CSINode', '', nodeName));
    return terms === undefined || anyTermMatches(terms, labels);
  } catch (error) {
    if (error instanceof TranslationError) throw new CycleError(`could not translate pv: ${error.message}`);
    throw error;
  }
}

/** Whether a volume can be used from a node with these labels. */
function allowsNode({ spec }: PersistentVolume, labels: StringMap): boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined || anyTermMatches(required.nodeSelectorTerms, labels);
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
