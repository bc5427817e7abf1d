/**
 * Which devices satisfy a pod's claims on a node. Source: Kubernetes 1.34, dynamic-resource-allocation/structured (allocator); what is shared,
 * counted or tainted as 1.36.3 has it.
 *
 * A search with backtracking in the order of claims, requests, alternatives, pools (upstream: any order) and devices; the first solution counts,
 * and only devices that it comes to are asked whether they match. Devices of one request are interchangeable, so they are only tried in ascending
 * order: the first solution stays the same. Limit: {@link MAX_STEPS} steps a node, then the node is refused with {@link TIMED_OUT}.
 */

import type { AllocatedDevice, DeviceAllocation } from '../../../types/device.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../../types/pod.ts';
import { ConstraintMemory } from './attribute-constraints.ts';
import type { ClaimRequest, PodDeviceClaim, RequestAlternative } from './device-claims.ts';
import { CountersLeft } from './device-counters.ts';
import type { DeviceLedger } from './device-ledger.ts';
import { isKeptOff, matches, Refusal } from './device-matches.ts';
import type { DevicePool, PooledDevice } from './pools.ts';
import { type Amounts, consumptionOf } from './shared-capacity.ts';

/** Most devices of one claim (AllocationResultsMaxSize). */
const DEVICES_MAX = 32;
const MAX_STEPS = 50_000;
/** The search takes too long; concerns the node only. */
export const TIMED_OUT = 'timed out trying to allocate devices';

/** There are too few devices beside those of invalid pools; concerns the node only. */
export const INVALID_POOLS = 'invalid resource pools were encountered';

/** An allocation for each claim, in order; a text when a claim or pool forbids any; `null` when there are too few devices. */
export type AllocationOutcome = readonly DeviceAllocation[] | string | null;

/** Looks for devices on the node of this name for claims that are not allocated. */
export function allocate(
  pools: readonly DevicePool[],
  claims: readonly PodDeviceClaim[],
  inUse: DeviceLedger,
  nodeName: string,
): AllocationOutcome {
  const found = search(pools, claims, inUse);
  if (found === null || typeof found === 'string') return found;
  return found.map((devices, i) => allocationOf(devices, claims[i] as PodDeviceClaim, nodeName));
}

/** Whether {@link allocate} finds devices; a text when a claim or pool forbids any. */
export function isAllocatable(
  pools: readonly DevicePool[],
  claims: readonly PodDeviceClaim[],
  inUse: DeviceLedger,
): boolean | string {
  const found = search(pools, claims, inUse);
  return typeof found === 'string' ? found : found !== null;
}

/** The devices of each claim; a text or `null` as {@link AllocationOutcome} has it. */
function search(
  pools: readonly DevicePool[],
  claims: readonly PodDeviceClaim[],
  inUse: DeviceLedger,
): readonly (readonly Chosen[])[] | string | null {
  try {
    const found = new Search(pools, claims, inUse);
    found.validate();
    if (found.claim(0)) return found.chosen;
    return pools.some(({ invalid }) => invalid !== '') ? INVALID_POOLS : null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

interface Chosen {
  readonly pooled: PooledDevice;
  readonly request: string;
  /** Its request alone, without the alternative. */
  readonly parent: string;
  readonly alternative: RequestAlternative;
  readonly from: DevicePool;
  /** What it takes of a device that is shared; `null` of others. */
  readonly consumed: Amounts | null;
}

class Search {
  /** By claim. */
  readonly chosen: Chosen[][];
  readonly #pools: readonly DevicePool[];
  readonly #claims: readonly PodDeviceClaim[];
  readonly #inUse: DeviceLedger;
  /** By claim. */
  readonly #constraints: readonly (readonly ConstraintMemory[])[];
  /** How many claims of the pod get a device; one that is looked at with admin access is none for others either. */
  readonly #taken = new Map<string, number>();
  /** What those chosen take of shared devices, by device and capacity, billionths. */
  readonly #consumed = new Map<string, Map<string, bigint>>();
  /** By pool: what devices in use and those chosen leave of its counters. */
  readonly #counters = new Map<DevicePool, CountersLeft>();
  /** Every device that an alternative for all devices gets. */
  readonly #all = new Map<RequestAlternative, readonly Candidate[]>();
  #steps = 0;

  constructor(pools: readonly DevicePool[], claims: readonly PodDeviceClaim[], inUse: DeviceLedger) {
    this.#pools = pools;
    this.#claims = claims;
    this.#inUse = inUse;
    this.chosen = claims.map(() => []);
    this.#constraints = claims.map(({ constraints }) => constraints.map((about) => new ConstraintMemory(about)));
  }

  /** Finds out what "all devices" are and refuses claims for more than one may have; before anything is chosen. */
  validate(): void {
    for (const [claimIndex, { key, requests }] of this.#claims.entries()) {
      let least = 0;
      for (const [requestIndex, { alternatives }] of requests.entries()) {
        const counts = alternatives.map((alternative, i) => {
          if (alternative.count >= 0) return alternative.count;
          const known = i === 1 ? this.#answeredBefore(alternatives) : undefined;
          const all = known ?? this.#allDevices({ claimIndex, requestIndex, alternative });
          this.#all.set(alternative, all);
          return all.length;
        });
        least += Math.min(...counts);
      }
      if (least > DEVICES_MAX) {
        throw new Refusal(
          `claim ${key}: number of requested devices ${least} exceeds the claim limit of ${DEVICES_MAX}`,
        );
      }
    }
  }

  /**
   * What 1.34 takes for all devices of a second alternative if the first one is for all devices, too: those of the first one, whose answers it finds
   * under the index that it has yet to raise (allocator_incubating.go, Allocate; 1.36 raises it before it asks). `undefined` if it asks.
   */
  #answeredBefore([first]: readonly RequestAlternative[]): readonly Candidate[] | undefined {
    const raisesLate = this.#pools.some(({ release }) => release === '1.34');
    return raisesLate && first !== undefined ? this.#all.get(first) : undefined;
  }

  /** Satisfies the claims from this one on. */
  claim(index: number): boolean {
    return index >= this.#claims.length || this.#request(index, 0);
  }

  #request(claimIndex: number, requestIndex: number): boolean {
    const request = (this.#claims[claimIndex] as PodDeviceClaim).requests[requestIndex];
    if (request === undefined) return this.claim(claimIndex + 1);
    return request.alternatives.some((alternative) => this.#take({ claimIndex, requestIndex, alternative }, 0));
  }

  /** Chooses the devices of one alternative, `had` of which are chosen, and what comes behind. */
  #take(place: Place, had: number): boolean {
    const { claimIndex, requestIndex, alternative } = place;
    const all = this.#all.get(alternative);
    if (all?.length === 0) return false;
    const left = (all?.length ?? alternative.count) - had;
    if (left <= 0) return this.#request(claimIndex, requestIndex + 1);
    if ((this.chosen[claimIndex] as Chosen[]).length + left > DEVICES_MAX) return false;
    return all === undefined ? this.#some(place, left, 0, 0) : this.#everyOne(place, all, had);
  }

  /** Chooses `left` more devices, from a pool's device on. */
  #some(place: Place, left: number, fromPool: number, fromDevice: number): boolean {
    if (left === 0) return this.#request(place.claimIndex, place.requestIndex + 1);
    for (let p = fromPool; p < this.#pools.length; p++) {
      const pool = this.#pools[p] as DevicePool;
      const { devices, name, invalid, release } = pool;
      if (invalid !== '' && release === '1.34') throw new Refusal(`pool ${name} is invalid: ${invalid}`);
      for (let i = p === fromPool ? fromDevice : 0; i < devices.length; i++) {
        const pooled = devices[i] as PooledDevice;
        if (this.#isTaken(place.alternative, pooled)) continue;
        const one = this.#chosenOf(place, pool, pooled);
        if (!matches(place.alternative, pool, i) || !this.#hasLeft(one)) continue;
        if (!this.#isFree(place, one) || !this.#satisfies(place, one)) continue;
        if (this.#with(place, one, () => this.#some(place, left - 1, p, i + 1))) return true;
      }
    }
    return false;
  }

  /** Takes all devices that match, from the one at `had` on: there is one way to do this. */
  #everyOne(place: Place, devices: readonly Candidate[], had: number): boolean {
    const first = devices[had] as Candidate;
    const one = this.#chosenOf(place, first.pool, first.pooled);
    if (!this.#isFree(place, one)) return false;
    if (!this.#satisfies(place, one)) {
      const { driver, pool, device } = first.pooled;
      throw new Refusal(
        `claim ${this.#keyOf(place)}, request ${ownName(place.alternative)}: cannot add device ${driver}/${pool}/${device.name} because a claim constraint would not be satisfied`,
      );
    }
    if (!this.#hasLeft(one)) {
      this.#release(place, one);
      return false;
    }
    const next = first.pool.release === '1.34' ? this.#firstOf(place) : place;
    return this.#with(place, one, () => this.#take(next, had + 1));
  }

  /** Goes on with a device chosen, and takes it back when that leads nowhere. */
  #with(place: Place, one: Chosen, goOn: () => boolean): boolean {
    if (++this.#steps > MAX_STEPS) throw new Refusal(TIMED_OUT);
    const chosen = this.chosen[place.claimIndex] as Chosen[];
    const { key } = one.pooled;
    const taken = this.#taken.get(key) ?? 0;
    const demand = this.#counts(one.pooled) ? one.pooled.takes : null;
    chosen.push(one);
    this.#taken.set(key, taken + 1);
    this.#consume(one, 1n);
    if (demand !== null) this.#countersOf(one.from).take(demand);
    if (goOn()) return true;
    chosen.pop();
    this.#release(place, one);
    if (taken === 0) this.#taken.delete(key);
    else this.#taken.set(key, taken);
    this.#consume(one, -1n);
    if (demand !== null) this.#countersOf(one.from).giveBack(demand);
    return false;
  }

  /** What 1.34 goes on with behind a device of those that are all wanted: the first alternative (allocator_stable.go, allocateOne). */
  #firstOf(place: Place): Place {
    const { requests } = this.#claims[place.claimIndex] as PodDeviceClaim;
    const [alternative = place.alternative] = (requests[place.requestIndex] as ClaimRequest).alternatives;
    return { ...place, alternative };
  }

  #chosenOf({ claimIndex, requestIndex, alternative }: Place, from: DevicePool, pooled: PooledDevice): Chosen {
    const { requests } = this.#claims[claimIndex] as PodDeviceClaim;
    const parent = (requests[requestIndex] as ClaimRequest).name;
    const consumed = pooled.shared ? consumptionOf(pooled.device, alternative.amounts) : null;
    return { pooled, request: alternative.name, parent, alternative, from, consumed };
  }

  /** Whether somebody has a device that serves one alone: most of those that are passed over. */
  #isTaken({ adminAccess }: RequestAlternative, { key, shared }: PooledDevice): boolean {
    return !shared && !adminAccess && (this.#inUse.has(key) || this.#taken.has(key));
  }

  /** Whether a device may be chosen, constraints and capacity aside. */
  #isFree({ claimIndex }: Place, { pooled, alternative, from }: Chosen): boolean {
    if (isKeptOff(alternative, pooled)) return false;
    const { key, shared, takes } = pooled;
    if (!shared && alternative.adminAccess) {
      if ((this.chosen[claimIndex] as Chosen[]).some((other) => other.pooled.key === key)) return false;
    } else if (this.#isTaken(alternative, pooled)) return false;
    return takes === null || !this.#counts(pooled) || this.#countersOf(from).allow(takes);
  }

  /** Whether a shared device has so much left; others have. */
  #hasLeft({ pooled, consumed }: Chosen): boolean {
    const { key, capacity, shared } = pooled;
    if (consumed === null) return !shared;
    const chosen = this.#consumed.get(key);
    for (const [name, { nanos }] of consumed) {
      const left = (capacity.get(name) ?? 0n) - this.#inUse.consumed(key, name) - (chosen?.get(name) ?? 0n);
      if (left < nanos) return false;
    }
    return true;
  }

  /** A device is chosen, `sign` 1, or taken back, `sign` −1: counts what is taken of a shared one. */
  #consume({ pooled, consumed }: Chosen, sign: 1n | -1n): void {
    if (consumed === null) return;
    let chosen = this.#consumed.get(pooled.key);
    if (chosen === undefined) {
      chosen = new Map();
      this.#consumed.set(pooled.key, chosen);
    }
    for (const [name, { nanos }] of consumed) chosen.set(name, (chosen.get(name) ?? 0n) + sign * nanos);
  }

  /** Whether a device takes from its pool's counters once it is chosen, also where it is merely looked at; what is shared takes once. */
  #counts({ key, shared }: PooledDevice): boolean {
    return !shared || !(this.#inUse.has(key) || this.#taken.has(key));
  }

  #countersOf(pool: DevicePool): CountersLeft {
    let left = this.#counters.get(pool);
    if (left === undefined) {
      left = new CountersLeft(pool.counters);
      for (const { key, takes } of pool.counted) if (takes !== null && this.#inUse.has(key)) left.take(takes);
      this.#counters.set(pool, left);
    }
    return left;
  }

  /** Whether the claim's constraints take a device; if so they remember it until it is released. */
  #satisfies({ claimIndex }: Place, one: Chosen): boolean {
    const constraints = this.#constraints[claimIndex] as readonly ConstraintMemory[];
    const { pooled, parent, request } = one;
    const refused = constraints.findIndex((each) => each.concerns(parent, request) && !each.add(pooled, parent));
    if (refused < 0) return true;
    forget(constraints, one, refused);
    return false;
  }

  #release({ claimIndex }: Place, one: Chosen): void {
    const constraints = this.#constraints[claimIndex] as readonly ConstraintMemory[];
    forget(constraints, one, constraints.length);
  }

  #allDevices(place: Place): readonly Candidate[] {
    const found: Candidate[] = [];
    for (const pool of this.#pools) {
      const asksAll = `claim ${this.#keyOf(place)}, request ${ownName(place.alternative)}: asks for all devices, but resource pool ${pool.id} is currently`;
      if (pool.incomplete) throw new Refusal(`${asksAll} being updated`);
      if (pool.invalid !== '') throw new Refusal(`${asksAll} invalid`);
      for (const [i, pooled] of pool.devices.entries()) {
        if (!matches(place.alternative, pool, i)) continue;
        // What is shared and used up is not one of them (CmpRequestOverCapacity in validateDeviceRequest).
        if (this.#hasLeft(this.#chosenOf(place, pool, pooled))) found.push({ pool, pooled });
      }
    }
    return found;
  }

  #keyOf({ claimIndex }: Place): string {
    return (this.#claims[claimIndex] as PodDeviceClaim).key;
  }
}

/** What errors call an alternative: by its own name, without that of its request. */
function ownName({ name }: RequestAlternative): string {
  return name.slice(name.indexOf('/') + 1);
}

interface Candidate {
  readonly pool: DevicePool;
  readonly pooled: PooledDevice;
}

/** Which alternative of which request. */
interface Place {
  readonly claimIndex: number;
  readonly requestIndex: number;
  readonly alternative: RequestAlternative;
}

/** The first `end` constraints forget a device. */
function forget(constraints: readonly ConstraintMemory[], { parent, request }: Chosen, end: number): void {
  for (let i = 0; i < end; i++) {
    const each = constraints[i] as ConstraintMemory;
    if (each.concerns(parent, request)) each.remove(parent);
  }
}

function allocationOf(devices: readonly Chosen[], { claim, key }: PodDeviceClaim, onNode: string): DeviceAllocation {
  const results = devices.map(({ pooled, request, alternative, consumed }, i): AllocatedDevice => {
    const { driver, pool, device, binding } = pooled;
    const { adminAccess, tolerations } = alternative;
    return {
      request,
      driver,
      pool,
      device: device.name,
      ...(adminAccess ? { adminAccess } : {}),
      ...(tolerations.length > 0 ? { tolerations } : {}),
      // Upstream draws a UUID; here claim and place name the share.
      ...(consumed === null
        ? {}
        : { shareID: `${claim.metadata.uid ?? key}-${i}`, consumedCapacity: textsOf(consumed) }),
      ...(binding.conditions.length === 0
        ? {}
        : { bindingConditions: binding.conditions, bindingFailureConditions: binding.failures }),
    };
  });
  const term = nodeTermOf(devices, onNode);
  return term === null
    ? { devices: { results } }
    : { devices: { results }, nodeSelector: { nodeSelectorTerms: [term] } };
}

function textsOf(amounts: Amounts): Readonly<Record<string, string>> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, amount.toString()]));
}

/** From which nodes the devices can be used: one node by name, what their slices select, or (`null`) all. */
function nodeTermOf(devices: readonly Chosen[], onNode: string): NodeSelectorTerm | null {
  const fields: NodeSelectorRequirement[] = [];
  const expressions: NodeSelectorRequirement[] = [];
  for (const { pooled } of devices) {
    const { spec } = pooled.slice;
    const { nodeName: given = '', nodeSelector } = (spec?.perDeviceNodeSelection === true ? pooled.device : spec) ?? {};
    const nodeName = pooled.binding.toNode ? onNode : given;
    if (nodeName !== '') return { matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] };
    const [term] = nodeSelector?.nodeSelectorTerms ?? [];
    addNew(term?.matchFields, fields);
    addNew(term?.matchExpressions, expressions);
  }
  if (fields.length + expressions.length === 0) return null;
  return {
    ...(expressions.length > 0 ? { matchExpressions: expressions } : {}),
    ...(fields.length > 0 ? { matchFields: fields } : {}),
  };
}

function addNew(from: readonly NodeSelectorRequirement[] | undefined, to: NodeSelectorRequirement[]): void {
  for (const requirement of from ?? []) {
    const text = JSON.stringify(requirement);
    if (!to.some((known) => JSON.stringify(known) === text)) to.push(requirement);
  }
}
