/**
 * From a fault of a plan to its effect on this cluster, with targets decided now.
 */
import { assertNever } from '../base/assert.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Pid } from '../sim/process.ts';
import type { FaultEffect } from './fault-effect.ts';
import {
  expiredWatches,
  informerLag,
  lostReplies,
  noBookmarks,
  noJitter,
  refusedRequests,
  repeatedEvents,
  slowWatchers,
  watchLag,
} from './faults/api-faults.ts';
import { clockOffset, clockRate } from './faults/clock-fault.ts';
import { diskFailure, slowDisk } from './faults/disk-fault.ts';
import { changedField } from './faults/field-fault.ts';
import { heldLink, impairedLink, lossyLink, partition, slowLink } from './faults/link-fault.ts';
import { loadBurst } from './faults/load-faults.ts';
import {
  addressShortage,
  containerKill,
  instanceRemoved,
  nodeCrash,
  nodePanic,
  plegStall,
  proxyLag,
  registryOutage,
  slowPulls,
} from './faults/node-faults.ts';
import { processCrash, processPause, slowProcess } from './faults/process-faults.ts';
import { pluginErrors } from './faults/scheduler-faults.ts';
import {
  bitFlip,
  compactionStorm,
  crashInApply,
  diskLoss,
  leaderTransfer,
  slowApply,
  slowSnapshot,
} from './faults/store-faults.ts';
import { type FaultPlan, NODE_FAULTS, type Target } from './plan.ts';
import { targetNodes, targetProcesses } from './targets.ts';
import type { World } from './world.ts';

/**
 * The effect of `fault` on what its target names now. `drawKey` decides the draws.
 */
export function effectOf(fault: FaultPlan, cluster: Cluster, world: World, drawKey: string): FaultEffect {
  const pids = targetProcesses(cluster, world, fault.target, drawKey);
  if ('peer' in fault) return linkEffect(fault, pids, targetProcesses(cluster, world, fault.peer, drawKey));
  if (isOfNodes(fault)) return nodeEffect(fault, targetNodes(cluster, world, fault.target, drawKey), world);
  switch (fault.kind) {
    case 'kubelet-stop':
      return processCrash(pids, {});
    case 'process-crash':
      return processCrash(pids, { unsynced: fault.unsynced ?? 'lost' });
    case 'process-pause':
      return processPause(pids);
    case 'slow-process':
      return slowProcess(pids, fault.times);
    case 'clock-rate':
      return clockRate(pids, fault.rate);
    case 'clock-offset':
      return clockOffset(pids, fault.offsetUs);
    case 'slow-disk':
      return slowDisk(pids, fault.extraSyncUs);
    case 'disk-failure':
      return diskFailure(pids, fault.reason);
    case 'bit-flip':
      return bitFlip(pids, fault.file, fault.id);
    case 'leader-transfer':
      return leaderTransfer(pids);
    case 'slow-snapshot':
      return slowSnapshot(pids, fault.latencyUs);
    case 'slow-apply':
      return slowApply(pids, fault.latencyUs);
    case 'crash-in-apply':
      return crashInApply(pids);
    case 'disk-loss':
      return diskLoss(pids);
    case 'compaction-storm':
      return compactionStorm(fault.everyUs);
    case 'watch-lag':
      return watchLag(pids, fault.resource, fault.latencyUs);
    case 'informer-lag':
      return informerLag(pids, fault.resource, fault.latencyUs);
    case 'no-bookmarks':
      return noBookmarks(pids, fault.resource);
    case 'expired-watches':
      return expiredWatches(pids, fault.resource);
    case 'repeated-events':
      return repeatedEvents(pids, fault.resource);
    case 'no-jitter':
      return noJitter(pids);
    case 'lost-replies':
      return lostReplies(pids);
    case 'refused-requests':
      return refusedRequests(pids, { ...fault, only: fault.requests }, cluster.sim.seed);
    case 'plugin-errors': {
      const { extensionPoint, plugin = 'Injected', percent, attempts } = fault;
      return pluginErrors(pids, extensionPoint, plugin, { percent, only: attempts }, cluster.sim.seed);
    }
    case 'load-burst':
      return loadBurst(pids, fault.load, fault.resource ?? 'pods', fault.perSecond);
    case 'changed-field':
      return changedField(pids, world, fault);
    case 'slow-watchers':
      return slowWatchers(pids);
    default:
      return assertNever(fault, 'fault kind');
  }
}

type NodeFault = Extract<FaultPlan, { readonly kind: (typeof NODE_FAULTS)[number] }>;

function isOfNodes(fault: FaultPlan): fault is NodeFault {
  return (NODE_FAULTS as readonly string[]).includes(fault.kind);
}

/** A fault of nodes, by their indexes. */
function nodeEffect(fault: NodeFault, nodes: readonly number[], world: World): FaultEffect {
  switch (fault.kind) {
    case 'node-crash':
      return nodeCrash(nodes);
    case 'node-panic':
      return nodePanic(nodes, world, fault.fullOf, fault.percent);
    case 'instance-removed':
      return instanceRemoved(nodes);
    case 'registry-outage':
      return registryOutage(nodes);
    case 'slow-pulls':
      return slowPulls(nodes, fault.latencyUs);
    case 'pleg-stall':
      return plegStall(nodes);
    case 'container-kill':
      return containerKill(nodes, world, fault.target.hosting, fault.container);
    case 'address-shortage':
      return addressShortage(nodes);
    case 'proxy-lag':
      return proxyLag(nodes);
    default:
      return assertNever(fault, 'fault kind of nodes');
  }
}

/** A fault of the links between two groups of processes. */
function linkEffect(
  fault: Extract<FaultPlan, { readonly peer: Target }>,
  pids: readonly Pid[],
  peers: readonly Pid[],
): FaultEffect {
  switch (fault.kind) {
    case 'partition':
      return partition(pids, peers, fault.direction ?? 'both');
    case 'slow-link':
      return slowLink(pids, peers, fault.latencyUs, fault.jitterUs ?? 0, fault.late);
    case 'lossy-link':
      return lossyLink(pids, peers, fault.lossPercent, fault.lost);
    case 'held-link':
      return heldLink(pids, peers);
    case 'impaired-link':
      return impairedLink(pids, peers, fault);
    default:
      return assertNever(fault, 'fault kind of links');
  }
}
