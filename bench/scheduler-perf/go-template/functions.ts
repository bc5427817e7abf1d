/**
 * What templates may call: text/template's own functions, and the arithmetic that scheduler_perf adds (Kubernetes 1.37,
 * test/integration/scheduler_perf: AddInt … JSON; 1.34, create.go: div and mod, of two ints).
 *
 * A function throws an Error with the reason; the caller knows the place. Arithmetic goes by float64 and cuts towards zero.
 */
import { printed, sprintf, typeName } from './format.ts';
import { GoFloat, type GoMap, type GoValue } from './tree.ts';

/** A function and how many arguments it takes. */
export interface TemplateFunction {
  readonly least: number;
  /** Infinity where any number goes. */
  readonly most: number;
  readonly call: (args: readonly GoValue[]) => GoValue;
}

/** Whether a condition holds: Go's zero values do not. */
export function isTrue(value: GoValue): boolean {
  if (value instanceof GoFloat) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value !== null && typeof value === 'object') return Object.keys(value).length > 0;
  return Boolean(value);
}

function toFloat(value: GoValue): number {
  if (value instanceof GoFloat) return value.value;
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.trim() === value && value !== '' && !Number.isNaN(Number(value))) {
    return Number(value);
  }
  throw new Error(`cannot calculate with ${typeName(value)} ${JSON.stringify(printed(value))}`);
}

/** Unlike arithmetic it takes a text only when that is an integer. */
function toInt(value: GoValue): number {
  if (typeof value === 'string' && !/^[+-]?\d+$/.test(value)) throw new Error(`cannot make an int of "${value}"`);
  return Math.trunc(toFloat(value));
}

const at = (args: readonly GoValue[], index: number): GoValue => args[index] ?? null;
const sum = (args: readonly GoValue[]): number => args.reduce<number>((total, value) => total + toFloat(value), 0);
const product = (args: readonly GoValue[]): number => args.reduce<number>((total, value) => total * toFloat(value), 1);
const difference = (args: readonly GoValue[]): number => toFloat(at(args, 0)) - toFloat(at(args, 1));

function quotient(args: readonly GoValue[]): number {
  const divisor = toFloat(at(args, 1));
  if (divisor === 0) throw new Error('division by zero');
  return toFloat(at(args, 0)) / divisor;
}

function remainder(args: readonly GoValue[]): number {
  const divisor = Math.trunc(toFloat(at(args, 1)));
  if (divisor === 0) throw new Error('division by zero');
  return Math.trunc(toFloat(at(args, 0))) % divisor || 0;
}

/** As an argument of a Go function that takes an int. */
function asInt(value: GoValue): number {
  if (typeof value !== 'number') throw new Error(`wrong type: expected int, found ${typeName(value)}`);
  return value;
}

const ints = (args: readonly GoValue[]): readonly number[] => args.map(asInt);

function equal(a: GoValue, b: GoValue): boolean {
  if (a !== null && b !== null && typeName(a) !== typeName(b)) throw new Error('incompatible types for comparison');
  if (isContainer(a) || isContainer(b)) throw new Error('lists and maps cannot be compared');
  return a instanceof GoFloat && b instanceof GoFloat ? a.value === b.value : a === b;
}

function isContainer(value: GoValue): boolean {
  return value !== null && typeof value === 'object' && !(value instanceof GoFloat);
}

/** Negative, 0 or positive. */
function order(a: GoValue, b: GoValue): number {
  if (typeName(a) !== typeName(b)) throw new Error('incompatible types for comparison');
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a instanceof GoFloat && b instanceof GoFloat) return a.value - b.value;
  throw new Error(`${typeName(a)} has no order`);
}

function lengthOf(value: GoValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (isContainer(value)) return Object.keys(value as GoMap).length;
  throw new Error(`${typeName(value)} has no length`);
}

function indexed(args: readonly GoValue[]): GoValue {
  return args.slice(1).reduce(
    (value, key) => {
      if (Array.isArray(value)) {
        if (typeof key !== 'number' || key < 0 || key >= value.length) {
          throw new Error(`index out of range: ${printed(key)}`);
        }
        return value[key] as GoValue;
      }
      if (!isContainer(value)) throw new Error(`${typeName(value)} cannot be indexed`);
      const map = value as GoMap;
      return typeof key === 'string' && Object.hasOwn(map, key) ? (map[key] as GoValue) : null;
    },
    at(args, 0),
  );
}

/** Strings beside each other get no space, other values do. */
function print(args: readonly GoValue[]): string {
  return args.reduce<string>((text, value, index) => {
    const gap = index > 0 && typeof value !== 'string' && typeof args[index - 1] !== 'string' ? ' ' : '';
    return text + gap + printed(value);
  }, '');
}

function plainJson(value: GoValue): unknown {
  if (value instanceof GoFloat) return value.value;
  if (Array.isArray(value)) return value.map(plainJson);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value as GoMap).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, plainJson(item)]));
}

const ANY = Number.POSITIVE_INFINITY;
const two = (call: (args: readonly GoValue[]) => GoValue): TemplateFunction => ({ least: 2, most: 2, call });
const one = (call: (value: GoValue) => GoValue): TemplateFunction => {
  return { least: 1, most: 1, call: (args) => call(at(args, 0)) };
};
const any = (least: number, call: (args: readonly GoValue[]) => GoValue): TemplateFunction => {
  return { least, most: ANY, call };
};

/** By name. `and` and `or` are evaluated lazily by the caller, with the same result. */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['AddInt', any(0, (args) => Math.trunc(sum(args)))],
  ['AddFloat', any(0, (args) => new GoFloat(sum(args)))],
  ['MultiplyInt', any(0, (args) => Math.trunc(product(args)))],
  ['MultiplyFloat', any(0, (args) => new GoFloat(product(args)))],
  ['SubtractInt', two((args) => Math.trunc(difference(args)))],
  ['SubtractFloat', two((args) => new GoFloat(difference(args)))],
  ['DivideInt', two((args) => Math.trunc(quotient(args)))],
  ['DivideFloat', two((args) => new GoFloat(quotient(args)))],
  ['Mod', two(remainder)],
  ['div', two((args) => Math.trunc(quotient(ints(args))))],
  ['mod', two((args) => remainder(ints(args)))],
  ['Int', one(toInt)],
  ['JSON', one((value) => JSON.stringify(plainJson(value)))],
  ['and', any(1, (args) => args.find((value) => !isTrue(value)) ?? at(args, args.length - 1))],
  ['or', any(1, (args) => args.find(isTrue) ?? at(args, args.length - 1))],
  ['not', one((value) => !isTrue(value))],
  ['eq', any(2, (args) => args.slice(1).some((value) => equal(at(args, 0), value)))],
  ['ne', two((args) => !equal(at(args, 0), at(args, 1)))],
  ['lt', two((args) => order(at(args, 0), at(args, 1)) < 0)],
  ['le', two((args) => order(at(args, 0), at(args, 1)) <= 0)],
  ['gt', two((args) => order(at(args, 0), at(args, 1)) > 0)],
  ['ge', two((args) => order(at(args, 0), at(args, 1)) >= 0)],
  ['len', one(lengthOf)],
  ['index', any(1, indexed)],
  ['print', any(0, print)],
  ['println', any(0, (args) => `${args.map(printed).join(' ')}\n`)],
  [
    'printf',
    any(1, ([format = null, ...args]) => {
      if (typeof format !== 'string') throw new Error('printf needs a format');
      return sprintf(format, args);
    }),
  ],
]);
