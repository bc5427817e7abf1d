/**
 * Get: resourceVersion unset reads the store itself; "0" takes what the cache has; N waits until the cache is at N.
 */
import type { KubeObject } from '../../types/object.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ApiCore } from '../core.ts';
import type { Operation } from '../operation.ts';
import { STEP_GET } from '../steps.ts';
import { HEALTH_KEY, isCached } from '../storage/key-names.ts';
import type { StoredObject } from '../storage/stored-object.ts';
import { scaleOf } from '../subresources/scale.ts';
import { askedRevision, isOlderThanAsked, whenFresh } from './fresh-reads.ts';

/** Starts a get. Throws StatusError. */
export function get(core: ApiCore, op: Operation): void {
  const { type, namespace, name, subresource, options } = op.request;
  if (
    subresource !== '' &&
    !(subresource === 'status' && type.hasStatus) &&
    !(subresource === 'scale' && type.hasScale)
  ) {
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  }
  const cache = core.cacheOf(type);
  op.localId = cache.keys.find(type.namespaced ? namespace : '', name);
  const revision = askedRevision(options.resourceVersion);
  if (revision >= 0 && isCached(type)) {
    whenFresh(core, op, revision, gotFromCache);
    return;
  }
  if (op.localId < 0 && revision <= 0) throw StatusError.notFound(type, name);
  op.waitRevision = Math.max(revision, 0);
  op.step = STEP_GET;
  // A name never seen has no key: only the store's revision is asked for, with a key that never exists.
  const { keys, storeKeys } = core.cluster;
  core.store.read(op, op.localId < 0 ? keys.intern(HEALTH_KEY) : storeKeys.keyOf(cache.type, op.localId));
}

function gotFromCache(core: ApiCore, op: Operation): void {
  const cached = op.localId < 0 ? undefined : core.cacheOf(op.request.type).value(op.localId);
  reply(core, op, cached?.object ?? null);
}

/** The store has answered, at `revision`. */
export function gotFromStore(core: ApiCore, op: Operation, version: StoredObject | null, revision: number): void {
  if (isOlderThanAsked(core, op, revision)) return;
  reply(core, op, version === null ? null : version.object);
}

function reply(core: ApiCore, op: Operation, object: KubeObject | null): void {
  const { type, name, subresource } = op.request;
  if (object === null) core.fail(op, StatusError.notFound(type, name));
  else core.answer(op, 200, subresource === 'scale' ? scaleOf(type, object) : object);
}
