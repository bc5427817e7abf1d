/**
 * The bytes etcd's backend keeps for a change: the revision key, and mvccpb.KeyValue in protobuf (etcd 3.6, server/storage/mvcc/revision.go;
 * api/mvccpb/kv.proto). HashKV is made of them.
 *
 * Always: zero fields are left out; a tombstone's value holds the key alone and its revision key ends in `t`.
 */

const REVISION_KEY_BYTES = 17;
const UNDERSCORE = 0x5f;
const TOMBSTONE = 0x74;

/** A growing buffer that is written from the front again and again. */
export class RecordBytes {
  bytes = new Uint8Array(1024);
  length = 0;

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + more, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Starts over with the revision key of a change. */
  revisionKey(main: number, sub: number, isTombstone: boolean): void {
    this.length = 0;
    this.#reserve(REVISION_KEY_BYTES + 1);
    this.#uint64(main);
    this.bytes[this.length++] = UNDERSCORE;
    this.#uint64(sub);
    if (isTombstone) this.bytes[this.length++] = TOMBSTONE;
  }

  #uint64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    for (let shift = 24; shift >= 0; shift -= 8) this.bytes[this.length++] = (high >>> shift) & 0xff;
    for (let shift = 24; shift >= 0; shift -= 8) this.bytes[this.length++] = (value >>> shift) & 0xff;
  }

  /** A length-delimited field from a string of one character a byte. */
  keyField(tag: number, key: string): void {
    if (key.length === 0) return;
    this.#reserve(key.length + 12);
    this.bytes[this.length++] = tag;
    this.#varint(key.length);
    for (let i = 0; i < key.length; i++) this.bytes[this.length++] = key.charCodeAt(i);
  }

  bytesField(tag: number, value: Uint8Array): void {
    if (value.length === 0) return;
    this.#reserve(value.length + 12);
    this.bytes[this.length++] = tag;
    this.#varint(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** A non-negative integer field. */
  numberField(tag: number, value: number): void {
    if (value === 0) return;
    this.#reserve(12);
    this.bytes[this.length++] = tag;
    this.#varint(value);
  }

  /** An int64 field. */
  int64Field(tag: number, value: bigint): void {
    if (value === 0n) return;
    this.#reserve(12);
    this.bytes[this.length++] = tag;
    let left = BigInt.asUintN(64, value);
    while (left >= 0x80n) {
      this.bytes[this.length++] = Number(left & 0x7fn) | 0x80;
      left >>= 7n;
    }
    this.bytes[this.length++] = Number(left);
  }

  #varint(value: number): void {
    let left = value;
    while (left >= 0x80) {
      this.bytes[this.length++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.bytes[this.length++] = left;
  }
}
