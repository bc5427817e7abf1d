/**
 * The cloud provider takes a node's instance away for good: the machine is off and never comes back.
 */
import type { FaultEffect } from '../fault-effect.ts';

export function instanceRemoved(nodes: readonly number[]): FaultEffect {
  return {
    begin(cluster) {
      for (const node of nodes) cluster.removeInstance(node);
    },
    end() {},
  };
}
