/** VolumeZone: zone and region labels of bound volumes agree with the node's. Source: Kubernetes 1.34. */
import type { ObjectMeta, StringMap } from '../../../types/object.ts';
import type { PersistentVolume, StorageClass } from '../../../types/storage.ts';
import { storageClassNameOf } from '../../../types/storage-class-name.ts';
import type { Cycle, PluginState } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { findClaim } from '../pod-claims.ts';
import { type Rejection, unresolvable } from '../status.ts';
import { BETA_REGION, BETA_ZONE, REGION, ZONE, ZONE_SEPARATOR } from '../zone-labels.ts';

const NAME = 'VolumeZone';
const KEYS: readonly string[] = [BETA_ZONE, BETA_REGION, ZONE, REGION];

interface Topology {
  readonly key: string;
  readonly values: readonly string[];
}

interface Topologies extends PluginState {
  readonly all: readonly Topology[];
}

/** The plugin. */
export class VolumeZone implements Plugin {
  readonly name = NAME;

  preFilter(cycle: Cycle): PreFilterOutcome {
    const all: Topology[] = [];
    for (const claimName of cycle.info.claimNames) {
      const labels = volumeLabels(cycle, claimName);
      if (typeof labels === 'string') return unresolvable(labels);
      all.push(...topologiesOf(labels));
    }
    if (all.length === 0) return SKIP;
    const state: Topologies = { all, clone: () => state };
    cycle.write(NAME, state);
    return null;
  }

  filter(cycle: Cycle, { labels }: NodeInfo): Rejection | null {
    if (!KEYS.some((key) => labels[key] !== undefined)) return null;
    for (const { key, values } of cycle.read<Topologies>(NAME).all) {
      const value = labels[key] ?? labels[stableKey(key)];
      if (value === undefined || !values.includes(value)) return unresolvable('node(s) had no available volume zone');
    }
    return null;
  }
}

/** Labels of the claim's volume; undefined while it waits for a consumer; a text when something is missing. */
function volumeLabels(cycle: Cycle, claimName: string): PersistentVolume['metadata']['labels'] | string {
  const { objects } = cycle.view;
  const claim = findClaim(objects, cycle.info.pod, claimName);
  if (claim === undefined) return `persistentvolumeclaim "${claimName}" not found`;
  const volumeName = claim.spec?.volumeName ?? '';
  if (volumeName !== '') {
    const volume = objects.get<PersistentVolume>('PersistentVolume', '', volumeName);
    return volume === undefined ? `persistentvolume "${volumeName}" not found` : volume.metadata.labels;
  }
  const className = storageClassNameOf(claim);
  if (className === '') return 'PersistentVolumeClaim had no pv name and storageClass name';
  const storageClass = objects.get<StorageClass>('StorageClass', '', className);
  if (storageClass === undefined) return `storageclass.storage.k8s.io "${className}" not found`;
  if (storageClass.volumeBindingMode === undefined) return `VolumeBindingMode not set for StorageClass "${className}"`;
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? undefined : 'PersistentVolume had no name';
}

/** Whether a volume says in which zone or region it is. */
export function hasZoneLabels({ metadata }: PersistentVolume): boolean {
  return KEYS.some((key) => metadata.labels?.[key] !== undefined);
}

/** Whether two versions of a volume lie in different zones or regions. */
export function zoneLabelsDiffer(a: ObjectMeta, b: ObjectMeta): boolean {
  const textOf = (labels: StringMap | undefined) =>
    topologiesOf(labels)
      .map(({ key, values }) => `${key} ${values.toSorted()}`)
      .join();
  return textOf(a.labels) !== textOf(b.labels);
}

/** The zones and regions that a volume's labels name. */
function topologiesOf(labels: StringMap | undefined): readonly Topology[] {
  return KEYS.flatMap((key) => {
    const values = (labels?.[key] ?? '').split(ZONE_SEPARATOR).map((zone) => zone.trim());
    // A label with an empty zone in it is not a list of zones and is ignored.
    return values.includes('') ? [] : [{ key, values }];
  });
}

function stableKey(key: string): string {
  if (key === BETA_ZONE) return ZONE;
  return key === BETA_REGION ? REGION : key;
}
