/**
 * Canonical JSON: keys sorted by code unit, no blanks, `undefined` fields left out. The encoding is what sizes, quotas and
 * template hashes count; its size can be had without building it.
 */
import { SHARED_FIELDS } from './shared-fields.ts';

/** Compares by UTF-16 code units, as every sorted order in the core does. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The canonical text of plain JSON data. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : (JSON.stringify(value) ?? 'null');
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const record = value as Readonly<Record<string, unknown>>;
  const fields: string[] = [];
  for (const key of Object.keys(record).sort(byCodeUnit)) {
    if (record[key] !== undefined) fields.push(`${JSON.stringify(key)}:${canonicalJson(record[key])}`);
  }
  return `{${fields.join(',')}}`;
}

const encoder = new TextEncoder();

/** The canonical text in UTF-8. */
export function canonicalBytes(value: unknown): Uint8Array {
  return encoder.encode(canonicalJson(value));
}

/** Bytes of a string as a JSON string literal in UTF-8, with its quotes. */
function stringSize(text: string): number {
  let size = text.length + 2;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) size += wideSize(text, i, unit);
    else if (unit === 0x22 || unit === 0x5c) size += 1;
    else if (unit < 0x20) size += unit === 8 || unit === 9 || unit === 10 || unit === 12 || unit === 13 ? 1 : 5;
  }
  return size;
}

/** What a code unit beyond ASCII adds to its one counted byte; a lone surrogate is written as an escape of six bytes. */
function wideSize(text: string, at: number, unit: number): number {
  if (unit < 0x800) return 1;
  if (unit < 0xd800 || unit > 0xdfff) return 2;
  if (unit < 0xdc00) {
    const next = text.charCodeAt(at + 1);
    return next >= 0xdc00 && next <= 0xdfff ? 1 : 5;
  }
  const previous = at > 0 ? text.charCodeAt(at - 1) : 0;
  return previous >= 0xd800 && previous <= 0xdbff ? 1 : 5;
}

function numberSize(value: number): number {
  if (!Number.isFinite(value)) return 4;
  if ((value | 0) !== value || value < 0) return String(value === 0 ? 0 : value).length;
  let size = 1;
  for (let rest = value; rest >= 10; rest = (rest / 10) | 0) size++;
  return size;
}

/** Bytes of the canonical encoding, computed without building it. */
export function jsonSizeBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return stringSize(value);
    case 'number':
      return numberSize(value);
    case 'boolean':
      return value ? 4 : 5;
    case 'object':
      break;
    default:
      return 4;
  }
  if (value === null) return 4;
  if (Array.isArray(value)) {
    let size = value.length === 0 ? 2 : 1 + value.length;
    for (let i = 0; i < value.length; i++) size += jsonSizeBytes(value[i]);
    return size;
  }
  return recordSize(value as Readonly<Record<string, unknown>>);
}

function recordSize(record: Readonly<Record<string, unknown>>): number {
  let size = 1;
  let count = 0;
  for (const key in record) {
    const member = record[key];
    if (member === undefined) continue;
    count++;
    size += stringSize(key) + 2 + (isShared(key, member) ? sharedSize(member) : jsonSizeBytes(member));
  }
  return count === 0 ? 2 : size;
}

/** Whether a part's size is kept. */
function isShared(key: string, member: unknown): member is object {
  return typeof member === 'object' && member !== null && SHARED_FIELDS.has(key);
}

/** Sizes of parts that many versions share, by identity, since objects never change. */
const sizes = new WeakMap<object, number>();

function sharedSize(part: object): number {
  const known = sizes.get(part);
  if (known !== undefined) return known;
  const size = jsonSizeBytes(part);
  sizes.set(part, size);
  return size;
}
