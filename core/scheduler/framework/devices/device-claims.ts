/**
 * The claims that a pod names, read for allocation: classes looked up, selectors parsed, defaults filled in. Source: Kubernetes 1.34,
 * dynamic-resource-allocation/resourceclaim and the scheduler's DynamicResources plugin, whose texts these are.
 *
 * What is not understood (a selector, a constraint) is a refusal with its name: a guess would be a wrong placement. Fields of gates that are off
 * are no part of what is read, as the API server drops them.
 */

import { CelError, type CelNode, parseCel } from '../../../types/cel-syntax.ts';
import type {
  ClaimConsumer,
  DeviceAllocation,
  DeviceClass,
  DeviceRequest,
  DeviceSelector,
  ExactDeviceRequest,
  ResourceClaim,
} from '../../../types/device.ts';
import { controllerOf } from '../../../types/owner-references.ts';
import type { Pod, PodResourceClaim, Toleration } from '../../../types/pod.ts';
import { POD_GROUP_KIND, type PodGroup, SCHEDULING_GROUP } from '../../../types/pod-group.ts';
import type { ClusterObjects } from '../cluster-objects.ts';
import { type Amounts, requestedAmounts } from './shared-capacity.ts';

/** Stands in the refusal of a pod whose selector an API server may take and this project cannot read: it decides nothing. */
export const SELECTOR_NOT_READ = 'CEL expression beyond what is simulated';

/** Most pods that a claim can be reserved for. */
const CONSUMERS_MAX = 256;

/** A selector and how errors name it. */
export interface NamedSelector {
  readonly label: string;
  readonly tree: CelNode;
}

/** One way to satisfy a request. */
export interface RequestAlternative {
  /** As results name it. */
  readonly name: string;
  readonly selectors: readonly NamedSelector[];
  /** −1 = every device that matches. */
  readonly count: number;
  readonly adminAccess: boolean;
  readonly tolerations: readonly Toleration[];
  /** What is asked for of a device's capacity. */
  readonly amounts: Amounts;
}

/** A request: the first alternative that can be had. */
export interface ClaimRequest {
  readonly name: string;
  readonly alternatives: readonly RequestAlternative[];
}

/** Devices of these requests (none named: of all) share the attribute's value, or have each another. */
export interface AttributeConstraint {
  readonly requests: readonly string[];
  readonly attribute: string;
  readonly distinct: boolean;
}

/** Which request of a claim stands for which resource of a container. */
export interface RequestMapping {
  readonly containerName: string;
  readonly resourceName: string;
  readonly requestName: string;
}

/** A claim that a pod names, or that is made for it. */
export interface PodDeviceClaim {
  readonly claim: ResourceClaim;
  /** `namespace/name`; of a claim that is still to be made also the uid of its pod. */
  readonly key: string;
  /** What the pod's status is to say of a claim that is still to be made for its extended resources; `null` of others. */
  readonly mappings: readonly RequestMapping[] | null;
  readonly allocation: DeviceAllocation | null;
  readonly requests: readonly ClaimRequest[];
  readonly constraints: readonly AttributeConstraint[];
}

/** `namespace/name` of a claim. */
export function claimKey({ metadata }: ResourceClaim): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Whether a claim is reserved for somebody. */
export function isReservedFor({ status }: ResourceClaim, consumer: Pick<ClaimConsumer, 'uid'>): boolean {
  return (status?.reservedFor ?? []).some(({ uid }) => uid === consumer.uid);
}

/** Who a claim is reserved for when a pod uses it: the pod, or its PodGroup where that has the same claim (1.37, DRAWorkloadResourceClaims). */
export function consumerOf(pod: Pod, claim: ResourceClaim, objects: ClusterObjects): ClaimConsumer {
  const group = claimingGroupOf(pod, objects);
  const { name, uid = '' } = group?.metadata ?? {};
  const isNamed = (entry: PodResourceClaim): boolean => entry.resourceClaimName === claim.metadata.name;
  if (name !== undefined && (isOwnedBy(claim, uid) || (group?.spec?.resourceClaims ?? []).some(isNamed))) {
    return { apiGroup: SCHEDULING_GROUP, resource: 'podgroups', name, uid };
  }
  return { resource: 'pods', name: pod.metadata.name, uid: pod.metadata.uid ?? '' };
}

/** The PodGroup of a pod, where groups have claims (gate DRAWorkloadResourceClaims). */
export function claimingGroupOf({ metadata, spec }: Pod, objects: ClusterObjects): PodGroup | undefined {
  const name = spec.schedulingGroup?.podGroupName;
  if (name === undefined || !objects.deviceGates.has('DRAWorkloadResourceClaims')) return undefined;
  return objects.get<PodGroup>(POD_GROUP_KIND, metadata.namespace ?? '', name);
}

/** The claim objects of a pod, or why they are not all there. */
export function claimObjectsOf(pod: Pod, objects: ClusterObjects): readonly ResourceClaim[] | string {
  const { namespace = '', name: podName } = pod.metadata;
  const found: ResourceClaim[] = [];
  for (const entry of pod.spec.resourceClaims ?? []) {
    const status = pod.status?.resourceClaimStatuses?.find(({ name }) => name === entry.name);
    if (entry.resourceClaimName === undefined && status !== undefined && status.resourceClaimName === undefined)
      continue;
    const name = entry.resourceClaimName ?? status?.resourceClaimName;
    if (name === undefined) return `pod "${namespace}/${podName}": ResourceClaim not created yet`;
    const claim = objects.get<ResourceClaim>('ResourceClaim', namespace, name);
    if (claim === undefined) return `could not find ResourceClaim "${namespace}/${name}"`;
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${name}" is being deleted`;
    const owners = [pod.metadata.uid ?? '', claimingGroupOf(pod, objects)?.metadata.uid ?? ''];
    if (entry.resourceClaimName === undefined && !owners.some((uid) => isOwnedBy(claim, uid))) {
      return `ResourceClaim ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`;
    }
    found.push(claim);
  }
  const extended = objects.devices.extendedClaimOf(pod.metadata.uid ?? '');
  if (extended !== undefined) found.push(extended);
  return found;
}

/** The claims of a pod as they are to be allocated, or why they cannot be. */
export function claimsOfPod(pod: Pod, objects: ClusterObjects): readonly PodDeviceClaim[] | string {
  const found = claimObjectsOf(pod, objects);
  if (typeof found === 'string') return found;
  const claims: PodDeviceClaim[] = [];
  for (const claim of found) {
    const read = readClaim(pod, claim, objects);
    if (typeof read === 'string') return read;
    claims.push(read);
  }
  return claims;
}

/** Whether a generated claim was made for somebody. */
function isOwnedBy(claim: ResourceClaim, owner: string): boolean {
  return controllerOf(claim)?.uid === owner;
}

function readClaim(pod: Pod, claim: ResourceClaim, objects: ClusterObjects): PodDeviceClaim | string {
  const allocation = claim.status?.allocation ?? sharedInFlight(pod, claim, objects);
  if (allocation === null) return claimToAllocate(claim, objects);
  const full = (claim.status?.reservedFor ?? []).length >= CONSUMERS_MAX;
  if (full && !isReservedFor(claim, consumerOf(pod, claim, objects))) return 'resourceclaim in use';
  return { claim, key: claimKey(claim), mappings: null, allocation, requests: [], constraints: [] };
}

/** What another pod of the same group is about to write into a claim that they share; `null` of other claims. */
export function sharedInFlight(pod: Pod, claim: ResourceClaim, objects: ClusterObjects): DeviceAllocation | null {
  const allocation = objects.devices.inFlightOf(claimKey(claim));
  if (allocation === undefined || consumerOf(pod, claim, objects).resource === 'pods') return null;
  return allocation;
}

/** A claim without devices as it is to be allocated, or why it cannot be. */
export function claimToAllocate(claim: ResourceClaim, objects: ClusterObjects): PodDeviceClaim | string {
  const key = claimKey(claim);
  if (objects.devices.isInFlight(key)) return `resource claim ${key} is in the process of being allocated`;
  const requests: ClaimRequest[] = [];
  for (const request of claim.spec?.devices?.requests ?? []) {
    const alternatives = readAlternatives(key, request, objects);
    if (typeof alternatives === 'string') return alternatives;
    requests.push({ name: request.name, alternatives });
  }
  const constraints: AttributeConstraint[] = [];
  for (const [i, constraint] of (claim.spec?.devices?.constraints ?? []).entries()) {
    const { requests: about = [], matchAttribute, distinctAttribute } = constraint;
    const distinct = matchAttribute === undefined && objects.deviceGates.has('DRAConsumableCapacity');
    const attribute = distinct ? distinctAttribute : matchAttribute;
    if (attribute === undefined) return `claim ${key}, constraint #${i}: ${unknownOf(constraint)} is not simulated`;
    constraints.push({ requests: about, attribute, distinct });
  }
  return { claim, key, mappings: null, allocation: null, requests, constraints };
}

function readAlternatives(
  key: string,
  { name, exactly, firstAvailable }: DeviceRequest,
  objects: ClusterObjects,
): readonly RequestAlternative[] | string {
  const listed = exactly === undefined ? (firstAvailable ?? []) : [exactly];
  if (listed.length === 0) return `resource claim ${key}, request ${name}: unknown request type`;
  const alternatives: RequestAlternative[] = [];
  for (const one of listed) {
    const read = readAlternative(key, exactly === undefined ? `${name}/${one.name ?? ''}` : name, one, objects);
    if (typeof read === 'string') return read;
    alternatives.push(read);
  }
  return alternatives;
}

function unknownOf(constraint: object): string {
  return Object.keys(constraint).find((name) => name !== 'requests') ?? 'an empty constraint';
}

function readAlternative(
  key: string,
  name: string,
  request: ExactDeviceRequest,
  objects: ClusterObjects,
): RequestAlternative | string {
  const { deviceClassName = '', allocationMode = 'ExactCount', count = 1, adminAccess = false } = request;
  if (deviceClassName === '') return `request ${name}: unsupported request type`;
  const deviceClass = objects.get<DeviceClass>('DeviceClass', '', deviceClassName);
  if (deviceClass === undefined) return `request ${name}: device class ${deviceClassName} does not exist`;
  if (allocationMode !== 'ExactCount' && allocationMode !== 'All') {
    return `claim ${key}, request ${name}: unsupported count mode ${allocationMode}`;
  }
  const ofClass = selectorsOf(deviceClass);
  if (typeof ofClass === 'string') return ofClass;
  const own = readSelectors(`claim ${key}`, request.selectors ?? []);
  if (typeof own === 'string') return own;
  const { deviceGates } = objects;
  return {
    name,
    selectors: [...ofClass, ...own],
    count: allocationMode === 'All' ? -1 : count,
    adminAccess,
    tolerations: (deviceGates.has('DRADeviceTaints') ? request.tolerations : undefined) ?? NO_TOLERATIONS,
    amounts: requestedAmounts(deviceGates.has('DRAConsumableCapacity') ? request.capacity?.requests : undefined),
  };
}

const NO_TOLERATIONS: readonly Toleration[] = [];

/** The selectors of a class, or why they cannot be read. */
export function selectorsOf({ metadata, spec }: DeviceClass): readonly NamedSelector[] | string {
  return readSelectors(`class ${metadata.name}`, spec?.selectors ?? []);
}

function readSelectors(owner: string, selectors: readonly DeviceSelector[]): readonly NamedSelector[] | string {
  const read: NamedSelector[] = [];
  for (const [i, { cel }] of selectors.entries()) {
    const label = `${owner}: selector #${i}`;
    if (cel?.expression === undefined) return `${label}: CEL expression empty (unsupported selector type?)`;
    const tree = parsed(cel.expression);
    if (tree instanceof CelError) {
      return `${label}: ${tree.refused ? 'CEL compile error' : SELECTOR_NOT_READ}: ${tree.message}`;
    }
    read.push({ label, tree });
  }
  return read;
}

/** Selectors that are kept; classes and templates have a handful. */
const MAX_PARSED = 1_024;
const trees = new Map<string, CelNode | CelError>();

function parsed(expression: string): CelNode | CelError {
  const before = trees.get(expression);
  if (before !== undefined) return before;
  if (trees.size >= MAX_PARSED) trees.clear();
  let tree: CelNode | CelError;
  try {
    tree = parseCel(expression);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    tree = error;
  }
  trees.set(expression, tree);
  return tree;
}
