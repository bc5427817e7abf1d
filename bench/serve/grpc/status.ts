/**
 * How a gRPC call ends: a code and a text, and the header fields that carry them (gRPC over HTTP/2, "Responses").
 */

export const GRPC_OK = 0;
export const GRPC_UNKNOWN = 2;
export const GRPC_INVALID_ARGUMENT = 3;
export const GRPC_RESOURCE_EXHAUSTED = 8;
export const GRPC_UNIMPLEMENTED = 12;
export const GRPC_INTERNAL = 13;

/** The end of a call. */
export class GrpcStatus {
  readonly code: number;
  readonly details: string;

  constructor(code: number, details: string) {
    this.code = code;
    this.details = details;
  }
}

/** The header fields of a status; the text in percent-encoding, its UTF-8 bytes outside of printable ASCII and the percent sign escaped. */
export function statusFields({ code, details }: GrpcStatus): { readonly [name: string]: string } {
  if (details === '') return { 'grpc-status': String(code) };
  const escaped = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  const isPlain = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
  const bytes = Array.from(Buffer.from(details, 'utf8'));
  const text = bytes.map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : escaped(byte))).join('');
  return { 'grpc-status': String(code), 'grpc-message': text };
}
