/**
 * Conditions on objects: "when the informer of the scheduler has seen Pod demo/web-0 go from Pending to Running for the second time".
 *
 * One place decides what a change of an object is; where it is seen (store, API server, a component's informer) only decides who says so.
 */
import type { KubeObject } from '../../types/object.ts';
import type { ObjectCondition } from '../plan.ts';

/** A change as some place saw it. Either side may be missing: created, deleted, or not known there. */
export interface SeenChange {
  readonly object: KubeObject | null;
  readonly previous: KubeObject | null;
}

/** true if the change is the one the condition names (its count aside). */
export function isChange(condition: ObjectCondition, { object, previous }: SeenChange): boolean {
  const subject = object ?? previous;
  if (subject === null || subject.kind !== condition.of) return false;
  if (condition.name !== undefined && subject.metadata.name !== condition.name) return false;
  if (condition.namespace !== undefined && subject.metadata.namespace !== condition.namespace) return false;
  if (condition.change === 'created') return previous === null && object !== null;
  if (condition.change === 'deleted') return object === null;
  if (object === null || previous === null) return false;
  if (condition.field === undefined) return true;
  const before = valueAt(previous, condition.field);
  const after = valueAt(object, condition.field);
  if (before === after) return false;
  return (condition.from ?? before) === before && (condition.to ?? after) === after;
}

/** The value at a dotted path as text; '' where there is none. Lists are indexed by number. */
export function valueAt(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return '';
    value = (value as Record<string, unknown>)[part];
  }
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
