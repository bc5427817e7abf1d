/**
 * Allocation of claims for devices without a pod: what a test does that begins with some devices in use. The same allocator as the
 * scheduler's, on nodes and objects that the caller has listed.
 */
import { ClusterObjects } from '../scheduler/framework/cluster-objects.ts';
import { allocate } from '../scheduler/framework/devices/allocator.ts';
import { claimToAllocate } from '../scheduler/framework/devices/device-claims.ts';
import { poolsOf } from '../scheduler/framework/devices/pools.ts';
import { NodeInfo } from '../scheduler/framework/node-info.ts';
import type { DeviceAllocation, ResourceClaim } from '../types/device.ts';
import type { DeviceGate } from '../types/device-gates.ts';
import type { Node } from '../types/node.ts';
import type { KubeObject } from '../types/object.ts';

/** Nodes, what they offer, and the claims that have their share. */
export class DeviceLot {
  readonly #objects: ClusterObjects;
  readonly #nodes: readonly NodeInfo[];

  /** `objects`: slices, classes and all claims. */
  constructor(nodes: readonly Node[], objects: readonly KubeObject[], gates: readonly DeviceGate[] = []) {
    this.#objects = new ClusterObjects(gates);
    this.#nodes = nodes.map((node) => new NodeInfo(node));
    for (const object of objects) this.#objects.put(object);
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  /** The claim with its allocation on the first node, from this one on, that has the devices; a text says why there is none. */
  allocate(claim: ResourceClaim, from: number): ResourceClaim | string {
    const wanted = claimToAllocate(claim, this.#objects);
    if (typeof wanted === 'string') return wanted;
    for (let i = 0; i < this.#nodes.length; i++) {
      const node = this.#nodes[(from + i) % this.#nodes.length] as NodeInfo;
      const found = allocate(poolsOf(this.#objects, node), [wanted], this.#objects.devices, node.name);
      if (found === null || typeof found === 'string') continue;
      const allocated = { ...claim, status: { ...claim.status, allocation: found[0] as DeviceAllocation } };
      this.#objects.put(allocated);
      return allocated;
    }
    return 'no node has the devices';
  }
}
