/**
 * DynamicResources: allocated claims bind the pod to the nodes they can be used from; claims that are not allocated need devices that
 * match their requests, and so do extended resources that a node does not have itself. Source: Kubernetes 1.34 (resource.k8s.io/v1, structured
 * parameters), plugins/dynamicresources.
 *
 * What Filter finds is recorded by ClaimReservations once a node is chosen.
 */
import type { DeviceAllocation, ResourceClaim } from '../../../types/device.ts';
import type { Pod } from '../../../types/pod.ts';
import type { ClusterObjects } from '../cluster-objects.ts';
import type { Cycle, PluginState } from '../cycle.ts';
import { allocate, INVALID_POOLS, TIMED_OUT } from '../devices/allocator.ts';
import { readinessOf } from '../devices/binding-conditions.ts';
import { claimObjectsOf, claimsOfPod, isReservedFor, type PodDeviceClaim } from '../devices/device-claims.ts';
import {
  type ExtendedDemand,
  extendedClaimToAllocate,
  extendedDemandsOf,
  type HasResource,
} from '../devices/extended-resources.ts';
import { type NodeIdentity, poolsOf, selectsNode } from '../devices/pools.ts';
import type { NodeInfo } from '../node-info.ts';
import { normalizeByMaximum, type Plugin, type PreFilterOutcome, SKIP } from '../plugin.ts';
import { CycleError, type Rejection, unresolvable } from '../status.ts';

const NAME = 'DynamicResources';

interface Claims extends PluginState {
  readonly all: readonly PodDeviceClaim[];
  readonly waiting: readonly PodDeviceClaim[];
  /** Extended resources that devices may stand for. */
  readonly demands: readonly ExtendedDemand[];
  /** Allocated claims that some node could not use, so that PostFilter may give them up. */
  readonly unavailable: Set<PodDeviceClaim>;
  /** By node: what Filter found for the claims that wait. */
  readonly found: Map<string, readonly DeviceAllocation[]>;
}

/** Of a pod whose claims are not all there. */
const NO_CLAIMS: Claims = {
  all: [],
  waiting: [],
  demands: [],
  unavailable: new Set(),
  found: new Map(),
  clone: () => NO_CLAIMS,
};
/** Most alternatives of a request (FirstAvailableDeviceRequestMaxSize); the first one scores as much. */
const ALTERNATIVES_MAX = 8;

/** A claim to be allocated, and what it gets. */
export interface ChosenAllocation {
  readonly claim: PodDeviceClaim;
  readonly allocation: DeviceAllocation;
}

/** The plugin. */
export class DynamicResources implements Plugin {
  readonly name = NAME;

  preEnqueue(pod: Pod, objects: ClusterObjects): Rejection | null {
    const missing = missingClaims(pod, objects);
    return missing === '' ? null : unresolvable(missing);
  }

  preFilter(cycle: Cycle): PreFilterOutcome {
    const { objects } = cycle.view;
    const found = claimsOfPod(cycle.info.pod, objects);
    if (typeof found === 'string') {
      cycle.write(NAME, NO_CLAIMS);
      return unresolvable(found);
    }
    const waiting = found.filter(({ allocation }) => allocation === null);
    const demands = extendedDemandsOf(cycle.info.pod, objects);
    const unavailable = new Set<PodDeviceClaim>();
    const state: Claims = { all: found, waiting, demands, unavailable, found: new Map(), clone: () => state };
    cycle.write(NAME, state);
    return found.length + demands.length === 0 ? SKIP : null;
  }

  filter(cycle: Cycle, node: NodeInfo): Rejection | null {
    const { all, waiting: named, demands, unavailable, found: kept } = cycle.read<Claims>(NAME);
    const { objects } = cycle.view;
    const binds = objects.deviceGates.has('DRADeviceBindingConditions');
    const away = all.filter(
      ({ allocation, claim }) =>
        (allocation?.nodeSelector !== undefined && !selectsNode(allocation.nodeSelector, node)) ||
        (binds && isLost(claim, objects)),
    );
    const waiting = withExtended(named, cycle.info.pod, demands, (name) => node.allocatableOf(name) > 0, objects);
    if (typeof waiting === 'string') throw new CycleError(waiting);
    if (waiting.length > 0) {
      const found = allocate(poolsOf(objects, node), waiting, objects.devices, node.name);
      if (found === TIMED_OUT || found === INVALID_POOLS) return unresolvable(found);
      if (typeof found === 'string') throw new CycleError(found);
      if (found === null) return unresolvable('cannot allocate all claims');
      kept.set(node.name, found);
    }
    if (away.length === 0) return null;
    for (const claim of away) unavailable.add(claim);
    return unresolvable('resourceclaim not available on the node');
  }

  /** The earlier the alternatives that were had, the better (asked since 1.36, Score and computeScore in dynamicresources.go). */
  score(cycle: Cycle, node: NodeInfo): number {
    // A profile may switch PreFilter off.
    if (!cycle.has(NAME)) throw new CycleError('not found');
    const { all, found } = cycle.read<Claims>(NAME);
    const allocations = found.get(node.name);
    if (allocations === undefined) return 0;
    let score = 0;
    let next = 0;
    for (const { claim, allocation } of all) score += alternativesScore(claim, allocation ?? allocations[next++]);
    return score;
  }

  normalize(_cycle: Cycle, _nodes: readonly NodeInfo[], scores: Float64Array): void {
    normalizeByMaximum(scores, false);
  }
}

function alternativesScore({ spec }: ResourceClaim, allocation: DeviceAllocation | undefined): number {
  const had = new Set(allocation?.devices?.results?.map(({ request }) => request));
  let score = 0;
  for (const { name, firstAvailable = [] } of spec?.devices?.requests ?? []) {
    for (const [i, alternative] of firstAvailable.entries()) {
      if (had.has(`${name}/${alternative.name}`)) score += ALTERNATIVES_MAX - i;
    }
  }
  return score;
}

/** Whether an allocated claim has devices that will not be ready, so that it had better get others. */
function isLost(claim: ResourceClaim, { devices }: ClusterObjects): boolean {
  const { ready, failure } = readinessOf(claim);
  return failure !== '' || (!ready && devices.isOverdue(claim));
}

/** Why a pod's claims keep it out of the queue; `''` when they are all there. */
export function missingClaims(pod: Pod, objects: ClusterObjects): string {
  const found = claimObjectsOf(pod, objects);
  return typeof found === 'string' ? found : '';
}

/** Claims to be allocated, with that for extended resources which a node does not have itself; a text: why that cannot be. */
function withExtended(
  waiting: readonly PodDeviceClaim[],
  pod: Pod,
  demands: readonly ExtendedDemand[],
  has: HasResource,
  objects: ClusterObjects,
): readonly PodDeviceClaim[] | string {
  if (demands.length === 0) return waiting;
  const claim = extendedClaimToAllocate(pod, demands, has, objects);
  if (typeof claim === 'string') return claim;
  return claim === null ? waiting : [...waiting, claim];
}

/** What the pod's claims get on a node that passed the filter, a claim that is made for it too; `null` when they do not any more. */
export function chooseDevices(
  pod: Pod,
  node: NodeIdentity,
  objects: ClusterObjects,
  has: HasResource,
): readonly ChosenAllocation[] | null {
  const claims = claimsOfPod(pod, objects);
  if (typeof claims === 'string') return null;
  const named = claims.filter(({ allocation }) => allocation === null);
  const waiting = withExtended(named, pod, extendedDemandsOf(pod, objects), has, objects);
  if (typeof waiting === 'string') return null;
  if (waiting.length === 0) return [];
  const found = allocate(poolsOf(objects, node), waiting, objects.devices, node.name);
  if (found === null || typeof found === 'string') return null;
  return waiting.map((claim, i) => ({ claim, allocation: found[i] as DeviceAllocation }));
}

/** What PostFilter says, and the claim that it gives up: one that holds the pod to nodes it cannot use and that nobody else uses. */
export function dynamicResourcesPostFilter(cycle: Cycle): {
  readonly reason: string;
  readonly gives: PodDeviceClaim | null;
} {
  const { all, demands, unavailable } = cycle.read<Claims>(NAME);
  if (all.length + demands.length === 0) return { reason: 'no new claims to deallocate', gives: null };
  for (const claim of unavailable) {
    const users = claim.claim.status?.reservedFor ?? [];
    const own = users.length === 1 && isReservedFor(claim.claim, { uid: cycle.info.pod.metadata.uid ?? '' });
    if (users.length === 0 || own) return { reason: 'deallocation of ResourceClaim completed', gives: claim };
  }
  return { reason: 'still not schedulable', gives: null };
}
