/**
 * What `device` and its fields stand for in a selector: maps that are read only as far as a selector looks, for most devices are asked about one name
 * of many. Source: Kubernetes 1.34, dynamic-resource-allocation/cel.
 *
 * `device.attributes` and `device.capacity` are maps by domain; a name without domain belongs to the driver's. A domain that a device does not have
 * is an empty map.
 */
import { CelError } from '../../../types/cel-syntax.ts';
import type { Device, DeviceAttribute } from '../../../types/device.ts';
import { type Quantity, tryParseQuantity } from '../../../types/quantity.ts';
import type { CelValue } from './cel-evaluate.ts';
import { parseVersion, type Version } from './semantic-version.ts';

/** A map that a selector can look into. */
export abstract class DevicePart {
  abstract has(key: string): boolean;
  /** The value of a key; undefined where there is none. @throws CelError for a value that cannot be read */
  abstract entry(key: string): CelValue | undefined;
  abstract keys(): readonly string[];
  /** Whether another is the same map of the same device. */
  abstract equals(other: DevicePart): boolean;
}

const FIELDS: readonly string[] = ['driver', 'allowMultipleAllocations', 'attributes', 'capacity'];
type Values<T> = Readonly<Record<string, T>>;
const NO_ATTRIBUTES: Values<DeviceAttribute> = {};
const NO_CAPACITY: NonNullable<Device['capacity']> = {};

/** A device of a driver. */
export class DeviceValue extends DevicePart {
  readonly #driver: string;
  readonly #device: Device;

  constructor(driver: string, device: Device) {
    super();
    this.#driver = driver;
    this.#device = device;
  }

  has(key: string): boolean {
    return FIELDS.includes(key);
  }

  entry(key: string): CelValue | undefined {
    const { attributes = NO_ATTRIBUTES, capacity = NO_CAPACITY, allowMultipleAllocations } = this.#device;
    if (key === 'driver') return this.#driver;
    if (key === 'attributes') return new Domains(this.#driver, attributes, attributeValue);
    if (key === 'capacity') return new Domains(this.#driver, capacity, ({ value }) => quantityOf(value));
    return key === 'allowMultipleAllocations' ? allowMultipleAllocations === true : undefined;
  }

  keys(): readonly string[] {
    return FIELDS;
  }

  equals(other: DevicePart): boolean {
    return other instanceof DeviceValue && other.#device === this.#device;
  }
}

class Domains<T> extends DevicePart {
  readonly #driver: string;
  readonly #values: Values<T>;
  readonly #read: (value: T) => CelValue;

  constructor(driver: string, values: Values<T>, read: (value: T) => CelValue) {
    super();
    this.#driver = driver;
    this.#values = values;
    this.#read = read;
  }

  has(domain: string): boolean {
    return this.keys().includes(domain);
  }

  entry(domain: string): CelValue {
    return new Entries(domain, domain === this.#driver, this.#values, this.#read);
  }

  keys(): readonly string[] {
    const domains = Object.keys(this.#values).map((name) => {
      const slash = name.indexOf('/');
      return slash < 0 ? this.#driver : name.slice(0, slash);
    });
    return [...new Set(domains)];
  }

  equals(other: DevicePart): boolean {
    return other instanceof Domains && other.#values === this.#values;
  }
}

class Entries<T> extends DevicePart {
  readonly #domain: string;
  /** Names without domain belong here. */
  readonly #isOwn: boolean;
  readonly #values: Values<T>;
  readonly #read: (value: T) => CelValue;

  constructor(domain: string, isOwn: boolean, values: Values<T>, read: (value: T) => CelValue) {
    super();
    this.#domain = domain;
    this.#isOwn = isOwn;
    this.#values = values;
    this.#read = read;
  }

  has(name: string): boolean {
    return this.#fullName(name) !== undefined;
  }

  entry(name: string): CelValue | undefined {
    const full = this.#fullName(name);
    return full === undefined ? undefined : this.#read(this.#values[full] as T);
  }

  keys(): readonly string[] {
    const prefix = `${this.#domain}/`;
    const names = Object.keys(this.#values);
    const qualified = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    return this.#isOwn ? [...new Set([...qualified, ...names.filter((name) => !name.includes('/'))])] : qualified;
  }

  equals(other: DevicePart): boolean {
    return other instanceof Entries && other.#values === this.#values && other.#domain === this.#domain;
  }

  #fullName(name: string): string | undefined {
    if (this.#isOwn && !name.includes('/') && Object.hasOwn(this.#values, name)) return name;
    const qualified = `${this.#domain}/${name}`;
    return Object.hasOwn(this.#values, qualified) ? qualified : undefined;
  }
}

function attributeValue({ string, int, bool, version, strings, ints, bools, versions }: DeviceAttribute): CelValue {
  const value = string ?? bool ?? strings ?? bools;
  if (value !== undefined) return value;
  if (int !== undefined) return BigInt(int);
  if (ints !== undefined) return ints.map(BigInt);
  if (versions !== undefined) return versions.map(versionOf);
  if (version === undefined) throw new CelError('an attribute has a value of an unknown type');
  return versionOf(version);
}

/** A text as a quantity. @throws CelError */
export function quantityOf(text: string): Quantity {
  const quantity = tryParseQuantity(String(text));
  if (quantity === undefined) throw new CelError(`"${text}" is not a quantity`);
  return quantity;
}

/** A text as a semantic version. @throws CelError */
export function versionOf(text: string): Version {
  const version = parseVersion(text);
  if (version === null) throw new CelError(`"${text}" is not a semantic version`);
  return version;
}
