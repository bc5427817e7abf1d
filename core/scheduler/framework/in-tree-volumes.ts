/**
 * In-tree volumes that CSI drivers have taken over: the driver, what the volume is called there, and on which nodes it counts. Source:
 * Kubernetes 1.34.1, csi-translation-lib (plugins), and who asks for it when: plugins
 * nodevolumelimits (utils.go, isCSIMigrationOn) and volumebinding (binder.go, tryTranslatePVToCSI).
 */
import type { StringMap } from '../../types/object.ts';
import type { NodeSelectorTerm, Volume } from '../../types/pod.ts';
import type { CsiNode, PersistentVolume } from '../../types/storage.ts';
import { translatedTerms } from './in-tree-topology.ts';
import { BETA_ZONE, ZONE, ZONE_SEPARATOR } from './zone-labels.ts';

/** Annotation of a CSINode: in-tree plugins that the node's drivers have taken over, separated by commas. */
export const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';

/** What of an in-tree source its translation reads. */
interface Source {
  readonly pdName?: string | undefined;
  readonly volumeID?: string | undefined;
  readonly diskURI?: string | undefined;
  readonly kind?: string | undefined;
}

interface InTreePlugin {
  /** The field of a volume. */
  readonly source: string;
  readonly name: string;
  readonly driver: string;
  /** The driver's name for a zone, where the translation puts it in the place of Kubernetes' own. */
  readonly zoneKey?: string;
  /** When volumes count at the driver: on nodes with a CSINode, before 1.36 only on those that also name the plugin, or on none. */
  readonly counts: 'always' | 'named' | 'never';
  /** @throws TranslationError */
  handleOf(source: Source, labels: StringMap): string;
}

/** Why a volume has no translation. */
export class TranslationError extends Error {}

const PLUGINS: readonly InTreePlugin[] = [
  {
    source: 'gcePersistentDisk',
    name: 'kubernetes.io/gce-pd',
    driver: 'pd.csi.storage.gke.io',
    zoneKey: 'topology.gke.io/zone',
    counts: 'always',
    handleOf: gceHandle,
  },
  {
    source: 'awsElasticBlockStore',
    name: 'kubernetes.io/aws-ebs',
    driver: 'ebs.csi.aws.com',
    zoneKey: 'topology.ebs.csi.aws.com/zone',
    counts: 'always',
    handleOf: ebsHandle,
  },
  {
    source: 'azureDisk',
    name: 'kubernetes.io/azure-disk',
    driver: 'disk.csi.azure.com',
    counts: 'always',
    handleOf: azureDiskHandle,
  },
  {
    source: 'cinder',
    name: 'kubernetes.io/cinder',
    driver: 'cinder.csi.openstack.org',
    zoneKey: 'topology.cinder.csi.openstack.org/zone',
    counts: 'always',
    handleOf: volumeIdOf,
  },
  {
    source: 'portworxVolume',
    name: 'kubernetes.io/portworx-volume',
    driver: 'pxd.portworx.com',
    counts: 'named',
    handleOf: volumeIdOf,
  },
  {
    source: 'azureFile',
    name: 'kubernetes.io/azure-file',
    driver: 'file.csi.azure.com',
    counts: 'never',
    handleOf: volumeIdOf,
  },
  {
    source: 'vsphereVolume',
    name: 'kubernetes.io/vsphere-volume',
    driver: 'csi.vsphere.vmware.com',
    counts: 'never',
    handleOf: volumeIdOf,
  },
];

/** Which in-tree volumes count at drivers on a node: none, those of all plugins, or the usual ones, that is without Portworx. */
export type Counted = 'none' | 'usual' | 'all';

/** A volume as its driver calls it. */
export interface CsiVolume {
  readonly driver: string;
  readonly volumeHandle: string;
}

/** What counts on a node. `newer`: in 1.36 and later. */
export function countedOn(csiNode: CsiNode | undefined, newer: boolean): Counted {
  if (csiNode === undefined) return 'none';
  return newer || PLUGINS.every((plugin) => plugin.counts !== 'named' || isNamed(plugin, csiNode)) ? 'all' : 'usual';
}

/** Whether a pod's volume is one inside its spec that a CSI driver has taken over. */
export function isInlineMigratable(volume: Volume): boolean {
  return pluginOf(volume) !== undefined;
}

/** The driver that a volume inside a pod's spec belongs to now, `''` for other volumes. */
export function inlineDriver(volume: Volume): string {
  return pluginOf(volume)?.driver ?? '';
}

/**
 * The volume inside a pod's spec as it counts on a node, `null` when it counts at no driver there.
 * @throws TranslationError
 */
export function inlineCsiVolume(volume: Volume, counted: Counted): CsiVolume | null {
  const plugin = pluginOf(volume);
  if (plugin === undefined || !counts(plugin, counted)) return null;
  return { driver: plugin.driver, volumeHandle: plugin.handleOf(volume[plugin.source] as Source, {}) };
}

/** The volume as it counts on a node: its own driver's, or that of the one that has taken it over; `null` for none. */
export function csiVolumeOf(volume: PersistentVolume, counted: Counted): CsiVolume | null {
  if (volume.spec?.csi !== undefined) return volume.spec.csi;
  const plugin = pluginOf(volume.spec);
  if (plugin === undefined || !counts(plugin, counted)) return null;
  const volumeHandle = tryHandleOf(plugin, volume);
  return volumeHandle === null ? null : { driver: plugin.driver, volumeHandle };
}

/** The driver that volumes of a provisioner count at on a node, `''` for none. */
export function provisioningDriver(provisioner: string, counted: Counted): string {
  const plugin = PLUGINS.find(({ name }) => name === provisioner);
  if (plugin === undefined) return provisioner;
  return counts(plugin, counted) ? plugin.driver : '';
}

/**
 * The terms of a volume's node affinity as they hold on a node: with the driver's zones where the node's CSINode names the plugin.
 * @throws TranslationError
 */
export function affinityTermsOn(
  volume: PersistentVolume,
  csiNode: CsiNode | undefined,
): readonly NodeSelectorTerm[] | undefined {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms;
  const plugin = pluginOf(volume.spec);
  if (plugin === undefined || plugin.counts === 'never' || !isNamed(plugin, csiNode)) return terms;
  handleOf(plugin, volume);
  return plugin.zoneKey === undefined ? terms : translatedTerms(terms, volume.metadata.labels ?? {}, plugin.zoneKey);
}

/** Whether a volume has a translation, or needs none. */
export function isTranslatable(volume: PersistentVolume): boolean {
  const plugin = pluginOf(volume.spec);
  return plugin === undefined || tryHandleOf(plugin, volume) !== null;
}

function pluginOf(volume: object | undefined): InTreePlugin | undefined {
  return volume === undefined ? undefined : PLUGINS.find(({ source }) => sourceOf(volume, source) !== undefined);
}

function sourceOf(volume: object, source: string): Source | undefined {
  return (volume as Readonly<Record<string, Source | undefined>>)[source];
}

function handleOf(plugin: InTreePlugin, { spec, metadata }: PersistentVolume): string {
  return plugin.handleOf(sourceOf(spec as object, plugin.source) as Source, metadata.labels ?? {});
}

/** `null` for a volume without a translation. */
function tryHandleOf(plugin: InTreePlugin, volume: PersistentVolume): string | null {
  try {
    return handleOf(plugin, volume);
  } catch (error) {
    if (error instanceof TranslationError) return null;
    throw error;
  }
}

function counts(plugin: InTreePlugin, counted: Counted): boolean {
  return plugin.counts === 'always' ? counted !== 'none' : plugin.counts === 'named' && counted === 'all';
}

function isNamed({ name }: InTreePlugin, csiNode: CsiNode | undefined): boolean {
  return csiNode?.metadata.annotations?.[MIGRATED_PLUGINS]?.split(',').includes(name) === true;
}

function volumeIdOf({ volumeID }: Source): string {
  return volumeID ?? '';
}

/** A disk in several zones is one of their region. */
function gceHandle({ pdName }: Source, labels: StringMap): string {
  const zones = (labels[BETA_ZONE] || labels[ZONE] || '').split(ZONE_SEPARATOR);
  const place = zones.length > 1 ? `regions/${regionOf(zones)}` : `zones/${zones[0] || 'UNSPECIFIED'}`;
  return `projects/UNSPECIFIED/${place}/disks/${pdName ?? ''}`;
}

function regionOf(zones: readonly string[]): string {
  const regions = new Set<string>();
  for (const zone of zones) {
    const parts = zone.split('-');
    if (parts.length !== 3) {
      throw new TranslationError(
        `failed to get region from zones: zone in unexpected format, expected: {locale}-{region}-{zone}, got: ${zone}`,
      );
    }
    regions.add(`${parts[0]}-${parts[1]}`);
  }
  if (regions.size === 1) return [...regions].join();
  const named = [...regions].sort().map((region) => `${region}:{}`);
  throw new TranslationError(
    `failed to get region from zones: multiple or no regions gotten from zones, got: map[${named.join(' ')}]`,
  );
}

/** `vol-1`, or an address with it as its path: `aws://zone/vol-1`. */
function ebsHandle({ volumeID = '' }: Source): string {
  if (!volumeID.startsWith('aws://')) return volumeID;
  const path = /^aws:\/\/[^/?#]*([^?#]*)/.exec(volumeID)?.[1] ?? '';
  const id = path.replace(/^\/+|\/+$/g, '');
  if (/^vol-[^/]*$/.test(id)) return id;
  throw new TranslationError(
    `failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (${volumeID})`,
  );
}

function azureDiskHandle({ diskURI, kind }: Source): string {
  if (kind === undefined || kind.toLowerCase() === 'managed') return diskURI ?? '';
  throw new TranslationError(`kind(${kind}) is not supported in csi migration`);
}
