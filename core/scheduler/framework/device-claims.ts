/**
 * Claims for devices and where they can be satisfied. Source: Kubernetes 1.34, resource.k8s.io/v1 ResourceClaim,
 * DeviceClass, ResourceSlice; dynamic-resource-allocation/structured for the simple case: exact requests by class, with a
 * count or for all devices, no selectors.
 */
import type { KubeObject } from '../../types/object.ts';
import type { NodeSelector, Pod } from '../../types/pod.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { NodeInfo } from './node-info.ts';
import { parseNodeTerms, termMatches } from './node-selector.ts';

/** A device in a pool of a driver. */
export interface Device {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
}

/** Where an allocated claim can be used from; no selector = everywhere. */
export interface ClaimAllocation {
  readonly nodeSelector: NodeSelector | undefined;
}

/** A claim that a pod names. */
export interface DeviceClaim {
  readonly name: string;
  readonly allocation: ClaimAllocation | null;
  readonly requests: readonly DeviceRequest[];
}

interface DeviceRequest {
  readonly deviceClassName: string;
  /** −1 = all devices of the class on the node. */
  readonly count: number;
}

interface ExactRequest {
  readonly deviceClassName?: string;
  readonly allocationMode?: string;
  readonly count?: number;
  readonly selectors?: readonly unknown[];
  readonly adminAccess?: boolean;
}

interface ResourceClaim extends KubeObject {
  readonly spec?: {
    readonly devices?: {
      readonly requests?: readonly (ExactRequest & {
        readonly exactly?: ExactRequest;
        readonly firstAvailable?: unknown;
      })[];
      readonly constraints?: readonly unknown[];
    };
  };
  readonly status?: {
    readonly allocation?: {
      readonly nodeSelector?: NodeSelector;
      readonly devices?: { readonly results?: readonly Device[] };
    };
  };
}

interface ResourceSlice extends KubeObject {
  readonly spec?: {
    readonly driver: string;
    readonly pool?: { readonly name?: string; readonly generation?: number };
    readonly nodeName?: string;
    readonly allNodes?: boolean;
    readonly nodeSelector?: NodeSelector;
    readonly devices?: readonly { readonly name: string; readonly attributes?: unknown }[];
  };
}

/** `device.driver == "x"`: the only selector of a class that is understood. */
const DRIVER_SELECTOR = /^\s*device\.driver\s*==\s*(["'])([^"']+)\1\s*$/;

/** The claims of a pod, or a text saying which is missing or not understood. */
export function claimsOfPod(pod: Pod, objects: ClusterObjects): readonly DeviceClaim[] | string {
  const spec = pod.spec as {
    readonly resourceClaims?: readonly {
      readonly name: string;
      readonly resourceClaimName?: string;
      readonly resourceClaimTemplateName?: string;
    }[];
  };
  const statuses = (
    pod.status as
      | { readonly resourceClaimStatuses?: readonly { readonly name: string; readonly resourceClaimName?: string }[] }
      | undefined
  )?.resourceClaimStatuses;
  const claims: DeviceClaim[] = [];
  for (const { name, resourceClaimName } of spec.resourceClaims ?? []) {
    const claimName = resourceClaimName ?? statuses?.find((status) => status.name === name)?.resourceClaimName;
    if (claimName === undefined)
      return `pod "${pod.metadata.namespace}/${pod.metadata.name}": ResourceClaim not created yet`;
    const claim = objects.get<ResourceClaim>('ResourceClaim', pod.metadata.namespace ?? '', claimName);
    if (claim === undefined) return `resourceclaim.resource.k8s.io "${claimName}" not found`;
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${claimName}" is being deleted`;
    const requests = requestsOf(claim, objects);
    if (typeof requests === 'string') return requests;
    const allocation = claim.status?.allocation;
    claims.push({
      name: claimName,
      allocation: allocation === undefined ? null : { nodeSelector: allocation.nodeSelector },
      requests,
    });
  }
  return claims;
}

function requestsOf(claim: ResourceClaim, objects: ClusterObjects): readonly DeviceRequest[] | string {
  const name = claim.metadata.name;
  const { requests, constraints } = claim.spec?.devices ?? {};
  if ((constraints ?? []).length > 0) return `resourceclaim "${name}" has constraints, which are not simulated`;
  const found: DeviceRequest[] = [];
  for (const request of requests ?? []) {
    const exact = request.exactly ?? request;
    if (request.firstAvailable !== undefined)
      return `resourceclaim "${name}" has alternatives, which are not simulated`;
    if ((exact.selectors ?? []).length > 0) return `resourceclaim "${name}" has CEL selectors, which are not simulated`;
    const deviceClassName = exact.deviceClassName ?? '';
    if (objects.get('DeviceClass', '', deviceClassName) === undefined) {
      return `request ${(request as { readonly name?: string }).name ?? ''}: device class ${deviceClassName} does not exist`;
    }
    if (driverOf(deviceClassName, objects) === null) {
      return `device class "${deviceClassName}" has CEL selectors that are not simulated`;
    }
    found.push({ deviceClassName, count: exact.allocationMode === 'All' ? -1 : (exact.count ?? 1) });
  }
  return found;
}

/** Whether an allocated claim can be used from a node. */
export function usableFrom({ nodeSelector }: ClaimAllocation, node: NodeInfo): boolean {
  return nodeSelector === undefined || selects(nodeSelector, node);
}

/** Devices that satisfy all claims on a node, in the order of slices and devices; `null` when there are too few. */
export function allocateOn(
  node: NodeInfo,
  claims: readonly DeviceClaim[],
  objects: ClusterObjects,
): readonly (readonly Device[])[] | null {
  const taken = devicesInUse(objects);
  const results: Device[][] = [];
  for (const { requests } of claims) {
    const devices: Device[] = [];
    for (const { deviceClassName, count } of requests) {
      const driver = driverOf(deviceClassName, objects) ?? '';
      const free: Device[] = [];
      let busy = 0;
      for (const device of devicesOn(node, driver, objects)) {
        if (taken.has(keyOf(device))) busy++;
        else free.push(device);
      }
      const wanted = count < 0 ? free.length : count;
      if (free.length < wanted || (count < 0 && (busy > 0 || free.length === 0))) return null;
      for (const device of free.slice(0, wanted)) {
        taken.add(keyOf(device));
        devices.push(device);
      }
    }
    results.push(devices);
  }
  return results;
}

function devicesInUse(objects: ClusterObjects): Set<string> {
  const used = new Set<string>();
  for (const { status } of objects.list<ResourceClaim>('ResourceClaim')) {
    for (const device of status?.allocation?.devices?.results ?? []) used.add(keyOf(device));
  }
  return used;
}

function* devicesOn(node: NodeInfo, driver: string, objects: ClusterObjects): Generator<Device> {
  for (const { spec } of objects.list<ResourceSlice>('ResourceSlice')) {
    if (spec === undefined || (driver !== '' && spec.driver !== driver)) continue;
    const reaches =
      spec.allNodes === true ||
      spec.nodeName === node.name ||
      (spec.nodeSelector !== undefined && selects(spec.nodeSelector, node));
    if (!reaches) continue;
    for (const { name } of spec.devices ?? []) yield { driver: spec.driver, pool: spec.pool?.name ?? '', device: name };
  }
}

/** The driver that a class asks for, `''` for any, `null` when its selectors are not understood. */
function driverOf(className: string, objects: ClusterObjects): string | null {
  const spec = objects.get('DeviceClass', '', className)?.spec as
    | { readonly selectors?: readonly { readonly cel?: { readonly expression?: string } }[] }
    | undefined;
  let driver = '';
  for (const { cel } of spec?.selectors ?? []) {
    const match = DRIVER_SELECTOR.exec(cel?.expression ?? '');
    if (match === null) return null;
    driver = match[2] as string;
  }
  return driver;
}

function selects({ nodeSelectorTerms }: NodeSelector, node: NodeInfo): boolean {
  return parseNodeTerms(nodeSelectorTerms).some((term) => termMatches(term, node.name, node.labels));
}

function keyOf({ driver, pool, device }: Device): string {
  return `${driver}/${pool}/${device}`;
}
