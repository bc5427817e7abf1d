/**
 * Machines of nodes that lose power, for a time or for good, their containers or their registry.
 */
import type { Cluster } from '../../cluster/cluster.ts';
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

/** Nodes cannot pull images: what they have not waits, and is tried again with back-off. */
export function registryOutage(nodes: readonly number[]): FaultEffect {
  let before = 0;
  let after = -1;
  return {
    begin(cluster) {
      const { images } = cluster.fleet.state;
      before = images.failedPulls;
      for (const node of nodes) images.setOutage(node, 1);
    },
    end(cluster) {
      const { images } = cluster.fleet.state;
      after = images.failedPulls;
      for (const node of nodes) images.setOutage(node, -1);
    },
    done: (cluster) => ({
      count: (after < 0 ? cluster.fleet.state.images.failedPulls : after) - before,
      what: 'pulls failed',
    }),
  };
}

/** Running containers are killed once: of all pods on the nodes, or of one workload (`Kind/namespace/name`). */
export function containerKill(nodes: readonly number[], world: World, workload: string | undefined): FaultEffect {
  let killed = 0;
  return {
    begin(cluster) {
      for (const node of nodes) {
        if (!cluster.sim.isRunning(cluster.kubelets[node] ?? -1)) continue;
        killed += cluster.fleet.killContainers(node, (pod) => workload === undefined || isPodOf(world, pod, workload));
      }
    },
    end() {},
    done: () => ({ count: killed, what: 'pods had their containers killed' }),
  };
}

function runningOf(cluster: Cluster, nodes: readonly number[]): number {
  return nodes.filter((node) => cluster.sim.isRunning(cluster.kubelets[node] ?? -1)).length;
}
