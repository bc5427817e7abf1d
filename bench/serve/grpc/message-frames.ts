/**
 * Messages in the body of a gRPC call: a flag byte, four bytes of length, the message (gRPC over HTTP/2, "Length-Prefixed-Message").
 *
 * Always: a length above the limit is refused before anything is held for it; a message may arrive in pieces of any size. Refusals are in
 * the words of etcd 3.6.16 (its grpc-go).
 */
import { gunzipSync } from 'node:zlib';
import { encode } from '../protobuf/encode.ts';
import type { MessageSchema } from '../protobuf/schema.ts';
import { GRPC_INTERNAL, GRPC_RESOURCE_EXHAUSTED, GRPC_UNIMPLEMENTED, GrpcStatus } from './status.ts';

const PREFIX_BYTES = 5;
/** Flags. */
const PLAIN = 0;
const COMPRESSED = 1;

/** A message with its prefix, ready to be sent. */
export function encodeFramed(schema: MessageSchema, value: object): Buffer {
  const bytes = encode(schema, value, PREFIX_BYTES);
  bytes[0] = PLAIN;
  bytes.writeUInt32BE(bytes.length - PREFIX_BYTES, 1);
  return bytes;
}

/** Cuts the body of one call into messages. */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #encoding: string;
  readonly #prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  #prefixBytes = 0;
  /** The message that is being received; null between messages. */
  #message: Buffer | null = null;
  #received = 0;

  /** `maxBytes`: the longest message taken; `encoding`: how messages are compressed whose flag says that they are. */
  constructor(maxBytes: number, encoding: string) {
    this.#maxBytes = maxBytes;
    this.#encoding = encoding;
  }

  /** What is missing if the body ends here: the rest of a message, the first byte of one (or its prefix). */
  get missing(): 'unexpected EOF' | 'EOF' {
    return this.#message === null ? 'EOF' : 'unexpected EOF';
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
        this.#prefixBytes = 0;
        const length = this.#prefix.readUInt32BE(1);
        const refusal = this.#refusal(length);
        if (refusal !== null) return refusal;
        if (piece.length - at >= length) {
          const failure = this.#give(piece.subarray(at, at + length), take);
          if (failure !== null) return failure;
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
      if (this.#received < this.#message.length) return null;
      const message = this.#message;
      this.#message = null;
      const failure = this.#give(message, take);
      if (failure !== null) return failure;
    }
    return null;
  }

  #refusal(length: number): GrpcStatus | null {
    const flag = this.#prefix[0];
    const encoding = this.#encoding;
    if (flag === COMPRESSED && (encoding === '' || encoding === 'identity')) {
      return new GrpcStatus(GRPC_INTERNAL, 'grpc: compressed flag set with identity or empty encoding');
    }
    if (flag === COMPRESSED && encoding !== 'gzip') {
      const details = `grpc: Decompressor is not installed for grpc-encoding ${JSON.stringify(encoding)}`;
      return new GrpcStatus(GRPC_UNIMPLEMENTED, details);
    }
    if (flag !== PLAIN && flag !== COMPRESSED) {
      return new GrpcStatus(GRPC_INTERNAL, `grpc: received unexpected payload format ${flag}`);
    }
    if (length <= this.#maxBytes) return null;
    const details = `grpc: received message larger than max (${length} vs. ${this.#maxBytes})`;
    return new GrpcStatus(GRPC_RESOURCE_EXHAUSTED, details);
  }

  #give(message: Buffer, take: (message: Buffer) => void): GrpcStatus | null {
    const plain = this.#prefix[0] === PLAIN ? message : this.#decompressed(message);
    if (plain instanceof GrpcStatus) return plain;
    take(plain);
    return null;
  }

  #decompressed(message: Buffer): Buffer | GrpcStatus {
    try {
      return gunzipSync(message, { maxOutputLength: this.#maxBytes });
    } catch (error) {
      const { code, message: cause } = error as NodeJS.ErrnoException;
      if (code !== 'ERR_BUFFER_TOO_LARGE') {
        return new GrpcStatus(GRPC_INTERNAL, `grpc: failed to decompress the message: ${cause}`);
      }
      const details = `grpc: received message after decompression larger than max ${this.#maxBytes}`;
      return new GrpcStatus(GRPC_RESOURCE_EXHAUSTED, details);
    }
  }
}
