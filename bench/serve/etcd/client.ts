/**
 * A client of etcd's v3 interface, from the same tables as the server.
 *
 * Always: a call ends with a decoded message or with the code and text of its refusal; it never throws for what the server answers.
 */
import { Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { decode, type Message } from '../protobuf/decode.ts';
import { encode } from '../protobuf/encode.ts';
import { pathOf, RPC, type Rpc } from './services.ts';

/** How a call ended. */
export type CallResult =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly code: number; readonly text: string };

/** Time until a call is given up, ms. */
const DEADLINE_MS = 20_000;

const keep = (bytes: Buffer): Buffer => bytes;

export class EtcdClient {
  readonly #client: Client;

  /** `address`: host:port, without encryption. */
  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** Waits until the server answers. @throws Error when it does not within `timeoutMs`. */
  ready(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(Date.now() + timeoutMs, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** One request, one answer; fields that `request` lacks are zero. */
  call(rpc: Rpc, request: object): Promise<CallResult> {
    return this.callRaw(rpc, encode(rpc.request, request));
  }

  /** The same with the request's bytes as they are. */
  callRaw(rpc: Rpc, request: Buffer): Promise<CallResult> {
    return new Promise((resolve) => {
      const options = { deadline: Date.now() + DEADLINE_MS };
      this.#client.makeUnaryRequest(pathOf(rpc), keep, keep, request, options, (error, answer) => {
        if (error !== null) resolve(refusal(error));
        else resolve({ ok: true, message: decode(rpc.response, answer as Buffer) });
      });
    });
  }

  /** Renews a lease once. */
  keepAlive(id: bigint): Promise<CallResult> {
    return new Promise((resolve) => {
      const stream = this.open(RPC.leaseKeepAlive);
      stream.on('data', (bytes: Buffer) => {
        resolve({ ok: true, message: decode(RPC.leaseKeepAlive.response, bytes) });
        stream.end();
      });
      stream.on('error', (error: ServiceError) => resolve(refusal(error)));
      stream.write(encode(RPC.leaseKeepAlive.request, { id }));
    });
  }

  /** A stream of requests and answers as bytes. */
  open(rpc: Rpc): ClientDuplexStream<Buffer, Buffer> {
    return this.#client.makeBidiStreamRequest(pathOf(rpc), keep, keep);
  }

  /** All answers of a call that streams them. */
  collect(rpc: Rpc, request: object): Promise<Message[]> {
    return new Promise((resolve, reject) => {
      const messages: Message[] = [];
      const stream = this.#client.makeServerStreamRequest(pathOf(rpc), keep, keep, encode(rpc.request, request));
      stream.on('data', (bytes: Buffer) => messages.push(decode(rpc.response, bytes)));
      stream.on('end', () => resolve(messages));
      stream.on('error', reject);
    });
  }

  close(): void {
    this.#client.close();
  }
}

function refusal(error: ServiceError): CallResult {
  return { ok: false, code: error.code, text: error.details };
}
