/**
 * Machines of nodes that lose power, for a time, for good or when they are full, their containers, registry or addresses, kubelets that hear nothing of these, and proxies that stand
 * still.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { NodeDescription } from '../../cluster/description.ts';
import type { NodeOutages } from '../../node/outages.ts';
import type { Pod } from '../../types/pod.ts';
import { podRequests } from '../../types/pod-requests.ts';
import { amountOf } from '../../types/quantity.ts';
import type { FaultEffect } from '../fault-effect.ts';
import { isPodOf } from '../targets.ts';
import type { World } from '../world.ts';

/** Kubelets and containers are gone, nobody is told. At the end the machines boot again. */
export function nodeCrash(nodes: readonly number[]): FaultEffect {
  let running = 0;
  return {
    begin(cluster) {
      running = runningOf(cluster, nodes);
      for (const node of nodes) cluster.powerOff(node);
    },
    end(cluster) {
      for (const node of nodes) cluster.powerOn(node);
    },
    done: () => ({ count: running, what: 'nodes powered off' }),
  };
}

/** How often the use of nodes is looked at, µs. */
const LOOK_US = 1_000_000;

/** Kernels panic: a node whose pods request more than `percent` of a resource that it has loses power, and stays away until the end. */
export function nodePanic(
  nodes: readonly number[],
  world: World,
  resource: 'cpu' | 'memory',
  percent: number,
): FaultEffect {
  const panicked = new Set<number>();
  let isOver = false;
  const look = (cluster: Cluster): void => {
    if (isOver) return;
    const used = usedByNode(world, resource);
    for (const node of nodes) {
      const { name } = cluster.description.nodes[node] as NodeDescription;
      const has = amountOf(resource, world.nodeNamed(name)?.status?.allocatable?.[resource] ?? '0');
      if (panicked.has(node) || has <= 0 || ((used.get(name) ?? 0) / has) * 100 <= percent) continue;
      panicked.add(node);
      cluster.powerOff(node);
    }
    cluster.sim.at(cluster.sim.now + LOOK_US, 'use of nodes', () => look(cluster));
  };
  return {
    begin: look,
    end(cluster) {
      isOver = true;
      for (const node of panicked) cluster.powerOn(node);
    },
    done: () => ({ count: panicked.size, what: 'nodes panicked' }),
  };
}

/** What the pods that have begun to run request of a resource, cpu in thousandths, memory in bytes, by the name of their node. */
function usedByNode(world: World, resource: 'cpu' | 'memory'): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  for (const each of world.of('Pod').values()) {
    const { spec, status } = each as Pod;
    if (spec.nodeName === undefined || status?.phase !== 'Running') continue;
    const { cpuMilli, memoryBytes } = podRequests(spec);
    used.set(spec.nodeName, (used.get(spec.nodeName) ?? 0) + (resource === 'cpu' ? cpuMilli : memoryBytes));
  }
  return used;
}

/** The cloud provider takes the nodes' instances away: the machines are off and never come back. */
export function instanceRemoved(nodes: readonly number[]): FaultEffect {
  return {
    begin(cluster) {
      for (const node of nodes) cluster.removeInstance(node);
    },
    end() {},
    done: () => ({ count: nodes.length, what: 'instances removed' }),
  };
}

/** Nodes are kept from something; `count` is read before and after, and the difference is what it did. */
function outage(
  nodes: readonly number[],
  outagesOf: (cluster: Cluster) => NodeOutages | undefined,
  what: string,
  count: (cluster: Cluster) => number,
): FaultEffect {
  let before = 0;
  let after = -1;
  return {
    begin(cluster) {
      before = count(cluster);
      for (const node of nodes) outagesOf(cluster)?.change(node, 1);
    },
    end(cluster) {
      after = count(cluster);
      for (const node of nodes) outagesOf(cluster)?.change(node, -1);
    },
    done: (cluster) => ({ count: (after < 0 ? count(cluster) : after) - before, what }),
  };
}

/** Nodes cannot pull images: what they have not waits, and is tried again with back-off. */
export function registryOutage(nodes: readonly number[]): FaultEffect {
  const images = ({ fleet }: Cluster) => fleet.state.images;
  return outage(
    nodes,
    (cluster) => images(cluster).outages,
    'pulls failed',
    (cluster) => images(cluster).failedPulls,
  );
}

/** Nodes have no address for a new pod: its start is tried again. */
export function addressShortage(nodes: readonly number[]): FaultEffect {
  const addresses = ({ fleet }: Cluster) => fleet.state.addresses;
  return outage(
    nodes,
    (cluster) => addresses(cluster).outages,
    'pods got no address',
    (cluster) => addresses(cluster).refused,
  );
}

/** The proxies of nodes program no rules: traffic goes where it went before. */
export function proxyLag(nodes: readonly number[]): FaultEffect {
  const missed = ({ fleet: { proxies } }: Cluster): number =>
    proxies === null ? 0 : nodes.reduce((sum, node) => sum + proxies.table.version - (proxies.version[node] ?? 0), 0);
  return outage(nodes, ({ fleet }) => fleet.proxies?.outages, 'changes of rules missed', missed);
}

/** Pulls that nodes begin take so much longer, µs; at the end those under way get on as one that begins then. */
export function slowPulls(nodes: readonly number[], latencyUs: number): FaultEffect {
  let before = 0;
  let after = -1;
  const slow = ({ fleet }: Cluster, us: number): void => {
    for (const node of nodes) fleet.slowPulls(node, us);
  };
  return {
    begin(cluster) {
      before = cluster.fleet.state.images.slowedPulls;
      slow(cluster, latencyUs);
    },
    end(cluster) {
      after = cluster.fleet.state.images.slowedPulls;
      slow(cluster, -latencyUs);
    },
    done: ({ fleet }) => ({
      count: (after < 0 ? fleet.state.images.slowedPulls : after) - before,
      what: 'pulls slowed',
    }),
  };
}

/** The kubelets of nodes do not hear what becomes of their containers. */
export function plegStall(nodes: readonly number[]): FaultEffect {
  let before = 0;
  let after = -1;
  return {
    begin({ fleet }) {
      before = fleet.state.stalls.unheard;
      for (const node of nodes) fleet.stallRuntime(node, 1);
    },
    end({ fleet }) {
      after = fleet.state.stalls.unheard;
      for (const node of nodes) fleet.stallRuntime(node, -1);
    },
    done: ({ fleet }) => ({
      count: (after < 0 ? fleet.state.stalls.unheard : after) - before,
      what: 'changes of pods not heard of',
    }),
  };
}

/** Running containers are killed once, the first of each pod or that of this name: of all pods on the nodes, or of one workload (`Kind/namespace/name`). */
export function containerKill(
  nodes: readonly number[],
  world: World,
  workload: string | undefined,
  container: string | undefined,
): FaultEffect {
  let killed = 0;
  return {
    begin(cluster) {
      for (const node of nodes) {
        if (!cluster.sim.isRunning(cluster.kubelets[node] ?? -1)) continue;
        const isMeant = (pod: Pod) => workload === undefined || isPodOf(world, pod, workload);
        killed += cluster.fleet.killContainers(node, isMeant, container);
      }
    },
    end() {},
    done: () => ({ count: killed, what: 'pods had their containers killed' }),
  };
}

function runningOf(cluster: Cluster, nodes: readonly number[]): number {
  return nodes.filter((node) => cluster.sim.isRunning(cluster.kubelets[node] ?? -1)).length;
}
