/**
 * Decodes a protobuf message by its table.
 *
 * Always: hostile input gives a {@link ProtobufError} with the text that etcd's own decoder has for it, and never reads outside the message;
 * unknown fields are skipped; of a field sent twice the last counts; bytes are copied, so the input may be let go.
 */
import { BytesValue } from '../../../core/store/v3/bytes-value.ts';
import type { Field, MessageSchema } from './schema.ts';

/** A decoded message. */
export type Message = Record<string, unknown>;

/** Input that is not a message of the expected type. */
export class ProtobufError extends Error {}

const EOF = 'unexpected EOF';
const OVERFLOW = 'proto: integer overflow';
const NEGATIVE_LENGTH = 'proto: negative length found during unmarshaling';
const UNEXPECTED_END_GROUP = 'proto: unexpected end of group';

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_START_GROUP = 3;
const WIRE_END_GROUP = 4;
const WIRE_FIXED32 = 5;

/** Deepest nesting of messages read; etcd's transactions are bounded by their operations, a hostile message is not. */
const DEPTH_MAX = 1_000;

/** Decodes all of `bytes`. @throws ProtobufError */
export function decode(schema: MessageSchema, bytes: Uint8Array): Message {
  return new Decoder(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).message(schema, bytes.length, 0);
}

class Decoder {
  readonly #bytes: Buffer;
  #at = 0;
  /** The last varint: low and high 32 bits. */
  #low = 0;
  #high = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  message(schema: MessageSchema, end: number, depth: number): Message {
    if (depth > DEPTH_MAX) throw new ProtobufError('proto: message nested too deep');
    const result = empty(schema);
    while (this.#at < end) {
      const start = this.#at;
      this.#varint(end);
      const wire = this.#low & 7;
      const number = (this.#low >>> 3) | (this.#high << 29);
      if (wire === WIRE_END_GROUP) throw new ProtobufError(`proto: ${schema.name}: wiretype end group for non-group`);
      if (number <= 0) {
        const whole = (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
        throw new ProtobufError(`proto: ${schema.name}: illegal tag ${number} (wire type ${whole})`);
      }
      const field = schema.byNumber.get(number);
      if (field === undefined) {
        this.#at = start;
        this.#skip(end);
      } else this.#field(field, wire, end, result, depth);
    }
    return result;
  }

  #field(field: Field, wire: number, end: number, result: Message, depth: number): void {
    const isVarint = isVarintKind(field);
    if (field.repeated && isVarint && wire === WIRE_BYTES) {
      const stop = this.#length(end);
      while (this.#at < stop) (result[field.name] as unknown[]).push(this.#number(field, stop));
      return;
    }
    if (wire !== (isVarint ? WIRE_VARINT : WIRE_BYTES)) {
      throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${field.goName}`);
    }
    const value = isVarint ? this.#number(field, end) : this.#delimited(field, end, result, depth);
    if (field.repeated) (result[field.name] as unknown[]).push(value);
    else result[field.name] = value;
    if (field.union !== null) result[field.union] = field.name;
  }

  #number(field: Field, end: number): unknown {
    this.#varint(end);
    switch (field.kind) {
      case 'bool':
        return this.#low !== 0 || this.#high !== 0;
      case 'enum':
        return this.#low;
      case 'uint32':
        return this.#low >>> 0;
      case 'int64':
        return this.#high === 0 ? this.#low >>> 0 : this.#high * 0x1_0000_0000 + (this.#low >>> 0);
      case 'bigint64':
        return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low >>> 0));
      default:
        return BigInt.asUintN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low >>> 0));
    }
  }

  #delimited(field: Field, end: number, result: Message, depth: number): unknown {
    const stop = this.#length(end);
    const from = this.#at;
    if (field.kind === 'message') return this.#nested(field, stop, result, depth);
    this.#at = stop;
    if (field.kind === 'key') return this.#bytes.toString('latin1', from, stop);
    if (field.kind === 'string') return this.#bytes.toString('utf8', from, stop);
    const copy = new Uint8Array(this.#bytes.subarray(from, stop));
    return field.kind === 'value' ? new BytesValue(copy) : copy;
  }

  /** A single message sent twice is merged, as protobuf has it; in a union the last replaces. */
  #nested(field: Field, stop: number, result: Message, depth: number): Message {
    const schema = (field.message as () => MessageSchema)();
    const value = this.message(schema, stop, depth + 1);
    const before = result[field.name];
    if (field.repeated || field.union !== null || before === null) return value;
    const zero = empty(schema);
    const merged = { ...(before as Message) };
    for (const { name } of schema.fields) if (value[name] !== zero[name]) merged[name] = value[name];
    return merged;
  }

  /** Reads a length and returns where the field ends. */
  #length(end: number): number {
    this.#varint(end);
    if (this.#high < 0) throw new ProtobufError(NEGATIVE_LENGTH);
    const length = this.#high * 0x1_0000_0000 + (this.#low >>> 0);
    // A length near 2^63 overflows the index that etcd adds it to.
    if (this.#high >= 0x7fff_ffff && length + this.#at >= 2 ** 63) throw new ProtobufError(NEGATIVE_LENGTH);
    const stop = this.#at + length;
    if (stop > end) throw new ProtobufError(EOF);
    return stop;
  }

  /** Reads a varint of at most ten bytes into {@link #low} and {@link #high}; higher bits fall off. */
  #varint(end: number): void {
    const bytes = this.#bytes;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift >= 64) throw new ProtobufError(OVERFLOW);
      if (this.#at >= end) throw new ProtobufError(EOF);
      const byte = bytes[this.#at++] as number;
      if (shift < 28) low |= (byte & 0x7f) << shift;
      else if (shift === 28) {
        low |= (byte & 0x7f) << 28;
        high |= (byte & 0x7f) >>> 4;
      } else high |= (byte & 0x7f) << (shift - 32);
      if (byte < 0x80) break;
    }
    this.#low = low;
    this.#high = high;
  }

  /** Skips one unknown field, its tag included. */
  #skip(end: number): void {
    let depth = 0;
    while (this.#at < end) {
      this.#varint(end);
      const wire = this.#low & 7;
      if (wire === WIRE_VARINT) this.#varint(end);
      else if (wire === WIRE_FIXED64) this.#at += 8;
      else if (wire === WIRE_BYTES) this.#at = this.#skipLength(end);
      else if (wire === WIRE_START_GROUP) depth++;
      else if (wire === WIRE_END_GROUP) {
        if (depth === 0) throw new ProtobufError(UNEXPECTED_END_GROUP);
        depth--;
      } else if (wire === WIRE_FIXED32) this.#at += 4;
      else throw new ProtobufError(`proto: illegal wireType ${wire}`);
      if (depth === 0) {
        if (this.#at > end) throw new ProtobufError(EOF);
        return;
      }
    }
    throw new ProtobufError(EOF);
  }

  #skipLength(end: number): number {
    this.#varint(end);
    if (this.#high < 0) throw new ProtobufError(NEGATIVE_LENGTH);
    return this.#at + this.#high * 0x1_0000_0000 + (this.#low >>> 0);
  }
}

const isVarintKind = ({ kind }: Field): boolean =>
  kind !== 'key' && kind !== 'bytes' && kind !== 'value' && kind !== 'string' && kind !== 'message';

const EMPTY_BYTES = new Uint8Array(0);
const EMPTY_BYTES_VALUE = new BytesValue(EMPTY_BYTES);

const ZEROES: Readonly<Record<Field['kind'], unknown>> = {
  key: '',
  bytes: EMPTY_BYTES,
  value: EMPTY_BYTES_VALUE,
  string: '',
  int64: 0,
  bigint64: 0n,
  uint64: 0n,
  uint32: 0,
  enum: 0,
  bool: false,
  message: null,
};

/** A message with nothing set. */
export function empty(schema: MessageSchema): Message {
  const result: Message = {};
  for (const field of schema.fields) {
    if (field.union !== null) result[field.union] = 'none';
    result[field.name] = field.repeated ? [] : ZEROES[field.kind];
  }
  return result;
}
