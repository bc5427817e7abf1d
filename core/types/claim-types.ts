/**
 * Resource types of volumes and devices. They take part in a cluster whose workload has claims; elsewhere nobody watches them, which
 * keeps clusters without claims as small as they are. Source: Kubernetes 1.34 API (core/v1, storage.k8s.io/v1, resource.k8s.io/v1).
 */
import type { DeviceGate } from './device-gates.ts';
import type { ResourceType, ResourceTypes, TypeDefinition } from './resource-type.ts';

const BOUND = { hasGeneration: false, hasStatus: true } as const;
const PLAIN = { hasGeneration: false, hasStatus: false } as const;
const SPECIFIED = { hasGeneration: true, hasStatus: false } as const;
const STORAGE = 'storage.k8s.io/v1';
/** Group and version of devices and their claims. */
export const RESOURCE = 'resource.k8s.io/v1';

const PERSISTENT_VOLUME: TypeDefinition = {
  kind: 'PersistentVolume',
  apiVersion: 'v1',
  plural: 'persistentvolumes',
  namespaced: false,
  ...BOUND,
  shortNames: ['pv'],
};
const PERSISTENT_VOLUME_CLAIM: TypeDefinition = {
  kind: 'PersistentVolumeClaim',
  apiVersion: 'v1',
  plural: 'persistentvolumeclaims',
  namespaced: true,
  ...BOUND,
  shortNames: ['pvc'],
};
const STORAGE_CLASS: TypeDefinition = {
  kind: 'StorageClass',
  apiVersion: STORAGE,
  plural: 'storageclasses',
  namespaced: false,
  ...PLAIN,
  shortNames: ['sc'],
};
const RESOURCE_CLAIM: TypeDefinition = {
  kind: 'ResourceClaim',
  apiVersion: RESOURCE,
  plural: 'resourceclaims',
  namespaced: true,
  ...BOUND,
};
const RESOURCE_CLAIM_TEMPLATE: TypeDefinition = {
  kind: 'ResourceClaimTemplate',
  apiVersion: RESOURCE,
  plural: 'resourceclaimtemplates',
  namespaced: true,
  ...PLAIN,
};

/** All of them, in the order in which a cluster registers them. */
export const CLAIM_TYPES: readonly TypeDefinition[] = [
  PERSISTENT_VOLUME,
  PERSISTENT_VOLUME_CLAIM,
  STORAGE_CLASS,
  { kind: 'CSINode', apiVersion: STORAGE, plural: 'csinodes', namespaced: false, ...PLAIN },
  { kind: 'CSIDriver', apiVersion: STORAGE, plural: 'csidrivers', namespaced: false, ...PLAIN },
  { kind: 'CSIStorageCapacity', apiVersion: STORAGE, plural: 'csistoragecapacities', namespaced: true, ...PLAIN },
  { kind: 'VolumeAttachment', apiVersion: STORAGE, plural: 'volumeattachments', namespaced: false, ...BOUND },
  RESOURCE_CLAIM,
  RESOURCE_CLAIM_TEMPLATE,
  { kind: 'DeviceClass', apiVersion: RESOURCE, plural: 'deviceclasses', namespaced: false, ...SPECIFIED },
  { kind: 'ResourceSlice', apiVersion: RESOURCE, plural: 'resourceslices', namespaced: false, ...SPECIFIED },
];

const DEVICE_TAINT_RULE = 'DeviceTaintRule';

/** Kinds that only controllers read. */
const UNSCHEDULED: readonly string[] = ['ResourceClaimTemplate'];

/** Whether objects of a version and kind are rules that taint devices: in any version they say the same. */
export function isDeviceTaintRule({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string;
  readonly kind: string;
}): boolean {
  return kind === DEVICE_TAINT_RULE && apiVersion.startsWith('resource.k8s.io/');
}

/** What a scheduler watches to place pods by their volumes and devices; rules that taint devices with their gate only. */
export function scheduledClaimTypes(types: ResourceTypes, gates: readonly DeviceGate[]): readonly ResourceType[] {
  const watched = CLAIM_TYPES.filter(({ kind }) => !UNSCHEDULED.includes(kind)).map(({ apiVersion, kind }) =>
    types.register(apiVersion, kind),
  );
  return gates.includes('DRADeviceTaints') ? [...watched, deviceTaintRuleType(types)] : watched;
}

/** The type of rules that taint devices, registered. */
export function deviceTaintRuleType(types: ResourceTypes): ResourceType {
  return types.register(RESOURCE, DEVICE_TAINT_RULE);
}

/** A claim type by kind, registered. */
export function claimType(types: ResourceTypes, kind: string): ResourceType {
  const { apiVersion } = CLAIM_TYPES.find((definition) => definition.kind === kind) as TypeDefinition;
  return types.register(apiVersion, kind);
}

/** The types of claims proper, registered. */
export function claimTypes(types: ResourceTypes): { readonly volumes: ResourceType; readonly devices: ResourceType } {
  return { volumes: claimType(types, 'PersistentVolumeClaim'), devices: claimType(types, 'ResourceClaim') };
}

/** Their kinds by API version: no text is made to look one up. */
const KINDS: ReadonlyMap<string, ReadonlySet<string>> = kindsByVersion();

function kindsByVersion(): ReadonlyMap<string, ReadonlySet<string>> {
  const versions = new Map<string, Set<string>>();
  for (const { apiVersion, kind } of CLAIM_TYPES) {
    const kinds = versions.get(apiVersion) ?? new Set();
    versions.set(apiVersion, kinds.add(kind));
  }
  return versions;
}

/** Whether a type is one of them. */
export function isClaimType({ simulated, apiVersion, kind }: ResourceType): boolean {
  return simulated && KINDS.get(apiVersion)?.has(kind) === true;
}
