/**
 * Devices that stand for extended resources, as the columns ask for them: by slot and number of the resource (gate DRAExtendedResource). Good until a
 * class changes.
 */
import type { ClusterObjects } from '../framework/cluster-objects.ts';
import { classesByResource, type DeviceTotals, deviceTotals } from '../framework/devices/extended-resources.ts';
import type { NodeTable } from '../nodes/node-table.ts';

/** What a scheduler's classes and slices have. */
export class DeviceStock {
  readonly #objects: ClusterObjects;
  readonly #nodes: NodeTable;
  /** By number of the resource; undefined where nobody has asked. */
  readonly #stands: boolean[] = [];

  constructor(objects: ClusterObjects, nodes: NodeTable) {
    this.#objects = objects;
    this.#nodes = nodes;
  }

  /** Whether a class stands for a resource. */
  standsFor(resource: number): boolean {
    return this.#stands[resource] ?? this.#find(resource);
  }

  #find(resource: number): boolean {
    const stands = classesByResource(this.#objects).has(this.#nodes.resources.nameOf(resource));
    this.#stands[resource] = stands;
    return stands;
  }

  /** The devices of a slot that stand for a resource. */
  totals(slot: number, resource: number): DeviceTotals {
    return deviceTotals(this.#objects, this.#nodes.identityOf(slot), this.#nodes.resources.nameOf(resource));
  }
}
