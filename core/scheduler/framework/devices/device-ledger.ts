/**
 * Which devices are taken: those of allocated claims, and those whose allocation is decided and not yet seen in its claim.
 *
 * Kept by every change of a claim, so that a cycle looks up single devices. A device counts once for each that holds it; administrators'
 * access holds nothing.
 */
import { type AllocatedDevice, type DeviceAllocation, deviceKey, type ResourceClaim } from '../../../types/device.ts';

/** Taken devices by the name of {@link deviceKey}. */
export class DeviceLedger {
  readonly #holders = new Map<string, number>();
  /** By the claim's `namespace/name`: nobody else allocates it. */
  readonly #inFlight = new Map<string, DeviceAllocation>();
  /** Pools (`driver/pool`) of which a device was taken or given back; whoever catches up with them empties it. */
  readonly changedPools = new Set<string>();

  /** Whether a device is taken. */
  has(key: string): boolean {
    return this.#holders.has(key);
  }

  /** Whether a claim's allocation is decided and not yet written. */
  isInFlight(claim: string): boolean {
    return this.#inFlight.has(claim);
  }

  /** An allocation is decided. */
  decide(claim: string, allocation: DeviceAllocation): void {
    this.settle(claim);
    this.#inFlight.set(claim, allocation);
    this.#count(allocation, 1);
  }

  /** The claim says it itself now, or the allocation comes to nothing. */
  settle(claim: string): void {
    const allocation = this.#inFlight.get(claim);
    if (allocation === undefined) return;
    this.#inFlight.delete(claim);
    this.#count(allocation, -1);
  }

  /** A claim came, changed or went. */
  changed(before: ResourceClaim | undefined, after: ResourceClaim | undefined): void {
    const [old, next] = [before?.status?.allocation, after?.status?.allocation];
    if (old === next) return;
    this.#count(old, -1);
    this.#count(next, 1);
  }

  #count(allocation: DeviceAllocation | undefined, by: 1 | -1): void {
    for (const device of allocation?.devices.results ?? []) {
      if (device.adminAccess === true) continue;
      const key = deviceKey(device);
      const count = (this.#holders.get(key) ?? 0) + by;
      if (count === 0) this.#holders.delete(key);
      else this.#holders.set(key, count);
      this.changedPools.add(poolId(device));
    }
  }
}

/** The name of a driver's pool. */
export function poolId({ driver, pool }: Pick<AllocatedDevice, 'driver' | 'pool'>): string {
  return `${driver}/${pool}`;
}
