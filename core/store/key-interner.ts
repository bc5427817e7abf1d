/**
 * Names for store keys: a dense integer id per key string, shared by all API servers and members of one cluster.
 *
 * Naming only, no state of the store: a key has an id whether or not it exists. Ids are given in order of first use and never
 * reused. A key string carries one byte per character (ASCII in Kubernetes; a façade maps arbitrary bytes to U+0000–U+00FF),
 * so string order is etcd's byte order. Keys lie in directories (up to and with the last slash) and are kept as directory and name:
 * the name is mostly a string that the object has anyway. Cost: 24 bytes a key; one hash of the name and one probe to intern; a key's
 * string is built when somebody asks; the ordered index is brought up to date only when somebody asks for a range.
 */
import { assert } from '../base/assert.ts';
import { hashString, mix } from '../base/content-hash.ts';
import { growInt32 } from '../base/grow.ts';
import { OrderedKeys } from './ordered-keys.ts';

/** Most distinct keys one cluster may ever name. */
const MAX_KEYS = 1 << 27;

export class KeyInterner {
  readonly #paths: string[] = [];
  readonly #directories = new Map<string, number>();
  readonly #names: string[] = [];
  /** By id: index of the directory. */
  #directoryOf = new Int32Array(256);
  /** Open addressing, at most half full: id + 1, 0 for none. Its length is a power of two. */
  #table = new Int32Array(512);
  readonly #ordered: OrderedKeys;

  constructor() {
    this.#ordered = new OrderedKeys(this);
  }

  /** The id of `key`, given now if it has none. */
  intern(key: string): number {
    const at = key.lastIndexOf('/') + 1;
    return this.#intern(key.slice(0, at), key.slice(at));
  }

  /** The id of the key `directory + name`; `directory` ends with a slash. */
  internIn(directory: string, name: string): number {
    return name.includes('/') ? this.intern(directory + name) : this.#intern(directory, name);
  }

  /** The id of `key`, or −1 when it was never named. */
  find(key: string): number {
    const at = key.lastIndexOf('/') + 1;
    const directory = this.#directories.get(key.slice(0, at));
    if (directory === undefined) return -1;
    return (this.#table[this.#slot(directory, key.slice(at))] as number) - 1;
  }

  /** The key string of `id`. */
  keyOf(id: number): string {
    const name = this.#names[id];
    assert(name !== undefined, 'unknown store key id');
    return (this.#paths[this.#directoryOf[id] as number] as string) + name;
  }

  /** Number of ids given so far; ids are 0 … count − 1. */
  get count(): number {
    return this.#names.length;
  }

  /** All named keys in byte order, brought up to date. Shared by all members; valid until the next `intern`. */
  ordered(): OrderedKeys {
    this.#ordered.update();
    return this.#ordered;
  }

  #intern(path: string, name: string): number {
    let directory = this.#directories.get(path);
    if (directory === undefined) {
      directory = this.#paths.length;
      this.#directories.set(path, directory);
      this.#paths.push(path);
    }
    const slot = this.#slot(directory, name);
    const known = this.#table[slot] as number;
    if (known > 0) return known - 1;
    const id = this.#names.length;
    assert(id < MAX_KEYS, 'more distinct store keys than MAX_KEYS');
    if (id === this.#directoryOf.length) this.#directoryOf = growInt32(this.#directoryOf, id * 2);
    this.#names.push(name);
    this.#directoryOf[id] = directory;
    this.#table[slot] = id + 1;
    if (2 * this.#names.length > this.#table.length) this.#growTable();
    return id;
  }

  /** Where the key is or would be in the table. */
  #slot(directory: number, name: string): number {
    const table = this.#table;
    const mask = table.length - 1;
    for (let slot = mix(hashString(name), directory) & mask; ; slot = (slot + 1) & mask) {
      const id = (table[slot] as number) - 1;
      if (id < 0 || (this.#directoryOf[id] === directory && this.#names[id] === name)) return slot;
    }
  }

  #growTable(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    for (let id = 0; id < this.#names.length; id++) {
      this.#table[this.#slot(this.#directoryOf[id] as number, this.#names[id] as string)] = id + 1;
    }
  }
}
