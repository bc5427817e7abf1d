/**
 * Minimum-cost flow by successive shortest paths: as much flow as possible, and of all such flows one of least cost.
 *
 * Dijkstra with node potentials (Edmonds and Karp 1972; Ahuja, Magnanti and Orlin, "Network Flows", §9.7) over residual arcs in
 * typed arrays. Integer capacities and costs ≥ 0 make it exact. A search ends at the sink and moves only the potentials of the
 * nodes it settled (Jonker and Volgenant 1987), so a path costs what lies nearer than the sink, not the whole network. Equal
 * paths: the lower node number, so the same network gives the same flow.
 */
import { assert } from '../../base/assert.ts';

/** At most so many arcs in one network. */
const ARCS_MAX = 1 << 26;
const NONE = -1;
/** Numbers of an arc: where it goes, what may still flow, its cost, the next arc of its tail. */
const ARC = 4;
const TO = 0;
const LEFT = 1;
const COST = 2;
const NEXT = 3;

/** A network; all arcs are added, then {@link FlowNetwork.send} is called for each source. */
export class FlowNetwork {
  /** Arc 2k × {@link ARC} is the k-th that was added, the one behind it its reverse. */
  readonly #arcs: Int32Array;
  readonly #firstArc: Int32Array;
  #arcsEnd = 0;
  readonly #potential: Float64Array;
  readonly #distance: Float64Array;
  readonly #arcInto: Int32Array;
  /** Nodes that the last search settled. */
  readonly #settled: Int32Array;
  #settledCount = 0;
  readonly #heap: NodeHeap;

  /** `arcMax`: as many arcs as will be added, at most. */
  constructor(nodeCount: number, arcMax: number) {
    assert(arcMax <= ARCS_MAX, `more than ${ARCS_MAX} arcs in one flow network`);
    this.#arcs = new Int32Array(2 * ARC * arcMax);
    this.#firstArc = new Int32Array(nodeCount).fill(NONE);
    this.#potential = new Float64Array(nodeCount);
    this.#distance = new Float64Array(nodeCount).fill(Number.POSITIVE_INFINITY);
    this.#settled = new Int32Array(nodeCount);
    this.#arcInto = new Int32Array(nodeCount);
    this.#heap = new NodeHeap(nodeCount, this.#distance);
  }

  /** Adds an arc; whole capacity and cost, not negative. Returns its number for {@link flowOf}. */
  addArc(from: number, to: number, capacity: number, cost: number): number {
    assert(capacity >= 0 && cost >= 0, 'flow network: capacities and costs are not negative');
    const arc = this.#arcsEnd;
    assert(arc < this.#arcs.length, 'flow network: no more arcs than were announced');
    this.#arcsEnd += 2 * ARC;
    this.#add(arc, from, to, capacity, cost);
    this.#add(arc + ARC, to, from, 0, -cost);
    return arc;
  }

  #add(arc: number, from: number, to: number, capacity: number, cost: number): void {
    const arcs = this.#arcs;
    arcs[arc + TO] = to;
    arcs[arc + LEFT] = capacity;
    arcs[arc + COST] = cost;
    arcs[arc + NEXT] = this.#firstArc[from] as number;
    this.#firstArc[from] = arc;
  }

  /** What flows through an arc. */
  flowOf(arc: number): number {
    return this.#arcs[(arc ^ ARC) + LEFT] as number;
  }

  /**
   * Sends up to `amount` from a source to a sink on top of what flows already; returns what was sent. With one sink for all calls the
   * whole flow stays one of least cost among those that send as much from each source.
   */
  send(source: number, sink: number, amount: number): number {
    const arcs = this.#arcs;
    let sent = 0;
    while (sent < amount && this.#findPath(source, sink)) {
      let part = amount - sent;
      for (let node = sink; node !== source; node = this.#tailOf(node)) {
        part = Math.min(part, arcs[(this.#arcInto[node] as number) + LEFT] as number);
      }
      for (let node = sink; node !== source; node = this.#tailOf(node)) {
        const arc = this.#arcInto[node] as number;
        const reverse = arc ^ ARC;
        arcs[arc + LEFT] = (arcs[arc + LEFT] as number) - part;
        arcs[reverse + LEFT] = (arcs[reverse + LEFT] as number) + part;
      }
      sent += part;
    }
    return sent;
  }

  /** Where the path's arc into a node comes from. */
  #tailOf(node: number): number {
    return this.#arcs[((this.#arcInto[node] as number) ^ ARC) + TO] as number;
  }

  /** Dijkstra over reduced costs until the sink is reached; then moves the potentials. */
  #findPath(source: number, sink: number): boolean {
    const distance = this.#distance;
    const potential = this.#potential;
    const heap = this.#heap;
    const arcs = this.#arcs;
    this.#forgetSearch();
    distance[source] = 0;
    heap.push(source);
    let reached = 0;
    while (heap.size > 0) {
      const node = heap.pop();
      assert((distance[node] as number) >= reached, 'flow network: no reduced cost is below 0');
      reached = distance[node] as number;
      if (node === sink) {
        this.#movePotentials(sink);
        return true;
      }
      this.#settled[this.#settledCount++] = node;
      const base = reached + (potential[node] as number);
      for (let arc = this.#firstArc[node] as number; arc !== NONE; arc = arcs[arc + NEXT] as number) {
        if (arcs[arc + LEFT] === 0) continue;
        const to = arcs[arc + TO] as number;
        const length = base + (arcs[arc + COST] as number) - (potential[to] as number);
        if (length >= (distance[to] as number)) continue;
        distance[to] = length;
        this.#arcInto[to] = arc;
        heap.push(to);
      }
    }
    return false;
  }

  /** Settled nodes are nearer than the sink: they come as near to it as keeps every reduced cost at least 0. */
  #movePotentials(sink: number): void {
    const potential = this.#potential;
    const reached = this.#distance[sink] as number;
    for (let i = 0; i < this.#settledCount; i++) {
      const node = this.#settled[i] as number;
      potential[node] = (potential[node] as number) + (this.#distance[node] as number) - reached;
    }
    // The sink is no part of the heap any more.
    this.#settled[this.#settledCount++] = sink;
  }

  #forgetSearch(): void {
    const distance = this.#distance;
    for (let i = 0; i < this.#settledCount; i++) distance[this.#settled[i] as number] = Number.POSITIVE_INFINITY;
    this.#settledCount = 0;
    this.#heap.clear();
  }
}

/** Nodes by distance, then number; a node that is pushed again moves up. */
class NodeHeap {
  readonly #distance: Float64Array;
  readonly #nodes: Int32Array;
  /** Place in the heap by node, −1 outside. */
  readonly #places: Int32Array;
  size = 0;

  constructor(nodeCount: number, distance: Float64Array) {
    this.#distance = distance;
    this.#nodes = new Int32Array(nodeCount);
    this.#places = new Int32Array(nodeCount).fill(NONE);
  }

  /** Takes all nodes out; their distances are infinite again. */
  clear(): void {
    for (let i = 0; i < this.size; i++) {
      const node = this.#nodes[i] as number;
      this.#places[node] = NONE;
      this.#distance[node] = Number.POSITIVE_INFINITY;
    }
    this.size = 0;
  }

  push(node: number): void {
    let at = this.#places[node] as number;
    if (at === NONE) at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#nodes[parent] as number;
      if (!this.#before(node, above)) break;
      this.#put(above, at);
      at = parent;
    }
    this.#put(node, at);
  }

  /** The nearest node. */
  pop(): number {
    const top = this.#nodes[0] as number;
    this.#places[top] = NONE;
    const last = this.#nodes[--this.size] as number;
    if (this.size === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && this.#before(this.#nodes[child + 1] as number, this.#nodes[child] as number))
        child++;
      const below = this.#nodes[child] as number;
      if (!this.#before(below, last)) break;
      this.#put(below, at);
      at = child;
    }
    this.#put(last, at);
    return top;
  }

  #put(node: number, at: number): void {
    this.#nodes[at] = node;
    this.#places[node] = at;
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#distance[a] as number) - (this.#distance[b] as number);
    return difference < 0 || (difference === 0 && a < b);
  }
}
