/**
 * Constraints of a claim on what its devices have in common, or have not. Source: Kubernetes 1.34 to 1.36, dynamic-resource-allocation/structured
 * (constraint.go); lists of values since 1.36 (gate DRAListTypeAttributes).
 *
 * Values are sets, a single one a set of one: with `matchAttribute` some value is in all of them, with `distinctAttribute` a device has no value
 * of the last device of any request. A device without the attribute satisfies neither.
 */
import type { DeviceAttribute } from '../../../types/device.ts';
import type { AttributeConstraint } from './device-claims.ts';
import type { PooledDevice } from './pools.ts';

const NO_VALUES: readonly string[] = [];
const known = new WeakMap<DeviceAttribute, readonly string[]>();

/** What a constraint remembers of the devices that are chosen, as upstream does: backtracking leaves traces. */
export class ConstraintMemory {
  readonly #about: AttributeConstraint;
  /** What all devices have in common; stays as narrow as it was once some are taken back. */
  #common: readonly string[] = NO_VALUES;
  /** The values of the device that came last, by request: those before it are forgotten, with the last one taken back too. */
  readonly #last = new Map<string, readonly string[]>();
  #count = 0;

  constructor(about: AttributeConstraint) {
    this.#about = about;
  }

  /** Whether the constraint concerns devices of a request's alternative. `parent`: the request's own name. */
  concerns(parent: string, request: string): boolean {
    const { requests } = this.#about;
    return requests.length === 0 || requests.includes(parent) || requests.includes(request);
  }

  /** Remembers one device more; false, and nothing is remembered, where it does not satisfy the constraint. */
  add(pooled: PooledDevice, parent: string): boolean {
    const { attribute, distinct } = this.#about;
    const values = valuesOf(pooled, attribute);
    if (values.length === 0) return false;
    if (distinct) {
      for (const others of this.#last.values()) if (values.some((value) => others.includes(value))) return false;
      this.#last.set(parent, values);
    } else if (this.#count === 0) this.#common = values;
    else if (this.#common.length > 1 || values.length > 1 || this.#common[0] !== values[0]) {
      const common = this.#common.filter((value) => values.includes(value));
      if (common.length === 0) return false;
      this.#common = common;
    }
    this.#count++;
    return true;
  }

  /** The device that came last is taken back. */
  remove(parent: string): void {
    this.#last.delete(parent);
    this.#count--;
  }
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
