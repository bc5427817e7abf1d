/**
 * References to a pod's own fields and to what its containers may use. Source: Kubernetes 1.34.1, pkg/apis/core/validation/validation.go
 * validateObjectFieldSelector and validateContainerResourceFieldSelector, pkg/apis/core/pods/helpers.go ConvertDownwardAPIFieldLabel.
 */
import { checkQualifiedName } from '../dns-names.ts';
import { tryParseQuantity } from '../quantity.ts';
import type { FieldErrors } from './field-errors.ts';

/** core/v1 ObjectFieldSelector. */
export interface FieldRef {
  readonly apiVersion?: string | undefined;
  readonly fieldPath?: string | undefined;
}

/** core/v1 ResourceFieldSelector. */
export interface ResourceFieldRef {
  readonly containerName?: string | undefined;
  readonly resource?: string | undefined;
  readonly divisor?: string | number | undefined;
}

/** Fields that a variable may hold. */
export const ENV_FIELDS: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** Fields that a file may hold. */
export const FILE_FIELDS: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
/** Fields that can be named at all; `spec.host` is what nodeName was called once. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([...ENV_FIELDS, ...FILE_FIELDS, 'spec.restartPolicy', 'spec.host']);
const SUBSCRIPTED = /^(.*)\['(.*)'\]$/s;

const RESOURCES: readonly string[] = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const PAGES = /^(?:limits|requests)\.hugepages-/;
const UNITS = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';
const CPU_UNITS: readonly string[] = ['1m', '1'];
const BYTE_UNITS: readonly string[] = UNITS.split(', ');

/** A field of the pod, one of `allowed` or an entry of its labels or annotations. */
export function validateFieldRef(ref: FieldRef, allowed: readonly string[], path: string, errors: FieldErrors): void {
  const { apiVersion = '', fieldPath = '' } = ref;
  const field = `${path}.fieldPath`;
  if (apiVersion === '') errors.required(`${path}.apiVersion`);
  else if (fieldPath === '') errors.required(field);
  else if (apiVersion !== 'v1')
    errors.invalid(field, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`);
  else {
    const [, map, key] = SUBSCRIPTED.exec(fieldPath) ?? [];
    if (map === 'metadata.annotations') errors.invalidAll(path, key, checkQualifiedName((key as string).toLowerCase()));
    else if (map === 'metadata.labels') errors.invalidAll(path, key, checkQualifiedName(key as string));
    else if (map !== undefined || !KNOWN_FIELDS.has(fieldPath))
      errors.invalid(
        field,
        fieldPath,
        `error converting fieldPath: field label ${map === undefined ? 'not supported' : 'does not support subscript'}: ${fieldPath}`,
      );
    else {
      const name = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
      if (!allowed.includes(name)) errors.notSupported(field, name, allowed);
    }
  }
}

/** What a container may use; in a file the container has to be named. */
export function validateResourceRef(ref: ResourceFieldRef, inFile: boolean, path: string, errors: FieldErrors): void {
  const { containerName = '', resource = '', divisor } = ref;
  if (inFile && containerName === '') errors.required(`${path}.containerName`);
  else if (resource === '') errors.required(`${path}.resource`);
  else if (!RESOURCES.includes(resource) && !PAGES.test(resource))
    errors.notSupported(`${path}.resource`, resource, RESOURCES);
  const unit = divisor === undefined ? undefined : tryParseQuantity(String(divisor));
  if (unit === undefined || unit.nanos === 0n) return;
  const name = PAGES.test(resource) ? 'hugepages' : resource.slice(resource.indexOf('.') + 1);
  const [units, what] = name === 'cpu' ? [CPU_UNITS, '1m and 1'] : [BYTE_UNITS, UNITS];
  if ((RESOURCES.includes(resource) || name === 'hugepages') && !units.includes(unit.toString())) {
    const resourceName = name === 'ephemeral-storage' ? 'local ephemeral storage' : name;
    errors.invalid(
      `${path}.divisor`,
      resource,
      `only divisor's values ${what} are supported with the ${resourceName} resource`,
    );
  }
}
