/**
 * The endpoints of one service and address family, packed into slices of at most `endpointsMax`.
 *
 * Holds which pod sits in which slice, so that a sync costs the changed pods and the slices they touch. Packing follows the real
 * reconciler: changed slices are filled up first (fullest first), the rest goes into the unchanged slice that it fills best, else into
 * new ones. A slice that loses all its endpoints goes away, as does one of ports that no pod has; one that was empty before stays. The last
 * one stays as a placeholder. Source: Kubernetes 1.34 staging/src/k8s.io/endpointslice/reconciler.go.
 */
import type { Endpoint, EndpointPort, EndpointSlice } from '../../types/endpoint-slice.ts';
import { type Family, isSameEndpoint, NO_PORTS, type PortSet, portSetOf, saysSame } from './pod-endpoint.ts';

/** One slice as the controller wants it. */
export class WantedSlice {
  /** The stored object, null before it was created. */
  object: EndpointSlice | null;
  portsKey: string;
  ports: readonly EndpointPort[];
  endpoints: Endpoint[];
  /** Pod ids, one for each endpoint. */
  readonly pods: number[] = [];
  changed = false;
  #shared = true;

  constructor(object: EndpointSlice | null, ports: PortSet) {
    this.object = object;
    this.portsKey = ports.key;
    this.ports = ports.ports;
    this.endpoints = [];
  }

  /** Endpoints may be changed after this; those of an object never are. */
  touch(): void {
    this.changed = true;
    if (!this.#shared) return;
    this.endpoints = this.endpoints.slice();
    this.#shared = false;
  }

  /** It had endpoints and has none left. */
  get lostAll(): boolean {
    return this.endpoints.length === 0 && (this.object?.endpoints?.length ?? 0) > 0;
  }

  push(pod: number, endpoint: Endpoint): void {
    this.touch();
    this.pods.push(pod);
    this.endpoints.push(endpoint);
  }

  removeAt(at: number): void {
    this.touch();
    this.pods.splice(at, 1);
    this.endpoints.splice(at, 1);
  }

  /** The object was written with these endpoints. */
  written(object: EndpointSlice): void {
    this.object = object;
    this.changed = false;
    this.#shared = true;
  }
}

/** What a pod should be in the slices; without an endpoint its ports are wanted all the same. */
export interface WantedEndpoint {
  readonly endpoint: Endpoint | null;
  readonly ports: PortSet;
}

/** Writes that follow from {@link SliceSet.apply}. */
export interface SliceWrites {
  readonly creates: WantedSlice[];
  readonly updates: WantedSlice[];
  readonly deletes: EndpointSlice[];
}

export class SliceSet {
  readonly family: Family;
  readonly slices: WantedSlice[] = [];
  readonly #endpointsMax: number;
  readonly #places = new Map<number, WantedSlice>();
  /** Port sets, by key, of pods that count and have no endpoint of this family, or no node yet. */
  readonly #portsOfPlaceless = new Map<number, string>();

  constructor(family: Family, endpointsMax: number) {
    this.family = family;
    this.#endpointsMax = endpointsMax;
  }

  /** Takes over a stored slice; endpoints without a pod, or whose pod sits elsewhere already, are dropped from it. */
  adopt(object: EndpointSlice, podOf: (endpoint: Endpoint) => number): void {
    const slice = new WantedSlice(object, portSetOf(object.ports ?? []));
    for (const endpoint of object.endpoints ?? []) {
      const pod = podOf(endpoint);
      if (pod < 0 || this.#places.has(pod)) {
        slice.changed = true;
        continue;
      }
      slice.pods.push(pod);
      slice.endpoints.push(endpoint);
      this.#places.set(pod, slice);
    }
    this.slices.push(slice);
  }

  /** Ids of all pods that have a place. */
  pods(): IterableIterator<number> {
    return this.#places.keys();
  }

  /** Brings the slices to what the changed pods should be. */
  apply(changes: ReadonlyMap<number, WantedEndpoint | null>): SliceWrites {
    const pending = new Map<string, { readonly ports: PortSet; readonly list: [number, Endpoint][] }>();
    for (const [pod, wanted] of changes) {
      const endpoint = wanted === null ? null : wanted.endpoint;
      const ports = wanted === null ? NO_PORTS : wanted.ports;
      if (wanted !== null && endpoint === null) this.#portsOfPlaceless.set(pod, ports.key);
      else this.#portsOfPlaceless.delete(pod);
      if (this.#settle(pod, endpoint, ports) || endpoint === null) continue;
      let group = pending.get(ports.key);
      if (group === undefined) {
        group = { ports, list: [] };
        pending.set(ports.key, group);
      }
      group.list.push([pod, endpoint]);
    }
    for (const { ports, list } of pending.values()) this.#place(ports, list);
    return this.#writes();
  }

  /** Updates or removes a pod in place; true when it needs no new place. */
  #settle(pod: number, wanted: Endpoint | null, ports: PortSet): boolean {
    const slice = this.#places.get(pod);
    if (slice === undefined) return wanted === null;
    const at = slice.pods.indexOf(pod);
    const old = slice.endpoints[at] as Endpoint;
    if (wanted !== null && ports.key === slice.portsKey && isSameEndpoint(old, wanted)) {
      if (!saysSame(old, wanted)) {
        slice.touch();
        slice.endpoints[at] = wanted;
      }
      return true;
    }
    slice.removeAt(at);
    this.#places.delete(pod);
    return wanted === null;
  }

  #place(ports: PortSet, list: readonly [number, Endpoint][]): void {
    const max = this.#endpointsMax;
    let next = 0;
    const fill = (slice: WantedSlice): void => {
      while (next < list.length && slice.endpoints.length < max) {
        const [pod, endpoint] = list[next++] as [number, Endpoint];
        slice.push(pod, endpoint);
        this.#places.set(pod, slice);
      }
    };
    const alike = this.slices.filter((slice) => slice.portsKey === ports.key);
    // A slice that lost all its endpoints is deleted, not filled, as in the real reconciler.
    const changed = alike.filter((slice) => slice.changed && !slice.lostAll);
    for (const slice of changed.sort((a, b) => b.endpoints.length - a.endpoints.length)) fill(slice);
    const unchanged = new Set(alike.filter((slice) => !slice.changed));
    while (next < list.length) {
      const left = list.length - next;
      let slice = left < max ? fullestThatFits(unchanged, left, max) : undefined;
      if (slice === undefined) {
        slice = new WantedSlice(null, ports);
        this.slices.push(slice);
      }
      unchanged.delete(slice);
      fill(slice);
    }
  }

  #writes(): SliceWrites {
    const creates: WantedSlice[] = [];
    const updates: WantedSlice[] = [];
    const empty: WantedSlice[] = [];
    const kept: WantedSlice[] = [];
    for (const slice of this.slices) {
      const isEmpty = slice.endpoints.length === 0 && slice.object !== null;
      if (isEmpty && (slice.lostAll || !this.#wants(slice.portsKey))) {
        empty.push(slice);
        continue;
      }
      kept.push(slice);
      if (slice.object === null) creates.push(slice);
      else if (slice.changed) updates.push(slice);
    }
    if (kept.length === 0) this.#keepPlaceholder(empty, creates, kept);
    // Slices that would be created take the place of those that would be deleted.
    for (const slice of creates.slice()) {
      const freed = empty.shift();
      if (freed === undefined) break;
      slice.object = freed.object;
      creates.shift();
      updates.push(slice);
    }
    this.slices.length = 0;
    this.slices.push(...kept);
    return { creates, updates, deletes: empty.map(({ object }) => object as EndpointSlice) };
  }

  /** Whether a pod has these ports. */
  #wants(portsKey: string): boolean {
    if (this.slices.some((slice) => slice.portsKey === portsKey && slice.endpoints.length > 0)) return true;
    for (const key of this.#portsOfPlaceless.values()) if (key === portsKey) return true;
    return false;
  }

  #keepPlaceholder(empty: WantedSlice[], creates: WantedSlice[], kept: WantedSlice[]): void {
    const [only] = empty;
    if (empty.length === 1 && only?.portsKey === NO_PORTS.key && !only.changed) {
      kept.push(only);
      empty.length = 0;
      return;
    }
    const placeholder = new WantedSlice(null, NO_PORTS);
    kept.push(placeholder);
    creates.push(placeholder);
  }
}

function fullestThatFits(slices: ReadonlySet<WantedSlice>, count: number, max: number): WantedSlice | undefined {
  let best: WantedSlice | undefined;
  for (const slice of slices) {
    if (slice.endpoints.length + count > max) continue;
    if (best === undefined || slice.endpoints.length > best.endpoints.length) best = slice;
  }
  return best;
}
