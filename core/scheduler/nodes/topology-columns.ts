/**
 * One integer column per label key that somebody uses as a topology key: the node's value as a dense id, −1 when the node
 * lacks the label. Made at the first use of a key and kept up to date by the node table. Value ids are never given back.
 */
import type { StringMap } from '../../types/object.ts';
import { StringIds } from './string-ids.ts';

/** The values of one label key over all node slots. */
export class TopologyColumn {
  readonly key: string;
  readonly #ids = new StringIds();
  /** Value id by slot, −1 = the node has no such label (or the slot is free). */
  values: Int32Array<ArrayBuffer>;
  /** Nodes by value id, and how many values more than one node has. */
  readonly #nodesWith: number[] = [];
  #sharedValues = 0;

  constructor(key: string, slots: number) {
    this.key = key;
    this.values = new Int32Array(slots).fill(-1);
  }

  /** Number of different values seen; value ids are 0 … valueCount − 1. */
  get valueCount(): number {
    return this.#ids.count;
  }

  /** Whether no two nodes have the same value: each domain is one node. */
  get isUnique(): boolean {
    return this.#sharedValues === 0;
  }

  /** Takes over a node's labels; `undefined` clears the slot. */
  set(slot: number, labels: StringMap | undefined): void {
    if (slot >= this.values.length) {
      const values = new Int32Array(Math.max(slot + 1, this.values.length * 2)).fill(-1);
      values.set(this.values);
      this.values = values;
    }
    const value: unknown = labels?.[this.key];
    this.#count(this.values[slot] as number, -1);
    const id = typeof value === 'string' ? this.#ids.intern(value) : -1;
    this.values[slot] = id;
    this.#count(id, 1);
  }

  #count(value: number, sign: 1 | -1): void {
    if (value < 0) return;
    const before = this.#nodesWith[value] ?? 0;
    this.#nodesWith[value] = before + sign;
    if (before + sign === 2 && sign === 1) this.#sharedValues++;
    else if (before === 2 && sign === -1) this.#sharedValues--;
  }
}
