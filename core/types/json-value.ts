/**
 * Plain JSON values: telling objects apart, comparing and changing them without mutation.
 *
 * Input from outside may be nested deeply or carry keys such as `__proto__`; everything here is safe against both.
 */
import { StatusError } from './status-error.ts';

/** A JSON object. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Deepest nesting that patches and their targets may have. */
export const MAX_JSON_DEPTH = 256;

/** Whether a value is a JSON object (not null, not an array). */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws StatusError (400) when `depth` is beyond the limit. */
export function checkDepth(depth: number): void {
  if (depth > MAX_JSON_DEPTH) throw StatusError.badRequest(`exceeded max depth of ${MAX_JSON_DEPTH}`);
}

/** Sets an own field of a record under construction, whatever its name. */
export function setField(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    target[key] = value;
  }
}

/**
 * An own field's value, undefined when there is none. What a record inherits is functions and `__proto__`, which JSON never holds, so only
 * then a second look is needed.
 */
export function fieldOf(record: JsonRecord, key: string): unknown {
  const value = record[key];
  if (typeof value !== 'function' && key !== '__proto__') return value;
  return Object.hasOwn(record, key) ? value : undefined;
}

/**
 * A shallow copy that may gain fields. Made field by field, all copies with the same keys share one hidden class; after a spread each copy
 * that gains a field has a class of its own, which takes more memory than the copy.
 */
export function copyOf<T extends object>(record: T): T {
  const copy: Record<string, unknown> = {};
  for (const key in record) setField(copy, key, record[key]);
  return copy as T;
}

/** The same with some fields added or replaced. */
export function copyWith<T extends object>(record: T, fields: Partial<T>): T {
  const copy = copyOf(record);
  for (const key in fields) setField(copy as Record<string, unknown>, key, fields[key]);
  return copy;
}

/** A copy without the field `key`; `delete` on a copy would turn it into a slow and large dictionary. */
export function withoutField(record: JsonRecord, key: string): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(record)) if (name !== key) setField(copy, name, record[name]);
  return copy;
}

/** Whether two JSON values are equal; `undefined` fields count as absent, key order does not count. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!jsonEqual(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const left = a as JsonRecord;
  const right = b as JsonRecord;
  let count = 0;
  for (const key in left) {
    if (left[key] === undefined) continue;
    count++;
    if (!jsonEqual(left[key], fieldOf(right, key))) return false;
  }
  for (const key in right) if (right[key] !== undefined) count--;
  return count === 0;
}

/** A deep copy, for code that has to mutate. Throws StatusError (400) beyond the depth limit. */
export function cloneJson(value: unknown, depth = 0): unknown {
  checkDepth(depth);
  if (Array.isArray(value)) return value.map((item) => cloneJson(item, depth + 1));
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (value[key] !== undefined) setField(copy, key, cloneJson(value[key], depth + 1));
  }
  return copy;
}

/** How Go's decoder names what it found in JSON. */
export function jsonTypeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return value >> 0 === value ? 'number' : `number ${String(value)}`;
  return typeof value;
}
