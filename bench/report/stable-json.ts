/**
 * JSON whose bytes depend on the content only: keys sorted, two spaces, a line feed at the end.
 *
 * Always: equal data gives equal bytes on every machine. What JSON would silently change (NaN, infinity, undefined in a
 * list, functions, class instances such as Map) is refused instead.
 */

/** Nesting deeper than this is a mistake (a cycle, most likely). */
const DEPTH_MAX = 100;

/** The text of `value`. Keys whose value is undefined are left out. @throws TypeError for what JSON cannot hold. */
export function stableJson(value: unknown): string {
  return `${JSON.stringify(sorted(value, '$', 0), null, 2)}\n`;
}

function sorted(value: unknown, where: string, depth: number): unknown {
  if (depth > DEPTH_MAX) throw new TypeError(`result: nested deeper than ${DEPTH_MAX} at ${where.slice(0, 80)}…`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`result: ${value} at ${where}`);
    return Object.is(value, -0) ? 0 : value;
  }
  if (Array.isArray(value)) return value.map((item, index) => sorted(item, `${where}[${index}]`, depth + 1));
  if (typeof value !== 'object') throw new TypeError(`result: ${typeof value} at ${where}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`result: not plain data at ${where}`);
  }
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item, `${where}.${key}`, depth + 1)]));
}
