/**
 * The objects beside pods and nodes that plugins look up: namespaces, volumes, services, owners, budgets, claims.
 *
 * One map a kind, in order of arrival. Listers of the real scheduler are informer caches; so is this (nobody else writes).
 */
import type { ResourceClaim } from '../../types/device.ts';
import type { DeviceGate, Release } from '../../types/device-gates.ts';
import type { KubeObject, StringMap } from '../../types/object.ts';
import { DeviceLedger } from './devices/device-ledger.ts';

const NO_OBJECTS: ReadonlyMap<string, KubeObject> = new Map();
const NO_LABELS: StringMap = Object.freeze({});

/** Caches of all kinds that the plugins read. */
export class ClusterObjects {
  readonly #byKind = new Map<string, Map<string, KubeObject>>();
  readonly #versions = new Map<string, number>();
  /** Feature gates of devices that are on. */
  readonly deviceGates: ReadonlySet<DeviceGate>;
  /** Whose rules for pools of devices count. */
  readonly release: Release;
  /** Devices that claims hold. */
  readonly devices = new DeviceLedger();
  /** Grows with every change; caches that depend on these objects compare it. */
  version = 0;

  constructor(deviceGates: readonly DeviceGate[] = [], release: Release = '1.34') {
    this.deviceGates = new Set(deviceGates);
    this.release = release;
  }

  /** Adds or replaces an object. */
  put(object: KubeObject): void {
    let objects = this.#byKind.get(object.kind);
    if (objects === undefined) {
      objects = new Map();
      this.#byKind.set(object.kind, objects);
    }
    const key = keyOf(object.metadata.namespace ?? '', object.metadata.name);
    if (object.kind === 'ResourceClaim')
      this.devices.changed(objects.get(key) as ResourceClaim | undefined, object as ResourceClaim);
    objects.set(key, object);
    this.#changed(object.kind);
  }

  /** Forgets an object; one that is not there is ignored. */
  delete(kind: string, namespace: string, name: string): void {
    const before = this.get(kind, namespace, name);
    if (before === undefined) return;
    if (kind === 'ResourceClaim') this.devices.changed(before as ResourceClaim, undefined);
    this.#byKind.get(kind)?.delete(keyOf(namespace, name));
    this.#changed(kind);
  }

  /** Grows with every change of an object of a kind. */
  versionOf(kind: string): number {
    return this.#versions.get(kind) ?? 0;
  }

  /** An object of a kind; `namespace` is `''` for kinds without one. */
  get<T extends KubeObject>(kind: string, namespace: string, name: string): T | undefined {
    return this.#byKind.get(kind)?.get(keyOf(namespace, name)) as T | undefined;
  }

  /** All objects of a kind, oldest first. */
  list<T extends KubeObject>(kind: string): IterableIterator<T> {
    return (this.#byKind.get(kind) ?? NO_OBJECTS).values() as IterableIterator<T>;
  }

  /** Whether there is no object of a kind. */
  isEmpty(kind: string): boolean {
    return (this.#byKind.get(kind)?.size ?? 0) === 0;
  }

  #changed(kind: string): void {
    this.version++;
    this.#versions.set(kind, this.versionOf(kind) + 1);
  }

  /** Labels of a namespace; empty for one that is not known. */
  namespaceLabels(namespace: string): StringMap {
    return this.get('Namespace', '', namespace)?.metadata.labels ?? NO_LABELS;
  }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
