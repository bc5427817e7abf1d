/**
 * Deletecollection: a delete of each selected object, one after the other; objects that are gone meanwhile do not
 * count.
 *
 * Source: Kubernetes 1.34, registry/generic Store.DeleteCollection (one worker by default).
 */
import type { KubeObject } from '../../types/object.ts';
import type { StatusError } from '../../types/status-error.ts';
import { ApiRequest, ApiResponse } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import { Operation } from '../operation.ts';
import { isCached } from '../storage/key-names.ts';
import { remove } from './delete.ts';
import { whenFresh } from './fresh-reads.ts';
import { collect } from './list.ts';
import { listAll } from './list-pages.ts';
import { selectionOf } from './selection.ts';

/** How far a deletecollection is. */
interface Progress {
  readonly items: readonly KubeObject[];
  next: number;
}

/** Starts a deletecollection. Throws StatusError. */
export function deleteCollection(core: ApiCore, op: Operation): void {
  if (isCached(op.request.type)) whenFresh(core, op, -1, begin);
  else listAll(core, op, deleteListed);
}

function begin(core: ApiCore, op: Operation): void {
  const items: KubeObject[] = [];
  collect(core.cacheOf(op.request.type), selectionOf(op.request), items, []);
  deleteListed(core, op, items);
}

function deleteListed(core: ApiCore, op: Operation, items: readonly KubeObject[]): void {
  const dryRun = op.request.options.dryRun === true;
  op.memo = { items, next: dryRun ? items.length : 0 } satisfies Progress;
  deleteNext(core, op);
}

function deleteNext(core: ApiCore, op: Operation): void {
  const progress = op.memo as Progress;
  const item = progress.items[progress.next++];
  if (item === undefined) {
    const { request } = op;
    const { items } = progress;
    core.finish(
      op,
      ApiResponse.ofList(
        request.id,
        items,
        items.map((object) => idOf(core, op, object)),
        String(core.revisionOf(request.type)),
      ),
      0,
    );
    return;
  }
  const { type, options, user } = op.request;
  const { namespace = '', name } = item.metadata;
  const { gracePeriodSeconds, propagationPolicy, preconditions } = options;
  const own = { gracePeriodSeconds, propagationPolicy, preconditions };
  const request = ApiRequest.ofDelete(type, namespace, name, own, user);
  core.guarded(new Operation(request, -1, op.deadlineUs, op), remove);
}

function idOf(core: ApiCore, op: Operation, object: KubeObject): number {
  return core.cacheOf(op.request.type).keys.find(object.metadata.namespace ?? '', object.metadata.name);
}

/** One of the deletes has ended. */
export function collectionChildDone(core: ApiCore, parent: Operation, error: StatusError | null): void {
  if (parent.done) return;
  if (error !== null && !error.isNotFound) core.fail(parent, error);
  else deleteNext(core, parent);
}
