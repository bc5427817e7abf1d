/**
 * Label selectors, from objects (`matchLabels`, `matchExpressions`) and from their string form.
 *
 * A compiled Selector matches without allocation. Labels are looked up as own string values only, so keys such as
 * `constructor` are ordinary labels. Source: Kubernetes 1.34, apimachinery labels and meta/v1 LabelSelectorAsSelector.
 */
import type { LabelSelector, StringMap } from './object.ts';
import { StatusError } from './status-error.ts';

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

const INTEGER = /^[+-]?\d+$/;

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
      return INTEGER.test(label) && Number(label) > Number(requirement.values[0]);
    case LESS:
      return INTEGER.test(label) && Number(label) < Number(requirement.values[0]);
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
  if ((operator === GREATER || operator === LESS) && !INTEGER.test(values[0] ?? '')) {
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

const KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const TOKEN = /\s*(==|!=|=|\(|\)|,|!|>|<|[^\s=!(),<>]+)/y;

/** Reads tokens of the string form one at a time. */
class Reader {
  readonly text: string;
  #at = 0;
  #ahead: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The next token without taking it, `''` at the end. */
  peek(): string {
    if (this.#ahead === undefined) {
      TOKEN.lastIndex = this.#at;
      const match = TOKEN.exec(this.text);
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

  fail(found: string, expected: string): StatusError {
    return StatusError.badRequest(`unable to parse requirement: found '${found}', expected: ${expected}`);
  }

  key(): string {
    const key = this.take();
    if (!KEY.test(key)) throw this.fail(key, 'identifier');
    return key;
  }

  /** A value, which may be empty before `,`, `)` and the end. */
  value(): string {
    const next = this.peek();
    if (next === '' || next === ',' || next === ')') return '';
    const value = this.take();
    if (!VALUE.test(value)) throw this.fail(value, 'a valid label value');
    return value;
  }
}

function readValueSet(reader: Reader): string[] {
  if (reader.peek() !== '(') throw reader.fail(reader.peek(), "'('");
  reader.take();
  const values: string[] = [];
  for (;;) {
    values.push(reader.value());
    const next = reader.take();
    if (next === ')') return values;
    if (next !== ',') throw reader.fail(next, "',' or ')'");
    if (values.length > MAX_SELECTOR_REQUIREMENTS) throw StatusError.badRequest('label selector has too many values');
  }
}

function readRequirement(reader: Reader): Requirement {
  if (reader.peek() === '!') {
    reader.take();
    return { key: reader.key(), operator: DOES_NOT_EXIST, values: [] };
  }
  const key = reader.key();
  const next = reader.peek();
  if (next === '' || next === ',') return { key, operator: EXISTS, values: [] };
  reader.take();
  switch (next) {
    case '=':
    case '==':
      return { key, operator: IN, values: [reader.value()] };
    case '!=':
      return { key, operator: NOT_IN, values: [reader.value()] };
    case 'in':
      return { key, operator: IN, values: readValueSet(reader) };
    case 'notin':
      return { key, operator: NOT_IN, values: readValueSet(reader) };
    case '>':
    case '<': {
      const operator = next === '>' ? GREATER : LESS;
      const values = [reader.value()];
      checkValues(key, operator, values);
      return { key, operator, values };
    }
    default:
      throw reader.fail(next, 'in, notin, =, ==, !=, gt, lt');
  }
}

/**
 * Parses the string form, e.g. `app=web,tier!=db,env in (a,b),!legacy`. Blank matches everything. Throws StatusError
 * (400).
 */
export function parseSelector(text: string): Selector {
  if (text.length > MAX_SELECTOR_LENGTH) throw StatusError.badRequest('label selector is too long');
  const reader = new Reader(text);
  if (text.trim() === '') return EVERYTHING;
  const requirements: Requirement[] = [];
  for (;;) {
    requirements.push(readRequirement(reader));
    const next = reader.take();
    if (next === '') return new Selector(requirements);
    if (next !== ',') throw reader.fail(next, "',' or end");
    if (requirements.length >= MAX_SELECTOR_REQUIREMENTS) {
      throw StatusError.badRequest('label selector has too many requirements');
    }
  }
}
