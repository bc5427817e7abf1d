/**
 * Label selectors, from objects (`matchLabels`, `matchExpressions`) and from their string form.
 *
 * A compiled Selector matches without allocation. Labels are looked up as own string values only, so keys such as
 * `constructor` are ordinary labels. Source: Kubernetes 1.34, apimachinery labels and meta/v1 LabelSelectorAsSelector.
 */
import { checkLabelValue, checkQualifiedName } from './dns-names.ts';
import { compareIntegers, int64Of } from './node-affinity.ts';
import type { LabelSelector, StringMap } from './object.ts';
import { aggregateText, StatusError } from './status-error.ts';

const IN = 0;
const NOT_IN = 1;
const EXISTS = 2;
const DOES_NOT_EXIST = 3;
const GREATER = 4;
const LESS = 5;
type Operator = typeof IN | typeof NOT_IN | typeof EXISTS | typeof DOES_NOT_EXIST | typeof GREATER | typeof LESS;

/** Longest selector text and most requirements accepted. */
const MAX_SELECTOR_LENGTH = 1 << 16;
const MAX_SELECTOR_REQUIREMENTS = 4096;

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

function holds(requirement: Requirement, labels: StringMap): boolean {
  const label: unknown = labels[requirement.key];
  if (typeof label !== 'string') {
    return requirement.operator === NOT_IN || requirement.operator === DOES_NOT_EXIST;
  }
  switch (requirement.operator) {
    case IN:
      return requirement.values.includes(label);
    case NOT_IN:
      return !requirement.values.includes(label);
    case EXISTS:
      return true;
    case DOES_NOT_EXIST:
      return false;
    case GREATER:
      return compareIntegers(label, requirement.values, true);
    case LESS:
      return compareIntegers(label, requirement.values, false);
  }
}

function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case IN:
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.toSorted().join(',')})`;
    case NOT_IN:
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.toSorted().join(',')})`;
    case EXISTS:
      return key;
    case DOES_NOT_EXIST:
      return `!${key}`;
    case GREATER:
      return `${key}>${values[0]}`;
    case LESS:
      return `${key}<${values[0]}`;
  }
}

const NO_LABELS: StringMap = Object.freeze({});

/** A compiled selector. Immutable. */
export class Selector {
  readonly #requirements: readonly Requirement[];
  readonly #nothing: boolean;

  constructor(requirements: readonly Requirement[], nothing = false) {
    this.#requirements = requirements;
    this.#nothing = nothing;
  }

  /** Whether every requirement holds; no allocation. */
  matches(labels: StringMap | undefined): boolean {
    if (this.#nothing) return false;
    const map = labels ?? NO_LABELS;
    const requirements = this.#requirements;
    for (let i = 0; i < requirements.length; i++) {
      if (!holds(requirements[i] as Requirement, map)) return false;
    }
    return true;
  }

  /** Whether it has no requirement and so matches everything. */
  get isEmpty(): boolean {
    return !this.#nothing && this.#requirements.length === 0;
  }

  /** Whether it can match nothing (made from no selector at all). */
  get isNothing(): boolean {
    return this.#nothing;
  }

  /** The value that a label must have for a match, undefined when several would do; for indexes. */
  requiredValue(key: string): string | undefined {
    for (const r of this.#requirements) {
      if (r.key === key && r.operator === IN && r.values.length === 1) return r.values[0];
    }
    return undefined;
  }

  /** The string form, requirements in order of their keys. */
  toString(): string {
    return this.#requirements
      .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.operator - b.operator))
      .map(requirementText)
      .join(',');
  }
}

/** Matches everything. */
export const EVERYTHING = new Selector([]);
/** Matches nothing. */
export const NOTHING = new Selector([], true);

const OPERATORS: Readonly<Record<string, Operator>> = {
  In: IN,
  NotIn: NOT_IN,
  Exists: EXISTS,
  DoesNotExist: DOES_NOT_EXIST,
};

const compiled = new WeakMap<LabelSelector, Selector>();

/**
 * Compiles a LabelSelector; kept by identity. An absent selector matches nothing, an empty one everything. Throws
 * StatusError (400) for unknown operators or wrong numbers of values.
 */
export function compileSelector(selector: LabelSelector | null | undefined): Selector {
  if (selector === null || selector === undefined) return NOTHING;
  const known = compiled.get(selector);
  if (known !== undefined) return known;
  const requirements: Requirement[] = [];
  const { matchLabels, matchExpressions } = selector;
  if (matchLabels !== undefined && matchLabels !== null) {
    for (const key of Object.keys(matchLabels)) {
      requirements.push({ key, operator: IN, values: [String(matchLabels[key])] });
    }
  }
  for (const expression of matchExpressions ?? []) {
    const operator = Object.hasOwn(OPERATORS, expression.operator) ? OPERATORS[expression.operator] : undefined;
    if (operator === undefined) {
      throw StatusError.badRequest(`"${expression.operator}" is not a valid label selector operator`);
    }
    const values = expression.values ?? [];
    const { key = '' } = expression;
    checkValues(key, operator, values);
    requirements.push({ key, operator, values });
  }
  const result = requirements.length === 0 ? EVERYTHING : new Selector(requirements);
  compiled.set(selector, result);
  return result;
}

function checkValues(key: string, operator: Operator, values: readonly string[]): void {
  if ((operator === IN || operator === NOT_IN) && values.length === 0) {
    throw StatusError.badRequest(`values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`);
  }
  if ((operator === EXISTS || operator === DOES_NOT_EXIST) && values.length !== 0) {
    throw StatusError.badRequest(
      `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`,
    );
  }
  if ((operator === GREATER || operator === LESS) && int64Of(values[0] ?? '') === null) {
    throw StatusError.badRequest(
      `values[0]: Invalid value: "${values[0] ?? ''}": for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  }
  if (key === '') throw StatusError.badRequest('key: Invalid value: "": name part must be non-empty');
}

/** Selector of exactly these labels. */
export function selectorOfLabels(labels: StringMap | undefined): Selector {
  const keys = labels === undefined ? [] : Object.keys(labels);
  if (keys.length === 0) return EVERYTHING;
  return new Selector(keys.map((key) => ({ key, operator: IN, values: [(labels as StringMap)[key] as string] })));
}

const TOKEN = /[ \t\r\n]*(==|!=|=|\(|\)|,|!|>|<|[^ \t\r\n=!(),<>]+)/y;
const SYMBOL = /^[=!(),<>]/;

function unreadable(why: string): StatusError {
  return StatusError.badRequest(`unable to parse requirement: ${why}`);
}

/** Reads tokens of the string form one at a time. */
class Reader {
  readonly #text: string;
  #at = 0;
  #ahead: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token without taking it, `''` at the end. */
  peek(): string {
    if (this.#ahead === undefined) {
      TOKEN.lastIndex = this.#at;
      const match = TOKEN.exec(this.#text);
      this.#ahead = match === null ? '' : (match[1] as string);
      if (match !== null) this.#at = TOKEN.lastIndex;
    }
    return this.#ahead;
  }

  take(): string {
    const token = this.peek();
    this.#ahead = undefined;
    return token;
  }

  /** Whether the next token is a key or a value; `in` and `notin` may be both. */
  get isWord(): boolean {
    return this.peek() !== '' && !SYMBOL.test(this.peek());
  }

  /** A key or value. Throws StatusError (400). */
  word(): string {
    if (this.isWord) return this.take();
    throw unreadable(`found '${this.peek()}', expected: identifier`);
  }
}

/** The values in brackets; between commas and brackets may be nothing, which is the empty value. */
function readValueSet(reader: Reader): string[] {
  const open = reader.take();
  if (open !== '(') throw unreadable(`found '${open}' expected: '('`);
  if (reader.peek() === ')') {
    reader.take();
    return [''];
  }
  if (!reader.isWord && reader.peek() !== ',') {
    throw unreadable(`found '${reader.peek()}', expected: ',', ')' or identifier`);
  }
  const values = new Set<string>();
  while (values.size <= MAX_SELECTOR_REQUIREMENTS) {
    if (reader.isWord) {
      values.add(reader.take());
      if (reader.peek() !== ',' && reader.peek() !== ')') {
        throw unreadable(`found '${reader.peek()}', expected: ',' or ')'`);
      }
    } else if (reader.peek() === ',') {
      reader.take();
      if (values.size === 0 || reader.peek() === ')' || reader.peek() === ',') values.add('');
      if (reader.peek() === ',') {
        reader.take();
        // Nothing but a value or another comma may follow two commas.
        if (reader.peek() === ')') throw unreadable("found ')', expected: ',', or identifier");
      }
    } else throw unreadable(`found '${reader.peek()}', expected: ',', or identifier`);
    if (reader.peek() !== ')') continue;
    reader.take();
    return [...values].toSorted();
  }
  throw StatusError.badRequest('label selector has too many values');
}

const BINARY: Readonly<Record<string, Operator>> = {
  '=': IN,
  '==': IN,
  '!=': NOT_IN,
  in: IN,
  notin: NOT_IN,
  '>': GREATER,
  '<': LESS,
};

function readRequirement(reader: Reader): Requirement {
  const isNegated = reader.peek() === '!';
  if (isNegated) reader.take();
  const key = reader.word();
  const [wrong] = faultsOf('<nil>', key, checkQualifiedName(key));
  if (wrong !== undefined) throw unreadable(wrong);
  if (isNegated) return { key, operator: DOES_NOT_EXIST, values: [] };
  if (reader.peek() === '' || reader.peek() === ',') return { key, operator: EXISTS, values: [] };
  const sign = reader.take();
  const operator = Object.hasOwn(BINARY, sign) ? BINARY[sign] : undefined;
  if (operator === undefined) throw unreadable(`found '${sign}', expected: in, notin, =, ==, !=, gt, lt`);
  const isSet = sign === 'in' || sign === 'notin';
  const isEmpty = reader.peek() === '' || reader.peek() === ',';
  const values = isSet ? readValueSet(reader) : [isEmpty ? '' : reader.word()];
  checkReadValues(key, operator, values);
  return { key, operator, values };
}

/** What is said of one key or value, if anything. */
function faultsOf(path: string, value: string, faults: readonly string[]): string[] {
  return faults.length === 0 ? [] : [`${path}: Invalid value: ${JSON.stringify(value)}: ${faults.join('; ')}`];
}

function checkReadValues(key: string, operator: Operator, values: readonly string[]): void {
  const faults: string[] = [];
  const isCompared = operator === GREATER || operator === LESS;
  values.forEach((value, i) => {
    if (!isCompared || int64Of(value) !== null) return;
    faults.push(...faultsOf(`values[${i}]`, value, ["for 'Gt', 'Lt' operators, the value must be an integer"]));
  });
  values.forEach((value, i) => {
    faults.push(...faultsOf(`values[${i}][${key}]`, value, checkLabelValue(value)));
  });
  if (faults.length > 0) throw unreadable(aggregateText(faults));
}

/**
 * Parses the string form, e.g. `app=web,tier!=db,env in (a,b),!legacy`. Blank matches everything. Throws StatusError
 * (400). Source: Kubernetes 1.34, apimachinery labels/selector.go, Parser.
 */
export function parseSelector(text: string): Selector {
  if (text.length > MAX_SELECTOR_LENGTH) throw StatusError.badRequest('label selector is too long');
  const reader = new Reader(text);
  if (reader.peek() === '') return EVERYTHING;
  const requirements: Requirement[] = [];
  for (;;) {
    const isAfterComma = requirements.length > 0;
    if (!reader.isWord && reader.peek() !== '!') {
      const expected = isAfterComma ? "identifier after ','" : "!, identifier, or 'end of string'";
      throw StatusError.badRequest(`found '${reader.peek()}', expected: ${expected}`);
    }
    requirements.push(readRequirement(reader));
    const next = reader.take();
    if (next === '') return new Selector(requirements);
    if (next !== ',') throw StatusError.badRequest(`found '${next}', expected: ',' or 'end of string'`);
    if (requirements.length >= MAX_SELECTOR_REQUIREMENTS) {
      throw StatusError.badRequest('label selector has too many requirements');
    }
  }
}
