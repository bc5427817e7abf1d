/**
 * The border between a user's reconciler and the objects of the simulated cluster, which many processes share.
 *
 * Always: what goes out is frozen to its leaves, so that a change throws at its place and reaches nobody else; what comes in is checked
 * and copied, so that a later change of it stays with the reconciler.
 */
import { cloneJson, isRecord } from '../../types/json-value.ts';
import type { KubeObject } from '../../types/object.ts';
import type { ObjectKind, Request } from './operator.ts';

/** V8's words for a write to a frozen object. */
const WRITE_TO_FROZEN = /read only property|object is not extensible|Cannot delete property|Cannot redefine property/;
const SHOWN_MAX = 120;

/** The object itself, frozen to its leaves. What is frozen already is not looked into again. */
export function frozen<T>(object: T): T {
  if (typeof object !== 'object' || object === null || Object.isFrozen(object)) return object;
  Object.freeze(object);
  for (const value of Object.values(object)) frozen(value);
  return object;
}

/** The request with its answer frozen. */
export function* frozenAnswer<T>(request: Request<T>): Request<T> {
  return frozen(yield* request);
}

/** Whether an exception is a write to something frozen. */
export function isWriteToFrozen(error: unknown): boolean {
  return error instanceof TypeError && WRITE_TO_FROZEN.test(error.message);
}

/** A copy of an object that a reconciler sends with `verb`. @throws TypeError where it is no object of Kubernetes. */
export function sentObject<T extends KubeObject>(verb: string, object: T): T {
  checkKind(verb, object);
  const { metadata } = object;
  if (!isRecord(metadata) || (typeof metadata.name !== 'string' && typeof metadata['generateName'] !== 'string')) {
    throw new TypeError(`api.${verb}: expected an object with metadata.name, got ${show(object)}`);
  }
  return cloneJson(object) as T;
}

/** A copy of a patch. @throws TypeError where it is no object. */
export function sentPatch(patch: object): object {
  if (!isRecord(patch)) throw new TypeError(`api.patch: expected an object, got ${show(patch)}`);
  return cloneJson(patch) as object;
}

/** @throws TypeError where the argument of `verb` names no kind. */
export function checkKind(verb: string, value: ObjectKind): void {
  if (isRecord(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string') return;
  throw new TypeError(`api.${verb}: expected apiVersion and kind, got ${show(value)}`);
}

function show(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, SHOWN_MAX);
  } catch {
    return typeof value;
  }
}
