/**
 * Whether a device matches a selector. Source: CEL language definition; Kubernetes 1.34 dynamic-resource-allocation/cel and
 * apiserver/pkg/cel/library (quantity, semver).
 *
 * A name that a map does not have is an error; `&&` and `||` heed an error only where the other side does not decide.
 */

import { CelError, type CelNode, noOverload } from '../../../types/cel-syntax.ts';
import type { Device } from '../../../types/device.ts';
import { compilePattern, type Pattern, PatternTooLarge, patternMatches } from '../../../types/pattern-match.ts';
import { PatternError } from '../../../types/pattern-syntax.ts';
import { Quantity, tryParseQuantity } from '../../../types/quantity.ts';
import { ALTERNATIVES, alternativeOf, CelOptional } from './cel-optional.ts';
import { DevicePart, DeviceValue, quantityOf, versionOf } from './device-value.ts';
import { compareVersions, parseVersion, Version } from './semantic-version.ts';

/** Whole numbers are bigints of 64 bits, doubles numbers. */
export type CelValue =
  | string
  | bigint
  | number
  | boolean
  | null
  | Quantity
  | Version
  | DevicePart
  | CelOptional
  | readonly CelValue[];

/** What names stand for, and how many parts of the selector may still be looked at: loops in loops would not end for hours. */
interface Scope {
  readonly names: ReadonlyMap<string, CelValue>;
  readonly budget: Budget;
}

interface Budget {
  steps: number;
}

/** CELSelectorExpressionMaxCost; here a step is one part of the selector, once. */
const MAX_STEPS = 1_000_000;

/** Evaluates a selector for a device of a driver. @throws CelError */
export function deviceMatches(selector: CelNode, driver: string, device: Device): boolean {
  const names = new Map([['device', new DeviceValue(driver, device)]]);
  const result = evaluate(selector, { names, budget: { steps: MAX_STEPS } });
  if (typeof result !== 'boolean') throw new CelError('the selector gives no boolean');
  return result;
}

/** Takes what an operation costs off what is left. */
function spend(budget: Budget, cost: number): void {
  budget.steps -= cost;
  if (budget.steps < 0) throw new CelError('operation cancelled: actual cost limit exceeded');
}

/** What it costs to go through texts or lists of so many items in all. Source: cel-go, interpreter/runtimecost.go. */
function passCost(length: number): number {
  return Math.ceil(length * 0.1);
}

function evaluate(node: CelNode, scope: Scope): CelValue {
  spend(scope.budget, 1);
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'list':
      return node.items.map((item) => evaluate(item, scope));
    case 'name': {
      const value = scope.names.get(node.name);
      if (value === undefined) throw new CelError(`undeclared reference to "${node.name}"`);
      return value;
    }
    case 'field':
      return looked(evaluate(node.of, scope), node.field, node.optional, entryOf);
    case 'index':
      return looked(evaluate(node.of, scope), evaluate(node.at, scope), node.optional, indexed);
    case 'unary':
      return unary(node, scope);
    case 'choice':
      return booleanOf(evaluate(node.test, scope)) ? evaluate(node.yes, scope) : evaluate(node.no, scope);
    case 'binary':
      if (node.operator === '&&') return decided(node.left, node.right, false, scope);
      if (node.operator === '||') return decided(node.left, node.right, true, scope);
      return binary(node.operator, evaluate(node.left, scope), evaluate(node.right, scope), scope.budget);
    case 'macro':
      return looped(node, scope);
    default:
      return called(node, scope);
  }
}

/** `&&` (decided by false) and `||` (by true): one deciding side is enough, also beside an error. */
function decided(left: CelNode, right: CelNode, by: boolean, scope: Scope): boolean {
  return decidedBy([left, right], by, scope, (side) => evaluate(side, scope));
}

/** The same of any number: `all` is decided by false, `exists` by true. */
function decidedBy<T>(items: readonly T[], by: boolean, { budget }: Scope, ask: (item: T) => CelValue): boolean {
  let failure: CelError | null = null;
  for (const item of items) {
    try {
      if (booleanOf(ask(item)) === by) return by;
    } catch (error) {
      if (!(error instanceof CelError) || budget.steps < 0) throw error;
      failure ??= error;
    }
  }
  if (failure !== null) throw failure;
  return !by;
}

/** A macro over the items of a list or the keys of a map. */
function looped({ name, of, variable, args }: CelNode & { readonly kind: 'macro' }, scope: Scope): CelValue {
  const items = itemsOf(evaluate(of, scope), name);
  const first = args[0] as CelNode;
  const ask = (body: CelNode, item: CelValue): CelValue => evaluate(body, withName(scope, variable, item));
  const holds = (item: CelValue): boolean => booleanOf(ask(first, item));
  if (name === 'all') return decidedBy(items, false, scope, holds);
  if (name === 'exists') return decidedBy(items, true, scope, holds);
  if (name === 'exists_one') return items.filter(holds).length === 1;
  if (name === 'filter') return items.filter(holds);
  const second = args[1];
  if (second === undefined) return items.map((item) => ask(first, item));
  return items.filter(holds).map((item) => ask(second, item));
}

function itemsOf(value: CelValue, macro: string): readonly CelValue[] {
  if (Array.isArray(value)) return value as readonly CelValue[];
  if (value instanceof DevicePart) return value.keys();
  throw noOverload(macro);
}

function withName({ names, budget }: Scope, name: string, value: CelValue): Scope {
  return { names: new Map([...names, [name, value]]), budget };
}

function called({ name, of, args }: CelNode & { readonly kind: 'call' }, scope: Scope): CelValue {
  if (name === 'has') return hasField(args[0], scope);
  if (name === 'cel.bind') return bound(args, scope);
  if (of !== null && ALTERNATIVES.has(name) && args[0] !== undefined) {
    const [other] = args;
    return alternativeOf(name, evaluate(of, scope), () => evaluate(other, scope));
  }
  const values = args.map((arg) => evaluate(arg, scope));
  if (of === null) return functionOf(name, values);
  return methodOf(name, evaluate(of, scope), values, scope.budget);
}

function hasField(arg: CelNode | undefined, scope: Scope): boolean {
  if (arg?.kind !== 'field' || arg.optional) throw new CelError('has() asks for a field');
  const map = evaluate(arg.of, scope);
  if (!(map instanceof DevicePart)) throw noOverload('has');
  return map.has(arg.field);
}

function bound([name, value, body]: readonly CelNode[], scope: Scope): CelValue {
  if (name?.kind !== 'name' || value === undefined || body === undefined) throw noOverload('cel.bind');
  return evaluate(body, withName(scope, name.name, evaluate(value, scope)));
}

/** A field or an item. An optional look, and one into an optional, gives an optional. */
function looked<K extends CelValue>(
  of: CelValue,
  key: K,
  optional: boolean,
  look: (of: CelValue, key: K) => CelValue,
): CelValue {
  const within = of instanceof CelOptional ? of.value : of;
  if (within === undefined) return of;
  if (within === of && !optional) return look(of, key);
  return new CelOptional(isThere(within, key) ? look(within, key) : undefined);
}

function isThere(of: CelValue, key: CelValue): boolean {
  if (of instanceof DevicePart) return typeof key !== 'string' || of.entry(key) !== undefined;
  return !Array.isArray(of) || typeof key !== 'bigint' || (key >= 0n && key < BigInt(of.length));
}

function entryOf(map: CelValue, key: string): CelValue {
  if (!(map instanceof DevicePart)) throw new CelError(`there is no field "${key}" here`);
  const value = map.entry(key);
  if (value !== undefined) return value;
  throw new CelError(`no such key: ${key}`);
}

function indexed(of: CelValue, at: CelValue): CelValue {
  if (of instanceof DevicePart && typeof at === 'string') return entryOf(of, at);
  if (!Array.isArray(of) || typeof at !== 'bigint') throw noOverload('[]');
  const item = (of as readonly CelValue[])[Number(at)];
  if (item === undefined) throw new CelError(`index out of bounds: ${at}`);
  return item;
}

function unary({ operator, of }: CelNode & { readonly kind: 'unary' }, scope: Scope): CelValue {
  // The least int has no positive counterpart.
  if (operator === '-' && of.kind === 'literal' && typeof of.value === 'bigint') return -of.value;
  const value = evaluate(of, scope);
  if (operator === '!') return !booleanOf(value);
  if (typeof value === 'number') return -value;
  if (typeof value !== 'bigint') throw noOverload('-');
  return int64(-value);
}

function binary(operator: string, left: CelValue, right: CelValue, budget: Budget): CelValue {
  if (operator === '==' || operator === '!=') {
    spend(budget, passCost(Math.min(lengthOf(left), lengthOf(right))));
    return equal(left, right) === (operator === '==');
  }
  if (operator === 'in') {
    spend(budget, Array.isArray(right) ? right.length : 0);
    if (Array.isArray(right)) return (right as readonly CelValue[]).some((item) => equal(item, left));
    if (right instanceof DevicePart) return typeof left === 'string' && right.has(left);
    throw noOverload('in');
  }
  if (typeof left === 'bigint' && typeof right === 'bigint') return ofInts(operator, left, right);
  if (isNumeric(left) && isNumeric(right)) return ofDoubles(operator, left, right);
  if (typeof left === 'string' && typeof right === 'string') {
    spend(budget, passCost(operator === '+' ? left.length + right.length : Math.min(left.length, right.length)));
    if (operator === '+') return left + right;
    return compared(operator, left < right ? -1 : left > right ? 1 : 0);
  }
  if (operator === '+' && Array.isArray(left) && Array.isArray(right)) {
    spend(budget, left.length + right.length);
    return [...left, ...right];
  }
  throw noOverload(operator);
}

function lengthOf(value: CelValue): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0;
}

function isNumeric(value: CelValue): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new CelError('integer overflow');
  return value;
}

function ofInts(operator: string, left: bigint, right: bigint): CelValue {
  if (operator === '+') return int64(left + right);
  if (operator === '-') return int64(left - right);
  if (operator === '*') return int64(left * right);
  if (operator === '/' || operator === '%') {
    if (right === 0n) throw new CelError(operator === '/' ? 'division by zero' : 'modulus by zero');
    const quotient = int64(left / right);
    return operator === '/' ? quotient : left % right;
  }
  return compared(operator, left < right ? -1 : left > right ? 1 : 0);
}

/** Of two doubles, or compared with an int; arithmetic between the two sorts there is none. */
function ofDoubles(operator: string, left: bigint | number, right: bigint | number): CelValue {
  if (typeof left === 'number' && typeof right === 'number') {
    if (operator === '+') return left + right;
    if (operator === '-') return left - right;
    if (operator === '*') return left * right;
    if (operator === '/') return left / right;
  }
  if (operator === '%' || !['<', '<=', '>', '>='].includes(operator)) throw noOverload(operator);
  if (Number.isNaN(left) || Number.isNaN(right)) return false;
  return compared(operator, left < right ? -1 : left > right ? 1 : 0);
}

function compared(operator: string, order: number): boolean {
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  if (operator === '>') return order > 0;
  if (operator === '>=') return order >= 0;
  throw noOverload(operator);
}

function equal(left: CelValue, right: CelValue): boolean {
  if (left instanceof Quantity && right instanceof Quantity) return left.compare(right) === 0;
  if (left instanceof Version && right instanceof Version) return compareVersions(left, right) === 0;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => equal(item, right[i]));
  }
  if (left instanceof DevicePart && right instanceof DevicePart) return left.equals(right);
  if (left instanceof CelOptional && right instanceof CelOptional) {
    if (left.value === undefined || right.value === undefined) return left.value === right.value;
    return equal(left.value, right.value);
  }
  // An int and a double are equal by their value.
  if (isNumeric(left) && isNumeric(right)) return left >= right && left <= right;
  return left === right;
}

function functionOf(name: string, [value]: readonly CelValue[]): CelValue {
  if (name === 'size') return sizeOf(value);
  if (name === 'optional.none') return new CelOptional(undefined);
  if (name === 'optional.of' && value !== undefined) return new CelOptional(value);
  if (typeof value !== 'string') throw noOverload(name);
  if (name === 'quantity') return quantityOf(value);
  if (name === 'isQuantity') return tryParseQuantity(value) !== undefined;
  if (name === 'semver') return versionOf(value);
  if (name === 'isSemver') return parseVersion(value) !== null;
  throw noOverload(name);
}

function methodOf(name: string, of: CelValue, [arg]: readonly CelValue[], budget: Budget): CelValue {
  if (name === '.size') return sizeOf(of);
  if (of instanceof Quantity) return ofQuantity(name, of, arg);
  if (of instanceof Version) return ofVersion(name, of, arg);
  if (of instanceof CelOptional && name === '.hasValue') return of.value !== undefined;
  if (of instanceof CelOptional && name === '.value') return of.present;
  if (typeof of === 'string') return ofString(name, of, arg, budget);
  throw noOverload(name);
}

function ofQuantity(name: string, of: Quantity, arg: CelValue | undefined): CelValue {
  const whole = of.nanos % 1_000_000_000n === 0n;
  if (name === '.sign') return of.nanos === 0n ? 0n : of.isNegative ? -1n : 1n;
  if (name === '.isInteger') return whole;
  if (name === '.asInteger' && whole) return int64(of.nanos / 1_000_000_000n);
  if (!(arg instanceof Quantity)) throw noOverload(name);
  return ordered(name, of.compare(arg));
}

function ofVersion(name: string, of: Version, arg: CelValue | undefined): CelValue {
  if (name === '.major') return BigInt(of.major);
  if (name === '.minor') return BigInt(of.minor);
  if (name === '.patch') return BigInt(of.patch);
  if (!(arg instanceof Version)) throw noOverload(name);
  return ordered(name, compareVersions(of, arg));
}

function ordered(name: string, order: number): CelValue {
  if (name === '.isGreaterThan') return order > 0;
  if (name === '.isLessThan') return order < 0;
  if (name === '.compareTo') return BigInt(order);
  throw noOverload(name);
}

function ofString(name: string, of: string, arg: CelValue | undefined, budget: Budget): CelValue {
  spend(budget, passCost(of.length));
  if (name === '.lowerAscii') return of.replace(/[A-Z]/g, (char) => char.toLowerCase());
  if (name === '.upperAscii') return of.replace(/[a-z]/g, (char) => char.toUpperCase());
  if (typeof arg !== 'string') throw noOverload(name);
  if (name === '.startsWith') return of.startsWith(arg);
  if (name === '.endsWith') return of.endsWith(arg);
  if (name === '.contains') {
    spend(budget, passCost(of.length) * passCost(arg.length));
    return of.includes(arg);
  }
  if (name !== '.matches') throw noOverload(name);
  const pattern = patternOf(arg);
  spend(budget, passCost(of.length + 1) * Math.ceil(pattern.steps.length * 0.25));
  return patternMatches(pattern, of);
}

function patternOf(text: string): Pattern {
  try {
    return compilePattern(text);
  } catch (error) {
    if (!(error instanceof PatternError || error instanceof PatternTooLarge)) throw error;
    throw new CelError(`error parsing regexp: ${error.message}: ${text}`);
  }
}

function sizeOf(value: CelValue | undefined): bigint {
  if (typeof value === 'string') return BigInt([...value].length);
  if (Array.isArray(value)) return BigInt(value.length);
  if (value instanceof DevicePart) return BigInt(value.keys().length);
  throw noOverload('size');
}

function booleanOf(value: CelValue): boolean {
  if (typeof value !== 'boolean') throw new CelError('no such overload: a boolean is expected');
  return value;
}
