/**
 * Taint lists of nodes, interned: thousands of nodes share a handful of lists, so whether a pod tolerates one is worked out
 * once per (tolerations, list) and read from a table afterwards.
 */
import type { Taint } from '../../types/node.ts';

/** Id of the empty list. */
export const NO_TAINTS = 0;

const EMPTY: readonly Taint[] = [];

/** All taint lists seen by one scheduler. */
export class TaintSets {
  readonly #lists: (readonly Taint[])[] = [EMPTY];
  readonly #byText = new Map<string, number>();
  readonly #byIdentity = new WeakMap<object, number>();

  /** Number of lists; ids are 0 … count − 1. */
  get count(): number {
    return this.#lists.length;
  }

  /** The id of a node's taints. */
  intern(taints: readonly Taint[] | undefined): number {
    if (taints === undefined || taints.length === 0) return NO_TAINTS;
    const known = this.#byIdentity.get(taints);
    if (known !== undefined) return known;
    const text = JSON.stringify(taints.map((taint) => [taint.key, taint.value ?? '', taint.effect]));
    let id = this.#byText.get(text);
    if (id === undefined) {
      id = this.#lists.length;
      this.#lists.push(taints);
      this.#byText.set(text, id);
    }
    this.#byIdentity.set(taints, id);
    return id;
  }

  /** The taints of an id. */
  listOf(id: number): readonly Taint[] {
    return this.#lists[id] as readonly Taint[];
  }
}
