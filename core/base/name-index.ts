/**
 * From names to dense ids, where the names lie in the owner's columns already: a table of ids and nothing else.
 *
 * Open addressing with linear probing, at most half full; 8 to 16 bytes a name where a Map takes 46. Cost of a look-up: a hash of the name and
 * a probe or two.
 */
import { hashString } from './content-hash.ts';

export class NameIndex {
  readonly #names: readonly string[];
  /** id + 1, 0 for none; its length is a power of two. */
  #table = new Int32Array(16);
  #count = 0;

  /** `names`: the owner's column, by id; a name must not change while its id is in the index. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** The id of `name`, −1 when there is none. */
  find(name: string): number {
    return (this.#table[this.#slotOf(name)] as number) - 1;
  }

  /** Takes in an id whose name is not in the index. */
  add(id: number): void {
    if (2 * ++this.#count > this.#table.length) this.#grow();
    this.#table[this.#slotOf(this.#names[id] as string)] = id + 1;
  }

  /** Takes out an id; those that had to give way to it move back. */
  remove(id: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = this.#slotOf(this.#names[id] as string);
    if (table[hole] !== id + 1) return;
    this.#count--;
    table[hole] = 0;
    for (let slot = (hole + 1) & mask; table[slot] !== 0; slot = (slot + 1) & mask) {
      const home = hashString(this.#names[(table[slot] as number) - 1] as string) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      table[hole] = table[slot] as number;
      table[slot] = 0;
      hole = slot;
    }
  }

  /** Where `name` is, or would be. */
  #slotOf(name: string): number {
    const table = this.#table;
    const mask = table.length - 1;
    let slot = hashString(name) & mask;
    for (;;) {
      const id = (table[slot] as number) - 1;
      if (id < 0 || this.#names[id] === name) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    for (const entry of old) if (entry !== 0) this.#table[this.#slotOf(this.#names[entry - 1] as string)] = entry;
  }
}
