/**
 * Whether a pod's volumes can make any difference to where it goes: if not, the columns decide alone.
 *
 * The answer no is certain, yes only possible: then the reference framework looks at the volumes themselves. A claim is
 * settled when it is bound to a volume that every node may use, by any number of pods; and no node can come to its limit of
 * attached volumes as long as its pods, with as many volumes each as any pod ever had, stay below the smallest limit of all
 * nodes. Cost: some look-ups a pod with claims, O(nodes) once in a while.
 */
import type { KubeObject } from '../../types/object.ts';
import type { Pod, Volume } from '../../types/pod.ts';
import type { CsiNode, PersistentVolume } from '../../types/storage.ts';
import type { ClusterObjects } from '../framework/cluster-objects.ts';
import { isInlineMigratable, isTranslatable } from '../framework/in-tree-volumes.ts';
import { isRestrictedDisk } from '../framework/plugins/volume-restrictions.ts';
import { hasZoneLabels } from '../framework/plugins/volume-zone.ts';
import { findClaim, isFullyBound } from '../framework/pod-claims.ts';
import type { NodeTable } from '../nodes/node-table.ts';
import { PODS } from '../nodes/resource-names.ts';

/** Plugins that look at volumes, claims and devices. */
export const VOLUME_PLUGINS: readonly string[] = [
  'VolumeRestrictions',
  'NodeVolumeLimits',
  'VolumeBinding',
  'VolumeZone',
  'DynamicResources',
];

/** The volumes that a scheduling core knows. */
export class SettledVolumes {
  readonly #objects: ClusterObjects;
  readonly #nodes: NodeTable;
  /** Most volumes that a pod has had. */
  #volumesMax = 0;
  /** Smallest limit that a CSINode has had. */
  #limitMin = Number.POSITIVE_INFINITY;
  /** Volumes may be attached without a pod. */
  #attachments = false;
  /** Most pods of a node when they were last counted, and pods added since. */
  #podsMax = 0;
  #added = 0;

  constructor(objects: ClusterObjects, nodes: NodeTable) {
    this.#objects = objects;
    this.#nodes = nodes;
  }

  /** A pod that has a node or wants one. */
  saw({ spec }: Pod): void {
    const count = spec.volumes?.length ?? 0;
    if (count > this.#volumesMax) this.#volumesMax = count;
  }

  /** A pod was put on some node. */
  added(): void {
    this.#added++;
  }

  /** An object that plugins look up came or changed. */
  changed(object: KubeObject): void {
    if (object.kind === 'VolumeAttachment') this.#attachments = true;
    if (object.kind !== 'CSINode') return;
    for (const { allocatable } of (object as CsiNode).spec?.drivers ?? []) {
      if (allocatable?.count !== undefined) this.#limitMin = Math.min(this.#limitMin, allocatable.count);
    }
  }

  /** Whether no node is refused because of this pod's volumes. */
  allow(pod: Pod): boolean {
    let claims = 0;
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.persistentVolumeClaim === undefined) {
        if (volume['ephemeral'] !== undefined || isRestrictedDisk(volume) || isInlineMigratable(volume)) return false;
      } else if (!this.#isSettled(pod, volume)) return false;
      else claims++;
    }
    return claims === 0 || this.#belowLimits(claims);
  }

  #isSettled(pod: Pod, volume: Volume): boolean {
    const claim = findClaim(this.#objects, pod, volume.persistentVolumeClaim?.claimName ?? '');
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined || !isFullyBound(claim)) return false;
    if (claim.status?.phase === 'Lost' || claim.spec?.accessModes?.includes('ReadWriteOncePod') === true) return false;
    const found = this.#objects.get<PersistentVolume>('PersistentVolume', '', claim.spec?.volumeName ?? '');
    return (
      found !== undefined && found.spec?.nodeAffinity === undefined && !hasZoneLabels(found) && isTranslatable(found)
    );
  }

  #belowLimits(claims: number): boolean {
    if (this.#attachments) return false;
    if (this.#limitMin === Number.POSITIVE_INFINITY) return true;
    const pods = (this.#limitMin - claims) / Math.max(1, this.#volumesMax);
    if (this.#podsMax + this.#added > pods) this.#countPods();
    return this.#podsMax + this.#added <= pods;
  }

  #countPods(): void {
    const { order, nodeCount } = this.#nodes;
    this.#podsMax = 0;
    this.#added = 0;
    for (let i = 0; i < nodeCount; i++) {
      this.#podsMax = Math.max(this.#podsMax, this.#nodes.requestedOf(order.list[i] as number, PODS));
    }
  }
}
