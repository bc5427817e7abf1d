/**
 * What is wrong with a value in a file, in words: what was found, what was expected, and what was probably meant.
 */
import type { z } from 'zod';
import { isRecord } from '../core/types/json-value.ts';
import type { ProblemExtras } from './problem.ts';
import { nearestName } from './suggest.ts';

/** Longest text of a file that is quoted whole. */
const QUOTED_MAX = 40;
/** Types as zod names them. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
  record: 'a map',
};
/** What other formats take for booleans; YAML 1.2 reads texts. */
const BOOLEAN_WORDS: Readonly<Record<string, string>> = { yes: 'true', on: 'true', no: 'false', off: 'false' };

/** A message and what may go with it. */
export interface IssueText {
  readonly message: string;
  readonly extras: ProblemExtras;
}

/** Says what is wrong with `value`; words that a schema has of its own are kept. `fields`: those that may stand there. */
export function issueText(issue: z.core.$ZodIssue, value: unknown, fields: readonly string[]): IssueText {
  const isOwn = !/^(Invalid|Too (small|big))/.test(issue.message);
  if (issue.code === 'invalid_type' && !isOwn) return typeText([issue.expected], value, fields);
  if (issue.code === 'invalid_value') {
    const known = issue.values.filter((each) => typeof each === 'string');
    const extras = typeof value === 'string' ? { nearest: nearestName(value, known) ?? meantBoolean(value) } : {};
    return { message: isOwn ? issue.message : notFound(listed(issue.values.map(String)), value), extras };
  }
  return { message: isOwn ? issue.message : limitText(issue, value), extras: {} };
}

/** Says that `value` has none of the types, which are named as zod names them. */
export function typeText(types: readonly string[], value: unknown, fields: readonly string[]): IssueText {
  const message = notFound(listed(types.map((type) => TYPE_WORDS[type] ?? type)), value);
  return { message, extras: typeExtras(types[0] ?? '', value, fields) };
}

function notFound(expected: string, value: unknown): string {
  return value === undefined ? `is missing, expected ${expected}` : `expected ${expected}, not ${shownValue(value)}`;
}

function typeExtras(type: string, value: unknown, fields: readonly string[]): ProblemExtras {
  if (value === undefined || value === null) return {};
  const isPlain = typeof value !== 'object';
  // NaN and the infinities are no duration that lacks its unit.
  if (typeof value === 'number' && !Number.isFinite(value)) return {};
  if (type === 'string' && typeof value === 'number')
    return { hint: 'a duration needs a unit (30s, 10m, 250ms); other texts need quotes' };
  if (type === 'string' && isPlain) return { hint: `a text needs quotes: "${value}"` };
  if (type === 'array' && isPlain && String(value).length <= QUOTED_MAX) return { hint: `a list of one: [${value}]` };
  if (type === 'object' && fields.length > 0) return { hint: `its fields: ${fields.join(', ')}` };
  if (typeof value !== 'string') return {};
  if (type === 'boolean') return { nearest: meantBoolean(value) ?? nearestName(value, ['true', 'false']) };
  const isNumber = (type === 'number' || type === 'int') && /^-?\d+(\.\d+)?$/.test(value);
  return isNumber ? { hint: `without quotes: ${value}` } : {};
}

function meantBoolean(text: string): string | undefined {
  const word = text.toLowerCase();
  return Object.hasOwn(BOOLEAN_WORDS, word) ? BOOLEAN_WORDS[word] : undefined;
}

function limitText(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'too_small': {
      if (issue.origin === 'string') return 'expected a text that is not empty';
      if (issue.origin === 'array') return `expected at least ${issue.minimum} of them`;
      return notFound(`${issue.inclusive === true ? 'at least' : 'more than'} ${issue.minimum}`, value);
    }
    case 'too_big':
      if (issue.origin === 'string') return `expected at most ${issue.maximum} characters`;
      if (issue.origin === 'array') return `expected at most ${issue.maximum} of them`;
      return notFound(`${issue.inclusive === true ? 'at most' : 'less than'} ${issue.maximum}`, value);
    case 'invalid_format':
      return notFound(`a text as ${issue.pattern ?? issue.format} describes`, value);
    default:
      return `${shownValue(value)} does not belong here`;
  }
}

/** `the text "a"`, `the number 7`, `a list`. */
function shownValue(value: unknown): string {
  if (typeof value === 'string') {
    return `the text ${JSON.stringify(value.length > QUOTED_MAX ? `${value.slice(0, QUOTED_MAX)}…` : value)}`;
  }
  if (typeof value === 'number') return `the number ${value}`;
  if (Array.isArray(value)) return 'a list';
  return isRecord(value) ? 'a map' : String(value);
}

function listed(words: readonly string[]): string {
  const shown = words.map((word) => (word === '' ? '""' : word));
  return shown.join(', ').replace(/, (?=[^,]*$)/, ' or ');
}
