/**
 * Collects what is wrong with an object, in the real server's words. Source: Kubernetes 1.34, apimachinery
 * util/validation/field/errors.go.
 */
import type { StatusCause } from '../status-error.ts';

/** Most causes reported for one object; the rest adds nothing for a reader. */
const MAX_CAUSES = 100;

/** A value as messages show it: strings quoted, everything else as JSON. */
function shown(value: unknown): string {
  if (value === undefined) return 'null';
  return JSON.stringify(value) ?? 'null';
}

/** Path of a list's item. */
export function at(path: string, index: number): string {
  return `${path}[${index}]`;
}

/** Path of a map's entry. */
export function keyed(path: string, key: string): string {
  return `${path}[${key}]`;
}

/** The causes found so far. */
export class FieldErrors {
  readonly causes: StatusCause[] = [];

  #add(reason: string, field: string, message: string): void {
    if (this.causes.length < MAX_CAUSES) this.causes.push({ reason, message, field });
  }

  required(field: string, detail = ''): void {
    this.#add('FieldValueRequired', field, detail === '' ? 'Required value' : `Required value: ${detail}`);
  }

  invalid(field: string, value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', field, `Invalid value: ${shown(value)}: ${detail}`);
  }

  /** Of an object whose parts do not go together; the message leaves out what it is. */
  invalidAsAWhole(field: string, detail: string): void {
    this.#add('FieldValueInvalid', field, `Invalid value: ${detail}`);
  }

  /** One cause for each message of a name check. */
  invalidAll(field: string, value: unknown, details: readonly string[]): void {
    for (const detail of details) this.invalid(field, value, detail);
  }

  notSupported(field: string, value: unknown, supported: readonly string[]): void {
    const list = supported.map(shown).join(', ');
    this.#add('FieldValueNotSupported', field, `Unsupported value: ${shown(value)}: supported values: ${list}`);
  }

  duplicate(field: string, value: unknown): void {
    this.#add('FieldValueDuplicate', field, `Duplicate value: ${shown(value)}`);
  }

  notFound(field: string, value: unknown): void {
    this.#add('FieldValueNotFound', field, `Not found: ${shown(value)}`);
  }

  forbidden(field: string, detail: string): void {
    this.#add('FieldValueForbidden', field, `Forbidden: ${detail}`);
  }

  tooLong(field: string, maxBytes: number): void {
    this.#add('FieldValueTooLong', field, `Too long: may not be more than ${maxBytes} bytes`);
  }

  tooMany(field: string, count: number, max: number): void {
    this.#add('FieldValueTooMany', field, `Too many: ${count}: must have at most ${max} items`);
  }

  /** A number that must not be negative; absent is fine. */
  nonNegative(field: string, value: number | undefined): void {
    if (value !== undefined && value < 0) this.invalid(field, value, 'must be greater than or equal to 0');
  }

  /** A text that must be one of some; absent or empty asks for it only when `needed`. */
  oneOf(field: string, value: string | undefined, supported: readonly string[], needed = true): void {
    if (value === undefined || value === '') {
      if (needed) this.required(field);
    } else if (!supported.includes(value)) this.notSupported(field, value, supported);
  }

  /** The same where the API's type is a pointer: absent is fine, '' is a value. */
  pointerOneOf(field: string, value: string | undefined, supported: readonly string[]): void {
    if (value !== undefined && !supported.includes(value)) this.notSupported(field, value, supported);
  }

  immutable(field: string, value: unknown): void {
    this.invalid(field, value, 'field is immutable');
  }
}
