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

/** Kinds that say which volumes a pod has and where they are attached. */
const KINDS = ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass', 'VolumeAttachment'];

/** Driver by unique volume name. */
type Volumes = Map<string, string>;

/** What is attached to a node, as long as its pods and the cluster's volumes stay as they are. */
interface Attached {
  readonly objects: ClusterObjects;
  readonly stamp: number;
  readonly generation: number;
  /** By pods of the node. */
  readonly used: Volumes;
  /** Attachments included. */
  readonly countByDriver: ReadonlyMap<string, number>;
}

/** What a pod would attach, or why that cannot be said. */
interface Wanted {
  readonly objects: ClusterObjects;
  readonly stamp: number;
  readonly pod: Pod;
  readonly volumes: Volumes;
  readonly missing: Rejection | null;
}

/** The plugin. */
export class NodeVolumeLimits implements Plugin {
  readonly name = 'NodeVolumeLimits';
  readonly #attached = new WeakMap<NodeInfo, Attached>();
  /** Of the pod that was judged last: a cycle asks about many nodes. */
  #wanted: Wanted | null = null;

  preFilter(cycle: Cycle): PreFilterOutcome {
    const { pod } = cycle.info;
    if (claimsOf(pod).length > 0) return null;
    const migrated = (pod.spec.volumes ?? []).some((volume) => MIGRATED.some((source) => volume[source] !== undefined));
    return migrated ? null : SKIP;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const { objects } = cycle.view;
    const { volumes, missing } = this.#wantedBy(objects, cycle.info.pod);
    if (missing !== null) return missing;
    if (volumes.size === 0) return null;
    const limits = limitsOf(objects.get<CsiNode>('CSINode', '', node.name));
    if (limits.size === 0) return null;
    const { used, countByDriver: before } = this.#attachedTo(objects, node);
    const added = [...volumes].filter(([unique]) => !used.has(unique));
    for (const [driver, count] of countByDriver(added)) {
      const limit = limits.get(driver);
      if (limit !== undefined && (before.get(driver) ?? 0) + count > limit) {
        return unschedulable('node(s) exceed max volume count');
      }
    }
    return null;
  }

  /** @throws CycleError for an ephemeral claim of another pod */
  #wantedBy(objects: ClusterObjects, pod: Pod): Wanted {
    const stamp = stampOf(objects);
    const last = this.#wanted;
    if (last !== null && last.pod === pod && last.objects === objects && last.stamp === stamp) return last;
    const volumes: Volumes = new Map();
    const missing = collect(objects, pod, volumes, true);
    this.#wanted = { objects, stamp, pod, volumes, missing };
    return this.#wanted;
  }

  #attachedTo(objects: ClusterObjects, node: NodeInfo): Attached {
    const stamp = stampOf(objects);
    const { generation } = node;
    const known = this.#attached.get(node);
    if (known?.generation === generation && known.stamp === stamp && known.objects === objects) return known;
    const used: Volumes = new Map();
    for (const { pod } of node.pods) collect(objects, pod, used, false);
    const all: Volumes = new Map(used);
    addAttachments(objects, node.name, all);
    const attached = { objects, stamp, generation, used, countByDriver: countByDriver(all) };
    this.#attached.set(node, attached);
    return attached;
  }
}

/** Grows with every change of an object that says which volumes a pod has and where they are attached. */
function stampOf(objects: ClusterObjects): number {
  let stamp = 0;
  for (const kind of KINDS) stamp += objects.versionOf(kind);
  return stamp;
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

function countByDriver(volumes: Iterable<readonly [unique: string, driver: string]>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, driver] of volumes) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  return counts;
}
