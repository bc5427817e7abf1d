/**
 * kube-proxy on every node: which version of the shared rule table each node has programmed.
 *
 * Services and EndpointSlices are watched once, by the fleet's own process; a change is programmed at all nodes by one event after the
 * apply time, at most once in minSyncPeriod (1 s), and fills a column. Nodes that are down, paused, cut off or held by a fault stay behind and are looked
 * at again every 5 s (as their reflector's back-off would). Source: kube-proxy 1.34 (syncRunner with minSyncPeriod 1 s).
 */

import { Bitset } from '../base/bitset.ts';
import { drawUint32 } from '../base/random.ts';
import type { ConnectionClient } from '../client/connection-client.ts';
import { Reflector, type ReflectorTarget } from '../client/reflector.ts';
import type { Endpoint, EndpointSlice } from '../types/endpoint-slice.ts';
import type { KubeObject } from '../types/object.ts';
import { ENDPOINTSLICES, type ResourceType, SERVICES } from '../types/resource-type.ts';
import type { Service } from '../types/service.ts';
import { DELETED, type WatchEvent } from '../types/wire.ts';
import { chooseEndpoints, type ProxyMode } from './endpoint-choice.ts';
import type { FleetState } from './fleet-state.ts';
import { BUG_PROXY_ADDS_ONLY, BUG_PROXY_DROPS, MARK_PROXY_BEHIND, POINT_PROXY_SYNC } from './marks.ts';
import { OP_PROXY_SYNC } from './ops.ts';
import { NodeOutages } from './outages.ts';
import { RuleTable } from './rule-table.ts';

/** Registration indexes of the two reflectors' timers. */
const INDEX_SERVICES = 4;
const INDEX_SLICES = 5;
const CATCH_UP_US = 5_000_000;
const DRAW_DROP = 0xd20b;

export class Proxies {
  readonly table: RuleTable;
  readonly mode: ProxyMode;
  /** Version that each node has programmed. */
  readonly version: Float64Array;
  /** Nodes whose proxies program nothing. */
  readonly outages = new NodeOutages();
  readonly #state: FleetState;
  readonly #reachable: (node: number) => boolean;
  readonly #behind: Bitset;
  #services: Reflector | null = null;
  #slices: Reflector | null = null;
  #lastSyncUs = Number.NEGATIVE_INFINITY;
  #dueUs = Number.POSITIVE_INFINITY;

  constructor(state: FleetState, mode: ProxyMode, reachable: (node: number) => boolean) {
    this.#state = state;
    this.mode = mode;
    this.#reachable = reachable;
    this.table = new RuleTable(state.options.names.keys(SERVICES));
    this.version = new Float64Array(state.nodes.count);
    this.#behind = new Bitset(state.nodes.count);
  }

  /** Begins to watch with the client of the fleet's own process. */
  start(client: ConnectionClient): void {
    this.#dueUs = Number.POSITIVE_INFINITY;
    const addsOnly = this.#state.sim.contextOf(this.#state.ownPid).bug(BUG_PROXY_ADDS_ONLY);
    this.#services = this.#reflect(client, SERVICES, INDEX_SERVICES, {
      ids: () => this.table.serviceIds(),
      set: (id, object) => this.table.setService(id, object as Service | null),
    });
    this.#slices = this.#reflect(client, ENDPOINTSLICES, INDEX_SLICES, {
      ids: () => this.table.sliceIds(),
      set: (id, object) => {
        const slice = object as EndpointSlice | null;
        this.table.setSlice(id, slice !== null && addsOnly ? withOld(slice, this.table.sliceOf(id)) : slice);
      },
    });
  }

  /** A reflector's back-off is over; true if it was one of ours. */
  onBackoffOver(index: number, generation: number): boolean {
    if (index === INDEX_SERVICES) this.#services?.onBackoffOver(generation);
    else if (index === INDEX_SLICES) this.#slices?.onBackoffOver(generation);
    else return false;
    return true;
  }

  /** The rules' timer: nodes that can be reached program the newest version. */
  sync(): void {
    const { sim, nodes } = this.#state;
    const ctx = sim.contextOf(this.#state.ownPid);
    if (sim.now < this.#dueUs) return;
    this.#dueUs = Number.POSITIVE_INFINITY;
    this.#lastSyncUs = sim.now;
    const { version } = this.table;
    const drops = ctx.bug(BUG_PROXY_DROPS);
    let count = 0;
    for (let node = 0; node < nodes.count; node++) {
      if (this.version[node] === version) continue;
      if (!this.#reachable(node) || this.outages.has(node)) {
        this.#behind.add(node);
        continue;
      }
      if (this.#behind.delete(node)) ctx.mark(MARK_PROXY_BEHIND);
      else if (drops && drawUint32(sim.seed, mixed(node, version), DRAW_DROP) % 4 === 0) continue;
      this.version[node] = version;
      count++;
    }
    ctx.observe(POINT_PROXY_SYNC, { version, count });
    this.#prune();
    if (this.#behind.count > 0) this.#arm(CATCH_UP_US);
  }

  /** Addresses that `node` sends to for a service, as its rules are now. */
  rulesOf(node: number, namespace: string, name: string): readonly string[] {
    const { nodes, options } = this.#state;
    const id = options.names.keys(SERVICES).find(namespace, name);
    const rules = id < 0 ? null : this.table.at(id, this.version[node] as number);
    if (rules === null || this.#state.sim.network.deadMachines.has(nodes.nameOf(node))) return [];
    const zone = nodes.description[node]?.zone ?? '';
    return chooseEndpoints(rules, this.mode, nodes.nameOf(node), zone).flatMap((endpoint) => endpoint.addresses);
  }

  /** The machine was off: its rules are gone until it lists again. */
  machineStopped(node: number): void {
    this.version[node] = 0;
    this.#behind.add(node);
    this.#arm(CATCH_UP_US);
  }

  #reflect(client: ConnectionClient, type: ResourceType, index: number, sink: Sink): Reflector {
    const reflector = new Reflector(client, { type, namespace: '' }, new RuleNews(sink, () => this.#changed()), index);
    reflector.start();
    return reflector;
  }

  #changed(): void {
    const { sim } = this.#state;
    const { proxyApplyUs, proxyMinSyncUs } = sim.costs;
    this.#arm(Math.max(proxyApplyUs, this.#lastSyncUs + proxyMinSyncUs - sim.now));
  }

  #arm(delayUs: number): void {
    const due = this.#state.sim.now + delayUs;
    if (due >= this.#dueUs) return;
    // An earlier instant wins; the later timer then finds nothing due.
    this.#dueUs = due;
    this.#state.sim.contextOf(this.#state.ownPid).setTimer(delayUs, OP_PROXY_SYNC);
  }

  #prune(): void {
    let oldest = this.table.version;
    for (const version of this.version) if (version < oldest) oldest = version;
    this.table.prune(oldest);
  }
}

interface Sink {
  ids(): number[];
  set(id: number, object: KubeObject | null): void;
}

/** Takes what a watch tells into the table. */
class RuleNews implements ReflectorTarget {
  readonly #sink: Sink;
  readonly #changed: () => void;

  constructor(sink: Sink, changed: () => void) {
    this.#sink = sink;
    this.#changed = changed;
  }

  onReplace(items: readonly KubeObject[], ids: Int32Array | readonly number[]): void {
    const present = new Set(ids);
    for (const id of this.#sink.ids()) if (!present.has(id)) this.#sink.set(id, null);
    for (let i = 0; i < items.length; i++) this.#sink.set(ids[i] as number, items[i] as KubeObject);
    this.#changed();
  }

  onEvent(event: WatchEvent): void {
    this.#sink.set(event.keyId, event.type === DELETED ? null : event.object);
    this.#changed();
  }
}

function mixed(node: number, version: number): number {
  return Math.imul(node + 1, 0x9e3779b1) ^ version;
}

/** All endpoints that the slice ever had, each as it was first. */
function withOld(slice: EndpointSlice, before: EndpointSlice | undefined): EndpointSlice {
  const known = before?.endpoints ?? [];
  const isNew = ({ addresses }: Endpoint) => !known.some((one) => one.addresses[0] === addresses[0]);
  return { ...slice, endpoints: [...known, ...slice.endpoints.filter(isNew)] };
}
