/**
 * List from the cache, in key order. Lists with a limit or at an exact revision are read from the store
 * (`list-pages.ts`).
 *
 * Source: Kubernetes 1.34, meta/v1 ListOptions and storage/cacher: resourceVersion unset = most recent, "0" = what
 * the cache has (the limit is ignored), N = not older than N, unless the match is Exact.
 */
import type { KubeObject } from '../../types/object.ts';
import { ApiResponse } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import { BUG_LIST_FROM_STORE, BUG_LISTS_LAST_TWICE, BUG_STALE_LIST } from '../declarations.ts';
import type { Operation } from '../operation.ts';
import { isCached } from '../storage/key-names.ts';
import type { TypeCache } from '../watch/type-cache.ts';
import { type Selection, selects, selectsAll } from '../watch/watcher.ts';
import { askedRevision, whenFresh } from './fresh-reads.ts';
import { listPage } from './list-pages.ts';
import { checkListOptions } from './request-options.ts';
import { selectionOf } from './selection.ts';

/** Starts a list. Throws StatusError. */
export function list(core: ApiCore, op: Operation): void {
  const { options } = op.request;
  checkListOptions(options);
  const revision = askedRevision(options.resourceVersion, 'invalid resource version: ');
  const paged = (options.limit ?? 0) > 0 && revision !== 0 && options.resourceVersionMatch !== 'NotOlderThan';
  const exact = (options.continue ?? '') !== '' || options.resourceVersionMatch === 'Exact';
  if (paged || exact) {
    const isAwaited = revision > 0 && isCached(op.request.type);
    if (isAwaited) whenFresh(core, op, revision, listFromStore);
    else listFromStore(core, op);
    return;
  }
  if (core.ctx.bug(BUG_LIST_FROM_STORE) || !isCached(op.request.type)) {
    op.waitRevision = Math.max(revision, 0);
    listPage(core, op, selectionOf(op.request), 0);
    return;
  }
  whenFresh(core, op, core.ctx.bug(BUG_STALE_LIST) ? 0 : revision, listFromCache);
}

function listFromStore(core: ApiCore, op: Operation): void {
  const { request } = op;
  listPage(core, op, selectionOf(request), askedRevision(request.options.resourceVersion));
}

function listFromCache(core: ApiCore, op: Operation): void {
  const cache = core.cacheOf(op.request.type);
  const items: KubeObject[] = [];
  const ids: number[] = [];
  collect(cache, selectionOf(op.request), items, ids);
  if (items.length > 0 && core.ctx.bug(BUG_LISTS_LAST_TWICE)) {
    items.push(items[items.length - 1] as KubeObject);
    ids.push(ids[ids.length - 1] as number);
  }
  const { costs } = core.ctx;
  const delayUs = costs.apiRequestUs + costs.apiListPerObjectUs * items.length;
  core.finish(op, ApiResponse.ofList(op.request.id, items, ids, String(cache.revisionOf(core.revision))), delayUs);
}

/** Appends what `selection` takes to `items` and `ids`, in key order. */
export function collect(cache: TypeCache, selection: Selection, items: KubeObject[], ids: number[]): void {
  const all = selectsAll(selection);
  const { namespace, fields } = selection;
  const name = fields.requiredValue('metadata.name');
  if (name !== undefined && (namespace !== '' || !cache.type.namespaced)) {
    const id = cache.keys.find(namespace, name);
    const one = id < 0 ? undefined : cache.value(id);
    if (one !== undefined && selects(selection, one.object)) {
      items.push(one.object);
      ids.push(id);
    }
    return;
  }
  for (const id of cache.orderedIds()) {
    const value = cache.value(id);
    if (value === undefined || !(all || selects(selection, value.object))) continue;
    items.push(value.object);
    ids.push(id);
  }
}
