/**
 * Slow and lossy links between two groups, in both directions.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { LinkState } from '../../sim/links.ts';
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

function eachLink(
  cluster: Cluster,
  group: readonly Pid[],
  peers: readonly Pid[],
  change: (link: LinkState) => void,
): void {
  for (const pid of group) {
    for (const peer of peers) {
      if (pid === peer) continue;
      change(cluster.sim.network.links.of(pid, peer));
      change(cluster.sim.network.links.of(peer, pid));
    }
  }
}

/** Latency (and jitter) in place of the defaults, µs. */
export function slowLink(
  group: readonly Pid[],
  peers: readonly Pid[],
  latencyUs: number,
  jitterUs: number,
): FaultEffect {
  const set = (latency: number, jitter: number) => (link: LinkState) => {
    link.latencyUs = latency;
    link.jitterUs = jitter;
  };
  return {
    begin: (cluster) => eachLink(cluster, group, peers, set(latencyUs, jitterUs)),
    end: (cluster) => eachLink(cluster, group, peers, set(-1, -1)),
  };
}

/** A share of all packets is lost, parts per million: datagrams vanish, connections retransmit. */
export function lossyLink(group: readonly Pid[], peers: readonly Pid[], lossPpm: number): FaultEffect {
  const set = (ppm: number) => (link: LinkState) => {
    link.lossPpm = ppm;
  };
  return {
    begin: (cluster) => eachLink(cluster, group, peers, set(lossPpm)),
    end: (cluster) => eachLink(cluster, group, peers, set(0)),
  };
}
