/**
 * Devices and their claims of the versions before resource.k8s.io/v1, as an API server stores them: v1beta2 has the fields of v1; in v1beta1 the fields of
 * `exactly` stand in the request itself, and those of a device in `basic`. Source: Kubernetes 1.34, pkg/apis/resource/v1beta1/conversion.go.
 */
import { RESOURCE } from '../core/types/claim-types.ts';
import { isRecord, type JsonRecord } from '../core/types/json-value.ts';
import type { KubeObject } from '../core/types/object.ts';
import type { FieldPath } from './manifest-fields.ts';
import type { ManifestObject } from './manifests.ts';
import type { ProblemList } from './problem.ts';

const BETA1 = 'resource.k8s.io/v1beta1';
const BETA2 = 'resource.k8s.io/v1beta2';
const REQUESTS = ['devices', 'requests'];
/** Where the members stand whose fields have another place in v1; none = all fields stand where they are in v1. */
const LISTS: Readonly<Record<string, FieldPath>> = {
  ResourceClaim: ['spec', ...REQUESTS],
  ResourceClaimTemplate: ['spec', 'spec', ...REQUESTS],
  ResourceSlice: ['spec', 'devices'],
  DeviceClass: [],
};
/** Fields of a request that v1 has in `exactly`. */
const EXACT = ['deviceClassName', 'selectors', 'allocationMode', 'count', 'adminAccess', 'tolerations', 'capacity'];

/** The object as v1 has it, any other as it is; fields that only v1 has at their place are problems (MAN-011). */
export function inStoredVersion(given: ManifestObject, problems: ProblemList): ManifestObject {
  const { object, placeOf } = given;
  const list = Object.hasOwn(LISTS, object.kind) ? LISTS[object.kind] : undefined;
  if (list === undefined || (object.apiVersion !== BETA1 && object.apiVersion !== BETA2)) return given;
  const stored = { ...object, apiVersion: RESOURCE };
  if (object.apiVersion === BETA2 || list.length === 0) return { ...given, object: stored };
  const isSlice = object.kind === 'ResourceSlice';
  const where = isSlice ? 'in basic' : 'in the request itself';
  const convert = (member: JsonRecord, index: number): JsonRecord => {
    for (const field of Object.keys(member)) {
      if (isSlice ? field === 'name' || field === 'basic' : field !== 'exactly') continue;
      const path = `${list.join('.')}[${index}].${field}`;
      const message = `${object.kind} ${object.metadata.name}: ${path}: ${BETA1} has no such field, it has what v1 has there ${where}`;
      problems.error(placeOf([...list, index, field]), 'MAN-011', message);
    }
    return isSlice ? hoisted(member) : nested(member);
  };
  return {
    ...given,
    object: changedAt(stored, list, convert) as KubeObject,
    placeOf: (path) => placeOf(givenPath(path, list, isSlice)),
  };
}

/** A device with the fields of its `basic`. */
function hoisted({ basic, ...device }: JsonRecord): JsonRecord {
  return isRecord(basic) ? { ...device, ...basic } : device;
}

/** A request with its own fields as `exactly`, where it has any. */
function nested(request: JsonRecord): JsonRecord {
  const exact = Object.entries(request).filter(([field, value]) => EXACT.includes(field) && value !== null);
  if (exact.length === 0) return request;
  const others = Object.entries(request).filter(([field]) => !EXACT.includes(field));
  return Object.fromEntries([...others, ['exactly', Object.fromEntries(exact)]]);
}

/** A copy with each member of the list at a path changed; the value itself where there is no such list. */
function changedAt(
  value: unknown,
  path: FieldPath,
  change: (member: JsonRecord, index: number) => JsonRecord,
): unknown {
  const [field, ...rest] = path;
  if (field === undefined) {
    if (!Array.isArray(value)) return value;
    return value.map((member: unknown, i) => (isRecord(member) ? change(member, i) : member));
  }
  return isRecord(value) && field in value ? { ...value, [field]: changedAt(value[field], rest, change) } : value;
}

/** Where a field of the stored object stands in the given one. */
function givenPath(path: FieldPath, list: FieldPath, isSlice: boolean): FieldPath {
  const at = list.length + 1;
  const field = path[at];
  if (field === undefined || list.some((part, i) => path[i] !== part)) return path;
  if (!isSlice) return field === 'exactly' ? path.toSpliced(at, 1) : path;
  return field === 'name' ? path : path.toSpliced(at, 0, 'basic');
}
