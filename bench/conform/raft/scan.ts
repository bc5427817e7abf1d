/**
 * Values of a directive's arguments, read as Go's strconv reads them; anything else is an error that fails the file.
 */
import { type Directive, DirectiveError } from './datadriven.ts';

const BOOLEANS: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/** A decimal integer ≥ 0 below 2^53. @throws DirectiveError */
export function scanNumber(text: string, { line }: Directive): number {
  const value = /^\+?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new DirectiveError(line, `not a number: ${JSON.stringify(text)}`);
  return value;
}

/** @throws DirectiveError */
export function scanBoolean(text: string, { line }: Directive): boolean {
  const value = Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
  if (value === undefined) throw new DirectiveError(line, `not a boolean: ${JSON.stringify(text)}`);
  return value;
}

/** The `at`-th argument's key as a number. @throws DirectiveError */
export function numberAt(directive: Directive, at: number): number {
  const arg = directive.args[at];
  if (arg === undefined) throw new DirectiveError(directive.line, `${directive.command} needs ${at + 1} arguments`);
  return scanNumber(arg.key, directive);
}

/** The keys without values, as numbers. @throws DirectiveError */
export function plainNumbers(directive: Directive): number[] {
  return directive.args.filter(({ values }) => values.length === 0).map(({ key }) => scanNumber(key, directive));
}

/** The one value of argument `key`. @throws DirectiveError */
export function namedNumber(directive: Directive, key: string): number {
  const arg = directive.args.find((each) => each.key === key);
  if (arg === undefined || arg.values.length !== 1) {
    throw new DirectiveError(directive.line, `${directive.command} needs one ${key}=…`);
  }
  return scanNumber(arg.values[0] as string, directive);
}
