/**
 * What objects of a workload need of each other: a pod whose claim's class was taken away fails too, but that is another failure than the one
 * that is shrunk.
 *
 * References are found by the names of fields, wherever they stand in an object, so that templates of any kind are read alike. Devices and volumes made by hand
 * are referred to by nobody; they stay with the class that they belong to.
 */
import type { KubeObject } from '../../types/object.ts';

/** Fields that hold the name of an object. */
const NAME_FIELDS: Readonly<Record<string, string>> = {
  claimName: 'PersistentVolumeClaim',
  deviceClassName: 'DeviceClass',
  driver: 'CSIDriver',
  priorityClassName: 'PriorityClass',
  provisioner: 'CSIDriver',
  resourceClaimName: 'ResourceClaim',
  resourceClaimTemplateName: 'ResourceClaimTemplate',
  runtimeClassName: 'RuntimeClass',
  secretName: 'Secret',
  serviceAccountName: 'ServiceAccount',
  serviceName: 'Service',
  storageClassName: 'StorageClass',
  volumeName: 'PersistentVolume',
};
/** Fields that hold one reference or several, each with a `name`. */
const REFERENCE_FIELDS: Readonly<Record<string, string>> = {
  configMap: 'ConfigMap',
  configMapKeyRef: 'ConfigMap',
  configMapRef: 'ConfigMap',
  imagePullSecrets: 'Secret',
  secret: 'Secret',
  secretKeyRef: 'Secret',
  secretRef: 'Secret',
};
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** `kept` and all objects of `workload` that these need, in the order of the workload. */
export function withReferences(kept: readonly KubeObject[], workload: readonly KubeObject[]): readonly KubeObject[] {
  const found = new Set(kept);
  // A set that grows while it is walked: what was found is looked at in its turn.
  for (const object of found) {
    const names = namesIn(object);
    for (const other of workload) if (!found.has(other) && isNeeded(other, object, names)) found.add(other);
  }
  return workload.filter((object) => found.has(object));
}

/** Which of `names` stand anywhere in the workload as a whole text: nodes that devices or volumes belong to. */
export function mentioned(names: readonly string[], workload: readonly KubeObject[]): readonly string[] {
  const wanted = new Set(names);
  const found = new Set<string>();
  for (const object of workload) {
    walk(object, (_field, value) => {
      if (typeof value === 'string' && wanted.has(value)) found.add(value);
    });
  }
  return [...found];
}

function isNeeded(other: KubeObject, by: KubeObject, names: ReadonlySet<string>): boolean {
  const { kind, metadata } = other;
  const { namespace = '' } = metadata;
  if (kind === 'Namespace') return metadata.name === by.metadata.namespace;
  if (namespace !== '' && namespace !== by.metadata.namespace) return false;
  if (names.has(`${kind}/${metadata.name}`)) return true;
  if (kind === 'ResourceSlice') return [...names].some((name) => name.startsWith('DeviceClass/'));
  if (kind === 'StorageClass') return metadata.annotations?.[DEFAULT_CLASS] === 'true' && claimsDefault(by);
  if (kind !== 'PersistentVolume') return false;
  return [...namesIn(other)].some((name) => name.startsWith('StorageClass/') && names.has(name));
}

/** All `Kind/name` that an object refers to. */
function namesIn(object: KubeObject): ReadonlySet<string> {
  const names = new Set<string>();
  walk(object, (field, value) => {
    const kind = NAME_FIELDS[field];
    if (kind !== undefined && typeof value === 'string') names.add(`${kind}/${value}`);
    const referred = REFERENCE_FIELDS[field];
    if (referred === undefined) return;
    for (const each of Array.isArray(value) ? value : [value]) {
      const { name } = (each ?? {}) as { readonly name?: unknown };
      if (typeof name === 'string') names.add(`${referred}/${name}`);
    }
  });
  return names;
}

/** Whether an object is a claim, or has a template of one, that names no class. */
function claimsDefault(object: KubeObject): boolean {
  const claims: unknown[] = object.kind === 'PersistentVolumeClaim' ? [object] : [];
  walk(object, (field, value) => {
    if (field === 'volumeClaimTemplate') claims.push(value);
    if (field === 'volumeClaimTemplates' && Array.isArray(value)) claims.push(...value);
  });
  return claims.some((claim) => {
    const { spec } = (claim ?? {}) as { readonly spec?: { readonly storageClassName?: unknown } };
    return spec?.storageClassName === undefined;
  });
}

/** Calls `visit` for each field of a tree. */
function walk(tree: unknown, visit: (field: string, value: unknown) => void): void {
  if (typeof tree !== 'object' || tree === null) return;
  for (const [field, value] of Object.entries(tree)) {
    visit(Array.isArray(tree) ? '' : field, value);
    walk(value, visit);
  }
}
