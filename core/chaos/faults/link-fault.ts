/**
 * Links between two groups of processes that are cut, held, slow, lossy or bad.
 *
 * Of a cut link what was under way still arrives; connections stay until somebody's health check gives up; on healing, what waited is sent
 * again.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import { type LinkState, Losses } from '../../sim/links.ts';
import type { Pid } from '../../sim/process.ts';
import type { FaultEffect } from '../fault-effect.ts';

export type Direction = 'both' | 'from' | 'to';

/** The links of one fault, found when it begins. */
function linksBetween(
  cluster: Cluster,
  group: readonly Pid[],
  peers: readonly Pid[],
  direction: Direction,
): LinkState[] {
  const { links } = cluster.sim.network;
  const found = new Set<LinkState>();
  for (const pid of group) {
    for (const peer of peers) {
      if (pid === peer) continue;
      if (direction !== 'to') found.add(links.of(pid, peer));
      if (direction !== 'from') found.add(links.of(peer, pid));
    }
  }
  return [...found];
}

/** Sum of a counter of links since the fault began, until it ended. */
class LinkCount {
  readonly #read: (link: LinkState) => number;
  #links: readonly LinkState[] = [];
  #before = 0;
  #after = -1;

  constructor(read: (link: LinkState) => number) {
    this.#read = read;
  }

  begin(links: readonly LinkState[]): void {
    this.#links = links;
    this.#before = this.#sum();
  }

  end(): void {
    this.#after = this.#sum();
  }

  get count(): number {
    return (this.#after < 0 ? this.#sum() : this.#after) - this.#before;
  }

  #sum(): number {
    return this.#links.reduce((sum, link) => sum + this.#read(link), 0);
  }
}

/** The network between the groups is cut, in one direction or both. */
export function partition(group: readonly Pid[], peers: readonly Pid[], direction: Direction): FaultEffect {
  const stopped = new LinkCount((link) => link.stopped);
  let links: LinkState[] = [];
  return {
    begin(cluster) {
      links = linksBetween(cluster, group, peers, direction);
      stopped.begin(links);
      for (const link of links) link.cutCount++;
      for (const pid of group) cluster.sim.network.suspect(pid);
    },
    end(cluster) {
      stopped.end();
      for (const link of links) link.cutCount--;
      cluster.sim.network.releaseHeld();
    },
    done: () => ({ count: stopped.count, what: 'messages stopped' }),
  };
}

/** Everything between the groups waits until the end, and nobody's health check may notice. */
export function heldLink(group: readonly Pid[], peers: readonly Pid[]): FaultEffect {
  const stopped = new LinkCount((link) => link.stopped);
  let links: LinkState[] = [];
  return {
    begin(cluster) {
      links = linksBetween(cluster, group, peers, 'both');
      stopped.begin(links);
      for (const link of links) link.holdCount++;
    },
    end(cluster) {
      stopped.end();
      for (const link of links) link.holdCount--;
      cluster.sim.network.releaseHeld();
    },
    done: () => ({ count: stopped.count, what: 'messages held back' }),
  };
}

/** What a bad link does; absent = as ever. */
export interface Impairment {
  readonly bytesPerSecond?: number;
  readonly duplicatePercent?: number;
  readonly reorderPercent?: number;
}

/** A bandwidth in each direction, and shares of datagrams that come twice or late. */
export function impairedLink(
  group: readonly Pid[],
  peers: readonly Pid[],
  { bytesPerSecond = 0, duplicatePercent = 0, reorderPercent = 0 }: Impairment,
): FaultEffect {
  const impaired = new LinkCount((link) => link.impaired);
  let links: LinkState[] = [];
  const set = (bandwidthBytesPerS: number, duplicationPpm: number, reorderPpm: number): void => {
    for (const link of links) Object.assign(link, { bandwidthBytesPerS, duplicationPpm, reorderPpm });
  };
  return {
    begin(cluster) {
      links = linksBetween(cluster, group, peers, 'both');
      impaired.begin(links);
      set(bytesPerSecond, Math.round(duplicatePercent * 10_000), Math.round(reorderPercent * 10_000));
    },
    end() {
      impaired.end();
      set(0, 0, 0);
    },
    done: () => ({ count: impaired.count, what: 'messages late or doubled' }),
  };
}

/** Latency (and jitter) in place of the defaults, µs, in both directions. */
export function slowLink(
  group: readonly Pid[],
  peers: readonly Pid[],
  latencyUs: number,
  jitterUs: number,
): FaultEffect {
  const slowed = new LinkCount((link) => link.slowed);
  let links: LinkState[] = [];
  const set = (latency: number, jitter: number): void => {
    for (const link of links) {
      link.latencyUs = latency;
      link.jitterUs = jitter;
    }
  };
  return {
    begin(cluster) {
      links = linksBetween(cluster, group, peers, 'both');
      slowed.begin(links);
      set(latencyUs, jitterUs);
    },
    end() {
      slowed.end();
      set(-1, -1);
    },
    done: () => ({ count: slowed.count, what: 'messages slowed' }),
  };
}

/**
 * A share of all transmissions is lost in both directions, parts per million, or exactly those with the numbers `only`: datagrams vanish,
 * connections send again.
 */
export function lossyLink(
  group: readonly Pid[],
  peers: readonly Pid[],
  lossPpm: number,
  only: readonly number[] | undefined,
): FaultEffect {
  const losses = new Losses(only === undefined ? null : new Set(only));
  let links: LinkState[] = [];
  const set = (ppm: number, record: Losses | null): void => {
    for (const link of links) {
      link.lossPpm = ppm;
      link.losses = record;
    }
  };
  return {
    begin(cluster) {
      links = linksBetween(cluster, group, peers, 'both');
      set(lossPpm, losses);
    },
    end: () => set(0, null),
    done: () => ({ count: losses.lost.length, what: 'transmissions lost', ordinals: losses.lost }),
  };
}
