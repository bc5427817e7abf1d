/**
 * The state of a whole cluster at the present instant, as a tree: committed objects, and every process with what is inside it.
 */
import { ApiServer } from '../../api/api-server.ts';
import type { Pid } from '../../sim/process.ts';
import { PROCESS_DOWN, PROCESS_PAUSED } from '../../sim/process.ts';
import type { Cluster, CommittedObjects } from '../cluster.ts';
import { apiServerParts } from './api-server-view.ts';
import { controllerManagerParts } from './controller-manager-view.ts';
import { nodeParts } from './node-view.ts';
import { schedulerParts } from './scheduler-view.ts';
import { storeMemberParts } from './store-member-view.ts';
import { Branch, objectsByName } from './view.ts';

/** Parts of a view by name. */
export type Parts = Readonly<Record<string, () => unknown>>;

/** The view of `cluster`; `committed` is the store's content by kind, `kinds` those that it has had. */
export function clusterView(cluster: Cluster, committed: CommittedObjects, kinds: readonly string[]): Branch {
  const parts = new Map<string, () => unknown>();
  parts.set('store', () => storeView(committed, kinds));
  const { processes } = cluster.sim;
  for (let pid = 0; pid < processes.count; pid++) {
    parts.set(processes.names[pid] as string, () =>
      Branch.of({ ...processParts(cluster, pid), ...insideOf(cluster, pid) }),
    );
  }
  return new Branch(parts);
}

/** Committed objects: kind, namespace, name. */
function storeView(committed: CommittedObjects, kinds: readonly string[]): Branch {
  return new Branch(new Map([...kinds].sort().map((kind) => [kind, () => objectsByName(committed.of(kind).values())])));
}

/** What the kernel knows of any process. */
function processParts({ sim, supervisor }: Cluster, pid: Pid): Parts {
  const { processes } = sim;
  const stateOf = (): string => {
    if (processes.state[pid] === PROCESS_DOWN) return 'down';
    return processes.state[pid] === PROCESS_PAUSED ? 'paused' : 'running';
  };
  return {
    process: () => ({
      state: stateOf(),
      heldDown: supervisor.isHeldDown(pid),
      machine: processes.machines[pid],
      starts: processes.incarnation[pid],
      waitingEvents: processes.extras[pid]?.inbox.size ?? 0,
      clockUs: sim.contextOf(pid).now(),
    }),
  };
}

/** What is inside a process that runs; nothing of one that is down. */
function insideOf(cluster: Cluster, pid: Pid): Parts {
  const behaviour = cluster.sim.processes.behaviours[pid] ?? null;
  const node = cluster.fleet.state.nodes.ofPid(pid);
  if (node >= 0) return nodeParts(cluster.fleet, node);
  if (behaviour === null) return {};
  if (behaviour instanceof ApiServer) return apiServerParts(behaviour);
  const member = cluster.storeMembers.get(pid);
  if (member !== undefined) return storeMemberParts(member);
  const scheduler = cluster.schedulers.get(pid);
  if (scheduler !== undefined) return schedulerParts(scheduler);
  const manager = cluster.controllerManagers.get(pid);
  return manager === undefined ? {} : controllerManagerParts(manager);
}
