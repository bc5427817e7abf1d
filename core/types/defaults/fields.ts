/** Small steps of defaulting that keep the identity of whatever they do not change. */
import { copyOf } from '../json-value.ts';
import type { ResourceList } from '../object.ts';
import { storedQuantity, tryParseQuantity } from '../quantity.ts';

/**
 * Adds the defaults that `object` lacks (absent or `undefined`, and `''` for a text); the object itself when it lacks none. Defaults come
 * after the object's own fields.
 */
export function withDefaults<T extends object>(object: T, defaults: Partial<T>): T {
  return completed(object, defaults, '');
}

/** The same for fields that are pointers in the API's types: `''` is a value there, which validation looks at. */
export function withPointerDefaults<T extends object>(object: T, defaults: Partial<T>): T {
  return completed(object, defaults, undefined);
}

/** `empty` is absent as well. */
function completed<T extends object>(object: T, defaults: Partial<T>, empty: '' | undefined): T {
  let result = object;
  for (const key in defaults) {
    const value: unknown = object[key];
    if ((value !== undefined && value !== empty) || value === defaults[key]) continue;
    if (result === object) result = copyOf(object);
    result[key] = defaults[key] as T[typeof key];
  }
  return result;
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

/**
 * Quantities in canonical text, rounded up to thousandths, as the API stores them; null is 0, and what is no quantity stays for validation to
 * find. Source: Kubernetes 1.34.1, core/v1 defaults.go SetDefaults_ResourceList.
 */
export function canonicalList(list: ResourceList | undefined): ResourceList | undefined {
  if (list === undefined || list === null || typeof list !== 'object') return list;
  let result: Record<string, string | number> | null = null;
  for (const name of Object.keys(list)) {
    const amount = (list[name] ?? '0') as string | number;
    if ((typeof amount !== 'string' && typeof amount !== 'number') || tryParseQuantity(String(amount)) === undefined) {
      continue;
    }
    const canonical = storedQuantity(amount);
    if (canonical !== list[name]) {
      result ??= { ...list };
      result[name] = canonical;
    }
  }
  return result ?? list;
}
