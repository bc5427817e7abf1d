/**
 * Checks that input has the types that the rest of the core relies on: what the real server refuses while decoding (400).
 *
 * Runs before defaulting and validation, on objects from outside and on results of patches. Fields that nobody
 * reads may hold anything. Pod specs are remembered by identity. Source: Kubernetes 1.34 API types.
 */
import { isRecord, type JsonRecord, jsonTypeOf } from '../json-value.ts';
import type { KubeObject } from '../object.ts';
import { MAX_QUANTITY_LENGTH, QUANTITY_FORMAT_MESSAGE, tryParseQuantity } from '../quantity.ts';
import type { ResourceType } from '../resource-type.ts';
import { StatusError } from '../status-error.ts';
import { VersionMeta } from '../version-meta.ts';
import { base64Problem } from './base64.ts';
import { OBJECT_META, type Shape, shapeOf } from './shapes.ts';
import { timeProblem } from './time-format.ts';

/** What is wrong, or null. */
type Problem = string | null;

/** Where a value stands; the text is made only for what is wrong. */
type Path = string | { readonly above: Path; readonly field: string };

function textOf(path: Path): string {
  return typeof path === 'string' ? path : `${textOf(path.above)}.${path.field}`;
}

function mismatch(value: unknown, path: Path, wanted: string): Problem {
  return `json: cannot unmarshal ${jsonTypeOf(value)} into Go struct field ${textOf(path)} of type ${wanted}`;
}

function checkMap(value: unknown, path: Path): Problem {
  if (!isRecord(value)) return mismatch(value, path, 'map[string]string');
  for (const key in value) {
    const member = value[key];
    if (typeof member !== 'string' && member !== null && member !== undefined) return mismatch(member, path, 'string');
  }
  return null;
}

function checkQuantity(value: unknown, path: Path): Problem {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string' && typeof value !== 'number') return mismatch(value, path, 'string');
  const text = String(value);
  if (text.length > MAX_QUANTITY_LENGTH || tryParseQuantity(text) === undefined) return QUANTITY_FORMAT_MESSAGE;
  return null;
}

function checkQuantities(value: unknown, path: Path): Problem {
  if (!isRecord(value)) return mismatch(value, path, 'map[string]Quantity');
  for (const key in value) {
    const problem = checkQuantity(value[key], path);
    if (problem !== null) return problem;
  }
  return null;
}

/** What the server says of a value that is not of a scalar's, map's, list's or object's type, or null; `path` is named in it. */
export function checkScalar(value: unknown, shape: string, path: Path): Problem {
  switch (shape) {
    case 'array':
      return Array.isArray(value) ? null : mismatch(value, path, 'array');
    case 'string':
      return typeof value === 'string' ? null : mismatch(value, path, 'string');
    case 'base64':
      return typeof value === 'string' ? base64Problem(value) : mismatch(value, path, '[]uint8');
    case 'time':
    case 'microTime':
      if (typeof value !== 'string') return mismatch(value, path, 'string');
      return timeProblem(value, shape === 'microTime');
    case 'int':
      return Number.isInteger(value) && (value as number) >> 0 === value ? null : mismatch(value, path, 'int32');
    case 'long':
      return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 63 ? null : mismatch(value, path, 'int64');
    case 'bool':
      return typeof value === 'boolean' ? null : mismatch(value, path, 'bool');
    case 'object':
      return isRecord(value) ? null : mismatch(value, path, 'object');
    case 'intOrString':
      return typeof value === 'string' || Number.isSafeInteger(value)
        ? null
        : mismatch(value, path, 'intstr.IntOrString');
    case 'map':
      return checkMap(value, path);
    case 'quantities':
      return checkQuantities(value, path);
    default:
      return null;
  }
}

const MAX_LIST = 100_000;

function checkValue(value: unknown, shape: Shape, path: Path): Problem {
  if (value === null || value === undefined) return null;
  if (typeof shape === 'string') return checkScalar(value, shape, path);
  if (shape.scalar !== undefined) return checkScalar(value, shape.scalar, path);
  if (shape.list !== undefined) {
    if (!Array.isArray(value)) return mismatch(value, path, 'array');
    if (value.length > MAX_LIST) return `list ${textOf(path)} is too long`;
    for (const item of value) {
      const problem = item === null ? mismatch(item, path, 'object') : checkValue(item, shape.list, path);
      if (problem !== null) return problem;
    }
    return null;
  }
  if (!isRecord(value)) return mismatch(value, path, 'object');
  if (shape.entries !== undefined) {
    for (const key in value) {
      const problem = checkValue(value[key], shape.entries, { above: path, field: key });
      if (problem !== null) return problem;
    }
    return null;
  }
  return shape.remembered === true
    ? checkRemembered(value, shape.fields, path)
    : checkFields(value, shape.fields, path);
}

function checkFields(record: JsonRecord, fields: Readonly<Record<string, Shape>>, path: Path): Problem {
  // The input has fewer fields than the kind.
  for (const field in record) {
    const shape = fields[field];
    if (shape === undefined || shape === 'any') continue;
    const value = record[field];
    if (value === undefined || value === null) continue;
    // Most fields are texts and as they should be: their path is never needed.
    if (shape === 'string' && typeof value === 'string') continue;
    const problem = checkValue(value, shape, { above: path, field });
    if (problem !== null) return problem;
  }
  return null;
}

const fine = new WeakSet<JsonRecord>();

function checkRemembered(record: JsonRecord, fields: Readonly<Record<string, Shape>>, path: Path): Problem {
  if (fine.has(record)) return null;
  const problem = checkFields(record, fields, path);
  if (problem === null) fine.add(record);
  return problem;
}

/** What is wrong with the types of an object's fields: the first wrong one in the decoder's words, or null. */
export function shapeProblem(type: ResourceType, object: KubeObject): Problem {
  const input: unknown = object;
  if (!isRecord(input)) return `json: cannot unmarshal ${jsonTypeOf(input)} into Go value of type ${type.kind}`;
  const shape = shapeOf(type);
  return (
    // The metadata of a stored version was looked at when it was made.
    (input['metadata'] instanceof VersionMeta
      ? null
      : checkValue(input['metadata'] ?? {}, OBJECT_META, { above: type.kind, field: 'metadata' })) ??
    (isRecord(input['metadata']) ? null : `json: ${type.kind} has no metadata`) ??
    (shape === undefined ? null : checkValue(input, shape, type.kind))
  );
}

/** The same as the StatusError (400) that a create or update is answered with, or null. */
export function checkShape(type: ResourceType, object: KubeObject): StatusError | null {
  const problem = shapeProblem(type, object);
  if (problem === null) return null;
  return StatusError.badRequest(
    `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ${problem}`,
  );
}
