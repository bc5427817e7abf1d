/**
 * Kinds of nodes: those that no pod seen so far tells apart by their description (taints, labels, cordon).
 *
 * Starts with one kind; a verdict or raw score that differs within a kind splits it. So what pods think of descriptions is kept
 * once a kind instead of once a node, and all shapes read the same small column. Kinds only split while order and descriptions
 * of the nodes stay, so a table by kind is brought up to date from the {@link parents}. Cost: O(nodes) a column that is split by.
 */

/** A table by kind of node. */
export type ByKind = Float64Array<ArrayBuffer>;

/** Kind by position, two bytes each where that is enough: all shapes read it again and again. */
export type KindColumn = Uint16Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** Kinds by position in the search order. */
export class NodeKinds {
  /** Number of kinds. */
  count = 1;
  /** Kind by position. */
  ofPosition: KindColumn = new Uint16Array(0);
  /** The kind that a kind was split from, a smaller number; 0 for the first. */
  readonly #parents: number[] = [0];
  /** A position of each kind; it never changes its kind. */
  readonly #samples: number[] = [0];
  #orderVersion = -1;
  #specVersion = -1;

  /** All nodes are of one kind again if order or descriptions changed since the last call. */
  renew(nodeCount: number, orderVersion: number, specVersion: number): void {
    if (this.#orderVersion === orderVersion && this.#specVersion === specVersion) return;
    this.#orderVersion = orderVersion;
    this.#specVersion = specVersion;
    // There are at most as many kinds as nodes.
    this.ofPosition = nodeCount <= 0xffff ? new Uint16Array(nodeCount) : new Int32Array(nodeCount);
    this.count = 1;
    this.#parents.length = 1;
    this.#samples.length = 1;
  }

  /** Splits kinds until `column` (by position) is the same for all nodes of a kind; returns it by kind. */
  split(column: Float64Array): ByKind {
    const kinds = this.ofPosition;
    const byKind = this.#samples.map((position) => column[position] ?? 0);
    const splits: (Map<number, number> | undefined)[] = [];
    for (let position = 0; position < kinds.length; position++) {
      const kind = kinds[position] as number;
      const value = column[position] as number;
      if (value === byKind[kind]) continue;
      splits[kind] ??= new Map();
      let part = splits[kind].get(value);
      if (part === undefined) {
        part = this.#add(kind, position);
        splits[kind].set(value, part);
        byKind.push(value);
      }
      kinds[position] = part;
    }
    return Float64Array.from(byKind);
  }

  /** A table with entries for kinds that came since: what held for the kind that each was split from. */
  widened(table: ByKind): ByKind {
    const wider = new Float64Array(this.count);
    wider.set(table);
    for (let kind = table.length; kind < this.count; kind++)
      wider[kind] = wider[this.#parents[kind] as number] as number;
    return wider;
  }

  /** A new kind, so far of one position. */
  #add(parent: number, position: number): number {
    this.#parents.push(parent);
    this.#samples.push(position);
    return this.count++;
  }
}
