/**
 * A machine loses power: kubelet and containers are gone, nobody is told. At the end it boots again.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { FaultEffect } from '../fault-effect.ts';

export function nodeCrash(nodes: readonly number[]): FaultEffect {
  return {
    begin(cluster: Cluster) {
      for (const node of nodes) cluster.powerOff(node);
    },
    end(cluster: Cluster) {
      for (const node of nodes) cluster.powerOn(node);
    },
  };
}
