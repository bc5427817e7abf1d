/**
 * Constraints of a claim on what its devices have in common, or have not. Source: Kubernetes 1.34 to 1.36, dynamic-resource-allocation/structured
 * (constraint.go); lists of values since 1.36 (gate DRAListTypeAttributes).
 *
 * Values are sets, a single one a set of one: with `matchAttribute` some value is in all of them, with `distinctAttribute` no value in two. A device
 * without the attribute satisfies neither.
 */
import type { DeviceAttribute } from '../../../types/device.ts';
import type { AttributeConstraint } from './device-claims.ts';
import type { PooledDevice } from './pools.ts';

const NO_VALUES: readonly string[] = [];
const known = new WeakMap<DeviceAttribute, readonly string[]>();

/** Whether one device more satisfies a constraint beside those that it concerns already. */
export function satisfies(
  constraint: AttributeConstraint,
  pooled: PooledDevice,
  others: readonly PooledDevice[],
): boolean {
  const { attribute, distinct } = constraint;
  let common = valuesOf(pooled, attribute);
  if (common.length === 0) return false;
  for (const other of others) {
    const values = valuesOf(other, attribute);
    if (distinct) {
      if (common.some((value) => values.includes(value))) return false;
    } else if (common.length > 1 || values.length > 1 || common[0] !== values[0]) {
      common = common.filter((value) => values.includes(value));
      if (common.length === 0) return false;
    }
  }
  return true;
}

/** The values of an attribute by its full name, each with its type; a name without domain is the driver's. */
function valuesOf({ driver, device }: PooledDevice, name: string): readonly string[] {
  const attributes = device.attributes ?? {};
  if (Object.hasOwn(attributes, name)) return valuesIn(attributes[name] as DeviceAttribute);
  const slash = name.indexOf('/');
  const own = name.slice(slash + 1);
  if (slash <= 0 || name.slice(0, slash) !== driver || !Object.hasOwn(attributes, own)) return NO_VALUES;
  return valuesIn(attributes[own] as DeviceAttribute);
}

function valuesIn(attribute: DeviceAttribute): readonly string[] {
  const before = known.get(attribute);
  if (before !== undefined) return before;
  const { string, int, bool, version, strings = [], ints = [], bools = [], versions = [] } = attribute;
  const values = [
    ...[...(string === undefined ? [] : [string]), ...strings].map((value) => `string ${value}`),
    ...[...(int === undefined ? [] : [int]), ...ints].map((value) => `int ${value}`),
    ...[...(bool === undefined ? [] : [bool]), ...bools].map((value) => `bool ${value}`),
    ...[...(version === undefined ? [] : [version]), ...versions].map((value) => `version ${value}`),
  ];
  known.set(attribute, values);
  return values;
}
