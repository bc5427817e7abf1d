/**
 * Which devices are taken: those of allocated claims, and those whose allocation is decided and not yet seen in its claim.
 *
 * Kept by every change of a claim, so that a cycle looks up single devices. A device counts once for each that holds it; administrators'
 * access holds nothing, and of a device that is shared each holder has so much of its capacity.
 */
import {
  type DeviceAllocation,
  deviceKey,
  EXTENDED_CLAIM_ANNOTATION,
  poolId,
  type ResourceClaim,
} from '../../../types/device.ts';
import { controllerOf } from '../../../types/owner-references.ts';
import { tryParseQuantity } from '../../../types/quantity.ts';

/** Taken devices by the name of {@link deviceKey}. */
export class DeviceLedger {
  readonly #holders = new Map<string, number>();
  /** What is taken of shared devices, by device and capacity. */
  readonly #consumed = new Map<string, Map<string, bigint>>();
  /** Allocated claims that schedulers made for extended resources, by the uid of their pod. */
  readonly #extended = new Map<string, ResourceClaim>();
  /** Such claims that a scheduler has given up, by uid, until they are seen to be gone: their devices are taken, their pods get others. */
  readonly #givenUp = new Set<string>();
  /** Uids of allocated claims whose devices were waited for in vain. */
  readonly #overdue = new Set<string>();
  /** By the claim's `namespace/name`: nobody else allocates it. */
  readonly #inFlight = new Map<string, DeviceAllocation>();
  /** Pools (`driver/pool`) of which a device was taken or is free again, or a shared one has less or more left; whoever catches up with them empties it. */
  readonly changedPools = new Set<string>();

  /** Whether a device is taken. */
  has(key: string): boolean {
    return this.#holders.has(key);
  }

  /** How much of a shared device's capacity is taken, billionths. */
  consumed(key: string, capacity: string): bigint {
    return this.#consumed.get(key)?.get(capacity) ?? 0n;
  }

  /** The allocated claim for extended resources of a pod, by the pod's uid. */
  extendedClaimOf(uid: string): ResourceClaim | undefined {
    return this.#extended.get(uid);
  }

  /** A claim for extended resources is about to be deleted, as its pod was not bound. */
  giveUp(claim: ResourceClaim): void {
    this.#givenUp.add(claim.metadata.uid ?? '');
    this.#forget(claim);
  }

  /** A claim's devices were waited for in vain. */
  setOverdue({ metadata }: ResourceClaim): void {
    this.#overdue.add(metadata.uid ?? '');
  }

  /** Whether a claim's devices were waited for in vain since it was allocated. */
  isOverdue({ metadata }: ResourceClaim): boolean {
    return this.#overdue.has(metadata.uid ?? '');
  }

  /** Whether a claim's allocation is decided and not yet written. */
  isInFlight(claim: string): boolean {
    return this.#inFlight.has(claim);
  }

  /** A claim's allocation that is decided and not yet written. */
  inFlightOf(claim: string): DeviceAllocation | undefined {
    return this.#inFlight.get(claim);
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
    this.#noteExtended(before, after);
    if (old === next) return;
    if (next === undefined) this.#overdue.delete(before?.metadata.uid ?? '');
    // What both have is held throughout, and its pool unchanged.
    this.#count(next, 1);
    this.#count(old, -1);
  }

  #noteExtended(before: ResourceClaim | undefined, after: ResourceClaim | undefined): void {
    const claim = (after ?? before) as ResourceClaim;
    const { metadata } = claim;
    if (metadata.annotations?.[EXTENDED_CLAIM_ANNOTATION] === undefined) return;
    const { uid = '', deletionTimestamp } = metadata;
    const pod = controllerOf(claim)?.uid ?? '';
    const isHeld =
      after?.status?.allocation !== undefined && deletionTimestamp === undefined && !this.#givenUp.has(uid);
    const other = this.#extended.get(pod);
    if (!isHeld) this.#forget(claim);
    else if (other === undefined || other.metadata.uid === metadata.uid) this.#extended.set(pod, after);
    if (after === undefined) this.#givenUp.delete(uid);
  }

  /** The claim is not its pod's any more; another claim of the pod stays. */
  #forget(claim: ResourceClaim): void {
    const pod = controllerOf(claim)?.uid ?? '';
    if (this.#extended.get(pod)?.metadata.uid === claim.metadata.uid) this.#extended.delete(pod);
  }

  #count(allocation: DeviceAllocation | undefined, by: 1 | -1): void {
    for (const device of allocation?.devices.results ?? []) {
      if (device.adminAccess === true) continue;
      const key = deviceKey(device);
      if (device.shareID !== undefined) this.#consume(key, device.consumedCapacity ?? {}, by);
      const before = this.#holders.get(key) ?? 0;
      const count = before + by;
      if (count === 0) this.#holders.delete(key);
      else this.#holders.set(key, count);
      if (before === 0 || count === 0 || device.shareID !== undefined) this.changedPools.add(poolId(device));
    }
  }

  #consume(key: string, amounts: Readonly<Record<string, string>>, by: 1 | -1): void {
    const taken = this.#consumed.get(key) ?? new Map<string, bigint>();
    this.#consumed.set(key, taken);
    for (const [name, text] of Object.entries(amounts)) {
      const { nanos = 0n } = tryParseQuantity(text) ?? {};
      taken.set(name, (taken.get(name) ?? 0n) + BigInt(by) * nanos);
    }
    if ([...taken.values()].every((nanos) => nanos === 0n)) this.#consumed.delete(key);
  }
}
