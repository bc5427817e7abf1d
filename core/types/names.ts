/**
 * Names to dense integer ids, one table per resource type.
 *
 * Caches, informers and indexes are arrays by id; the string work is done once, when an object is created. An id is never
 * given to another name, so ids kept anywhere stay valid; a name that is deleted and made again keeps its id. The table
 * holds names only, no state, which is why every process of a cluster may share it. Cost: two Map reads a look-up, no
 * string is built.
 */
import { assert } from '../base/assert.ts';
import type { ResourceType } from './resource-type.ts';

/** At most so many different names of one type in one cluster's life. */
export const MAX_KEYS = 1 << 26;

/** The names of one resource type. */
export class ResourceKeys {
  readonly #byNamespace = new Map<string, Map<string, number>>();
  readonly #namespaces: string[] = [];
  readonly #names: string[] = [];
  #lastNamespace: string | undefined;
  #lastMap: Map<string, number> | undefined;

  /** Number of ids given so far; ids are 0 … count − 1. */
  get count(): number {
    return this.#names.length;
  }

  /** The id of a name, a new one when it has none yet. `namespace` is `''` for cluster-scoped types. */
  intern(namespace: string, name: string): number {
    let names = this.#mapOf(namespace);
    if (names === undefined) {
      names = new Map();
      this.#byNamespace.set(namespace, names);
      this.#lastNamespace = namespace;
      this.#lastMap = names;
    }
    const known = names.get(name);
    if (known !== undefined) return known;
    const id = this.#names.length;
    assert(id < MAX_KEYS, 'too many names of one resource type');
    names.set(name, id);
    this.#names.push(name);
    this.#namespaces.push(namespace);
    return id;
  }

  /** The id of a name, −1 when it was never interned. */
  find(namespace: string, name: string): number {
    return this.#mapOf(namespace)?.get(name) ?? -1;
  }

  /** The namespace of an id, `''` for cluster-scoped types. */
  namespaceOf(id: number): string {
    const namespace = this.#namespaces[id];
    assert(namespace !== undefined, 'unknown key id');
    return namespace as string;
  }

  /** The name of an id. */
  nameOf(id: number): string {
    const name = this.#names[id];
    assert(name !== undefined, 'unknown key id');
    return name as string;
  }

  #mapOf(namespace: string): Map<string, number> | undefined {
    if (namespace === this.#lastNamespace) return this.#lastMap;
    const names = this.#byNamespace.get(namespace);
    if (names !== undefined) {
      this.#lastNamespace = namespace;
      this.#lastMap = names;
    }
    return names;
  }
}

/** All name tables of one cluster, by resource type. */
export class NameTable {
  readonly #keys: (ResourceKeys | undefined)[] = [];

  /** The names of a resource type; always the same instance. */
  keys(type: ResourceType): ResourceKeys {
    const known = this.#keys[type.id];
    if (known !== undefined) return known;
    const keys = new ResourceKeys();
    while (this.#keys.length <= type.id) this.#keys.push(undefined);
    this.#keys[type.id] = keys;
    return keys;
  }
}
