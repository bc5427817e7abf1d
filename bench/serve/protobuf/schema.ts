/**
 * Message tables: the numbers and types of protobuf fields as data, for one interpreter that encodes and decodes them all.
 *
 * Always: a table lists its fields in ascending order of number, which is the order on the wire. What a field holds in memory follows from its
 * kind alone, so a decoded message always has every field, absent ones at their zero.
 */

/**
 * How a field is written and held: `key` is bytes held as a string of one character a byte, `value` bytes held as a StoreValue (null when
 * empty), `int64` and `enum` are numbers (exact up to 2^53), `bigint64` and `uint64` bigint.
 */
export type FieldKind =
  | 'key'
  | 'bytes'
  | 'value'
  | 'string'
  | 'int64'
  | 'bigint64'
  | 'uint64'
  | 'uint32'
  | 'enum'
  | 'bool'
  | 'message';

export interface Field {
  readonly number: number;
  /** Name in memory. */
  readonly name: string;
  /** Name in error texts: the field's name in etcd's Go structs. */
  readonly goName: string;
  readonly kind: FieldKind;
  readonly repeated: boolean;
  /** Set for one of the fields of a union: the property that names which of them is there ('none' for none). */
  readonly union: string | null;
  /** For kind `message`; a function, since messages may contain themselves. */
  readonly message: (() => MessageSchema) | null;
}

export interface MessageSchema {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
}

/** A field of a table; `flags` may say `repeated` or `union:PROPERTY`. */
export type FieldRow = readonly [number, string, FieldKind | (() => MessageSchema), string?, string?];

/**
 * Makes a table. Rows: number, name in memory, kind (or the message), flags, and the name in error texts where it is not the name in memory with a
 * capital letter.
 */
export function message(name: string, ...rows: readonly FieldRow[]): MessageSchema {
  const fields = rows.map(([number, field, kind, flags = '', goName]): Field => {
    const isMessage = typeof kind === 'function';
    return {
      number,
      name: field,
      goName: goName ?? field.charAt(0).toUpperCase() + field.slice(1),
      kind: isMessage ? 'message' : kind,
      repeated: flags === 'repeated',
      union: flags.startsWith('union:') ? flags.slice('union:'.length) : null,
      message: isMessage ? kind : null,
    };
  });
  return { name, fields, byNumber: new Map(fields.map((field) => [field.number, field])) };
}
