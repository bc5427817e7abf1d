/**
 * Whether a workload has claims or groups of pods, and what a cluster needs to satisfy them that the workload takes for granted.
 *
 * Storage classes that claims name and nobody defines are part of the cluster in reality; here they are made, with a simulated provisioner
 * that binds when a pod comes. A class that only volumes made by hand belong to stays undefined.
 */

import { decodeSchedulerConfiguration } from '../scheduler/configuration/decode.ts';
import { heedsGroups } from '../scheduler/groups/gangs.ts';
import { CLAIM_TYPES } from '../types/claim-types.ts';
import { DEVICE_GATES, type DeviceGate } from '../types/device-gates.ts';
import type { KubeObject } from '../types/object.ts';
import { isPodGroup } from '../types/pod-group.ts';
import type { PersistentVolumeClaim, StorageClass } from '../types/storage.ts';
import { storageClassNameOf } from '../types/storage-class-name.ts';
import type { ClusterDescription } from './description.ts';

/** The class of claims that name none. */
const DEFAULT_CLASS = 'standard';
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';
const PROVISIONER_NAME = 'provisioner.seatrial.example';
const KINDS: ReadonlySet<string> = new Set(CLAIM_TYPES.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));

interface PodTemplate {
  readonly volumes?: readonly { readonly persistentVolumeClaim?: unknown; readonly ephemeral?: EphemeralSource }[];
  readonly resourceClaims?: readonly unknown[];
}

interface EphemeralSource {
  readonly volumeClaimTemplate?: { readonly spec?: PersistentVolumeClaim['spec'] };
}

/** The description of a cluster for these objects: with claims, and the classes they need, where a description does not say. */
export function withClaims(description: ClusterDescription, objects: readonly KubeObject[]): ClusterDescription {
  if (description.settings?.claims !== undefined || !usesClaims(objects)) return description;
  const bootstrapObjects = [...(description.settings?.bootstrapObjects ?? []), ...assumedStorageClasses(objects)];
  return { ...description, settings: { ...description.settings, claims: true, bootstrapObjects } };
}

/** The description of a cluster whose schedulers watch the PodGroups among the objects, where a description does not say. */
export function withPodGroups(description: ClusterDescription, objects: readonly KubeObject[]): ClusterDescription {
  const group = objects.find(isPodGroup);
  if (description.settings?.podGroups !== undefined || group === undefined) return description;
  return { ...description, settings: { ...description.settings, podGroups: group.apiVersion } };
}

/** What a cluster heeds that Kubernetes has off by default. */
export interface Heeded {
  /** A profile enables GangScheduling. */
  readonly podGroups: boolean;
  /** Feature gates that are on. */
  readonly deviceGates: readonly DeviceGate[];
}

/** Of a cluster about which nothing is said. */
export const DEFAULT_HEEDED: Heeded = { podGroups: false, deviceGates: [] };
/** Of a cluster that nobody can read: what it heeds is not told as unheeded. */
export const ALL_HEEDED: Heeded = { podGroups: true, deviceGates: DEVICE_GATES };

/** What a cluster heeds of what is off by default. */
export function heededBy({ settings = {} }: Pick<ClusterDescription, 'settings'>): Heeded {
  const { schedulerConfiguration: data = null, deviceGates = [] } = settings;
  const podGroups = data !== null && decodeSchedulerConfiguration(data).configuration.profiles.some(heedsGroups);
  return { podGroups, deviceGates };
}

/** Whether any object is a claim, satisfies claims, or makes pods that have claims. */
export function usesClaims(objects: readonly KubeObject[]): boolean {
  return (
    objects.some(
      (object) =>
        KINDS.has(`${object.apiVersion} ${object.kind}`) || listOf(templateOf(object).resourceClaims).length > 0,
    ) || claimsVolumes(objects)
  );
}

/** Whether any object claims a volume, or makes pods that do. */
export function claimsVolumes(objects: readonly KubeObject[]): boolean {
  return objects.some((object) => {
    if (object.kind === 'PersistentVolumeClaim' || claimTemplatesOf(object).length > 0) return true;
    return listOf(templateOf(object).volumes).some(
      (volume) => volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined,
    );
  });
}

/** Storage classes that the objects need and do not bring along, in order of their first mention. */
export function assumedStorageClasses(objects: readonly KubeObject[]): readonly StorageClass[] {
  const defined = objects.filter(({ kind }) => kind === 'StorageClass');
  const known = new Set(defined.map(({ metadata }) => metadata.name));
  for (const object of objects) if (object.kind === 'PersistentVolume') known.add(storageClassNameOf(object));
  const hasDefault = defined.some(({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true');
  const names = new Set<string>();
  for (const spec of objects.flatMap(claimSpecsOf)) {
    const name = spec?.storageClassName ?? (hasDefault ? '' : DEFAULT_CLASS);
    if (typeof name === 'string' && name !== '' && !known.has(name)) names.add(name);
  }
  return [...names].map((name) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, ...(name === DEFAULT_CLASS && !hasDefault ? { annotations: { [IS_DEFAULT]: 'true' } } : {}) },
    provisioner: PROVISIONER_NAME,
    volumeBindingMode: 'WaitForFirstConsumer',
  }));
}

function claimSpecsOf(object: KubeObject): readonly PersistentVolumeClaim['spec'][] {
  if (object.kind === 'PersistentVolumeClaim') {
    const spec = object.spec as PersistentVolumeClaim['spec'];
    const bound = (spec?.volumeName ?? '') !== '';
    return bound ? [] : [{ ...spec, storageClassName: storageClassNameOf(object) || spec?.storageClassName }];
  }
  const own = claimTemplatesOf(object).map((template) => template?.spec as PersistentVolumeClaim['spec']);
  const ephemeral = listOf(templateOf(object).volumes).flatMap((volume) => {
    return volume?.ephemeral === undefined ? [] : [volume.ephemeral?.volumeClaimTemplate?.spec];
  });
  return [...own, ...ephemeral];
}

function claimTemplatesOf({ spec }: KubeObject): readonly KubeObject[] {
  return listOf(
    (spec as { readonly volumeClaimTemplates?: readonly KubeObject[] } | null | undefined)?.volumeClaimTemplates,
  );
}

/** The pod spec that an object holds: its own, its template's, its job template's. */
function templateOf({ kind, spec }: KubeObject): PodTemplate {
  const given = (spec ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === 'Pod') return given;
  const job = (given['jobTemplate'] as { readonly spec?: { readonly template?: unknown } } | null | undefined)?.spec;
  const template = (given['template'] ?? job?.template) as { readonly spec?: PodTemplate } | null | undefined;
  return template?.spec ?? {};
}

/** Manifests may hold anything where a list belongs. */
function listOf<T>(value: readonly T[] | null | undefined): readonly T[] {
  return Array.isArray(value) ? value : [];
}
