/** Strings to dense integers. Ids are never given back; cost: one Map read. */
export class StringIds {
  readonly #ids = new Map<string, number>();

  /** How many strings have an id; ids are 0 … count − 1. */
  get count(): number {
    return this.#ids.size;
  }

  /** The id of a string, a new one when it has none yet. */
  intern(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    this.#ids.set(text, id);
    return id;
  }

  /** The id of a string, −1 when it has none. */
  find(text: string): number {
    return this.#ids.get(text) ?? -1;
  }
}
