/**
 * Read-modify-write of one object, as the real server's storage layer does it.
 *
 * The change is tried on the cached state first. If that fails, or would change nothing, the stored state is read and
 * the change tried on it, so a lagging cache never decides. A write compares the mod revision; when somebody else was
 * faster the answer holds the new state and the change is tried on that. Source: Kubernetes 1.34, storage/etcd3
 * GuaranteedUpdate.
 */
import { assert } from '../../base/assert.ts';
import type { StoreTxnResponse } from '../../store/client-interface.ts';
import type { Lease } from '../../types/lease.ts';
import type { KubeObject } from '../../types/object.ts';
import { sumsAfter } from '../../types/object-hash.ts';
import { EVENTS } from '../../types/resource-type.ts';
import { StatusError } from '../../types/status-error.ts';
import type { ApiCore } from '../core.ts';
import { MARK_CACHE_WAS_STALE, POINT_WRITE } from '../declarations.ts';
import { OBJECT_BYTES_MAX, UPDATE_TRIES_MAX } from '../limits.ts';
import type { Mutation, Operation } from '../operation.ts';
import { STEP_DELETE, STEP_REFETCH, STEP_UPDATE } from '../steps.ts';
import type { TypeCache } from '../watch/type-cache.ts';
import { versionOf } from './answers.ts';
import { StoredObject } from './stored-object.ts';

/** Subject of the observation point for writes. */
export interface CommittedWrite {
  readonly op: Operation;
  readonly before: KubeObject | null;
  /** null for a deletion. */
  readonly after: KubeObject | null;
  readonly revision: number;
}

/** Shows a write that the store took to whoever listens. */
export function observeWrite(
  core: ApiCore,
  op: Operation,
  before: KubeObject | null,
  after: KubeObject | null,
  revision: number,
): void {
  if (!core.ctx.sim.observation.isObserved(POINT_WRITE)) return;
  core.ctx.observe(POINT_WRITE, { op, before, after, revision } satisfies CommittedWrite);
}

/** Starts `mutation` on the object `id` of `cache`. */
export function mutate(core: ApiCore, op: Operation, cache: TypeCache, id: number, mutation: Mutation): void {
  op.mutation = mutation;
  op.cache = cache;
  op.localId = id;
  op.tries = 0;
  const cached = id < 0 ? undefined : cache.value(id);
  if (cached === undefined) {
    refetch(core, op);
    return;
  }
  op.current = cached;
  op.fresh = false;
  attempt(core, op);
}

/** Starts `mutation` on the object that the request names. */
export function mutateNamed(core: ApiCore, op: Operation, cache: TypeCache, mutation: Mutation): void {
  const { namespace, name, localId } = op.request;
  const { keys } = cache;
  if (localId < 0) {
    mutate(core, op, cache, keys.find(cache.type.namespaced ? namespace : '', name), mutation);
    return;
  }
  const isNamed = keys.nameOf(localId) === name && keys.namespaceOf(localId) === namespace;
  assert(isNamed, 'a request names another object than its local id does');
  mutate(core, op, cache, localId, mutation);
}

function refetch(core: ApiCore, op: Operation): void {
  const cache = op.cache as TypeCache;
  if (op.localId < 0) {
    refetched(core, op, null);
    return;
  }
  op.step = STEP_REFETCH;
  core.store.read(op, core.cluster.storeKeys.keyOf(cache.type, op.localId));
}

/** The stored state is known: tries the change on it. */
export function refetched(core: ApiCore, op: Operation, version: StoredObject | null): void {
  op.current = version;
  op.fresh = true;
  if (version === null) gone(core, op);
  else attempt(core, op);
}

function gone(core: ApiCore, op: Operation): void {
  const mutation = op.mutation as Mutation;
  if (mutation.missing !== undefined) {
    mutation.missing(core, op);
    return;
  }
  const cache = op.cache as TypeCache;
  const name = op.localId < 0 ? op.request.name : cache.keys.nameOf(op.localId);
  core.fail(op, StatusError.notFound(cache.type, name));
}

function attempt(core: ApiCore, op: Operation): void {
  assert(++op.tries <= UPDATE_TRIES_MAX, 'a read-modify-write never came through');
  const current = op.current as StoredObject;
  let next: KubeObject | null;
  try {
    next = (op.mutation as Mutation).next(core, op, current.object);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (op.fresh) core.fail(op, error);
    else refetch(core, op);
    return;
  }
  if (next === current.object) {
    if (!op.fresh && !isDryRun(op)) refetch(core, op);
    else (op.mutation as Mutation).done(core, op, next, false);
    return;
  }
  if (isDryRun(op)) {
    if (next !== null) keepVersion(next, current.object);
    (op.mutation as Mutation).done(core, op, next ?? current.object, next === null);
    return;
  }
  submit(core, op, current, next);
}

function isDryRun(op: Operation): boolean {
  return op.request.options.dryRun === true;
}

/** What is not written stays at the version that there is. */
function keepVersion(draft: KubeObject, current: KubeObject): void {
  (draft.metadata as { resourceVersion: string | undefined }).resourceVersion = current.metadata.resourceVersion;
}

function submit(core: ApiCore, op: Operation, current: StoredObject, next: KubeObject | null): void {
  const storeKey = core.cluster.storeKeys.keyOf((op.cache as TypeCache).type, op.localId);
  const { costs } = core.ctx;
  const delayUs = op.tries === 1 && op.parent === null ? costs.apiMutationUs : costs.apiRequestUs;
  if (next === null) {
    op.step = STEP_DELETE;
    core.store.write(op, storeKey, current.revision, null, delayUs);
    return;
  }
  const value = op.renewsLease
    ? core.leaseContents.renewed(op.localId, current, next as Lease)
    : new StoredObject(next, sumsAfter(next, current));
  if (value.sizeBytes > OBJECT_BYTES_MAX) {
    core.fail(op, StatusError.requestEntityTooLarge(`limit is ${OBJECT_BYTES_MAX}`));
    return;
  }
  op.next = value;
  op.step = STEP_UPDATE;
  const store = op.cache?.type === EVENTS ? core.eventLeases : core.store;
  store.write(op, storeKey, current.revision, value, delayUs);
}

/** Answer to the write of a new version. */
export function updatedOrNot(core: ApiCore, op: Operation, answer: StoreTxnResponse): void {
  if (!answer.succeeded) {
    retry(core, op, answer);
    return;
  }
  const value = op.next as StoredObject;
  observeWrite(core, op, (op.current as StoredObject).object, value.object, answer.revision);
  (op.mutation as Mutation).done(core, op, value.object, false);
}

/** Answer to a deletion. */
export function deletedOrNot(core: ApiCore, op: Operation, answer: StoreTxnResponse): void {
  if (!answer.succeeded) {
    retry(core, op, answer);
    return;
  }
  const last = (op.current as StoredObject).object;
  observeWrite(core, op, last, null, answer.revision);
  (op.mutation as Mutation).done(core, op, last, true);
}

function retry(core: ApiCore, op: Operation, answer: StoreTxnResponse): void {
  core.ctx.mark(MARK_CACHE_WAS_STALE);
  refetched(core, op, versionOf(answer.current));
}
