/**
 * Brings changes of the store into the caches: from key ids to (type, local id), from values to shared watch events.
 *
 * The names behind a key are looked up once a key and server; after that an event costs array reads.
 */
import { growInt32 } from '../../base/grow.ts';
import { EVENT_PUT, type StoreEvent, type StoreKeyValue, type StoreValue } from '../../store/client-interface.ts';
import type { KubeObject } from '../../types/object.ts';
import type { WatchEvent } from '../../types/wire.ts';
import type { ApiCore, ClusterNames } from '../core.ts';
import type { TypeCache } from '../watch/type-cache.ts';
import { deletionEvent } from '../watch/watcher.ts';
import { KeyParser } from './key-names.ts';
import { StoredObject } from './stored-object.ts';

/** Keys below the registry's prefix that name no object of a known type. */
const UNKNOWN = -1;

/** The version that lies in a store value. */
export function storedOf(value: StoreValue, revision: number): StoredObject {
  if (value instanceof StoredObject && value.revision === revision) return value;
  return StoredObject.adopt(value.object as KubeObject, revision);
}

export class CacheFeed {
  readonly #cluster: ClusterNames;
  readonly #parser: KeyParser;
  /** By store key id: type id + 1 (0: not looked up yet, −1: none), and local id. */
  #types = new Int32Array(256);
  #locals = new Int32Array(256);

  constructor(cluster: ClusterNames) {
    this.#cluster = cluster;
    this.#parser = new KeyParser(cluster.types);
  }

  /** Gives the key of an object its id in the store. */
  nameKey(cache: TypeCache, id: number): number {
    const { keys } = cache;
    const name = keys.nameOf(id);
    const directory = cache.type.namespaced ? `${cache.prefix}${keys.namespaceOf(id)}/` : cache.prefix;
    const storeKey = this.#cluster.keys.internIn(directory, name);
    this.#learn(storeKey, cache, id);
    return storeKey;
  }

  /** The cache of a store key, null for foreign keys; `localOf` then tells the object. */
  cacheOf(core: ApiCore, storeKey: number): TypeCache | null {
    const known = storeKey < this.#types.length ? (this.#types[storeKey] as number) : 0;
    if (known > 0) return core.caches[known - 1] as TypeCache;
    if (known === UNKNOWN) return null;
    const named = this.#parser.parse(this.#cluster.keys.keyOf(storeKey));
    if (named === null) {
      this.#reserve(storeKey);
      this.#types[storeKey] = UNKNOWN;
      return null;
    }
    const cache = core.cacheOf(named.type);
    this.#learn(storeKey, cache, cache.keys.intern(named.namespace, named.name));
    return cache;
  }

  localOf(storeKey: number): number {
    return this.#locals[storeKey] as number;
  }

  /** Takes in one change. */
  apply(core: ApiCore, change: StoreEvent, nowUs: number): void {
    const cache = this.cacheOf(core, change.keyId);
    core.revision = change.revision;
    if (cache === null) return;
    const id = this.localOf(change.keyId);
    const event = change.type === EVENT_PUT ? putInto(cache, id, change) : removeFrom(cache, id, change);
    if (event === null) return;
    cache.window.append(event, nowUs);
    core.hub.offer(cache, event);
  }

  #learn(storeKey: number, cache: TypeCache, id: number): void {
    this.#reserve(storeKey);
    this.#types[storeKey] = cache.type.id + 1;
    this.#locals[storeKey] = id;
    cache.setStoreKey(id, storeKey);
  }

  #reserve(storeKey: number): void {
    if (storeKey < this.#types.length) return;
    const length = Math.max(storeKey + 1, this.#types.length * 2);
    this.#types = growInt32(this.#types, length);
    this.#locals = growInt32(this.#locals, length);
  }
}

function putInto(cache: TypeCache, id: number, change: StoreEvent): WatchEvent {
  const stored = storedOf(change.value as StoreValue, change.revision);
  const before = cache.value(id);
  const event = stored.asEvent(id, before === undefined ? null : before.object);
  cache.set(id, stored);
  return event;
}

function removeFrom(cache: TypeCache, id: number, change: StoreEvent): WatchEvent | null {
  const last = cache.value(id);
  if (last === undefined) return null;
  if (last.deletion === null || last.deletion.revision !== change.revision) {
    last.deletion = deletionEvent(id, change.revision, last.object);
  }
  cache.remove(id);
  return last.deletion;
}

/** Takes in one key of the first list. */
export function applyKeyValue(feed: CacheFeed, core: ApiCore, keyValue: StoreKeyValue): void {
  const cache = feed.cacheOf(core, keyValue.keyId);
  if (cache !== null) cache.set(feed.localOf(keyValue.keyId), storedOf(keyValue.value, keyValue.modRevision));
}
