/**
 * NodeVolumeLimits: no more attached volumes of a CSI driver, those that it has taken over among them, than the node's CSINode allows. A volume used by several pods
 * counts once; attachments that no pod of the node explains count too, and beside the pod's own use of such a volume
 * (upstream takes off only what pods use). Source: Kubernetes 1.34 (nodevolumelimits/csi.go).
 */
import type { Pod, Volume } from '../../../types/pod.ts';
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
import {
  type Counted,
  countedOn,
  csiVolumeOf,
  inlineCsiVolume,
  isInlineMigratable,
  provisioningDriver,
  TranslationError,
} from '../in-tree-volumes.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { claimOf, findClaim, foreignClaim } from '../pod-claims.ts';
import { CycleError, type Rejection, unresolvable, unschedulable } from '../status.ts';

/** Kinds that say which volumes a pod has and where they are attached. */
const KINDS = ['PersistentVolumeClaim', 'PersistentVolume', 'StorageClass', 'VolumeAttachment'];

/** Driver by unique volume name. */
type Volumes = Map<string, string>;

/** What volumes are looked up in: the cluster's objects as they were, and which in-tree ones count. */
interface Basis {
  readonly objects: ClusterObjects;
  readonly stamp: number;
  readonly counted: Counted;
}

/** What is attached to a node, as long as its pods and the cluster's volumes stay as they are. */
interface Attached extends Basis {
  readonly generation: number;
  /** By pods of the node. */
  readonly used: Volumes;
  /** Attachments included. */
  readonly countByDriver: ReadonlyMap<string, number>;
}

/** What a pod would attach, or why that cannot be said. */
interface Wanted extends Basis {
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
  readonly #newer: boolean;

  /** `newer`: as in 1.36. */
  constructor(newer: boolean) {
    this.#newer = newer;
  }

  preFilter(cycle: Cycle): PreFilterOutcome {
    return hasDriverVolumes(cycle.info.pod) ? null : SKIP;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const { objects } = cycle.view;
    const csiNode = objects.get<CsiNode>('CSINode', '', node.name);
    const counted = countedOn(csiNode, this.#newer);
    const { volumes, missing } = this.#wantedBy(objects, cycle.info.pod, counted);
    if (missing !== null) return missing;
    if (volumes.size === 0) return null;
    const limits = limitsOf(csiNode);
    if (limits.size === 0) return null;
    const { used, countByDriver: before } = this.#attachedTo(objects, node, counted);
    const added = [...volumes].filter(([unique]) => !used.has(unique));
    for (const [driver, count] of countByDriver(added)) {
      const limit = limits.get(driver);
      if (limit !== undefined && (before.get(driver) ?? 0) + count > limit) {
        return unschedulable('node(s) exceed max volume count');
      }
    }
    return null;
  }

  /** @throws CycleError for an ephemeral claim of another pod, and for a volume that its driver cannot have taken over */
  #wantedBy(objects: ClusterObjects, pod: Pod, counted: Counted): Wanted {
    const stamp = stampOf(objects);
    const last = this.#wanted;
    if (last?.pod === pod && isOn(last, objects, stamp, counted)) return last;
    const volumes: Volumes = new Map();
    const missing = collect({ objects, counted, into: volumes }, pod, true);
    this.#wanted = { objects, stamp, pod, counted, volumes, missing };
    return this.#wanted;
  }

  /** @throws CycleError as above, for pods of the node */
  #attachedTo(objects: ClusterObjects, node: NodeInfo, counted: Counted): Attached {
    const stamp = stampOf(objects);
    const { generation } = node;
    const known = this.#attached.get(node);
    if (known?.generation === generation && isOn(known, objects, stamp, counted)) return known;
    const used: Volumes = new Map();
    for (const { pod } of node.pods) collect({ objects, counted, into: used }, pod, false);
    const all: Volumes = new Map(used);
    addAttachments(objects, node.name, all);
    const attached = { objects, stamp, generation, counted, used, countByDriver: countByDriver(all) };
    this.#attached.set(node, attached);
    return attached;
  }
}

function isOn(basis: Basis, objects: ClusterObjects, stamp: number, counted: Counted): boolean {
  return basis.objects === objects && basis.stamp === stamp && basis.counted === counted;
}

/** Grows with every change of an object that says which volumes a pod has and where they are attached. */
function stampOf(objects: ClusterObjects): number {
  let stamp = 0;
  for (const kind of KINDS) stamp += objects.versionOf(kind);
  return stamp;
}

/** Whether a pod has volumes that may count at a CSI driver: one that comes is asked about, one that goes makes room. */
export function hasDriverVolumes(pod: Pod): boolean {
  return (pod.spec.volumes ?? []).some((volume) => claimOf(pod, volume) !== null || isInlineMigratable(volume));
}

/** Where volumes are collected, and on which node. */
interface Collection {
  readonly objects: ClusterObjects;
  readonly counted: Counted;
  readonly into: Volumes;
}

/** Adds the volumes of a pod that count at a CSI driver. A claim that is missing matters for the incoming pod only. */
function collect(collection: Collection, pod: Pod, incoming: boolean): Rejection | null {
  for (const volume of pod.spec.volumes ?? []) {
    const reference = claimOf(pod, volume);
    if (reference === null) {
      addInline(collection, volume);
      continue;
    }
    const { name, ephemeral } = reference;
    const claim = findClaim(collection.objects, pod, name);
    if (claim === undefined) {
      if (!incoming) continue;
      return unresolvable(
        `looking up PVC ${pod.metadata.namespace}/${name}: persistentvolumeclaim "${name}" not found`,
      );
    }
    const foreign = ephemeral ? foreignClaim(pod, claim) : '';
    if (foreign !== '') throw new CycleError(foreign);
    addVolume(collection, claim);
  }
  return null;
}

function addInline({ counted, into }: Collection, volume: Volume): void {
  try {
    const found = inlineCsiVolume(volume, counted);
    if (found !== null) into.set(`${found.driver}/${found.volumeHandle}`, found.driver);
  } catch (error) {
    if (!(error instanceof TranslationError)) throw error;
    throw new CycleError(`converting volume(${volume.name}) from inline to csi: ${error.message}`);
  }
}

function addVolume({ objects, counted, into }: Collection, claim: PersistentVolumeClaim): void {
  const volumeName = claim.spec?.volumeName ?? '';
  const volume = volumeName === '' ? undefined : objects.get<PersistentVolume>('PersistentVolume', '', volumeName);
  if (volume !== undefined) {
    const csi = csiVolumeOf(volume, counted);
    if (csi !== null && csi.driver !== '' && csi.volumeHandle !== '') {
      into.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    }
    return;
  }
  const storageClass = objects.get<StorageClass>('StorageClass', '', storageClassNameOf(claim));
  const driver = provisioningDriver(storageClass?.provisioner ?? '', counted);
  if (driver !== '') into.set(`${driver}/unbound ${claim.metadata.namespace}/${claim.metadata.name}`, driver);
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
