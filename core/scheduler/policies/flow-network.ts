/**
 * Minimum-cost flow by successive shortest paths: as much flow as possible, and of all such flows one of least cost.
 *
 * Dijkstra with node potentials (Edmonds and Karp 1972; Ahuja, Magnanti and Orlin, "Network Flows", §9.7) over residual arcs in
 * typed arrays. Integer capacities and costs ≥ 0 make it exact. A search ends at the sink and moves only the potentials of the
 * nodes it settled (Jonker and Volgenant 1987), so a path costs what lies nearer than the sink, not the whole network. A node's arcs are
 * looked at from the cheapest up to where they lead farther than the sink can be, its reverse arcs only while something flows that
 * could turn back. Equal paths: the lower node number, so the same network gives the same flow.
 */
import { assert } from '../../base/assert.ts';

/** At most so many arcs in one network. */
const ARCS_MAX = 1 << 26;
const NONE = -1;
/** In place of a next arc: this one is on no list. */
const UNLISTED = -2;
/** Numbers of an arc: where it goes, what may still flow, its cost, the next arc on its list. */
const ARC = 4;
const TO = 0;
const LEFT = 1;
const COST = 2;
const NEXT = 3;

/** A network; all arcs are added, then {@link FlowNetwork.send} is called for each source. */
export class FlowNetwork {
  /** Arc 2k × {@link ARC} is the k-th that was added, the one behind it its reverse. */
  readonly #arcs: Int32Array;
  /** By node: its arcs, by rising cost. */
  readonly #firstArc: Int32Array;
  /** By node: reverse arcs of those that carry something to it, and of some that no longer do. */
  readonly #firstReturn: Int32Array;
  #arcsEnd = 0;
  readonly #potential: Float64Array;
  readonly #distance: Float64Array;
  readonly #arcInto: Int32Array;
  /** Nodes that the last search settled. */
  readonly #settled: Int32Array;
  #settledCount = 0;
  readonly #heap: NodeHeap;
  readonly #sink: number;
  /** By node: its arc into the sink. */
  readonly #exits: Int32Array;
  /** No shortest path of the search under way is longer. */
  #limit = Number.POSITIVE_INFINITY;

  /** `arcMax`: as many arcs as will be added, at most. All flow goes to `sink`, into which every node has one arc at most. */
  constructor(nodeCount: number, arcMax: number, sink: number) {
    assert(arcMax <= ARCS_MAX, `more than ${ARCS_MAX} arcs in one flow network`);
    this.#sink = sink;
    this.#exits = new Int32Array(nodeCount).fill(NONE);
    this.#arcs = new Int32Array(2 * ARC * arcMax);
    this.#firstArc = new Int32Array(nodeCount).fill(NONE);
    this.#firstReturn = new Int32Array(nodeCount).fill(NONE);
    this.#potential = new Float64Array(nodeCount);
    this.#distance = new Float64Array(nodeCount).fill(Number.POSITIVE_INFINITY);
    this.#settled = new Int32Array(nodeCount);
    this.#arcInto = new Int32Array(nodeCount);
    this.#heap = new NodeHeap(nodeCount, this.#distance);
  }

  /**
   * Adds an arc; whole capacity and cost, not negative. Returns its number for {@link flowOf}. Cost: O(1) where a node's arcs come
   * dearest first.
   */
  addArc(from: number, to: number, capacity: number, cost: number): number {
    assert(capacity >= 0 && cost >= 0, 'flow network: capacities and costs are not negative');
    const arcs = this.#arcs;
    const arc = this.#arcsEnd;
    assert(arc < arcs.length, 'flow network: no more arcs than were announced');
    this.#arcsEnd += 2 * ARC;
    arcs[arc + TO] = to;
    arcs[arc + LEFT] = capacity;
    arcs[arc + COST] = cost;
    this.#list(arc, from, cost);
    const reverse = arc + ARC;
    arcs[reverse + TO] = from;
    arcs[reverse + COST] = -cost;
    arcs[reverse + NEXT] = UNLISTED;
    if (to === this.#sink) this.#exits[from] = arc;
    return arc;
  }

  /** Puts an arc among those of its tail, before the first that is no cheaper. */
  #list(arc: number, from: number, cost: number): void {
    const arcs = this.#arcs;
    let before = NONE;
    let next = this.#firstArc[from] as number;
    while (next !== NONE && (arcs[next + COST] as number) < cost) {
      before = next;
      next = arcs[next + NEXT] as number;
    }
    arcs[arc + NEXT] = next;
    if (before === NONE) this.#firstArc[from] = arc;
    else arcs[before + NEXT] = arc;
  }

  /** What flows through an arc. */
  flowOf(arc: number): number {
    return this.#arcs[(arc ^ ARC) + LEFT] as number;
  }

  /**
   * Sends up to `amount` from a source to the sink on top of what flows already; returns what was sent. The whole flow stays one of least
   * cost among those that send as much from each source.
   */
  send(source: number, amount: number): number {
    const arcs = this.#arcs;
    const sink = this.#sink;
    let sent = 0;
    while (sent < amount && this.#findPath(source)) {
      let part = amount - sent;
      for (let node = sink; node !== source; node = this.#tailOf(node)) {
        part = Math.min(part, arcs[(this.#arcInto[node] as number) + LEFT] as number);
      }
      for (let node = sink; node !== source; node = this.#tailOf(node)) {
        const arc = this.#arcInto[node] as number;
        const reverse = arc ^ ARC;
        arcs[arc + LEFT] = (arcs[arc + LEFT] as number) - part;
        arcs[reverse + LEFT] = (arcs[reverse + LEFT] as number) + part;
        if (arcs[reverse + NEXT] === UNLISTED) {
          arcs[reverse + NEXT] = this.#firstReturn[node] as number;
          this.#firstReturn[node] = reverse;
        }
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
  #findPath(source: number): boolean {
    const distance = this.#distance;
    const heap = this.#heap;
    this.#forgetSearch();
    distance[source] = 0;
    heap.push(source);
    let reached = 0;
    while (heap.size > 0) {
      const node = heap.pop();
      assert((distance[node] as number) >= reached, 'flow network: no reduced cost is below 0');
      reached = distance[node] as number;
      if (node === this.#sink) {
        this.#movePotentials();
        return true;
      }
      this.#settled[this.#settledCount++] = node;
      this.#relax(node);
    }
    return false;
  }

  /** Looks at the arcs out of a settled node. */
  #relax(node: number): void {
    const arcs = this.#arcs;
    const base = (this.#distance[node] as number) + (this.#potential[node] as number);
    let before = NONE;
    for (let arc = this.#firstReturn[node] as number; arc !== NONE; ) {
      const next = arcs[arc + NEXT] as number;
      if ((arcs[arc + LEFT] as number) > 0) {
        this.#try(arc, base);
        before = arc;
      } else {
        arcs[arc + NEXT] = UNLISTED;
        if (before === NONE) this.#firstReturn[node] = next;
        else arcs[before + NEXT] = next;
      }
      arc = next;
    }
    for (let arc = this.#firstArc[node] as number; arc !== NONE; arc = arcs[arc + NEXT] as number) {
      // No potential is above 0, so this and all behind it lead farther than the sink.
      if (base + (arcs[arc + COST] as number) > this.#limit) return;
      if ((arcs[arc + LEFT] as number) > 0) this.#try(arc, base);
    }
  }

  /** An arc with room out of a settled node; `base` is that node's distance with its potential. */
  #try(arc: number, base: number): void {
    const arcs = this.#arcs;
    const to = arcs[arc + TO] as number;
    const end = base + (arcs[arc + COST] as number);
    const length = end - (this.#potential[to] as number);
    if (length >= (this.#distance[to] as number) || length > this.#limit) return;
    this.#distance[to] = length;
    this.#arcInto[to] = arc;
    this.#heap.push(to);
    const exit = this.#exits[to] as number;
    if (exit === NONE || arcs[exit + LEFT] === 0) return;
    this.#limit = Math.min(this.#limit, end + (arcs[exit + COST] as number) - (this.#potential[this.#sink] as number));
  }

  /** Settled nodes are nearer than the sink: they come as near to it as keeps every reduced cost at least 0. */
  #movePotentials(): void {
    const potential = this.#potential;
    const reached = this.#distance[this.#sink] as number;
    for (let i = 0; i < this.#settledCount; i++) {
      const node = this.#settled[i] as number;
      potential[node] = (potential[node] as number) + (this.#distance[node] as number) - reached;
    }
    // The sink is no part of the heap any more.
    this.#settled[this.#settledCount++] = this.#sink;
  }

  #forgetSearch(): void {
    const distance = this.#distance;
    for (let i = 0; i < this.#settledCount; i++) distance[this.#settled[i] as number] = Number.POSITIVE_INFINITY;
    this.#settledCount = 0;
    this.#limit = Number.POSITIVE_INFINITY;
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
