/**
 * Brings changes of the store into the caches of one server: from key ids to (type, local id), from values to shared watch events.
 */
import { EVENT_PUT, type StoreEvent, type StoreKeyValue, type StoreValue } from '../../store/client-interface.ts';
import type { KubeObject } from '../../types/object.ts';
import type { WatchEvent } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import type { TypeCache } from '../watch/type-cache.ts';
import { deletionEvent } from '../watch/watcher.ts';
import { isCached } from './key-names.ts';
import { StoredObject } from './stored-object.ts';

/** The version that lies in a store value. */
export function storedOf(value: StoreValue, revision: number): StoredObject {
  if (value instanceof StoredObject && value.revision === revision) return value;
  return StoredObject.adopt(value.object as KubeObject, revision);
}

/** Takes in one change, unless a fault holds it back. */
export function applyChange(core: ApiCore, change: StoreEvent): void {
  const cache = cacheOf(core, change.keyId);
  core.revision = change.revision;
  if (cache !== null) cache.lag.take(change);
}

/** Takes one change into the cache of its kind. */
export function applyTo(core: ApiCore, cache: TypeCache, change: StoreEvent): void {
  const id = core.cluster.storeKeys.localOf(change.keyId);
  const event = change.type === EVENT_PUT ? putInto(cache, id, change) : removeFrom(cache, id, change);
  if (event === null) return;
  cache.window.append(event, core.ctx.now());
  core.hub.offer(cache, event);
}

/** The timer of what is held back of the kind with this id: what need not wait any longer is taken in and delivered. */
export function releaseKind(core: ApiCore, typeId: number): void {
  core.caches[typeId]?.lag.release();
  core.hub.flush();
}

/** Takes in one key of the first list. */
export function applyKeyValue(core: ApiCore, keyValue: StoreKeyValue): void {
  const cache = cacheOf(core, keyValue.keyId);
  if (cache === null) return;
  cache.set(core.cluster.storeKeys.localOf(keyValue.keyId), storedOf(keyValue.value, keyValue.modRevision));
}

/** The cache of a store key, null for foreign keys and kinds without one. */
function cacheOf(core: ApiCore, keyId: number): TypeCache | null {
  const { storeKeys, types } = core.cluster;
  const id = storeKeys.typeOf(keyId);
  if (id < 0) return null;
  const type = types.byId(id);
  return isCached(type) ? core.cacheOf(type) : null;
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
  cache.remove(id);
  return deletionEvent(id, change.revision, last.object);
}
