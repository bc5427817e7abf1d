/** Small steps of defaulting that keep the identity of whatever they do not change. */
import { copyOf } from '../json-value.ts';
import type { ResourceList } from '../object.ts';
import { canonicalQuantity, tryParseQuantity } from '../quantity.ts';

/**
 * Adds the defaults that `object` lacks (absent or `undefined`); the object itself when it lacks none. Defaults come
 * after the object's own fields.
 */
export function withDefaults<T extends object>(object: T, defaults: Partial<T>): T {
  for (const key in defaults) {
    if (object[key as keyof T] === undefined) {
      const result = copyOf(object);
      for (const name in defaults) {
        if (result[name as keyof T] === undefined) result[name as keyof T] = defaults[name as keyof T] as T[keyof T];
      }
      return result;
    }
  }
  return object;
}

/** Applies `change` to every item; the list itself when no item changes or there is no list. */
export function mapShared<T>(list: readonly T[] | undefined, change: (item: T) => T): readonly T[] | undefined {
  if (!Array.isArray(list)) return list;
  let copy: T[] | null = null;
  for (let i = 0; i < list.length; i++) {
    const item = list[i] as T;
    const next = change(item);
    if (next !== item) {
      copy ??= [...list];
      copy[i] = next;
    }
  }
  return copy ?? list;
}

/** Sets one field; the object itself when it has that value already. */
export function withField<T extends object, K extends keyof T>(object: T, field: K, value: T[K]): T {
  if (object[field] === value) return object;
  const result = copyOf(object);
  result[field] = value;
  return result;
}

/** Quantities in canonical text, as the API stores them; what is no quantity stays for validation to find. */
export function canonicalList(list: ResourceList | undefined): ResourceList | undefined {
  if (list === undefined || list === null || typeof list !== 'object') return list;
  let result: Record<string, string | number> | null = null;
  for (const name of Object.keys(list)) {
    const amount = list[name] as string | number;
    if ((typeof amount !== 'string' && typeof amount !== 'number') || tryParseQuantity(String(amount)) === undefined) {
      continue;
    }
    const canonical = canonicalQuantity(amount);
    if (canonical !== amount) {
      result ??= { ...list };
      result[name] = canonical;
    }
  }
  return result ?? list;
}
