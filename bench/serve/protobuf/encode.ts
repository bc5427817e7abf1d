/**
 * Encodes a message by its table, back to front, so that every length is known when it is written and nothing is measured first.
 *
 * Always: fields come out in ascending order and zero fields not at all (but a union's field is written whenever it is the one
 * set), which is what etcd's own encoder does: equal messages have equal bytes.
 */
import type { StoreValue } from '../../../core/store/value.ts';
import type { Message } from './decode.ts';
import type { Field, MessageSchema } from './schema.ts';

const WIRE_BYTES = 2;

/** What a writer keeps for the next message, bytes; a longer message gets memory of its own. */
const KEPT_BYTES = 64 * 1024;

class BackwardWriter {
  bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);
  /** First byte written; everything from here to the end is the message. */
  at = KEPT_BYTES;

  reserve(more: number): void {
    if (this.at >= more) return;
    const used = this.bytes.length - this.at;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, used + more));
    this.bytes.copy(grown, grown.length - used, this.at);
    this.at = grown.length - used;
    this.bytes = grown;
  }

  /** A non-negative integer below 2^53. */
  varint(value: number): void {
    this.reserve(10);
    let size = 1;
    for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) size++;
    this.at -= size;
    let left = value;
    for (let i = 0; i < size - 1; i++) {
      this.bytes[this.at + i] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.bytes[this.at + size - 1] = left;
  }

  bigVarint(value: bigint): void {
    if (value >= 0n && value <= 0x1f_ffff_ffff_ffffn) {
      this.varint(Number(value));
      return;
    }
    this.reserve(10);
    const groups: number[] = [];
    for (let left = BigInt.asUintN(64, value); ; left >>= 7n) {
      if (left < 0x80n) {
        groups.push(Number(left));
        break;
      }
      groups.push(Number(left & 0x7fn) | 0x80);
    }
    this.at -= groups.length;
    for (let i = 0; i < groups.length; i++) this.bytes[this.at + i] = groups[i] as number;
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.at -= value.length;
    this.bytes.set(value, this.at);
  }
}

/** Writes every message: a message is written in one go. */
let writer = new BackwardWriter();

/** The bytes of a message after `prefixBytes` that are the caller's to fill. Fields that `value` lacks (undefined) count as zero. */
export function encode(schema: MessageSchema, value: object, prefixBytes = 0): Buffer {
  writer.at = writer.bytes.length;
  writeMessage(writer, schema, value as Message);
  const result = Buffer.allocUnsafe(prefixBytes + writer.bytes.length - writer.at);
  writer.bytes.copy(result, prefixBytes, writer.at);
  if (writer.bytes.length > KEPT_BYTES) writer = new BackwardWriter();
  return result;
}

function writeMessage(writer: BackwardWriter, schema: MessageSchema, value: Message): void {
  const { fields } = schema;
  for (let i = fields.length - 1; i >= 0; i--) {
    const field = fields[i] as Field;
    const content = value[field.name];
    if (content === undefined || content === null) continue;
    if (field.repeated) writeRepeated(writer, field, content as readonly unknown[]);
    else if (field.union !== null) {
      if (value[field.union] === field.name) writeField(writer, field, content);
    } else if (!isZero(field, content)) writeField(writer, field, content);
  }
}

function writeRepeated(writer: BackwardWriter, field: Field, items: readonly unknown[]): void {
  if (items.length === 0) return;
  if (field.kind === 'enum') {
    const before = writer.bytes.length - writer.at;
    for (let i = items.length - 1; i >= 0; i--) writeScalar(writer, field, items[i]);
    writer.varint(writer.bytes.length - writer.at - before);
    writer.varint(field.number * 8 + WIRE_BYTES);
    return;
  }
  for (let i = items.length - 1; i >= 0; i--) writeField(writer, field, items[i]);
}

function isZero(field: Field, content: unknown): boolean {
  switch (field.kind) {
    case 'bytes':
      return (content as Uint8Array).length === 0;
    case 'value':
      return (content as StoreValue).sizeBytes === 0;
    case 'bigint64':
    case 'uint64':
      return content === 0n;
    default:
      return content === 0 || content === '' || content === false;
  }
}

/** Writes content, then its length where it has one, then the tag. */
function writeField(writer: BackwardWriter, field: Field, content: unknown): void {
  const before = writer.bytes.length - writer.at;
  switch (field.kind) {
    case 'message':
      writeMessage(writer, (field.message as () => MessageSchema)(), content as Message);
      break;
    case 'key': {
      const key = content as string;
      writer.reserve(key.length);
      writer.at -= key.length;
      writer.bytes.write(key, writer.at, 'latin1');
      break;
    }
    case 'value':
      writer.raw((content as StoreValue).bytes());
      break;
    case 'bytes':
      writer.raw(content as Uint8Array);
      break;
    case 'string':
      writer.raw(Buffer.from(content as string, 'utf8'));
      break;
    default:
      writeScalar(writer, field, content);
      writer.varint(field.number * 8);
      return;
  }
  writer.varint(writer.bytes.length - writer.at - before);
  writer.varint(field.number * 8 + WIRE_BYTES);
}

function writeScalar(writer: BackwardWriter, field: Field, content: unknown): void {
  if (field.kind === 'bool') writer.varint(content === true ? 1 : 0);
  else if (field.kind === 'bigint64' || field.kind === 'uint64') writer.bigVarint(content as bigint);
  else if ((content as number) < 0 || !Number.isSafeInteger(content)) writer.bigVarint(BigInt(content as number));
  else writer.varint(content as number);
}
