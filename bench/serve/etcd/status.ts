/**
 * Errors as gRPC shows them: etcd's codes and texts, and those of its transport.
 */
import type { StoreError } from '../../../core/store/errors.ts';
import { GRPC_INTERNAL, GrpcStatus } from '../grpc/status.ts';
import type { ProtobufError } from '../protobuf/decode.ts';

/** etcd's refusal of a request. */
export function storeFailure(error: StoreError): GrpcStatus {
  return new GrpcStatus(error.code, error.message);
}

/** A request that is not a message of its type, in the words of grpc-go. */
export function unmarshalFailure(error: ProtobufError): GrpcStatus {
  return new GrpcStatus(GRPC_INTERNAL, `grpc: error unmarshalling request: ${error.message}`);
}

/** The same on a stream. */
export function streamUnmarshalFailure(error: ProtobufError): GrpcStatus {
  return new GrpcStatus(GRPC_INTERNAL, `grpc: failed to unmarshal the received message: ${error.message}`);
}
