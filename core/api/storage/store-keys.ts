/**
 * Which object lies under which key of the store: (type, local id) by key id, and back.
 *
 * Names only, no state: all API servers of a cluster share one table, so a key is built or parsed once in the cluster's life. Cost: an array
 * read or two for a key that is known.
 */
import { growInt32, NO_INT32 } from '../../base/grow.ts';
import type { KeyInterner } from '../../store/client-interface.ts';
import type { NameTable } from '../../types/names.ts';
import type { ResourceType, ResourceTypes } from '../../types/resource-type.ts';
import { KeyParser, keyPrefixOf } from './key-names.ts';

/** Keys of a type that the first one makes room for. */
const KEYS_MIN = 16;
/** In the table of types: a key that names no object of a known type. */
const FOREIGN = -1;

export class StoreKeys {
  readonly #keys: KeyInterner;
  readonly #names: NameTable;
  readonly #parser: KeyParser;
  /** By key id: type id + 1 (0: not looked up yet), and local id. */
  #types = new Int32Array(256);
  #locals = new Int32Array(256);
  /** By type id: the number of the directory of each namespace. Versions of a kind open the same ones. */
  readonly #directories: Map<string, number>[] = [];
  /** By type id and local id: key id + 1, 0 for none. */
  readonly #byType: Int32Array<ArrayBuffer>[] = [];

  constructor(keys: KeyInterner, names: NameTable, types: ResourceTypes) {
    this.#keys = keys;
    this.#names = names;
    this.#parser = new KeyParser(types);
  }

  /** The store's id of an object's key, named now if it has none. */
  keyOf(type: ResourceType, id: number): number {
    const ofType = this.#byType[type.id] ?? NO_INT32;
    const known = id < ofType.length ? (ofType[id] as number) : 0;
    return known > 0 ? known - 1 : this.#name(type, id);
  }

  /** Id of the type of the object under a key, −1 for foreign keys; {@link localOf} then tells the object. */
  typeOf(keyId: number): number {
    const known = keyId < this.#types.length ? (this.#types[keyId] as number) : 0;
    if (known === 0) return this.#look(keyId);
    return known === FOREIGN ? FOREIGN : known - 1;
  }

  /** Local id of the object under a key whose type is known. */
  localOf(keyId: number): number {
    return this.#locals[keyId] as number;
  }

  #name(type: ResourceType, id: number): number {
    const names = this.#names.keys(type);
    const keyId = this.#keys.internIn(this.#directoryOf(type, names.namespaceOf(id)), names.nameOf(id));
    this.#learn(keyId, type, id);
    return keyId;
  }

  /** Where the keys of a type and namespace lie: a path that is made and hashed once. */
  #directoryOf(type: ResourceType, namespace: string): number {
    while (this.#directories.length <= type.id) this.#directories.push(new Map());
    const ofType = this.#directories[type.id] as Map<string, number>;
    let directory = ofType.get(namespace);
    if (directory === undefined) {
      const prefix = keyPrefixOf(type);
      directory = this.#keys.openDirectory(type.namespaced ? `${prefix}${namespace}/` : prefix);
      ofType.set(namespace, directory);
    }
    return directory;
  }

  #look(keyId: number): number {
    const named = this.#parser.parse(this.#keys.keyOf(keyId));
    if (named === null) {
      this.#reserve(keyId);
      this.#types[keyId] = FOREIGN;
      return FOREIGN;
    }
    this.#learn(keyId, named.type, this.#names.keys(named.type).intern(named.namespace, named.name));
    return named.type.id;
  }

  #learn(keyId: number, type: ResourceType, id: number): void {
    this.#reserve(keyId);
    this.#types[keyId] = type.id + 1;
    this.#locals[keyId] = id;
    while (this.#byType.length <= type.id) this.#byType.push(NO_INT32);
    const ofType = this.#byType[type.id] as Int32Array<ArrayBuffer>;
    if (id >= ofType.length) this.#byType[type.id] = growInt32(ofType, Math.max(KEYS_MIN, id + 1, ofType.length * 2));
    (this.#byType[type.id] as Int32Array)[id] = keyId + 1;
  }

  #reserve(keyId: number): void {
    if (keyId < this.#types.length) return;
    const length = Math.max(keyId + 1, this.#types.length * 2);
    this.#types = growInt32(this.#types, length);
    this.#locals = growInt32(this.#locals, length);
  }
}
