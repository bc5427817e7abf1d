/**
 * Errors as gRPC shows them: etcd's codes and texts, and those of its transport.
 */
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { StoreError } from '../../../core/store/errors.ts';
import type { ProtobufError } from '../protobuf/decode.ts';

/** What grpc-js takes as the failure of a call. */
export type Failure = Error & Pick<StatusObject, 'code' | 'details' | 'metadata'>;

/** A failure with a code and a text. */
export function failure(code: number, details: string): Failure {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}

/** etcd's refusal of a request. */
export function storeFailure(error: StoreError): Failure {
  return failure(error.code, error.message);
}

/** A request that is not a message of its type, in the words of grpc-go. */
export function unmarshalFailure(error: ProtobufError): Failure {
  return failure(status.INTERNAL, `grpc: error unmarshalling request: ${error.message}`);
}

/** A request above what the server receives, in the words of grpc-go. */
export function oversizeFailure(sizeBytes: number, maxBytes: number): Failure {
  const details = `grpc: received message larger than max (${sizeBytes} vs. ${maxBytes})`;
  return failure(status.RESOURCE_EXHAUSTED, details);
}
