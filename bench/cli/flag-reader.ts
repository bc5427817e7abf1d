/**
 * Typed flags: each method returns a yargs option whose value is read, checked and limited here.
 *
 * Why not yargs' own number type: it turns `--seed abc` into NaN without a word. Why a reader a command line: a bad value
 * is noted and parsing goes on, so that every problem of a call is printed at once. A handler runs only when there was
 * none, so it never sees the value that is filled in for a bad one.
 */
import os from 'node:os';
import type { Options, PositionalOptions } from 'yargs';
import { formatDuration, parseDuration } from '../../scenarios/duration.ts';
import { parseSeeds } from './seeds.ts';
import type { Origin } from './settings.ts';
import { CLI_CODES, ProblemList } from './user-error.ts';
import { parseWorkerCount } from './worker-count.ts';

/** What a flag's parser gives back. */
type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Text around a flag in `--help`. */
export interface FlagText {
  readonly describe: string;
  readonly alias?: string;
  /** What holds where the flag is absent, in words, of a flag without a default value. */
  readonly defaultDescription?: string;
  /** Help group; the command's own by default. */
  readonly group?: string;
}

/** A string-typed yargs option whose coerced value is `T` (always given: it has a default). */
export type FlagOption<T> = Options & { type: 'string'; default: string; coerce: (text: unknown) => T };
/** The same without a default: the value may be absent. */
export type OptionalFlagOption<T> = Options & { type: 'string'; coerce: (text: unknown) => T };

/** A switch: present or not, `--no-x` turns it off. */
export type SwitchOption<T> = Options & { type: 'boolean'; coerce: (raw: unknown) => T };

/** Stands for the argument `-` while yargs parses, which would lose it among positionals. NUL cannot be in an argument. */
const STDIN = '\u0000stdin';

/** Replaces the argument `-` (standard input) by a word that yargs keeps; flags and paths give `-` back. */
export function hideStdin(argv: readonly string[]): string[] {
  return argv.map((word) => (word === '-' ? STDIN : word));
}

/** Gives `-` back inside a text. */
export function showStdin(text: string): string {
  return text.replaceAll(STDIN, '-');
}

/** A value as messages show it, on one line. */
export function quoted(value: string): string {
  return `"${value.replaceAll('\n', '\\n')}"`;
}

/** Makes flags and collects what is wrong with their values; one a command line. */
export class FlagReader {
  readonly problems = new ProblemList();
  /** Words that the comma lists declared on it take, for completion. */
  readonly wordChoices = new Map<string, readonly string[]>();
  /** Flags whose value the command line does not say: who said it instead. */
  readonly origins = new Map<string, Origin>();

  /** `--seed N|A..B|A,B` → seeds in the order written. */
  seeds(flag: string, text: FlagText & { default: string }): FlagOption<readonly number[]> {
    return this.#withDefault(flag, text, (value) => {
      const result = parseSeeds(value);
      return result.ok ? { ok: true, value: result.seeds } : result;
    });
  }

  /** The same without a default. */
  optionalSeeds(flag: string, text: FlagText): OptionalFlagOption<readonly number[]> {
    return this.#optional(flag, text, (value) => {
      const result = parseSeeds(value);
      return result.ok ? { ok: true, value: result.seeds } : result;
    });
  }

  /** `--workers N|50%` → number of threads; default all cores. */
  workers(flag: string, text: FlagText & { default?: string }): FlagOption<number> {
    const cores = os.availableParallelism();
    return this.#withDefault(flag, { ...text, default: text.default ?? '100%' }, (value) => {
      const result = parseWorkerCount(value, cores);
      return result.ok ? { ok: true, value: result.workers } : result;
    });
  }

  /** A duration with a unit, `30s` → microseconds between `minUs` and `maxUs`. */
  duration(flag: string, text: FlagText & { default: string; minUs?: number; maxUs?: number }): FlagOption<number> {
    const { minUs = 0, maxUs = Number.MAX_SAFE_INTEGER, ...shown } = text;
    return this.#withDefault(flag, shown, (value) => readDuration(value, minUs, maxUs));
  }

  /** The same without a default. */
  optionalDuration(flag: string, text: FlagText): OptionalFlagOption<number> {
    return this.#optional(flag, text, (value) => readDuration(value, 0, Number.MAX_SAFE_INTEGER));
  }

  /** An integer between `min` and `max`, both included. */
  count(flag: string, text: FlagText & { default: number; min: number; max: number }): FlagOption<number> {
    const { min, max, ...shown } = text;
    return this.#withDefault(flag, { ...shown, default: `${text.default}` }, (value) => readCount(value, min, max));
  }

  /** The same without a default. */
  optionalCount(flag: string, text: FlagText & { min: number; max: number }): OptionalFlagOption<number> {
    const { min, max, ...shown } = text;
    return this.#optional(flag, shown, (value) => readCount(value, min, max));
  }

  /** One of a few words. */
  choice<T extends string>(flag: string, text: FlagText & { default: T; choices: readonly T[] }): FlagOption<T> {
    const { choices, ...shown } = text;
    const parse = (value: string): Parsed<T> => {
      const found = choices.find((choice) => choice === value);
      return found === undefined ? { ok: false, reason: `expected ${oneOf(choices)}` } : { ok: true, value: found };
    };
    return this.#withDefault(flag, shown, parse, choices);
  }

  /** Words separated by commas, each from `choices`, each once; absent = undefined. */
  words<T extends string>(flag: string, text: FlagText & { choices: readonly T[] }): OptionalFlagOption<readonly T[]> {
    const { choices, ...shown } = text;
    this.wordChoices.set(flag, choices);
    return {
      ...shown,
      type: 'string',
      requiresArg: true,
      coerce: (raw) => (raw === undefined ? [] : this.#readWords(flag, lastText(raw), choices)),
    };
  }

  /** Words separated by commas, of every repetition, each once; which are sound is known later, `known` are for completion. Absent = undefined. */
  lists(
    flag: string,
    text: FlagText & { known: readonly string[] },
  ): OptionalFlagOption<readonly string[] | undefined> {
    const { known, ...shown } = text;
    this.wordChoices.set(flag, known);
    return {
      ...shown,
      type: 'string',
      requiresArg: true,
      coerce: (raw) => (raw === undefined ? undefined : this.#readList(flag, everyText(raw))),
    };
  }

  /** A switch that is off by default; of repeated ones the last counts. */
  switch(text: FlagText & { global?: boolean }): SwitchOption<boolean> & { default: boolean } {
    return { ...text, type: 'boolean', default: false, coerce: (raw) => lastValue(raw) === true };
  }

  /** The same, undefined when not given. */
  optionalSwitch(text: FlagText & { global?: boolean }): SwitchOption<boolean | undefined> {
    const read = (raw: unknown) => (typeof raw === 'boolean' ? raw : undefined);
    return { ...text, type: 'boolean', coerce: (raw) => read(lastValue(raw)) };
  }

  /** `--report FORMAT=PATH`, of which every repetition counts; the texts as given. */
  reports(text: FlagText): Options & { type: 'string'; coerce: (raw: unknown) => string[] } {
    return { ...text, type: 'string', requiresArg: true, coerce: everyText };
  }

  /** Positional `<paths..>` or `[paths..]`: files and folders, `-` for standard input, as given. */
  paths(describe: string): PositionalOptions & { type: 'string'; coerce: (raw: unknown) => string[] } {
    return { describe, type: 'string', coerce: everyText };
  }

  /** Any non-empty text, such as a path. */
  text(flag: string, text: FlagText & { default: string }): FlagOption<string> {
    return this.#withDefault(flag, text, readText);
  }

  /** The same without a default. */
  optionalText(flag: string, text: FlagText & { global?: boolean }): OptionalFlagOption<string> {
    return this.#optional(flag, text, readText);
  }

  /** A folder; null with `--no-<flag>`. */
  folder(flag: string, text: FlagText & { default: string }): FlagOption<string | null> {
    const option = this.text(flag, text);
    return { ...option, coerce: (raw) => (lastValue(raw) === false ? null : option.coerce(raw)) };
  }

  /** The same without a default. */
  optionalFolder(flag: string, text: FlagText): OptionalFlagOption<string | null | undefined> {
    const option = this.optionalText(flag, text);
    return { ...option, coerce: (raw) => (lastValue(raw) === false ? null : option.coerce(raw)) };
  }

  #withDefault<T>(
    flag: string,
    text: FlagText & { default: string },
    parse: (value: string) => Parsed<T>,
    choices: readonly string[] = [],
  ): FlagOption<T> {
    return { ...this.#optional(flag, text, parse, choices), default: text.default };
  }

  #optional<T>(
    flag: string,
    text: FlagText,
    parse: (value: string) => Parsed<T>,
    choices: readonly string[] = [],
  ): OptionalFlagOption<T> {
    return {
      ...text,
      type: 'string',
      requiresArg: true,
      ...(choices.length === 0 ? {} : { choices }),
      coerce: (raw) => (raw === undefined ? (undefined as T) : this.#read(flag, lastText(raw), parse, choices)),
    };
  }

  #read<T>(flag: string, value: string, parse: (value: string) => Parsed<T>, choices: readonly string[]): T {
    const result = parse(value);
    if (result.ok) return result.value;
    this.#refuse(flag, value, result.reason, choices);
    return undefined as T;
  }

  #readWords<T extends string>(flag: string, value: string, choices: readonly T[]): readonly T[] {
    const found = new Set<T>();
    for (const word of value.split(',')) {
      const known = choices.find((choice) => choice === word.trim());
      if (known === undefined) this.#refuse(flag, word.trim(), `expected ${oneOf(choices)}`, choices);
      else found.add(known);
    }
    return [...found];
  }

  #readList(flag: string, texts: readonly string[]): readonly string[] {
    const words = texts.flatMap((text) => text.split(',')).map((word) => word.trim());
    if (words.includes('')) this.#refuse(flag, texts.join(','), 'expected words between commas', []);
    return [...new Set(words)];
  }

  #refuse(flag: string, value: string, reason: string, choices: readonly string[]): void {
    const probe = new ProblemList();
    probe.unknownName({}, CLI_CODES.badValue, 'value', value, choices);
    const nearest = choices.length === 0 ? undefined : probe.problems[0]?.nearest;
    const origin = this.origins.get(flag);
    const label = origin === undefined ? `--${flag}` : origin.label;
    this.problems.error(origin?.place ?? {}, CLI_CODES.badValue, `${label} ${quoted(value)}: ${reason}`, { nearest });
  }
}

/** Repeated flags reach us as an array: the last one counts, as users of shells expect. */
function lastValue(raw: unknown): unknown {
  return Array.isArray(raw) ? raw.at(-1) : raw;
}

function lastText(raw: unknown): string {
  return showStdin(String(lastValue(raw) ?? ''));
}

/** All texts of a flag or argument, in their order. */
function everyText(raw: unknown): string[] {
  const values: unknown[] = Array.isArray(raw) ? raw : raw === undefined ? [] : [raw];
  return values.map((value) => showStdin(String(value)));
}

function readCount(value: string, min: number, max: number): Parsed<number> {
  if (!/^\d{1,15}$/.test(value)) return { ok: false, reason: `expected a whole number from ${min} to ${max}` };
  const count = Number(value);
  if (count < min || count > max) return { ok: false, reason: `expected ${min} to ${max}` };
  return { ok: true, value: count };
}

function readText(value: string): Parsed<string> {
  return value.length === 0 ? { ok: false, reason: 'expected a value' } : { ok: true, value };
}

function oneOf(choices: readonly string[]): string {
  if (choices.length < 2) return choices.join('');
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

function readDuration(text: string, minUs: number, maxUs: number): Parsed<number> {
  const result = parseDuration(text);
  if (!result.ok) return result;
  if (result.us < minUs) return { ok: false, reason: `expected at least ${formatDuration(minUs)}` };
  if (result.us > maxUs) return { ok: false, reason: `expected at most ${formatDuration(maxUs)}` };
  return { ok: true, value: result.us };
}
