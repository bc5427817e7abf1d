/** Strings to dense integers, both ways. Ids are never given back; cost: one Map read. */
export class StringIds {
  readonly #ids = new Map<string, number>();
  readonly #strings: string[] = [];

  /** How many strings have an id; ids are 0 … count − 1. */
  get count(): number {
    return this.#strings.length;
  }

  /** The id of a string, a new one when it has none yet. */
  intern(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#strings.length;
    this.#ids.set(text, id);
    this.#strings.push(text);
    return id;
  }

  /** The id of a string, −1 when it has none. */
  find(text: string): number {
    return this.#ids.get(text) ?? -1;
  }

  /** The string of an id. */
  stringOf(id: number): string {
    return this.#strings[id] as string;
  }
}
