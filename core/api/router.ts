/**
 * From a request to its verb.
 */
import { PODS } from '../types/resource-type.ts';
import { StatusError } from '../types/status-error.ts';
import { type ApiResponse, VERB } from '../types/wire.ts';
import type { ApiCore } from './core.ts';
import type { Operation } from './operation.ts';
import { bind } from './subresources/binding.ts';
import { evict, evictionChildDone } from './subresources/eviction.ts';
import { changeScale } from './subresources/scale.ts';
import { create } from './verbs/create.ts';
import { remove } from './verbs/delete.ts';
import { collectionChildDone, deleteCollection } from './verbs/deletecollection.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { patch } from './verbs/patch.ts';
import { update } from './verbs/update.ts';
import { watch } from './verbs/watch.ts';

/** Runs a request's verb; it answers now or later. Throws StatusError. */
export function route(core: ApiCore, op: Operation): void {
  const { verb, type, subresource } = op.request;
  switch (verb) {
    case VERB.get:
      return get(core, op);
    case VERB.list:
      return list(core, op);
    case VERB.watch:
      return watch(core, op);
    case VERB.create:
      return routeCreate(core, op);
    case VERB.update:
      return subresource === 'scale' ? changeScale(core, op) : update(core, op);
    case VERB.patch:
      return subresource === 'scale' ? changeScale(core, op) : patch(core, op);
    case VERB.delete:
      return remove(core, op);
    case VERB.deletecollection:
      return deleteCollection(core, op);
    default:
      throw StatusError.methodNotSupported(type, String(verb));
  }
}

function routeCreate(core: ApiCore, op: Operation): void {
  const { type, subresource } = op.request;
  if (subresource === '') create(core, op);
  else if (type === PODS && subresource === 'binding') bind(core, op);
  else if (type === PODS && subresource === 'eviction') evict(core, op);
  else throw StatusError.methodNotSupported(type, 'create');
}

/** A step that ran as an operation of its own has ended. */
export function childDone(core: ApiCore, parent: Operation, _child: Operation, response: ApiResponse): void {
  if (parent.request.verb === VERB.deletecollection) collectionChildDone(core, parent, response.error);
  else evictionChildDone(core, parent, response);
}
