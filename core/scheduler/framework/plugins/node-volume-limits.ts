/**
 * NodeVolumeLimits: no more attached volumes of a CSI driver than the node's CSINode allows. A volume used by several pods
 * counts once; attachments that no pod of the node explains count too, and beside the pod's own use of such a volume
 * (upstream takes off only what pods use). Source: Kubernetes 1.34 (nodevolumelimits/csi.go).
 */
import type { Pod } from '../../../types/pod.ts';
import type {
  CsiNode,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
} from '../../../types/storage.ts';
import { storageClassNameOf } from '../../../types/storage-class-name.ts';
import type { ClusterObjects } from '../cluster-objects.ts';
import type { Cycle } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { claimsOf, findClaim, foreignClaim } from '../pod-claims.ts';
import { CycleError, type Rejection, unresolvable, unschedulable } from '../status.ts';

/** In-tree volumes that CSI drivers have taken over. */
const MIGRATED: readonly string[] = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'cinder',
  'azureDisk',
  'azureFile',
  'vsphereVolume',
  'portworxVolume',
];

/** Driver by unique volume name. */
type Volumes = Map<string, string>;

/** The plugin. */
export class NodeVolumeLimits implements Plugin {
  readonly name = 'NodeVolumeLimits';

  preFilter(cycle: Cycle): PreFilterOutcome {
    const { pod } = cycle.info;
    if (claimsOf(pod).length > 0) return null;
    const migrated = (pod.spec.volumes ?? []).some((volume) => MIGRATED.some((source) => volume[source] !== undefined));
    return migrated ? null : SKIP;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const { objects } = cycle.view;
    const added: Volumes = new Map();
    const missing = collect(objects, cycle.info.pod, added, true);
    if (missing !== null) return missing;
    if (added.size === 0) return null;
    const limits = limitsOf(objects.get<CsiNode>('CSINode', '', node.name));
    if (limits.size === 0) return null;
    const attached: Volumes = new Map();
    for (const { pod } of node.pods) collect(objects, pod, attached, false);
    for (const unique of attached.keys()) added.delete(unique);
    addAttachments(objects, node.name, attached);
    const before = countByDriver(attached);
    for (const [driver, count] of countByDriver(added)) {
      const limit = limits.get(driver);
      if (limit !== undefined && (before.get(driver) ?? 0) + count > limit) {
        return unschedulable('node(s) exceed max volume count');
      }
    }
    return null;
  }
}

/** Adds the CSI volumes of a pod. A claim that is missing matters for the incoming pod only. */
function collect(objects: ClusterObjects, pod: Pod, into: Volumes, incoming: boolean): Rejection | null {
  for (const { name, ephemeral } of claimsOf(pod)) {
    const claim = findClaim(objects, pod, name);
    if (claim === undefined) {
      if (!incoming) continue;
      return unresolvable(
        `looking up PVC ${pod.metadata.namespace}/${name}: persistentvolumeclaim "${name}" not found`,
      );
    }
    if (ephemeral && incoming) {
      const foreign = foreignClaim(pod, claim);
      if (foreign !== '') throw new CycleError(foreign);
    }
    addVolume(objects, claim, into);
  }
  return null;
}

function addVolume(objects: ClusterObjects, claim: PersistentVolumeClaim, into: Volumes): void {
  const volumeName = claim.spec?.volumeName ?? '';
  const volume = volumeName === '' ? undefined : objects.get<PersistentVolume>('PersistentVolume', '', volumeName);
  if (volume !== undefined) {
    const csi = volume.spec?.csi;
    if (csi !== undefined) into.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    return;
  }
  const storageClass = objects.get<StorageClass>('StorageClass', '', storageClassNameOf(claim));
  const provisioner = storageClass?.provisioner ?? '';
  if (provisioner === '') return;
  into.set(`${provisioner}/unbound ${claim.metadata.namespace}/${claim.metadata.name}`, provisioner);
}

/** An attachment counts for the driver that made it, whatever the volume says. */
function addAttachments(objects: ClusterObjects, nodeName: string, into: Volumes): void {
  for (const { spec } of objects.list<VolumeAttachment>('VolumeAttachment')) {
    const attacher = spec?.attacher ?? '';
    if (spec?.nodeName !== nodeName || attacher === '') continue;
    const name = spec.source?.persistentVolumeName ?? '';
    const csi = objects.get<PersistentVolume>('PersistentVolume', '', name)?.spec?.csi;
    if (csi !== undefined) into.set(`${attacher}/${csi.volumeHandle}`, attacher);
  }
}

function limitsOf(csiNode: CsiNode | undefined): Map<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of csiNode?.spec?.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  }
  return limits;
}

function countByDriver(volumes: Volumes): Map<string, number> {
  const counts = new Map<string, number>();
  for (const driver of volumes.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  return counts;
}
