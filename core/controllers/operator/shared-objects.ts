/**
 * The border between a user's reconciler and the objects of the simulated cluster, which many processes share.
 *
 * Always: what goes out is frozen to its leaves, so that a change throws at its place and reaches nobody else; what comes in is checked
 * and copied, so that a later change of it stays with the reconciler.
 */
import { withDistinctKind, withOwnKind } from '../../types/foreign-kind.ts';
import { cloneJson, isRecord, MAX_JSON_DEPTH } from '../../types/json-value.ts';
import type { KubeObject } from '../../types/object.ts';
import type { ObjectKind, Request } from './operator.ts';

/** V8's words for a write to a frozen object. */
const WRITE_TO_FROZEN = /read only property|object is not extensible|Cannot delete property|Cannot redefine property/;
const SHOWN_MAX = 120;
/** Parts of a path that are shown. */
const PATH_MAX = 8;

/** The object itself, frozen to its leaves. What is frozen already is not looked into again. */
export function frozen<T>(object: T): T {
  if (typeof object !== 'object' || object === null || Object.isFrozen(object)) return object;
  Object.freeze(object);
  for (const value of Object.values(object)) frozen(value);
  return object;
}

/** The object as its author knows its kind, frozen. */
export function lent<T extends KubeObject>(object: T): T {
  return frozen(withOwnKind(object));
}

/** The same of what may not be there. */
export function lentOrNone<T extends KubeObject>(object: T | undefined): T | undefined {
  return object === undefined ? undefined : lent(object);
}

/** The request with its answer frozen. */
export function* frozenAnswer<T extends KubeObject>(request: Request<T>): Request<T> {
  return lent(yield* request);
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
  return withDistinctKind(copied(verb, object) as T);
}

/** A copy of a patch. @throws TypeError where it is no object. */
export function sentPatch(patch: object): object {
  if (!isRecord(patch)) throw new TypeError(`api.patch: expected an object, got ${show(patch)}`);
  return copied('patch', patch) as object;
}

function copied(verb: string, value: object): unknown {
  const fault = jsonFault(value, []);
  if (fault !== '') throw new TypeError(`api.${verb}: ${fault}`);
  return cloneJson(value);
}

/** What JSON cannot say, with its path; '' = nothing. Fields that are undefined are left out. Told, not thrown: the throw must lie near the user's call. */
function jsonFault(value: unknown, path: readonly string[]): string {
  const own = faultOf(value, path.length);
  if (own !== '') return `${shownPath(path)} ${own}`;
  if (typeof value !== 'object' || value === null) return '';
  const isList = Array.isArray(value);
  for (const [key, item] of isList ? value.entries() : Object.entries(value)) {
    const fault = item === undefined && !isList ? '' : jsonFault(item, [...path, `${key}`]);
    if (fault !== '') return fault;
  }
  return '';
}

function faultOf(value: unknown, depth: number): string {
  if (depth > MAX_JSON_DEPTH) return `is nested more than ${MAX_JSON_DEPTH} deep: does it hold itself?`;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return '';
  if (typeof value === 'number') return Number.isFinite(value) ? '' : `is ${value}, no JSON value`;
  if (typeof value !== 'object') return `is ${value === undefined ? '' : 'a '}${typeof value}, no JSON value`;
  // Instances of a user's own classes are records, too; a Map, a Date or a request is none.
  const type = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return Array.isArray(value) || type === 'Object' ? '' : `is a ${type}, no JSON value`;
}

function shownPath(path: readonly string[]): string {
  return path.length > PATH_MAX ? `${path.slice(0, PATH_MAX).join('.')}…` : path.join('.');
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
