/**
 * Nodes that faults keep from something: their registry, a free address, programming rules.
 *
 * Always: a node has it again when the last fault that holds it has ended.
 */
export class NodeOutages {
  readonly #counts = new Map<number, number>();

  /** A fault begins to hold the node (1) or lets it go (−1). */
  change(node: number, by: 1 | -1): void {
    const count = (this.#counts.get(node) ?? 0) + by;
    if (count > 0) this.#counts.set(node, count);
    else this.#counts.delete(node);
  }

  /** Whether any fault holds the node. */
  has(node: number): boolean {
    return this.#counts.size > 0 && this.#counts.has(node);
  }
}
