/** Sums by topology pair (key and value of a node's label), as pod affinity needs them; a sum of 0 is no entry. */
import type { NodeInfo } from './node-info.ts';

/** Sums of all pairs. */
export class PairCounts {
  #byKey = new Map<string, Map<string, number>>();
  #touched = false;

  /** Whether every sum is 0. */
  get isEmpty(): boolean {
    for (const values of this.#byKey.values()) if (values.size > 0) return false;
    return true;
  }

  /** Whether anything was ever added, sums of 0 included. */
  get wasTouched(): boolean {
    return this.#touched;
  }

  /** Adds to the pair of a node; a node without the key has none. */
  add(node: NodeInfo, topologyKey: string, amount: number): void {
    const value = node.labels[topologyKey];
    if (value === undefined) return;
    this.#touched = true;
    let values = this.#byKey.get(topologyKey);
    if (values === undefined) {
      values = new Map();
      this.#byKey.set(topologyKey, values);
    }
    const sum = (values.get(value) ?? 0) + amount;
    if (sum === 0) values.delete(value);
    else values.set(value, sum);
  }

  /** The sum of a node's pair. */
  at(node: NodeInfo, topologyKey: string): number {
    const value = node.labels[topologyKey];
    return value === undefined ? 0 : (this.#byKey.get(topologyKey)?.get(value) ?? 0);
  }

  /** Whether any of the node's pairs has a positive sum. */
  holdsAnyOf(node: NodeInfo): boolean {
    for (const key of this.#byKey.keys()) if (this.at(node, key) > 0) return true;
    return false;
  }

  /** Sum over all of the node's pairs. */
  sumOver(node: NodeInfo): number {
    let sum = 0;
    for (const key of this.#byKey.keys()) sum += this.at(node, key);
    return sum;
  }

  clone(): PairCounts {
    const copy = new PairCounts();
    for (const [key, values] of this.#byKey) copy.#byKey.set(key, new Map(values));
    copy.#touched = this.#touched;
    return copy;
  }
}
