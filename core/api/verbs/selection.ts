/**
 * What a list, watch or deletecollection selects, from its request.
 */
import { ANY_FIELDS, compileFieldSelector } from '../../types/field-selector.ts';
import { EVERYTHING, parseSelector } from '../../types/label-selector.ts';
import type { ApiRequest } from '../../types/wire.ts';
import type { Selection } from '../watch/watcher.ts';

/** The selection of a request. A get of one name is `metadata.name` in the field selector. Throws StatusError (400). */
export function selectionOf(request: ApiRequest): Selection {
  const { labelSelector, fieldSelector } = request.options;
  return {
    namespace: request.type.namespaced ? request.namespace : '',
    labels: labelSelector === undefined || labelSelector === '' ? EVERYTHING : parseSelector(labelSelector),
    fields:
      fieldSelector === undefined || fieldSelector === ''
        ? ANY_FIELDS
        : compileFieldSelector(request.type, fieldSelector),
  };
}
