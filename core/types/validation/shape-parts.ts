/** What shapes are made of: types of values by name, lists, maps and objects. */

/** A text or a number of which not every one makes sense. */
export type Limited = LimitedText | LimitedNumber;

interface LimitedText extends Limit {
  readonly scalar: 'string';
  readonly values: readonly string[];
}

interface LimitedNumber extends Limit {
  readonly scalar: 'int' | 'long';
  readonly min: number;
  readonly max: number;
  /** 0 as well, although it is below `min`: the server chooses a number. */
  readonly orZero?: boolean;
}

interface Limit {
  readonly list?: undefined;
  readonly entries?: undefined;
  /** false: the server stores any other as well, and no component knows it. */
  readonly isRefused: boolean;
}

/** Type of a value: a scalar or map by name, a list, or an object by its fields. */
export type Shape =
  | 'string'
  /** metav1.Time, a text. */
  | 'time'
  /** MicroTime, a text with six decimals. */
  | 'microTime'
  /** Bytes, as a text. */
  | 'base64'
  | 'int'
  /** 64 bits; above 2^53 as near as a file's reader gives it. */
  | 'long'
  | 'bool'
  | 'object'
  | 'intOrString'
  | 'map'
  | 'quantities'
  | 'any'
  | Limited
  | { readonly list: Shape; readonly entries?: undefined; readonly scalar?: undefined }
  | { readonly list?: undefined; readonly entries: Shape; readonly scalar?: undefined }
  | {
      readonly list?: undefined;
      readonly entries?: undefined;
      readonly scalar?: undefined;
      readonly fields: Readonly<Record<string, Shape>>;
      /** Many objects share such a part, so it is checked once per identity. */
      readonly remembered?: boolean;
    };

/** An object by its fields; `remembered` where many objects share such a part. */
export function object(fields: Readonly<Record<string, Shape>>, remembered = false): Shape {
  // Without a prototype, so that an input's field called `constructor` is not taken for a known one.
  return { fields: Object.assign(Object.create(null) as Record<string, Shape>, fields), remembered };
}

/** A list of equal items. */
export function list(item: Shape): Shape {
  return { list: item };
}

/** A map with keys of any name and equal entries. */
export function mapOf(entry: Shape): Shape {
  return { entries: entry };
}

/** Fields of one type, by a list of names. */
export function fieldsOf(type: Shape, names: string): Readonly<Record<string, Shape>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}

/** Fields that exist and that nobody reads. */
export function fieldsOfAnyType(names: string): Readonly<Record<string, Shape>> {
  return fieldsOf('any', names);
}

/** A list of texts. */
export const STRINGS = list('string');
