/**
 * Options of the functions that programs call: plain JavaScript passes what no type check has seen.
 *
 * Always: a wrong option is told before anything runs, as a TypeError or a RangeError that names function and option.
 */
import { nearestName } from '../../scenarios/suggest.ts';

/** @throws TypeError when `options` is no object, or has a key that is not in `known` (all keys, undefined values too). */
export function checkOptions(of: string, options: unknown, known: readonly string[]): void {
  const list = known.join(', ');
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${of}: expected an object with ${list}, not ${shown(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? `known: ${list}` : `did you mean "${nearest}"?`;
    throw new TypeError(`${of}: unknown option "${name}" (${hint})`);
  }
}

/** @throws RangeError when `value` is no whole number between `min` and `max`, both included. */
export function checkWhole(name: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`;
  throw new RangeError(`${name} ${shown(value)}: expected a whole number ${range}`);
}

/** A value in a message: short, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
