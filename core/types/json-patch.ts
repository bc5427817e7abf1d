/**
 * JSON patch (RFC 6902), through the rfc6902 package, with the real server's answers.
 *
 * A body that is no patch is a 400, one with too many operations a 413, one that cannot be applied (a failed `test`, a
 * missing path) a 422. The package mutates its target, so it works on a copy. Source: Kubernetes 1.34, apiserver
 * endpoints/handlers/patch.go.
 */
import { applyPatch, type Operation } from 'rfc6902';
import { cloneJson, fieldOf, isRecord } from './json-value.ts';
import { StatusError } from './status-error.ts';

/** The server's limit on operations of one patch. */
const MAX_JSON_PATCH_OPERATIONS = 10_000;

const OPERATIONS: ReadonlySet<string> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);
const ARRAY_INDEX = /^(0|[1-9]\d*)$/;

function unappliable(why: string): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {
    causes: [{ reason: 'UnexpectedServerResponse', message: why }],
  });
}

function tokensOf(path: string): string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw unappliable(`invalid path: ${JSON.stringify(path)}`);
  const tokens = path.slice(1).split('/');
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Walks to the parent of a path; throws when it does not exist or the last token cannot name one of its members. */
function checkPath(document: unknown, path: string, operation: string, mayEndArray: boolean): void {
  const missing = (): StatusError =>
    unappliable(`${operation} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`);
  const tokens = tokensOf(path);
  let parent = document;
  tokens.forEach((token, i) => {
    if (token === '__proto__' || token === 'constructor' || token === 'prototype') throw missing();
    const last = i === tokens.length - 1;
    if (Array.isArray(parent)) {
      if (!(ARRAY_INDEX.test(token) || (last && mayEndArray && token === '-'))) throw missing();
      const index = token === '-' ? parent.length : Number(token);
      if (index > parent.length || (index === parent.length && !(last && mayEndArray))) throw missing();
      parent = parent[index];
    } else if (isRecord(parent)) {
      const value = fieldOf(parent, token);
      if (value === undefined && !(last && mayEndArray)) throw missing();
      parent = value;
    } else {
      throw missing();
    }
  });
}

function checkOperation(operation: unknown): Operation {
  if (!isRecord(operation)) throw StatusError.badRequest('json: cannot unmarshal patch operation');
  const { op, path, from } = operation;
  if (typeof op !== 'string' || !OPERATIONS.has(op)) throw unappliable(`Unexpected kind: ${String(op)}`);
  if (typeof path !== 'string') throw unappliable('missing value: patch operation has no path');
  if ((op === 'move' || op === 'copy') && typeof from !== 'string') {
    throw unappliable('missing value: patch operation has no from');
  }
  if ((op === 'add' || op === 'replace' || op === 'test') && !Object.hasOwn(operation, 'value')) {
    throw unappliable('missing value: patch operation has no value');
  }
  return operation as unknown as Operation;
}

function checkPaths(document: unknown, operation: Operation): void {
  const { op, path } = operation;
  if (op === 'move' || op === 'copy') checkPath(document, operation.from, op, false);
  // A test of null matches a missing member; the package compares.
  checkPath(document, path, op, op !== 'remove' && op !== 'replace');
}

/** The target after the patch; neither is mutated. Throws StatusError (400, 413 or 422). */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw StatusError.badRequest('json patch must be an array of operations');
  if (patch.length > MAX_JSON_PATCH_OPERATIONS) {
    throw StatusError.requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${patch.length}`,
    );
  }
  const holder = { document: cloneJson(target) };
  for (const item of patch) {
    const operation = checkOperation(item);
    if (operation.path === '') {
      replaceRoot(holder, operation);
      continue;
    }
    checkPaths(holder.document, operation);
    const [failure] = applyPatch(holder.document, [operation]);
    if (failure === null || failure === undefined) continue;
    if (operation.op === 'test') throw unappliable(`testing value ${operation.path} failed: test failed`);
    throw unappliable(
      `${operation.op} operation does not apply: doc is missing path: "${operation.path}": missing value`,
    );
  }
  return holder.document;
}

/** Operations on the whole document, which the package leaves to its caller. */
function replaceRoot(holder: { document: unknown }, operation: Operation): void {
  if (operation.op === 'add' || operation.op === 'replace') {
    holder.document = cloneJson(operation.value);
    return;
  }
  if (operation.op === 'test') {
    const [failure] = applyPatch(holder, [{ op: 'test', path: '/document', value: operation.value }]);
    if (failure === null || failure === undefined) return;
    throw unappliable('testing value  failed: test failed');
  }
  throw unappliable(`unable to ${operation.op} the whole document`);
}
