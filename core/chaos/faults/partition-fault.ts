/**
 * The network between two groups of processes is cut, in one direction or both.
 *
 * What was under way still arrives; connections stay until somebody's health check gives up; on healing, what waited is sent again.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

export type Direction = 'both' | 'from' | 'to';

export function partition(group: readonly Pid[], peers: readonly Pid[], direction: Direction): FaultEffect {
  const change = (cluster: Cluster, by: 1 | -1): void => {
    const links = cluster.sim.network.links;
    for (const pid of group) {
      for (const peer of peers) {
        if (pid === peer) continue;
        if (direction !== 'to') links.of(pid, peer).cutCount += by;
        if (direction !== 'from') links.of(peer, pid).cutCount += by;
      }
    }
  };
  return {
    begin(cluster) {
      change(cluster, 1);
      for (const pid of group) cluster.sim.network.suspect(pid);
    },
    end(cluster) {
      change(cluster, -1);
      cluster.sim.network.releaseHeld();
    },
  };
}
