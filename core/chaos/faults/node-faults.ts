/**
 * Machines of nodes that lose power, for a time or for good.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { FaultEffect } from '../fault-effect.ts';

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

function runningOf(cluster: Cluster, nodes: readonly number[]): number {
  return nodes.filter((node) => cluster.sim.isRunning(cluster.kubelets[node] ?? -1)).length;
}
