/**
 * Which devices can be reached from a node, by pool. Source: Kubernetes 1.34,
 * dynamic-resource-allocation/structured (pools).
 *
 * Of a pool only the slices of the newest generation count; with fewer slices than the pool says it has, it is incomplete. Devices with binding
 * conditions or counters are chosen only where their gate is on, slices that select nodes device by device (perDeviceNodeSelection) where
 * DRAPartitionableDevices is. Taints count for nothing while theirs is off. Since 1.36 only whole pools count (whole-pools.ts).
 */
import {
  type Device,
  type DeviceAttribute,
  type DeviceTaintRule,
  deviceKey,
  generationOf,
  poolId,
  poolOf,
  type ResourceSlice,
  ruleSelects,
} from '../../../types/device.ts';
import type { DeviceGate, Release } from '../../../types/device-gates.ts';
import type { Taint } from '../../../types/node.ts';
import type { NodeSelector } from '../../../types/pod.ts';
import type { ClusterObjects } from '../cluster-objects.ts';
import type { NodeInfo } from '../node-info.ts';
import { parseNodeTerms, termMatches } from '../node-selector.ts';
import { bindingOf, type DeviceBinding } from './binding-conditions.ts';
import { type CounterDemand, counterDemandOf, countersOf } from './device-counters.ts';
import { capacityOf } from './shared-capacity.ts';
import { byName, contradictionIn, devicesOf, hasCounterSets, inOrder, standingOf } from './whole-pools.ts';

/** What slices select nodes by. */
export type NodeIdentity = Pick<NodeInfo, 'name' | 'labels'>;

/** A device that a node reaches. */
export interface PooledDevice {
  readonly key: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: Device;
  readonly slice: ResourceSlice;
  /** Whether several may have it at the same time. */
  readonly shared: boolean;
  /** What a shared one has of each capacity, billionths; empty for others. */
  readonly capacity: ReadonlyMap<string, bigint>;
  /** What it takes of its pool's counters; `null` for nothing. */
  readonly takes: CounterDemand | null;
  /** What is to be done before a pod that uses it is bound. */
  readonly binding: DeviceBinding;
}

/** The counters of a pool. */
interface PoolCounters {
  /** What there is of each. */
  readonly counters: ReadonlyMap<string, bigint>;
  /** Devices that take from these, from wherever they can be reached. */
  readonly counted: readonly PooledDevice[];
}

/** A driver's pool as a node sees it. */
export interface DevicePool extends PoolCounters {
  readonly driver: string;
  readonly name: string;
  /** `driver/name`. */
  readonly id: string;
  readonly incomplete: boolean;
  /** Why nothing may be allocated from it; `''` when all is well. */
  readonly invalid: string;
  /** Whose rules count. */
  readonly release: Release;
  readonly devices: readonly PooledDevice[];
  /** Devices that are there and never allocated, for what is said of them belongs to gates that are off. */
  readonly withheld: number;
}

/** What decides how a device is offered. */
interface Terms {
  readonly gates: ReadonlySet<DeviceGate>;
  /** Taints that no driver put there; none without the gate. */
  readonly rules: readonly DeviceTaintRule[];
  readonly release: Release;
}

/** Where a device comes from. */
type Place = Pick<PooledDevice, 'driver' | 'pool'>;

/** From which nodes something is to be had. */
type NodeChoice = Pick<Device, 'nodeName' | 'allNodes' | 'nodeSelector'>;

interface Slices {
  readonly version: number;
  readonly terms: Terms;
  readonly byNode: ReadonlyMap<string, readonly ResourceSlice[]>;
  /** Slices that are not bound to one node by name. */
  readonly shared: readonly ResourceSlice[];
  /** Nodes with slices of their own of a pool, by {@link poolId}. */
  readonly nodesByPool: ReadonlyMap<string, ReadonlySet<string>>;
  readonly pools: Map<string, readonly DevicePool[]>;
  /** All slices by {@link poolId}, where only whole pools count. */
  readonly byPool: ReadonlyMap<string, readonly ResourceSlice[]>;
  /** All slices with counters, or devices that take from them, by {@link poolId}; none without the gate. */
  readonly counted: ReadonlyMap<string, readonly ResourceSlice[]>;
  /** Their counters by {@link poolId} and generation, as far as a node has asked. */
  readonly counters: Map<string, PoolCounters>;
}

const known = new WeakMap<ClusterObjects, Slices>();
const NO_SLICES: readonly ResourceSlice[] = [];
const NO_NODES: ReadonlySet<string> = new Set();
const NO_COUNTERS: PoolCounters = { counters: new Map(), counted: [] };
const NO_CAPACITY: ReadonlyMap<string, bigint> = new Map();

/** The pools of a node, in order of their first slice. Made once for nodes that share no slices, until a slice changes. */
export function poolsOf(objects: ClusterObjects, node: NodeIdentity): readonly DevicePool[] {
  const slices = slicesOf(objects);
  if (slices.shared.length > 0) {
    const matching = slices.shared.filter((slice) => reaches(slice, node, slices.terms));
    return gather([...(slices.byNode.get(node.name) ?? NO_SLICES), ...matching], slices, node);
  }
  let pools = slices.pools.get(node.name);
  if (pools === undefined) {
    pools = gather(slices.byNode.get(node.name) ?? NO_SLICES, slices, node);
    slices.pools.set(node.name, pools);
  }
  return pools;
}

/** Whether some devices can be reached from several nodes. */
export function hasSharedSlices(objects: ClusterObjects): boolean {
  return slicesOf(objects).shared.length > 0;
}

/** The nodes with slices of their own of a pool, by {@link poolId}. */
export function nodesOfPool(objects: ClusterObjects, pool: string): ReadonlySet<string> {
  return slicesOf(objects).nodesByPool.get(pool) ?? NO_NODES;
}

/** Whether a node selector selects a node. */
export function selectsNode({ nodeSelectorTerms }: NodeSelector, node: NodeIdentity): boolean {
  return parseNodeTerms(nodeSelectorTerms).some((term) => termMatches(term, node.name, node.labels));
}

/** Grows with every change of what devices are offered, and how. */
export function offerVersion(objects: ClusterObjects): number {
  return objects.versionOf('ResourceSlice') + objects.versionOf('DeviceTaintRule');
}

function slicesOf(objects: ClusterObjects): Slices {
  const version = offerVersion(objects);
  const before = known.get(objects);
  if (before?.version === version) return before;
  const byNode = new Map<string, ResourceSlice[]>();
  const shared: ResourceSlice[] = [];
  const nodesByPool = new Map<string, Set<string>>();
  const counted = new Map<string, ResourceSlice[]>();
  const byPool = new Map<string, ResourceSlice[]>();
  const { release } = objects;
  const whole = release === '1.36';
  const gates = objects.deviceGates;
  const partitions = gates.has('DRAPartitionableDevices');
  const rules = gates.has('DRADeviceTaints') ? [...objects.list<DeviceTaintRule>('DeviceTaintRule')] : [];
  const terms = { gates, rules, release };
  for (const slice of objects.list<ResourceSlice>('ResourceSlice')) {
    const { nodeName = '', perDeviceNodeSelection } = slice.spec ?? {};
    if (slice.spec === undefined) continue;
    const id = poolId(poolOf(slice));
    if (whole) addTo(byPool, id, slice);
    const setsAlone = whole && hasCounterSets(slice);
    if (!partitions && (perDeviceNodeSelection === true || setsAlone)) continue;
    if (partitions && hasCounters(slice)) addTo(counted, id, slice);
    if (nodeName === '' || setsAlone) {
      shared.push(slice);
      continue;
    }
    addTo(byNode, nodeName, slice);
    const nodes = nodesByPool.get(id);
    if (nodes === undefined) nodesByPool.set(id, new Set([nodeName]));
    else nodes.add(nodeName);
  }
  const slices: Slices = {
    version,
    terms,
    byNode,
    shared,
    nodesByPool,
    pools: new Map(),
    byPool,
    counted,
    counters: new Map(),
  };
  known.set(objects, slices);
  return slices;
}

function addTo(lists: Map<string, ResourceSlice[]>, key: string, slice: ResourceSlice): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [slice]);
  else list.push(slice);
}

function hasCounters(slice: ResourceSlice): boolean {
  if (hasCounterSets(slice)) return true;
  return (slice.spec?.devices ?? []).some(({ consumesCounters }) => (consumesCounters ?? []).length > 0);
}

/** Whether a slice counts on a node, though not by the node's name: counters do everywhere. */
function reaches(slice: ResourceSlice, node: NodeIdentity, { release }: Terms): boolean {
  if (release === '1.36' && hasCounterSets(slice)) return true;
  const { spec } = slice;
  if (spec?.perDeviceNodeSelection === true) return (spec.devices ?? []).some((device) => selects(device, node));
  return spec !== undefined && selects(spec, node);
}

/** Whether a slice, or a device that selects nodes itself, is to be had from a node. */
function selects({ nodeName = '', allNodes, nodeSelector }: NodeChoice, node: NodeIdentity): boolean {
  if (nodeName !== '') return nodeName === node.name;
  return allNodes === true || (nodeSelector !== undefined && selectsNode(nodeSelector, node));
}

/** The pools that some slices make up. */
function gather(reached: readonly ResourceSlice[], slices: Slices, node: NodeIdentity): readonly DevicePool[] {
  const pools = new Map<string, ResourceSlice[]>();
  for (const slice of reached) {
    const id = poolId(poolOf(slice));
    const own = pools.get(id);
    const newest = own?.[0] === undefined ? -1 : generationOf(own[0]);
    if (own === undefined || generationOf(slice) > newest) pools.set(id, [slice]);
    else if (generationOf(slice) === newest) own.push(slice);
  }
  if (slices.terms.release === '1.34') return [...pools].map(([id, own]) => makePool(id, own, slices, node));
  return inOrder([...pools].flatMap(([id, own]) => wholePool(id, own, slices, node) ?? []));
}

/** The pool as 1.36 has it: without devices where it is not whole, null where it is being replaced. */
function wholePool(id: string, own: readonly ResourceSlice[], slices: Slices, node: NodeIdentity): DevicePool | null {
  const standing = standingOf(own, slices.byPool.get(id) ?? NO_SLICES);
  if (standing === 'obsolete') return null;
  const pool = makePool(id, byName(own), slices, node);
  if (standing === 'incomplete') return { ...pool, incomplete: true, invalid: '', devices: [] };
  const invalid = contradictionIn(own, ofGeneration(own[0] as ResourceSlice, slices.counted.get(id) ?? NO_SLICES));
  return { ...pool, incomplete: false, invalid, devices: invalid === '' ? pool.devices : [] };
}

/** Those of the generation of a slice. */
function ofGeneration(first: ResourceSlice, slices: readonly ResourceSlice[]): readonly ResourceSlice[] {
  return slices.filter((slice) => generationOf(slice) === generationOf(first));
}

/** The counters of the generation of a pool's slices: made once for all nodes and pods, until a slice changes. */
function countersOfPool({ counted, counters, terms }: Slices, id: string, first: ResourceSlice): PoolCounters {
  const sources = counted.get(id);
  if (sources === undefined) return NO_COUNTERS;
  const key = `${id}/${generationOf(first)}`;
  let found = counters.get(key);
  if (found === undefined) {
    const newest = ofGeneration(first, sources);
    found = {
      counters: countersOf(newest),
      counted: newest.flatMap((slice) => (slice.spec?.devices ?? []).map((device) => pooledOf(device, slice, terms))),
    };
    counters.set(key, found);
  }
  return found;
}

function makePool(id: string, own: readonly ResourceSlice[], slices: Slices, node: NodeIdentity): DevicePool {
  const { terms } = slices;
  const names = new Set<string>();
  const devices: PooledDevice[] = [];
  let invalid = '';
  let withheld = 0;
  for (const slice of own) {
    for (const device of terms.release === '1.36' ? devicesOf(slice) : (slice.spec?.devices ?? [])) {
      if (names.has(device.name)) invalid = `duplicate device name ${device.name}`;
      names.add(device.name);
      if (slice.spec?.perDeviceNodeSelection === true && !selects(device, node)) continue;
      if (isOffered(device, terms)) devices.push(pooledOf(device, slice, terms));
      else withheld++;
    }
  }
  const [first] = own as readonly [ResourceSlice];
  const { driver, pool: name } = poolOf(first);
  const incomplete = own.length !== (first.spec?.pool?.resourceSliceCount ?? own.length);
  const counters = countersOfPool(slices, id, first);
  return { driver, name, id, incomplete, invalid, release: terms.release, devices, withheld, ...counters };
}

function pooledOf(device: Device, slice: ResourceSlice, { gates, rules }: Terms): PooledDevice {
  const place = poolOf(slice);
  const shared = device.allowMultipleAllocations === true && gates.has('DRAConsumableCapacity');
  return {
    key: deviceKey({ driver: place.driver, pool: place.pool, device: device.name }),
    ...place,
    device: tainted(gates.has('DRAListTypeAttributes') ? device : withoutLists(device), place, gates, rules),
    slice,
    shared,
    capacity: shared ? capacityOf(device) : NO_CAPACITY,
    takes: counterDemandOf(device, gates.has('DRADeviceCompatibilityGroups')),
    binding: bindingOf(device, gates),
  };
}

/** A device with the taints that rules put on it, too; without any where the gate is off. */
function tainted(device: Device, place: Place, gates: Terms['gates'], rules: readonly DeviceTaintRule[]): Device {
  if (!gates.has('DRADeviceTaints')) return device.taints === undefined ? device : { ...device, taints: undefined };
  const added = rules.flatMap((rule): Taint[] => {
    const { taint } = rule.spec ?? {};
    return taint !== undefined && ruleSelects(rule, { device: device.name, ...place }) ? [taint] : [];
  });
  return added.length === 0 ? device : { ...device, taints: [...(device.taints ?? []), ...added] };
}

/** A device without attributes that are lists, as an API server leaves it that does not know them. */
function withoutLists(device: Device): Device {
  const { attributes = {} } = device;
  for (const name in attributes) {
    if (!isList(attributes[name] as DeviceAttribute)) continue;
    const single = Object.entries(attributes).filter(([, attribute]) => !isList(attribute));
    return { ...device, attributes: Object.fromEntries(single) };
  }
  return device;
}

function isList({ strings, ints, bools, versions }: DeviceAttribute): boolean {
  return (strings ?? ints ?? bools ?? versions) !== undefined;
}

function isOffered({ consumesCounters, bindingConditions }: Device, { gates }: Terms): boolean {
  if ((bindingConditions ?? []).length > 0 && !gates.has('DRADeviceBindingConditions')) return false;
  return (consumesCounters ?? []).length === 0 || gates.has('DRAPartitionableDevices');
}
