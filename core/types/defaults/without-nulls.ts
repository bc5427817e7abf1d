/**
 * Removes nulls from input: to the API a null field is an absent one, and manifests often hold them (`annotations:` with
 * nothing after it). Parts without nulls keep their identity.
 */
import { checkDepth, isRecord, setField } from '../json-value.ts';

function clean(value: unknown, depth: number): unknown {
  checkDepth(depth);
  if (Array.isArray(value)) {
    let copy: unknown[] | null = null;
    for (let i = 0; i < value.length; i++) {
      const item = clean(value[i], depth + 1);
      if (item !== value[i]) {
        copy ??= [...value];
        copy[i] = item;
      }
    }
    return copy ?? value;
  }
  if (!isRecord(value)) return value;
  let copy: Record<string, unknown> | null = null;
  for (const key in value) {
    const member = value[key];
    if (member === null) {
      copy ??= { ...value };
      delete copy[key];
      continue;
    }
    const next = clean(member, depth + 1);
    if (next !== member) {
      copy ??= { ...value };
      setField(copy, key, next);
    }
  }
  return copy ?? value;
}

/** The value without null fields, itself when it has none. Nulls in lists stay. Throws StatusError (400) when too deep. */
export function withoutNulls<T>(value: T): T {
  return clean(value, 0) as T;
}

/** The record without its own null fields; deeper ones stay. Itself when it has none. */
export function withoutNullFields<T extends object>(record: T): T {
  for (const key in record) {
    if (record[key] !== null) continue;
    const copy = { ...record };
    for (const name in record) if (record[name] === null) delete copy[name];
    return copy;
  }
  return record;
}
