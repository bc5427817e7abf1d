/**
 * Messages in the body of a gRPC call: a flag byte, four bytes of length, the message (gRPC over HTTP/2, "Length-Prefixed-Message").
 *
 * Always: a length above the limit is refused before anything is held for it; a message may arrive in pieces of any size.
 */
import { encode } from '../protobuf/encode.ts';
import type { MessageSchema } from '../protobuf/schema.ts';
import { GRPC_RESOURCE_EXHAUSTED, GRPC_UNIMPLEMENTED, GrpcStatus } from './status.ts';

const PREFIX_BYTES = 5;

/** A message with its prefix, ready to be sent. */
export function encodeFramed(schema: MessageSchema, value: object): Buffer {
  const bytes = encode(schema, value, PREFIX_BYTES);
  bytes[0] = 0;
  bytes.writeUInt32BE(bytes.length - PREFIX_BYTES, 1);
  return bytes;
}

/** Cuts the body of one call into messages. */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  #prefixBytes = 0;
  /** The message that is being received; null between messages. */
  #message: Buffer | null = null;
  #received = 0;

  /** `maxBytes`: the longest message taken. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the body ends in the middle of a message if it ends here. */
  get isCut(): boolean {
    return this.#message !== null || this.#prefixBytes > 0;
  }

  /** Takes a piece of the body and gives each message that it completes, until one is refused: then the refusal, with which the call ends. */
  push(piece: Buffer, take: (message: Buffer) => void): GrpcStatus | null {
    for (let at = 0; at < piece.length; ) {
      if (this.#message === null) {
        const count = Math.min(PREFIX_BYTES - this.#prefixBytes, piece.length - at);
        piece.copy(this.#prefix, this.#prefixBytes, at, at + count);
        this.#prefixBytes += count;
        at += count;
        if (this.#prefixBytes < PREFIX_BYTES) return null;
        const refusal = this.#refusal();
        if (refusal !== null) return refusal;
        const length = this.#prefix.readUInt32BE(1);
        this.#prefixBytes = 0;
        if (piece.length - at >= length) {
          take(piece.subarray(at, at + length));
          at += length;
          continue;
        }
        this.#message = Buffer.allocUnsafe(length);
        this.#received = 0;
      }
      const count = Math.min(this.#message.length - this.#received, piece.length - at);
      piece.copy(this.#message, this.#received, at, at + count);
      this.#received += count;
      at += count;
      if (this.#received === this.#message.length) {
        const whole = this.#message;
        this.#message = null;
        take(whole);
      }
    }
    return null;
  }

  /** In the words of grpc-go. */
  #refusal(): GrpcStatus | null {
    if (this.#prefix[0] !== 0) {
      return new GrpcStatus(GRPC_UNIMPLEMENTED, 'grpc: Decompressor is not installed for the encoding of the message');
    }
    const length = this.#prefix.readUInt32BE(1);
    if (length <= this.#maxBytes) return null;
    const details = `grpc: received message larger than max (${length} vs. ${this.#maxBytes})`;
    return new GrpcStatus(GRPC_RESOURCE_EXHAUSTED, details);
  }
}
