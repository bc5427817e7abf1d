/**
 * Removes nulls from input: to the API a null field is an absent one, and manifests often hold them (`annotations:` with
 * nothing after it). Parts without nulls keep their identity.
 */
import { checkDepth, isRecord, setField } from '../json-value.ts';

/** Maps of texts by the names of their fields: decoding makes an empty text of a null in them. */
const TEXT_MAPS: ReadonlySet<string> = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector']);

/** A map of texts with `''` for each null; itself when it has none, as what is no map. */
export function withTexts<T>(map: T): T {
  if (!isRecord(map) || !Object.values(map).includes(null)) return map;
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? ''])) as T;
}

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
    const member = TEXT_MAPS.has(key) ? withTexts(value[key]) : value[key];
    if (member === null) {
      copy ??= { ...value };
      delete copy[key];
      continue;
    }
    const next = clean(member, depth + 1);
    if (next !== value[key]) {
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
