/**
 * Resource quantities such as `100m`, `1.5Gi`, `2e3`: parsing, exact value, canonical text.
 *
 * The value is kept exactly in billionths (nano), as the API does: finer amounts round away from zero, and the magnitude
 * is capped at 2^63 − 1 units. `amountOf` rounds up to integers, as the scheduler and kubelet do. Results
 * for texts that occur often are kept in a bounded table. Source: Kubernetes 1.34, apimachinery api/resource.
 */

/** Which suffixes a quantity is printed with. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** Longest accepted text; real ones have fewer than 20 characters. */
export const MAX_QUANTITY_LENGTH = 128;

const NANO = 1_000_000_000n;
const MILLI = 1_000_000n;
const MAX_NANOS = (2n ** 63n - 1n) * NANO;
const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,9}))?$/;

const BINARY_EXPONENT: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
const DECIMAL_EXPONENT: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const DECIMAL_SUFFIX: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY_SUFFIX: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** An exact amount. Immutable. */
export class Quantity {
  /** The amount in billionths. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;

  constructor(nanos: bigint, format: QuantityFormat) {
    this.nanos = nanos;
    this.format = format;
  }

  get isNegative(): boolean {
    return this.nanos < 0n;
  }

  /** Whole units, rounded up (away from zero for negative amounts is down); capped to safe integers. */
  value(): number {
    return clamp(divideUp(this.nanos, NANO));
  }

  /** Thousandths, rounded up; capped to safe integers. */
  milliValue(): number {
    return clamp(divideUp(this.nanos, MILLI));
  }

  /** Negative, zero or positive as this amount is less, equal or more. */
  compare(other: Quantity): number {
    return this.nanos < other.nanos ? -1 : this.nanos > other.nanos ? 1 : 0;
  }

  /** The canonical text: no fraction, the largest suffix that keeps the number whole. */
  toString(): string {
    if (this.nanos === 0n) return '0';
    const whole = this.nanos % NANO === 0n;
    const units = this.nanos / NANO;
    if (this.format === 'BinarySI' && whole && (units >= 1024n || units <= -1024n)) {
      let amount = units;
      let suffix = 0;
      while (suffix < 6 && amount % 1024n === 0n) {
        amount /= 1024n;
        suffix++;
      }
      return `${amount}${BINARY_SUFFIX[suffix]}`;
    }
    let amount = this.nanos;
    let step = 0;
    while (step < 9 && amount % 1000n === 0n) {
      amount /= 1000n;
      step++;
    }
    if (this.format !== 'DecimalExponent') return `${amount}${DECIMAL_SUFFIX[step]}`;
    return step === 3 ? String(amount) : `${amount}e${step * 3 - 9}`;
  }
}

function divideUp(amount: bigint, by: bigint): bigint {
  const quotient = amount / by;
  const rest = amount % by;
  if (rest === 0n) return quotient;
  return rest > 0n ? quotient + 1n : quotient - 1n;
}

function clamp(value: bigint): number {
  if (value > 9_007_199_254_740_991n) return Number.MAX_SAFE_INTEGER;
  if (value < -9_007_199_254_740_991n) return Number.MIN_SAFE_INTEGER;
  return Number(value);
}

const MAX_ENTRIES = 4096;
const parsed = new Map<string, Quantity>();

/** Parsed text, or undefined when it is not a quantity. */
export function tryParseQuantity(text: string): Quantity | undefined {
  if (text.length > MAX_QUANTITY_LENGTH) return undefined;
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const quantity = parseText(text);
  if (quantity !== undefined && parsed.size < MAX_ENTRIES) parsed.set(text, quantity);
  return quantity;
}

function parseText(text: string): Quantity | undefined {
  const match = text === '' ? null : QUANTITY.exec(text);
  if (match === null) return undefined;
  const [, sign, integer = '', fraction = '', binary, decimal, exponentText] = match;
  const digits = BigInt(integer + fraction);
  // value = digits × 10^(exponent − fraction.length) × 2^shift
  let format: QuantityFormat = 'DecimalSI';
  let shift = 0n;
  let exponent = 0;
  if (binary !== undefined) {
    format = 'BinarySI';
    shift = BINARY_EXPONENT[binary] as bigint;
  } else if (decimal !== undefined) {
    exponent = DECIMAL_EXPONENT[decimal] as number;
  } else if (exponentText !== undefined) {
    format = 'DecimalExponent';
    exponent = Number(exponentText);
  }
  // No digits are 0, as in `m` or `.`, but where the real parser needs its wide numbers (ParseQuantity, inf.Dec).
  if (integer === '' && fraction === '' && (shift >= 50n || exponent < -9)) return undefined;
  const nanos = toNanos(digits << shift, exponent + 9 - fraction.length);
  if (format === 'BinarySI' && nanos > 0n && nanos < NANO) format = 'DecimalSI';
  return new Quantity(sign === '-' ? -nanos : nanos, format);
}

/** `digits` × 10^power, rounded up and capped. */
function toNanos(digits: bigint, power: number): bigint {
  if (digits === 0n) return 0n;
  if (power >= 0) {
    if (power > 30) return MAX_NANOS;
    const nanos = digits * 10n ** BigInt(power);
    return nanos > MAX_NANOS ? MAX_NANOS : nanos;
  }
  if (power < -2 * MAX_QUANTITY_LENGTH) return 1n;
  const nanos = divideUp(digits, 10n ** BigInt(-power));
  return nanos > MAX_NANOS ? MAX_NANOS : nanos;
}

/** The real server's words for a text that is no quantity. */
export const QUANTITY_FORMAT_MESSAGE =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Thrown for texts that are no quantity; `message` is the real server's. Not an Error: input is checked in bulk. */
class QuantityError {
  readonly text: string;
  readonly message: string = QUANTITY_FORMAT_MESSAGE;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return `${this.message} (got ${JSON.stringify(this.text)})`;
  }
}

/** Parses a quantity; numbers stand for their decimal text. Throws QuantityError. */
export function parseQuantity(text: string | number): Quantity {
  const quantity = tryParseQuantity(String(text));
  if (quantity === undefined) throw new QuantityError(String(text));
  return quantity;
}

interface Entry {
  readonly stored: string;
  readonly milli: number;
  readonly value: number;
}

const entries = new Map<string | number, Entry>();

function entryOf(text: string | number): Entry {
  const known = entries.get(text);
  if (known !== undefined) return known;
  const quantity = parseQuantity(text);
  const entry: Entry = {
    stored: new Quantity(divideUp(quantity.nanos, MILLI) * MILLI, quantity.format).toString(),
    milli: quantity.milliValue(),
    value: quantity.value(),
  };
  if (entries.size < MAX_ENTRIES) entries.set(text, entry);
  return entry;
}

/**
 * The amount of a resource in its base unit: thousandths of a core for `cpu`, plain units for all others;
 * rounded up. Throws QuantityError.
 */
export function amountOf(resourceName: string, text: string | number): number {
  return resourceName === 'cpu' ? entryOf(text).milli : entryOf(text).value;
}

/** The canonical text of a quantity rounded up to thousandths, e.g. `1024Mi` → `1Gi`. Throws QuantityError. */
export function storedQuantity(text: string | number): string {
  return entryOf(text).stored;
}
