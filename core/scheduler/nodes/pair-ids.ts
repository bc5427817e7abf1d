/** Pairs of integers to dense integers. Ids are never given back; cost: two Map reads. */
export class PairIds {
  readonly #ids = new Map<number, Map<number, number>>();
  #count = 0;

  /** How many pairs have an id; ids are 0 … count − 1. */
  get count(): number {
    return this.#count;
  }

  /** The id of a pair, a new one when it has none yet. */
  intern(first: number, second: number): number {
    let ids = this.#ids.get(first);
    if (ids === undefined) {
      ids = new Map();
      this.#ids.set(first, ids);
    }
    const known = ids.get(second);
    if (known !== undefined) return known;
    const id = this.#count++;
    ids.set(second, id);
    return id;
  }
}
