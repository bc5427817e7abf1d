/**
 * One context term of one class over all nodes: the pods it counts on each node as last seen, and their sums by topology domain.
 *
 * A term is *local* when its domains are nodes (a hostname): then the node's own figure says everything. Otherwise the domain's value does, and
 * the figure is looked up by it.
 */

import { HOSTNAME } from '../framework/spread-constraints.ts';
import { hasAllKeys, isIncluded } from '../nodes/spread-inclusion.ts';
import type { PodRequest, Snapshot } from '../plugins/plugin.ts';
import { DomainCounts } from '../pods/domain-counts.ts';
import type { ContextTerm } from './class-context.ts';

/** Component of a node that lacks the key. */
export const MISSING = -1;

/** A term's columns by position in the search order. */
export class TermColumn {
  readonly term: ContextTerm;
  /** Whether the node's own figure is its component, and not its domain. */
  readonly local: boolean;
  readonly domains: DomainCounts;
  /** Value of the key by node slot. */
  readonly #values: Int32Array;
  /** 1 where the term counts the node's pods. */
  readonly #included: Uint8Array;
  /** Pods by position, as last seen. */
  readonly #seen: Int32Array;

  /** Reads all nodes. `required`: columns of the keys that a node must have to count. */
  constructor(term: ContextTerm, request: PodRequest, { nodes }: Snapshot, required: readonly Int32Array[]) {
    const column = nodes.topology(term.key);
    const { nodeCount } = nodes;
    const { list } = nodes.order;
    const { shape } = request.podClass;
    const { spread, kind } = term;
    this.term = term;
    // Soft spreading over hostnames counts by node even where two nodes share the name (Kubernetes 1.34).
    this.local = column.isUnique || (kind === 'soft' && term.key === HOSTNAME);
    this.domains = new DomainCounts(column.valueCount);
    this.#values = column.values;
    this.#included = new Uint8Array(nodeCount);
    this.#seen = new Int32Array(nodeCount);
    for (let position = 0; position < nodeCount; position++) {
      const slot = list[position] as number;
      const value = column.values[slot] as number;
      if (value < 0) continue;
      if (spread !== null && !(hasAllKeys(required, slot) && isIncluded(spread, shape, nodes, slot))) continue;
      this.#included[position] = 1;
      this.domains.include(value);
    }
  }

  /** Takes over a node's figure; true when the node's own component may be another one. */
  see(position: number, slot: number, count: number): boolean {
    const before = this.#seen[position] as number;
    if (count === before) return false;
    this.#seen[position] = count;
    if (this.#included[position] === 1) this.domains.add(this.#values[slot] as number, count - before);
    return this.local;
  }

  /** What tells a node's group from others for this term: {@link MISSING}, the domain's value, or the node's own figure. */
  componentOf(position: number, slot: number): number {
    const value = this.#values[slot] as number;
    if (value < 0 || !this.local) return value;
    const { kind, key } = this.term;
    const count = this.#seen[position] as number;
    if (kind === 'affinity' || kind === 'exclusion') return count > 0 ? 1 : 0;
    const counts = this.#included[position] === 1 || (kind === 'soft' && key === HOSTNAME);
    return counts ? count : 0;
  }

  /** Matching pods in the domain of a component that is not {@link MISSING}; for local filters only whether there are any. */
  figureOf(component: number): number {
    return this.local ? component : (this.domains.counts[component] as number);
  }
}
