/**
 * Links between two groups of processes that are cut, held, slow, lossy or bad.
 *
 * Of a cut link what was under way still arrives; connections stay until somebody's health check gives up; on healing, what waited is sent
 * again.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { LinkSettings, LinkState } from '../../sim/links.ts';
import { Picks } from '../../sim/picks.ts';
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

/** Links between the groups are changed in both directions; of two faults that change the same, the later one counts while both last. */
function changedLinks(
  group: readonly Pid[],
  peers: readonly Pid[],
  change: Partial<LinkSettings>,
  read: (link: LinkState) => number,
  what: string,
): FaultEffect {
  const changed = new LinkCount(read);
  let links: LinkState[] = [];
  return {
    begin(cluster) {
      links = linksBetween(cluster, group, peers, 'both');
      changed.begin(links);
      for (const link of links) link.impose(change);
    },
    end() {
      changed.end();
      for (const link of links) link.withdraw(change);
    },
    done: () => ({ count: changed.count, what }),
  };
}

/** What a bad link does; absent = as ever. */
export interface Impairment {
  readonly bytesPerSecond?: number;
  readonly duplicatePercent?: number;
  readonly reorderPercent?: number;
  /** Exactly these datagrams, by number, instead of the share. */
  readonly doubled?: readonly number[];
  readonly late?: readonly number[];
}

/** A bandwidth in each direction, and shares of datagrams that come twice or late. */
export function impairedLink(group: readonly Pid[], peers: readonly Pid[], impairment: Impairment): FaultEffect {
  const { bytesPerSecond, duplicatePercent, reorderPercent, doubled, late } = impairment;
  const doubles = duplicatePercent === undefined && doubled === undefined ? null : new Picks(doubled);
  const overtakes = reorderPercent === undefined && late === undefined ? null : new Picks(late);
  const change = {
    ...(bytesPerSecond === undefined ? {} : { bandwidthBytesPerS: bytesPerSecond }),
    ...(doubles === null ? {} : { doubles, duplicationPpm: ppmOf(duplicatePercent) }),
    ...(overtakes === null ? {} : { overtakes, reorderPpm: ppmOf(reorderPercent) }),
  };
  const effect = changedLinks(group, peers, change, (link) => link.impaired, 'messages late or doubled');
  const hits = {
    ...(doubles === null ? {} : { doubled: doubles.hit }),
    ...(overtakes === null ? {} : { late: overtakes.hit }),
  };
  return { ...effect, done: (cluster) => ({ ...effect.done(cluster), hits }) };
}

/** Latency (and jitter) in place of the defaults, µs, in both directions; with `late` all of the jitter for those messages, none for others. */
export function slowLink(
  group: readonly Pid[],
  peers: readonly Pid[],
  latencyUs: number,
  jitterUs: number,
  late: readonly number[] | undefined,
): FaultEffect {
  const delays = jitterUs === 0 ? null : new Picks(late);
  const change = { latencyUs, jitterUs, ...(delays === null ? {} : { delays }) };
  const effect = changedLinks(group, peers, change, (link) => link.slowed, 'messages slowed');
  if (delays === null) return effect;
  return { ...effect, done: (cluster) => ({ ...effect.done(cluster), hits: { late: delays.hit } }) };
}

/** A share of all transmissions is lost in both directions, or exactly those with the numbers `only`: datagrams vanish, connections send again. */
export function lossyLink(
  group: readonly Pid[],
  peers: readonly Pid[],
  lossPercent: number | undefined,
  only: readonly number[] | undefined,
): FaultEffect {
  const losses = new Picks(only);
  const what = 'transmissions lost';
  const effect = changedLinks(group, peers, { lossPpm: ppmOf(lossPercent), losses }, () => losses.hit.length, what);
  return { ...effect, done: () => ({ count: losses.hit.length, what, hits: { lost: losses.hit } }) };
}

/** Parts per million of a share in percent. */
function ppmOf(percent = 0): number {
  return Math.round(percent * 10_000);
}
