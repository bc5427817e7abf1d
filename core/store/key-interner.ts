/**
 * Names for store keys: a dense integer id per key string, shared by all API servers and members of one cluster.
 *
 * Naming only, no state of the store: a key has an id whether or not it exists. Ids are given in order of first use and never
 * reused. A key string carries one byte per character (ASCII in Kubernetes; a façade maps arbitrary bytes to U+0000–U+00FF),
 * so string order is etcd's byte order. Keys lie in directories (up to and with the last slash) and are kept as directory and name:
 * the name is mostly a string that the object has anyway. Who alone names a directory's keys, each once, opens it and names them through
 * {@link KeyInterner.internIn}; it is indexed, once and by a look at all keys there are, only when somebody else opens it or asks for one of its keys by its
 * text. Cost: 16 bytes a key, 24 to 32 in an indexed directory; a key's string is built when somebody asks; the ordered index is brought up to date only when somebody asks for a range.
 */
import { assert } from '../base/assert.ts';
import { growInt32 } from '../base/grow.ts';
import { NameIndex } from '../base/name-index.ts';
import { OrderedKeys } from './ordered-keys.ts';

/** Most distinct keys one cluster may ever name. */
const MAX_KEYS = 1 << 27;

export class KeyInterner {
  readonly #paths: string[] = [];
  readonly #directories = new Map<string, number>();
  /** By directory; null where nobody has asked for a key by its text. */
  readonly #indexes: (NameIndex | null)[] = [];
  readonly #names: string[] = [];
  /** By id: index of the directory. */
  #directoryOf = new Int32Array(256);
  readonly #ordered: OrderedKeys;

  constructor() {
    this.#ordered = new OrderedKeys(this);
  }

  /** The id of `key`, given now if it has none. */
  intern(key: string): number {
    const at = key.lastIndexOf('/') + 1;
    const path = key.slice(0, at);
    const directory = this.#directories.get(path) ?? this.#open(path, this.#emptyIndex());
    const name = key.slice(at);
    const known = this.#indexOf(directory).find(name);
    return known >= 0 ? known : this.#append(directory, name);
  }

  /** The number of a directory, for {@link internIn}; `path` ends with a slash. Whoever opens it after another one finds it indexed from then on. */
  openDirectory(path: string): number {
    const known = this.#directories.get(path);
    if (known === undefined) return this.#open(path, null);
    this.#indexOf(known);
    return known;
  }

  /** The id of the key of that name in an open directory, given now if it has none. Who opened the directory names each key once. */
  internIn(directory: number, name: string): number {
    if (name.includes('/')) return this.intern(this.pathOf(directory) + name);
    const known = this.#indexes[directory]?.find(name) ?? -1;
    return known >= 0 ? known : this.#append(directory, name);
  }

  /** The id of `key`, or −1 when it was never named. */
  find(key: string): number {
    const at = key.lastIndexOf('/') + 1;
    const directory = this.#directories.get(key.slice(0, at));
    return directory === undefined ? -1 : this.#indexOf(directory).find(key.slice(at));
  }

  /** The key string of `id`. */
  keyOf(id: number): string {
    const name = this.#names[id];
    assert(name !== undefined, 'unknown store key id');
    return (this.#paths[this.#directoryOf[id] as number] as string) + name;
  }

  /** The number of the directory in which the key `id` lies; directories are counted in order of first use. */
  directoryOf(id: number): number {
    return this.#directoryOf[id] as number;
  }

  /** The path of a directory, with a slash at the end where it is not empty. */
  pathOf(directory: number): string {
    return this.#paths[directory] as string;
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

  #open(path: string, index: NameIndex | null): number {
    const directory = this.#paths.length;
    this.#directories.set(path, directory);
    this.#paths.push(path);
    this.#indexes.push(index);
    return directory;
  }

  #emptyIndex(): NameIndex {
    return new NameIndex(this.#names);
  }

  /** The index of a directory; a new one takes in the keys that are there already. */
  #indexOf(directory: number): NameIndex {
    const known = this.#indexes[directory];
    if (known) return known;
    const index = this.#emptyIndex();
    for (let id = 0; id < this.#names.length; id++) if (this.#directoryOf[id] === directory) index.add(id);
    this.#indexes[directory] = index;
    return index;
  }

  #append(directory: number, name: string): number {
    const id = this.#names.length;
    assert(id < MAX_KEYS, 'more distinct store keys than MAX_KEYS');
    if (id === this.#directoryOf.length) this.#directoryOf = growInt32(this.#directoryOf, id * 2);
    this.#names.push(name);
    this.#directoryOf[id] = directory;
    this.#indexes[directory]?.add(id);
    return id;
  }
}
