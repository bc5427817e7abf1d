/**
 * Natural logarithm of a positive integer from additions, products and one quotient, so that every machine gives the same
 * bits (`Math.log` is not specified to). Within one unit in the last place; a test compares it with `Math.log`.
 */
import { assert } from './assert.ts';

/** ln 2 in two parts; the first has trailing zero bits, so that its multiples up to 1,024 are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Last odd power of the series; the next term is below 1e-21. */
const LAST_POWER = 27;

/** ln(n) for an integer n ≥ 1. */
export function naturalLog(n: number): number {
  assert(Number.isInteger(n) && n >= 1, 'natural logarithm: a positive integer');
  let mantissa = n;
  let exponent = 0;
  while (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let sum = 0;
  for (let power = LAST_POWER; power >= 3; power -= 2) sum = sum * square + 1 / power;
  return exponent * LN2_HIGH + (2 * s + (2 * s * square * sum + exponent * LN2_LOW));
}
