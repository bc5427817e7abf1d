/**
 * Maintenance/Snapshot: the store's content in pieces, then its SHA-256, as etcd sends its backend file.
 */
import { createHash } from 'node:crypto';
import { encodeFramed } from '../grpc/message-frames.ts';
import type { StreamCall, StreamHandlers } from '../grpc/server.ts';
import { GRPC_INTERNAL, GrpcStatus } from '../grpc/status.ts';
import { decode, ProtobufError } from '../protobuf/decode.ts';
import { SNAPSHOT_REQUEST, SNAPSHOT_RESPONSE } from './etcd-messages.ts';
import { writeImage } from './image-file.ts';
import type { StoreMember } from './member.ts';
import { streamUnmarshalFailure } from './status.ts';

/** In the words of grpc-go. */
const NO_REQUEST = 'cardinality violation: received no request message from non-client-streaming RPC';
const PIECE_BYTES = 32 * 1024;
const STORAGE_VERSION = '3.6.0';

/** Serves one Snapshot call. */
export function serveSnapshot(member: StoreMember, call: StreamCall): StreamHandlers {
  return {
    messages([request = Buffer.alloc(0)]) {
      try {
        decode(SNAPSHOT_REQUEST, request);
      } catch (error) {
        if (!(error instanceof ProtobufError)) throw error;
        return call.end(streamUnmarshalFailure(error));
      }
      send(member, call);
    },
    ended: () => call.end(new GrpcStatus(GRPC_INTERNAL, NO_REQUEST)),
  };
}

/** Streams a snapshot of `member`. */
function send(member: StoreMember, call: StreamCall): void {
  const position = { index: member.appliedIndex, term: Number(member.options.raftTerm) };
  const content = writeImage(member.engine.backup(), position);
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    const blob = content.subarray(at, at + PIECE_BYTES);
    const remainingBytes = BigInt(content.length - at - blob.length);
    call.send(encodeFramed(SNAPSHOT_RESPONSE, { remainingBytes, blob, version: STORAGE_VERSION }));
  }
  const blob = createHash('sha256').update(content).digest();
  call.send(encodeFramed(SNAPSHOT_RESPONSE, { remainingBytes: 0n, blob, version: STORAGE_VERSION }));
  call.end();
}
