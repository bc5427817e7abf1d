/**
 * Which devices satisfy a pod's claims on a node. Source: Kubernetes 1.34, dynamic-resource-allocation/structured (allocator).
 *
 * A search with backtracking in the order of claims, requests, alternatives, pools and devices; the first solution counts. Devices of
 * one request are interchangeable, so they are only tried in ascending order: the first solution stays the same. Limit:
 * {@link MAX_STEPS} steps a node, then the node is refused as one whose search takes too long.
 */
import type { AllocatedDevice, DeviceAllocation, DeviceAttribute } from '../../../types/device.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../../types/pod.ts';
import type { NodeInfo } from '../node-info.ts';
import { deviceMatches } from './cel-evaluate.ts';
import { CelError, type CelNode } from './cel-syntax.ts';
import type { PodDeviceClaim, RequestAlternative, SharedAttribute } from './device-claims.ts';
import type { DeviceLedger } from './device-ledger.ts';
import type { DevicePool, PooledDevice } from './pools.ts';

/** Most devices of one claim (AllocationResultsMaxSize). */
const DEVICES_MAX = 32;
const MAX_STEPS = 50_000;

/** An allocation for each claim, in order; a text when a claim or pool forbids any; `null` when there are too few devices. */
export type AllocationOutcome = readonly DeviceAllocation[] | string | null;

/** Looks for devices on a node for claims that are not allocated. */
export function allocate(
  node: NodeInfo,
  pools: readonly DevicePool[],
  claims: readonly PodDeviceClaim[],
  inUse: DeviceLedger,
): AllocationOutcome {
  try {
    const search = new Search(pools, claims, inUse);
    return search.claim(0) ? search.chosen.map((devices) => allocationOf(devices)) : null;
  } catch (error) {
    if (error instanceof Refusal) return error.message.replace('{node}', node.name);
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
  readonly #taken = new Set<string>();
  /** Devices that match, by alternative: this does not depend on what is taken. */
  readonly #candidates = new Map<RequestAlternative, readonly PooledDevice[]>();
  #steps = 0;

  constructor(pools: readonly DevicePool[], claims: readonly PodDeviceClaim[], inUse: DeviceLedger) {
    this.#pools = pools;
    this.#claims = claims;
    this.#inUse = inUse;
    this.chosen = claims.map(() => []);
  }

  /** Satisfies the claims from this one on. */
  claim(index: number): boolean {
    return index >= this.#claims.length || this.#request(index, 0);
  }

  #request(claimIndex: number, requestIndex: number): boolean {
    const { requests, key } = this.#claims[claimIndex] as PodDeviceClaim;
    const request = requests[requestIndex];
    if (request === undefined) return this.claim(claimIndex + 1);
    for (const alternative of request.alternatives) {
      const candidates = this.#candidatesOf(key, alternative);
      const all = alternative.count < 0;
      const wanted = all ? candidates.length : alternative.count;
      if (all && wanted === 0) continue;
      if ((this.chosen[claimIndex] as Chosen[]).length + wanted > DEVICES_MAX) continue;
      const next = () => this.#request(claimIndex, requestIndex + 1);
      const place = { claimIndex, parent: request.name, alternative, candidates, all };
      if (this.#device(place, wanted, 0, next)) return true;
    }
    return false;
  }

  /** Chooses `left` more devices for a request, from the candidate `from` on. */
  #device(place: Place, left: number, from: number, next: () => boolean): boolean {
    if (left === 0) return next();
    const { claimIndex, alternative, candidates, all } = place;
    const chosen = this.chosen[claimIndex] as Chosen[];
    for (let i = from; i + left <= candidates.length; i++) {
      if (++this.#steps > MAX_STEPS) throw new Refusal('node {node}: timed out trying to allocate devices');
      const pooled = candidates[i] as PooledDevice;
      const one = { pooled, request: alternative.name, parent: place.parent, adminAccess: alternative.adminAccess };
      if (!this.#isFree(claimIndex, one) || !this.#satisfies(claimIndex, one)) {
        if (all) return false;
        continue;
      }
      chosen.push(one);
      if (!one.adminAccess) this.#taken.add(pooled.key);
      if (this.#device(place, left - 1, i + 1, next)) return true;
      chosen.pop();
      if (!one.adminAccess) this.#taken.delete(pooled.key);
      if (all) return false;
    }
    return false;
  }

  #isFree(claimIndex: number, { pooled: { key }, adminAccess }: Chosen): boolean {
    if (!adminAccess) return !this.#inUse.has(key) && !this.#taken.has(key);
    return !(this.chosen[claimIndex] as Chosen[]).some(({ pooled }) => pooled.key === key);
  }

  #satisfies(claimIndex: number, one: Chosen): boolean {
    const { constraints } = this.#claims[claimIndex] as PodDeviceClaim;
    return constraints.every((constraint) => {
      if (!concerns(constraint, one)) return true;
      const value = attributeOf(one.pooled, constraint.attribute);
      if (value === undefined) return false;
      const first = (this.chosen[claimIndex] as Chosen[]).find((other) => concerns(constraint, other));
      return first === undefined || sameValue(value, attributeOf(first.pooled, constraint.attribute));
    });
  }

  #candidatesOf(key: string, alternative: RequestAlternative): readonly PooledDevice[] {
    const known = this.#candidates.get(alternative);
    if (known !== undefined) return known;
    const found: PooledDevice[] = [];
    for (const pool of this.#pools) {
      const asksAll = `claim ${key}, request ${alternative.name}: asks for all devices, but resource pool ${pool.id} is currently`;
      if (alternative.count < 0 && pool.incomplete) throw new Refusal(`${asksAll} being updated`);
      if (alternative.count < 0 && pool.invalid !== '') throw new Refusal(`${asksAll} invalid`);
      if (pool.invalid !== '') throw new Refusal(`pool ${pool.id} is invalid: ${pool.invalid}`);
      for (const pooled of pool.devices) if (matches(alternative, pooled)) found.push(pooled);
    }
    this.#candidates.set(alternative, found);
    return found;
  }
}

interface Place {
  readonly claimIndex: number;
  readonly parent: string;
  readonly alternative: RequestAlternative;
  readonly candidates: readonly PooledDevice[];
  readonly all: boolean;
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
