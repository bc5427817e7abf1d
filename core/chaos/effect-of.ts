/**
 * From a fault of a plan to its effect on this cluster, with targets decided now.
 */
import { assertNever } from '../base/assert.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { FaultEffect } from './fault-effect.ts';
import { informerLag, lostReplies, noBookmarks, refusedRequests, slowWatchers, watchLag } from './faults/api-faults.ts';
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
import type { FaultPlan } from './plan.ts';
import { targetNodes, targetProcesses } from './targets.ts';
import type { World } from './world.ts';

/**
 * The effect of `fault` on what its target names now. `drawKey` decides the draws.
 */
export function effectOf(fault: FaultPlan, cluster: Cluster, world: World, drawKey: string): FaultEffect {
  const pids = targetProcesses(cluster, world, fault.target, drawKey);
  const peers = 'peer' in fault ? targetProcesses(cluster, world, fault.peer, drawKey) : [];
  switch (fault.kind) {
    case 'node-crash':
      return nodeCrash(targetNodes(cluster, world, fault.target, drawKey));
    case 'instance-removed':
      return instanceRemoved(targetNodes(cluster, world, fault.target, drawKey));
    case 'kubelet-stop':
      return processCrash(pids, {});
    case 'process-crash':
      return processCrash(pids, { unsynced: fault.unsynced ?? 'lost' });
    case 'process-pause':
      return processPause(pids);
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
    case 'slow-process':
      return slowProcess(pids, fault.times);
    case 'registry-outage':
      return registryOutage(targetNodes(cluster, world, fault.target, drawKey));
    case 'slow-pulls':
      return slowPulls(targetNodes(cluster, world, fault.target, drawKey), fault.latencyUs);
    case 'pleg-stall':
      return plegStall(targetNodes(cluster, world, fault.target, drawKey));
    case 'container-kill':
      return containerKill(targetNodes(cluster, world, fault.target, drawKey), world, fault.target.hosting);
    case 'address-shortage':
      return addressShortage(targetNodes(cluster, world, fault.target, drawKey));
    case 'proxy-lag':
      return proxyLag(targetNodes(cluster, world, fault.target, drawKey));
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
