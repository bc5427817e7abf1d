/**
 * How Go prints and names what was JSON: messages of the real server hold values in this form. Source: Go's fmt (%v) and reflect packages.
 */
import { isRecord } from './json-value.ts';

/** A JSON value as `%v` prints it: maps by their keys, texts as they are. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  const members = Object.keys(value).filter((key) => value[key] !== undefined);
  return `map[${members
    .toSorted()
    .map((key) => `${key}:${goText(value[key])}`)
    .join(' ')}]`;
}

/** The Go type that a JSON value is decoded to. */
export function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (isRecord(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
