/**
 * Equality of plain data with short cuts for what is shared. `undefined` members count as absent.
 *
 * Used to find out that an update changes nothing (then nothing is written) and whether a spec changed (generation).
 */

/** Whether two values of plain data have the same content. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    for (let i = 0; i < left.length; i++) if (!deepEqual(left[i], right[i])) return false;
    return true;
  }
  if (Array.isArray(right)) return false;
  return recordsEqual(left as Record<string, unknown>, right as Record<string, unknown>);
}

function recordsEqual(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  for (const key in left) {
    const value = left[key];
    if (value === undefined) {
      if (right[key] !== undefined && Object.hasOwn(right, key)) return false;
    } else if (!Object.hasOwn(right, key) || !deepEqual(value, right[key])) return false;
  }
  for (const key in right) if (right[key] !== undefined && !Object.hasOwn(left, key)) return false;
  return true;
}
