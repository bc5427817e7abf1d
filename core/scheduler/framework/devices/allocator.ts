/**
 * Which devices satisfy a pod's claims on a node. Source: Kubernetes 1.34, dynamic-resource-allocation/structured (allocator).
 *
 * A search with backtracking in the order of claims, requests, alternatives, pools (upstream: any order) and devices; the first solution counts,
 * and only devices that it comes to are asked whether they match. Devices of one request are interchangeable, so they are only tried in ascending
 * order: the first solution stays the same. Not as upstream, which goes on with the first alternative once a later one for all devices has its
 * first device. Limit: {@link MAX_STEPS} steps a node, then the node is refused with {@link TIMED_OUT}.
 */

import { CelError, type CelNode } from '../../../types/cel-syntax.ts';
import type { AllocatedDevice, DeviceAllocation, DeviceAttribute } from '../../../types/device.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../../types/pod.ts';
import { deviceMatches } from './cel-evaluate.ts';
import type { ClaimRequest, PodDeviceClaim, RequestAlternative, SharedAttribute } from './device-claims.ts';
import type { DeviceLedger } from './device-ledger.ts';
import type { DevicePool, PooledDevice } from './pools.ts';

/** Most devices of one claim (AllocationResultsMaxSize). */
const DEVICES_MAX = 32;
const MAX_STEPS = 50_000;
/** The search takes too long; concerns the node only. */
export const TIMED_OUT = 'timed out trying to allocate devices';

/** An allocation for each claim, in order; a text when a claim or pool forbids any; `null` when there are too few devices. */
export type AllocationOutcome = readonly DeviceAllocation[] | string | null;

/** Looks for devices on a node for claims that are not allocated. */
export function allocate(
  pools: readonly DevicePool[],
  claims: readonly PodDeviceClaim[],
  inUse: DeviceLedger,
): AllocationOutcome {
  try {
    const search = new Search(pools, claims, inUse);
    search.validate();
    return search.claim(0) ? search.chosen.map((devices) => allocationOf(devices)) : null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

/** Ends the search on this node. */
class Refusal extends Error {}

interface Chosen {
  readonly pooled: PooledDevice;
  readonly request: string;
  /** Its request alone, without the alternative. */
  readonly parent: string;
  readonly adminAccess: boolean;
}

class Search {
  /** By claim. */
  readonly chosen: Chosen[][];
  readonly #pools: readonly DevicePool[];
  readonly #claims: readonly PodDeviceClaim[];
  readonly #inUse: DeviceLedger;
  /** How many claims of the pod get a device; one that is looked at with admin access is none for others either. */
  readonly #taken = new Map<string, number>();
  /** Every device that an alternative for all devices gets. */
  readonly #all = new Map<RequestAlternative, readonly PooledDevice[]>();
  #steps = 0;

  constructor(pools: readonly DevicePool[], claims: readonly PodDeviceClaim[], inUse: DeviceLedger) {
    this.#pools = pools;
    this.#claims = claims;
    this.#inUse = inUse;
    this.chosen = claims.map(() => []);
  }

  /** Finds out what "all devices" are and refuses claims for more than one may have; before anything is chosen. */
  validate(): void {
    for (const [claimIndex, { key, requests }] of this.#claims.entries()) {
      let least = 0;
      for (const [requestIndex, { alternatives }] of requests.entries()) {
        const counts = alternatives.map((alternative) => {
          if (alternative.count >= 0) return alternative.count;
          const all = this.#allDevices({ claimIndex, requestIndex, alternative });
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

  /** Satisfies the claims from this one on. */
  claim(index: number): boolean {
    return index >= this.#claims.length || this.#request(index, 0);
  }

  #request(claimIndex: number, requestIndex: number): boolean {
    const request = (this.#claims[claimIndex] as PodDeviceClaim).requests[requestIndex];
    if (request === undefined) return this.claim(claimIndex + 1);
    return request.alternatives.some((alternative) => {
      const place = { claimIndex, requestIndex, alternative };
      const all = this.#all.get(alternative);
      if (all?.length === 0) return false;
      const wanted = all === undefined ? alternative.count : all.length;
      if ((this.chosen[claimIndex] as Chosen[]).length + wanted > DEVICES_MAX) return false;
      return all === undefined ? this.#some(place, wanted, 0, 0) : this.#everyOne(place, all);
    });
  }

  /** Chooses `left` more devices, from a pool's device on. */
  #some(place: Place, left: number, fromPool: number, fromDevice: number): boolean {
    if (left === 0) return this.#request(place.claimIndex, place.requestIndex + 1);
    for (let p = fromPool; p < this.#pools.length; p++) {
      const { devices, id, invalid } = this.#pools[p] as DevicePool;
      if (invalid !== '') throw new Refusal(`pool ${id.slice(id.indexOf('/') + 1)} is invalid: ${invalid}`);
      for (let i = p === fromPool ? fromDevice : 0; i < devices.length; i++) {
        const one = this.#chosenOf(place, devices[i] as PooledDevice);
        if (!this.#isFree(place, one) || !matches(place.alternative, one.pooled)) continue;
        if (!this.#satisfies(place, one)) continue;
        if (this.#with(place, one, () => this.#some(place, left - 1, p, i + 1))) return true;
      }
    }
    return false;
  }

  /** Takes all devices that match: there is one way to do this. */
  #everyOne(place: Place, devices: readonly PooledDevice[]): boolean {
    const [first, ...others] = devices;
    if (first === undefined) return this.#request(place.claimIndex, place.requestIndex + 1);
    const one = this.#chosenOf(place, first);
    if (!this.#isFree(place, one)) return false;
    if (!this.#satisfies(place, one)) {
      const { driver, pool, device } = first;
      throw new Refusal(
        `claim ${this.#keyOf(place)}, request ${ownName(place.alternative)}: cannot add device ${driver}/${pool}/${device.name} because a claim constraint would not be satisfied`,
      );
    }
    return this.#with(place, one, () => this.#everyOne(place, others));
  }

  /** Goes on with a device chosen, and takes it back when that leads nowhere. */
  #with({ claimIndex }: Place, one: Chosen, goOn: () => boolean): boolean {
    if (++this.#steps > MAX_STEPS) throw new Refusal(TIMED_OUT);
    const chosen = this.chosen[claimIndex] as Chosen[];
    const { key } = one.pooled;
    const taken = this.#taken.get(key) ?? 0;
    chosen.push(one);
    this.#taken.set(key, taken + 1);
    if (goOn()) return true;
    chosen.pop();
    this.#taken.set(key, taken);
    return false;
  }

  #chosenOf({ claimIndex, requestIndex, alternative }: Place, pooled: PooledDevice): Chosen {
    const { requests } = this.#claims[claimIndex] as PodDeviceClaim;
    const parent = (requests[requestIndex] as ClaimRequest).name;
    return { pooled, request: alternative.name, parent, adminAccess: alternative.adminAccess };
  }

  #isFree({ claimIndex }: Place, { pooled: { key }, adminAccess }: Chosen): boolean {
    if (!adminAccess) return !this.#inUse.has(key) && (this.#taken.get(key) ?? 0) === 0;
    return !(this.chosen[claimIndex] as Chosen[]).some(({ pooled }) => pooled.key === key);
  }

  #satisfies({ claimIndex }: Place, one: Chosen): boolean {
    const { constraints } = this.#claims[claimIndex] as PodDeviceClaim;
    return constraints.every((constraint) => {
      if (!concerns(constraint, one)) return true;
      const value = attributeOf(one.pooled, constraint.attribute);
      if (value === undefined) return false;
      const first = (this.chosen[claimIndex] as Chosen[]).find((other) => concerns(constraint, other));
      return first === undefined || sameValue(value, attributeOf(first.pooled, constraint.attribute));
    });
  }

  #allDevices(place: Place): readonly PooledDevice[] {
    const found: PooledDevice[] = [];
    for (const pool of this.#pools) {
      const asksAll = `claim ${this.#keyOf(place)}, request ${ownName(place.alternative)}: asks for all devices, but resource pool ${pool.id} is currently`;
      if (pool.incomplete) throw new Refusal(`${asksAll} being updated`);
      if (pool.invalid !== '') throw new Refusal(`${asksAll} invalid`);
      for (const pooled of pool.devices) if (matches(place.alternative, pooled)) found.push(pooled);
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

/** Which alternative of which request. */
interface Place {
  readonly claimIndex: number;
  readonly requestIndex: number;
  readonly alternative: RequestAlternative;
}

/** What selectors said of devices; both are the same objects from cycle to cycle. */
const answers = new WeakMap<CelNode, WeakMap<PooledDevice, boolean>>();

function matches({ selectors }: RequestAlternative, pooled: PooledDevice): boolean {
  for (const { label, tree } of selectors) {
    let known = answers.get(tree);
    if (known === undefined) {
      known = new WeakMap();
      answers.set(tree, known);
    }
    try {
      const answer = known.get(pooled) ?? deviceMatches(tree, pooled.driver, pooled.device);
      known.set(pooled, answer);
      if (!answer) return false;
    } catch (error) {
      if (error instanceof CelError) throw new Refusal(`${label}: CEL runtime error: ${error.message}`);
      throw error;
    }
  }
  return true;
}

function concerns({ requests }: SharedAttribute, { request, parent }: Chosen): boolean {
  return requests.length === 0 || requests.includes(parent) || requests.includes(request);
}

/** An attribute by its full name; a name without domain is the driver's. */
function attributeOf({ driver, device }: PooledDevice, name: string): DeviceAttribute | undefined {
  const attributes = device.attributes ?? {};
  if (Object.hasOwn(attributes, name)) return attributes[name];
  const slash = name.indexOf('/');
  const own = name.slice(slash + 1);
  return slash > 0 && name.slice(0, slash) === driver && Object.hasOwn(attributes, own) ? attributes[own] : undefined;
}

function sameValue(a: DeviceAttribute, b: DeviceAttribute | undefined): boolean {
  if (b === undefined) return false;
  return a.string === b.string && a.int === b.int && a.bool === b.bool && a.version === b.version;
}

function allocationOf(devices: readonly Chosen[]): DeviceAllocation {
  const results = devices.map(({ pooled, request, adminAccess }): AllocatedDevice => {
    const { driver, pool, device } = pooled;
    return { request, driver, pool, device: device.name, ...(adminAccess ? { adminAccess } : {}) };
  });
  const term = nodeTermOf(devices);
  return term === null
    ? { devices: { results } }
    : { devices: { results }, nodeSelector: { nodeSelectorTerms: [term] } };
}

/** From which nodes the devices can be used: one node by name, what their slices select, or (`null`) all. */
function nodeTermOf(devices: readonly Chosen[]): NodeSelectorTerm | null {
  const fields: NodeSelectorRequirement[] = [];
  const expressions: NodeSelectorRequirement[] = [];
  for (const { pooled } of devices) {
    const { nodeName = '', nodeSelector } = pooled.slice.spec ?? {};
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
