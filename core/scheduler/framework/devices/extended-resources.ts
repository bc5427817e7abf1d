/**
 * Extended resources that devices stand for: a pod requests `example.com/gpu: 1`, a DeviceClass carries that name, and on a node that does not have
 * the resource itself the pod gets a claim of its own for a device of the class. Source: Kubernetes 1.34 to 1.36, gate DRAExtendedResource
 * (plugins/dynamicresources and noderesources).
 *
 * Each container has a request of its own for each resource, init containers too (1.34: nothing is handed on from one to the next). Of classes with
 * the same name of a resource the youngest counts, of equally old ones the first by name. Without the gate nothing here finds anything.
 */

import type { DeviceClass, ResourceClaim, ResourceClaimSpec } from '../../../types/device.ts';
import { CLAIM_FINALIZER, EXTENDED_CLAIM_ANNOTATION } from '../../../types/device.ts';
import { controllerReference } from '../../../types/owner-references.ts';
import type { Pod, PodSpec } from '../../../types/pod.ts';
import { amountOf } from '../../../types/quantity.ts';
import type { ClusterObjects } from '../cluster-objects.ts';
import { claimToAllocate, type PodDeviceClaim, type RequestMapping, selectorsOf } from './device-claims.ts';
import { Refusal, selectorsMatch } from './device-matches.ts';
import { type NodeIdentity, poolsOf } from './pools.ts';

/** Every class stands for this and its name. */
const IMPLICIT_PREFIX = 'deviceclass.resource.kubernetes.io/';
/** Longest base of a generated name. */
const NAME_BASE_MAX = 57;

/** What one container requests of one resource that devices may stand for. */
export interface ExtendedDemand {
  readonly resource: string;
  readonly className: string;
  readonly container: string;
  /** Place among the init containers and, behind them, the containers. */
  readonly index: number;
  readonly count: number;
}

/** Which node has a resource itself. */
export type HasResource = (resource: string) => boolean;

const NO_CLASSES: ReadonlyMap<string, string> = new Map();
const NO_DEMANDS: readonly ExtendedDemand[] = [];
const known = new WeakMap<ClusterObjects, { readonly version: number; readonly names: ReadonlyMap<string, string> }>();
/** Of pods by their spec, under the classes of the map; asked for several times a cycle. */
const demandsBySpec = new WeakMap<ReadonlyMap<string, string>, WeakMap<PodSpec, readonly ExtendedDemand[]>>();

/** The class by the name of the resource that it stands for. */
export function classesByResource(objects: ClusterObjects): ReadonlyMap<string, string> {
  if (!objects.deviceGates.has('DRAExtendedResource')) return NO_CLASSES;
  const version = objects.versionOf('DeviceClass');
  const before = known.get(objects);
  if (before?.version === version) return before.names;
  const classes = [...objects.list<DeviceClass>('DeviceClass')].sort(youngerFirst);
  const names = new Map<string, string>();
  for (const { metadata, spec } of classes) {
    names.set(`${IMPLICIT_PREFIX}${metadata.name}`, metadata.name);
    const name = spec?.extendedResourceName ?? '';
    if (name !== '' && !names.has(name)) names.set(name, metadata.name);
  }
  known.set(objects, { version, names });
  return names;
}

function youngerFirst({ metadata: a }: DeviceClass, { metadata: b }: DeviceClass): number {
  const [left, right] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
  if (left !== right) return left > right ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

/** What a pod requests that devices may stand for and that no claim of its own holds yet. */
export function extendedDemandsOf(pod: Pod, objects: ClusterObjects): readonly ExtendedDemand[] {
  const classes = classesByResource(objects);
  if (classes.size === 0 || objects.devices.extendedClaimOf(pod.metadata.uid ?? '') !== undefined) return NO_DEMANDS;
  let bySpec = demandsBySpec.get(classes);
  if (bySpec === undefined) {
    bySpec = new WeakMap();
    demandsBySpec.set(classes, bySpec);
  }
  let demands = bySpec.get(pod.spec);
  if (demands === undefined) {
    demands = readDemands(pod.spec, classes);
    bySpec.set(pod.spec, demands);
  }
  return demands;
}

function readDemands(
  { initContainers = [], containers }: PodSpec,
  classes: ReadonlyMap<string, string>,
): readonly ExtendedDemand[] {
  let demands: ExtendedDemand[] | null = null;
  let index = 0;
  for (const list of [initContainers, containers]) {
    for (const { name: container, resources } of list) {
      const requests = resources?.requests ?? {};
      for (const resource of Object.keys(requests).sort()) {
        const className = classes.get(resource);
        const count = className === undefined ? 0 : amountOf(resource, requests[resource] as string | number);
        if (className === undefined || count <= 0) continue;
        demands ??= [];
        demands.push({ resource, className, container, index, count });
      }
      index++;
    }
  }
  return demands ?? NO_DEMANDS;
}

/** Whether a pod requests anything that devices may stand for, or has them already. */
export function asksForDevices(pod: Pod, objects: ClusterObjects): boolean {
  if (!objects.deviceGates.has('DRAExtendedResource')) return false;
  const held = objects.devices.extendedClaimOf(pod.metadata.uid ?? '') !== undefined;
  return held || extendedDemandsOf(pod, objects).length > 0;
}

/** A claim that the scheduler makes, and what the pod's status says of it. */
interface ExtendedClaim {
  readonly claim: ResourceClaim;
  readonly mappings: readonly RequestMapping[];
}

/** The claim for the resources that a node does not have itself, as it is to be created; `null` when it has all. */
function extendedClaim(pod: Pod, demands: readonly ExtendedDemand[], has: HasResource): ExtendedClaim | null {
  const wanted = demands.filter(({ resource }) => !has(resource));
  if (wanted.length === 0) return null;
  const numbers = new Map<number, number>();
  const named = wanted.map((demand) => {
    const number = numbers.get(demand.index) ?? 0;
    numbers.set(demand.index, number + 1);
    return { request: `container-${demand.index}-request-${number}`, ...demand };
  });
  const requests = named.map(({ request, className, count }) => {
    return { name: request, exactly: { deviceClassName: className, allocationMode: 'ExactCount', count } };
  });
  const { namespace = '', name } = pod.metadata;
  const spec: ResourceClaimSpec = { devices: { requests } };
  return {
    claim: {
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: {
        name: '',
        generateName: `${name.slice(0, NAME_BASE_MAX - GENERATED.length)}${GENERATED}`,
        namespace,
        annotations: { [EXTENDED_CLAIM_ANNOTATION]: 'true' },
        ownerReferences: [controllerReference(pod)],
        finalizers: [CLAIM_FINALIZER],
      },
      spec,
    },
    mappings: named.map(({ container, resource, request }) => {
      return { containerName: container, resourceName: resource, requestName: request };
    }),
  };
}

const GENERATED = '-extended-resources-';

/** The claim for the resources that a node does not have itself, as it is to be allocated; why it cannot be; or `null` when the node has all. */
export function extendedClaimToAllocate(
  pod: Pod,
  demands: readonly ExtendedDemand[],
  has: HasResource,
  objects: ClusterObjects,
): PodDeviceClaim | string | null {
  const made = extendedClaim(pod, demands, has);
  if (made === null) return null;
  const { claim, mappings } = made;
  const read = claimToAllocate(claim, objects);
  if (typeof read === 'string') return read;
  // Its name is not known before it is created, and pods may share its beginning; but a pod has one at most.
  const key = `${read.key}${claim.metadata.generateName ?? ''}${pod.metadata.uid ?? ''}`;
  return { ...read, key, mappings };
}

/** Devices of a class on a node. */
export interface DeviceTotals {
  readonly allocatable: number;
  readonly allocated: number;
}

const NO_DEVICES: DeviceTotals = { allocatable: 0, allocated: 0 };

/** How many devices of the class that stands for a resource a node reaches, and how many of them are taken; 0 of 0 where none does. */
export function deviceTotals(objects: ClusterObjects, node: NodeIdentity, resource: string): DeviceTotals {
  const deviceClass = objects.get<DeviceClass>('DeviceClass', '', classesByResource(objects).get(resource) ?? '');
  const selectors = deviceClass === undefined ? '' : selectorsOf(deviceClass);
  if (typeof selectors === 'string') return NO_DEVICES;
  let allocatable = 0;
  let allocated = 0;
  try {
    for (const pool of poolsOf(objects, node)) {
      for (const [i, { key }] of pool.devices.entries()) {
        if (!selectorsMatch(selectors, pool, i)) continue;
        allocatable++;
        if (objects.devices.has(key)) allocated++;
      }
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return NO_DEVICES;
  }
  return { allocatable, allocated };
}
