/**
 * Reads plain data strictly: wrong types, unknown fields and values out of range are collected as problems, never thrown,
 * so that one run shows all of them. Absent and broken values give the default.
 */
import { parseGoDuration } from '../../types/go-duration.ts';
import type { ConfigurationProblem, FieldPath } from './problem.ts';

/** A mapping of unknown content. */
export type Fields = Readonly<Record<string, unknown>>;

/** At most so many problems are kept; a hostile file could have any number. */
const MAX_PROBLEMS = 100;

/** Nothing was said of it, or null. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Collects problems while reading. */
export class FieldReader {
  readonly problems: ConfigurationProblem[] = [];

  /** Notes a problem. */
  problem(path: FieldPath, message: string, hint = ''): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ path, message, hint });
  }

  /** Whether nothing is wrong with the value at `path` or within: what depends on a broken one would only say so again. */
  isSound(path: FieldPath): boolean {
    return !this.problems.some((problem) => path.every((part, index) => problem.path[index] === part));
  }

  /** A mapping with these fields only; empty when absent or broken. */
  fields(value: unknown, path: FieldPath, allowed: readonly string[]): Fields {
    if (isAbsent(value)) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.problem(path, `must be a mapping, not ${describe(value)}`);
      return {};
    }
    for (const key of Object.keys(value)) {
      if (allowed.includes(key)) continue;
      const close = closest(key, allowed);
      this.problem([...path, key], `unknown field "${key}"`, close === '' ? '' : `did you mean "${close}"?`);
    }
    return value as Fields;
  }

  /** A list; empty when absent or broken. */
  list(value: unknown, path: FieldPath): readonly unknown[] {
    if (isAbsent(value)) return [];
    if (Array.isArray(value)) return value;
    this.problem(path, `must be a list, not ${describe(value)}`);
    return [];
  }

  /** An integer from `min` to `max`, both included. */
  integer(value: unknown, path: FieldPath, standard: number, min: number, max: number): number {
    if (isAbsent(value)) return standard;
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      this.problem(path, `must be an integer, not ${describe(value)}`);
      return standard;
    }
    if (value < min || value > max) {
      this.problem(path, `must be between ${min} and ${max}, not ${value}`);
      return standard;
    }
    return value;
  }

  /** A finite number. */
  number(value: unknown, path: FieldPath, standard: number): number {
    if (isAbsent(value)) return standard;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    this.problem(path, `must be a number, not ${describe(value)}`);
    return standard;
  }

  /** A duration such as `15s`, in µs; zero stands for the default. */
  duration(value: unknown, path: FieldPath, standardUs: number): number {
    const text = this.text(value, path, '0');
    const us = parseGoDuration(text);
    if (us === undefined) this.problem(path, `must be a duration such as "15s", not ${describe(text)}`);
    return us === undefined || us === 0 ? standardUs : us;
  }

  flag(value: unknown, path: FieldPath, standard: boolean): boolean {
    if (isAbsent(value)) return standard;
    if (typeof value === 'boolean') return value;
    this.problem(path, `must be true or false, not ${describe(value)}`);
    return standard;
  }

  text(value: unknown, path: FieldPath, standard: string): string {
    if (isAbsent(value)) return standard;
    if (typeof value === 'string') return value;
    this.problem(path, `must be a string, not ${describe(value)}`);
    return standard;
  }

  /** A string that must be there and not empty. */
  name(value: unknown, path: FieldPath, what: string): string {
    const text = this.text(value, path, '');
    if (text === '' && (isAbsent(value) || value === '')) this.problem(path, `${what} is missing`);
    return text;
  }

  /** One of several strings. */
  choice<T extends string>(value: unknown, path: FieldPath, standard: T, allowed: readonly T[]): T {
    if (isAbsent(value)) return standard;
    const found = allowed.find((choice) => choice === value);
    if (found === undefined) {
      this.problem(path, `must be one of ${allowed.join(', ')}, not ${describe(value)}`, hintOf(value, allowed));
    }
    return found ?? standard;
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : String(value);
}

function hintOf(value: unknown, allowed: readonly string[]): string {
  const close = typeof value === 'string' ? closest(value, allowed) : '';
  return close === '' ? '' : `did you mean "${close}"?`;
}

/** The name that was probably meant, `''` when none is near. */
export function closest(name: string, names: readonly string[]): string {
  let best = '';
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  if (name.length > 64) return '';
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
