/** The first place where two plain values differ, as a line for people. Key order does not matter. */

/** `path: expected …, got …`, or `null` when equal. */
export function firstDifference(expected: unknown, actual: unknown, path: string): string | null {
  if (Object.is(expected, actual)) return null;
  const nested = expected !== null && actual !== null && typeof expected === 'object' && typeof actual === 'object';
  if (!nested || Array.isArray(expected) !== Array.isArray(actual)) return line(path, expected, actual);
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length !== actual.length) {
    return line(path, expected, actual);
  }
  const left = expected as Readonly<Record<string, unknown>>;
  const right = actual as Readonly<Record<string, unknown>>;
  for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()) {
    const found = firstDifference(left[key], right[key], path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function line(path: string, expected: unknown, actual: unknown): string {
  return `${path}: expected ${show(expected)}, got ${show(actual)}`;
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 3000 ? `${text.slice(0, 300)}…` : text;
}
