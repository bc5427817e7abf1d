/**
 * VolumeRestrictions: a ReadWriteOncePod claim belongs to one pod, and disks of some in-tree kinds to one node's pods under
 * conditions. Source: Kubernetes 1.34.
 */
import type { Pod, Volume } from '../../../types/pod.ts';
import type { Cycle, PluginState } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { findClaim } from '../pod-claims.ts';
import type { PodInfo } from '../pod-info.ts';
import { type Rejection, unresolvable, unschedulable } from '../status.ts';

const NAME = 'VolumeRestrictions';

class ExclusiveClaims implements PluginState {
  readonly names: readonly string[];
  /** How often other pods use one of the claims. */
  uses: number;

  constructor(names: readonly string[], uses: number) {
    this.names = names;
    this.uses = uses;
  }

  clone(): ExclusiveClaims {
    return new ExclusiveClaims(this.names, this.uses);
  }

  /** How often a pod uses one of the claims. */
  usesBy({ claimNames }: PodInfo): number {
    return claimNames.filter((name) => this.names.includes(name)).length;
  }
}

/** The plugin. */
export class VolumeRestrictions implements Plugin {
  readonly name = NAME;

  preFilter(cycle: Cycle): PreFilterOutcome {
    const { pod, namespace, claimNames } = cycle.info;
    const names: string[] = [];
    for (const name of claimNames) {
      const claim = findClaim(cycle.view.objects, pod, name);
      if (claim === undefined) return unresolvable(`persistentvolumeclaim "${name}" not found`);
      if (claim.spec?.accessModes?.includes('ReadWriteOncePod')) names.push(name);
    }
    const inUse = (name: string) =>
      cycle.view.nodes.some((node) =>
        node.pods.some((other) => other.namespace === namespace && other.claimNames.includes(name)),
      );
    const state = new ExclusiveClaims(names, [...new Set(names)].filter(inUse).length);
    // Also for a dry run that brings pods which use them.
    cycle.write(NAME, state);
    return state.uses === 0 && !(pod.spec.volumes ?? []).some(isRestrictedDisk) ? SKIP : null;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const conflict = diskConflict(cycle.info.pod, node);
    if (conflict !== null) return conflict;
    // Below zero once a dry run has taken off several pods that share a claim.
    if (cycle.read<ExclusiveClaims>(NAME).uses <= 0) return null;
    return unschedulable(
      'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
    );
  }

  addPod(cycle: Cycle, added: PodInfo): void {
    const state = cycle.read<ExclusiveClaims>(NAME);
    state.uses += state.usesBy(added);
  }

  removePod(cycle: Cycle, removed: PodInfo): void {
    const state = cycle.read<ExclusiveClaims>(NAME);
    state.uses -= state.usesBy(removed);
  }
}

/** The refusal of a node where another pod's disk keeps a pod from using its own; asked before anything that PreFilter worked out. */
export function diskConflict({ spec }: Pod, node: NodeInfo): Rejection | null {
  for (const volume of spec.volumes ?? []) {
    if (!isRestrictedDisk(volume)) continue;
    if (node.pods.some(({ pod }) => disksConflict(volume, pod))) return unschedulable('node(s) had no available disk');
  }
  return null;
}

interface Disk {
  readonly readOnly?: boolean | undefined;
  readonly pdName?: string | undefined;
  readonly volumeID?: string | undefined;
  readonly iqn?: string | undefined;
  readonly pool?: string | undefined;
  readonly image?: string | undefined;
  readonly monitors?: readonly string[] | undefined;
}

/** In-tree kinds that restrict sharing: whether two volumes are the same disk, and whether two readers may share it. */
const DISKS: readonly { readonly source: string; same(a: Disk, b: Disk): boolean; readonly readersShare: boolean }[] = [
  { source: 'gcePersistentDisk', same: (a, b) => a.pdName === b.pdName, readersShare: true },
  { source: 'awsElasticBlockStore', same: (a, b) => a.volumeID === b.volumeID, readersShare: false },
  { source: 'iscsi', same: (a, b) => a.iqn === b.iqn, readersShare: true },
  {
    source: 'rbd',
    same: (a, b) =>
      a.pool === b.pool && a.image === b.image && (a.monitors ?? []).some((monitor) => b.monitors?.includes(monitor)),
    readersShare: true,
  },
];

/** Whether a volume is a disk of a kind that few pods of a node may share. */
export function isRestrictedDisk(volume: Volume): boolean {
  return DISKS.some(({ source }) => volume[source] !== undefined);
}

/** Whether a pod's disks keep another from using this one on the same node. */
export function disksConflict(volume: Volume, other: Pod): boolean {
  for (const { source, same, readersShare } of DISKS) {
    const disk = volume[source] as Disk | undefined;
    if (disk === undefined) continue;
    for (const otherVolume of other.spec.volumes ?? []) {
      const otherDisk = otherVolume[source] as Disk | undefined;
      if (otherDisk === undefined || !same(disk, otherDisk)) continue;
      if (!(readersShare && disk.readOnly === true && otherDisk.readOnly === true)) return true;
    }
  }
  return false;
}
