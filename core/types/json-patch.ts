/**
 * JSON patch (RFC 6902), as lenient as the library of the real server is.
 *
 * Beside the RFC: whatever stands before the first `/` of a path is not read, indexes may have a sign (−1 is the last item) and leading
 * zeros, what a map lacks can be replaced and copied (as null), and a value left out is null. A body that is no patch is a 400, one with too
 * many operations a 413, one that cannot be applied, or copies too much, a 422 which does not say why.
 * Source: Kubernetes 1.34, apiserver endpoints/handlers/patch.go applyJSPatch, server/config.go; gopkg.in/evanphx/json-patch.v4 4.12, patch.go.
 */
import { cloneJson, fieldOf, isRecord, type JsonRecord, jsonTypeOf, setField } from './json-value.ts';
import { StatusError } from './status-error.ts';

/** The server's limit on operations of one patch. */
const MAX_JSON_PATCH_OPERATIONS = 10_000;
/** What all copies of one patch may add, as JSON text: each can double what the last one left (JSONPatchMaxCopyBytes). */
const MAX_COPIED = 3 * 1024 * 1024;

const INDEX = /^[+-]?\d{1,18}$/;

type Container = Record<string, unknown> | unknown[];

/** A place in a document: a member of a map or an item of a list. */
interface Place {
  readonly container: Container;
  readonly key: string;
}

function unappliable(): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

function undecodable(value: unknown, wanted: string): StatusError {
  return StatusError.badRequest(`error decoding patch: json: cannot unmarshal ${jsonTypeOf(value)} into Go ${wanted}`);
}

/** Which of the first `size` places of a list `key` names. Throws StatusError (422). */
function indexOf(key: string, size: number): number {
  const index = INDEX.test(key) ? Number(key) : Number.NaN;
  if (Number.isNaN(index) || index >= size || index < -size) throw unappliable();
  return index < 0 ? index + size : index;
}

function read({ container, key }: Place): unknown {
  if (Array.isArray(container)) return container[indexOf(key, container.length)] ?? null;
  return fieldOf(container, key) ?? null;
}

function add({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) setField(container, key, value);
  else if (key === '-') container.push(value);
  else container.splice(indexOf(key, container.length + 1), 0, value);
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(indexOf(key, container.length), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw unappliable();
}

function replace({ container, key }: Place, value: unknown): void {
  if (Array.isArray(container)) container[indexOf(key, container.length)] = value;
  else setField(container, key, value);
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

/** The place that a path names. Throws StatusError (422) when what holds it does not exist, and for the whole document. */
function placeOf(document: unknown, path: unknown): Place {
  const tokens = typeof path === 'string' ? path.split('/').slice(1) : [];
  const key = tokens.pop();
  if (key === undefined) throw unappliable();
  let container = document;
  for (const token of tokens) {
    if (!isContainer(container)) throw unappliable();
    container = read({ container, key: decoded(token) });
  }
  if (!isContainer(container)) throw unappliable();
  return { container, key: decoded(key) };
}

function decoded(token: string): string {
  return token.replace(/~[01]/g, (escaped) => (escaped === '~1' ? '/' : '~'));
}

/** Whether two values are the same, null and a missing member apart. */
function isSame(a: unknown, b: unknown): boolean {
  if (!isContainer(a) || !isContainer(b)) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) => Object.hasOwn(b, key) && isSame(fieldOf(a as JsonRecord, key), fieldOf(b as JsonRecord, key)),
  );
}

function checkOperation(operation: unknown): JsonRecord {
  if (operation === null) throw unappliable();
  if (!isRecord(operation)) throw undecodable(operation, 'value of type handlers.jsonPatchOp');
  for (const field of ['op', 'path', 'from']) {
    const value = fieldOf(operation, field) ?? null;
    if (value !== null && typeof value !== 'string') {
      throw undecodable(value, `struct field jsonPatchOp.${field} of type string`);
    }
  }
  return operation;
}

/** Throws StatusError (422) when a copy of `value` takes the patch beyond what it may copy. */
function checkCopied(value: unknown, copies: { size: number }): void {
  copies.size += JSON.stringify(value).length;
  if (copies.size > MAX_COPIED) throw unappliable();
}

/** The document after one operation on it; `copies` counts what the patch has copied. Throws StatusError (422). */
function applied(document: unknown, operation: JsonRecord, copies: { size: number }): unknown {
  const { op, path, from } = operation;
  const value = cloneJson(fieldOf(operation, 'value') ?? null);
  if (path === '' && op === 'replace') return isContainer(value) ? value : document;
  if (path === '' && op === 'test') {
    if (!isSame(document, value)) throw unappliable();
    return document;
  }
  switch (op) {
    case 'add':
      add(placeOf(document, path), value);
      return document;
    case 'remove':
      remove(placeOf(document, path));
      return document;
    case 'replace':
      replace(placeOf(document, path), value);
      return document;
    case 'test':
      if (!isSame(read(placeOf(document, path)), value)) throw unappliable();
      return document;
    case 'move': {
      const place = placeOf(document, from);
      const moved = read(place);
      remove(place);
      add(placeOf(document, path), moved);
      return document;
    }
    case 'copy': {
      const copied = read(placeOf(document, from));
      const place = placeOf(document, path);
      checkCopied(copied, copies);
      add(place, cloneJson(copied));
      return document;
    }
    default:
      throw unappliable();
  }
}

/** The target after the patch; neither is mutated. Throws StatusError (400, 413 or 422). */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (patch === null) return target;
  if (!Array.isArray(patch)) throw undecodable(patch, 'value of type []handlers.jsonPatchOp');
  if (patch.length > MAX_JSON_PATCH_OPERATIONS) {
    throw StatusError.requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${patch.length}`,
    );
  }
  for (const operation of patch) if (operation !== null) checkOperation(operation);
  let document = cloneJson(target);
  const copies = { size: 0 };
  for (const operation of patch) document = applied(document, checkOperation(operation), copies);
  return document;
}
