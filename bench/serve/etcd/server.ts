/**
 * etcd's v3 interface over gRPC in front of one store member.
 *
 * Always: a malformed or refused request fails its call with etcd's code and text and nothing else; the connection stays usable.
 */
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { isError } from '../../../core/store/v3/kv.ts';
import { decode, type Message, ProtobufError } from '../protobuf/decode.ts';
import { encode } from '../protobuf/encode.ts';
import { type Handler, header, UNARY_HANDLERS } from './kv-handlers.ts';
import type { StoreMember } from './member.ts';
import { pathOf, RPC, type Rpc } from './services.ts';
import { sendSnapshot } from './snapshot-call.ts';
import { oversizeFailure, storeFailure, unmarshalFailure } from './status.ts';
import { serveWatch } from './watch-call.ts';

/** Largest request received, bytes (max-request-bytes + 512 KiB). */
const MAX_RECEIVE_BYTES = 1_572_864 + 524_288;
/** Above this the transport itself refuses, so that a client cannot make the server hold any amount. */
const MAX_TRANSPORT_BYTES = 64 * 1024 * 1024;
/** Period of progress notices, ms. */
const PROGRESS_INTERVAL_MS = 600_000;

export interface EtcdServerOptions {
  /** host:port; port 0 takes any. */
  readonly listen: string;
  /** Shown in the member list; filled with the address when empty. */
  readonly progressIntervalMs?: number | undefined;
}

export interface RunningEtcd {
  readonly host: string;
  readonly port: number;
  /** Ends all calls and the member. */
  close(): Promise<void>;
}

/** Serves `member`, which has been started. @throws Error when the address cannot be bound. */
export async function serveEtcd(member: StoreMember, options: EtcdServerOptions): Promise<RunningEtcd> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_TRANSPORT_BYTES,
    'grpc.max_send_message_length': -1,
  });
  const address = { url: '' };
  for (const service of new Set(Object.values(RPC).map((rpc) => rpc.service))) {
    const rpcs = Object.entries(RPC).filter(([, rpc]) => rpc.service === service);
    const definition = Object.fromEntries(rpcs.map(([, rpc]) => [rpc.method, methodDefinition(rpc)]));
    const handlers: UntypedServiceImplementation = {};
    for (const [name, rpc] of rpcs) {
      if (name === 'memberList')
        handlers[rpc.method] = unaryCall(
          member,
          rpc,
          memberList(() => address.url),
        );
      else if (name in UNARY_HANDLERS) {
        handlers[rpc.method] = unaryCall(member, rpc, UNARY_HANDLERS[name as keyof typeof UNARY_HANDLERS]);
      }
    }
    if (service === RPC.watch.service) {
      const intervalMs = options.progressIntervalMs ?? PROGRESS_INTERVAL_MS;
      handlers['Watch'] = (call: ServerDuplexStream<Buffer, Buffer>) => serveWatch(member, call, intervalMs);
    }
    if (service === RPC.leaseKeepAlive.service) {
      handlers['LeaseKeepAlive'] = (call: ServerDuplexStream<Buffer, Buffer>) => serveKeepAlive(member, call);
    }
    if (service === RPC.snapshot.service) {
      handlers['Snapshot'] = (call: ServerWritableStream<Buffer, Buffer>) => sendSnapshot(member, call);
    }
    server.addService(definition, handlers);
  }
  const port = await bind(server, options.listen);
  const host = options.listen.slice(0, options.listen.lastIndexOf(':'));
  address.url = `http://${host}:${port}`;
  return {
    host,
    port,
    close: async () => {
      server.forceShutdown();
      await member.close();
    },
  };
}

const keep = (bytes: Buffer): Buffer => bytes;

/** Bytes go through as they are: decoding happens in the handler, where its errors get etcd's words. */
function methodDefinition(rpc: Rpc): Parameters<Server['addService']>[0][string] {
  return {
    path: pathOf(rpc),
    requestStream: rpc.requestStream,
    responseStream: rpc.responseStream,
    requestSerialize: keep,
    requestDeserialize: keep,
    responseSerialize: keep,
    responseDeserialize: keep,
  };
}

function bind(server: Server, listen: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(listen, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

function unaryCall(member: StoreMember, rpc: Rpc, handler: Handler) {
  return (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void => {
    const bytes = call.request;
    if (bytes.length > MAX_RECEIVE_BYTES) return done(oversizeFailure(bytes.length, MAX_RECEIVE_BYTES));
    let request: Message;
    try {
      request = decode(rpc.request, bytes);
    } catch (error) {
      if (!(error instanceof ProtobufError)) throw error;
      return done(unmarshalFailure(error));
    }
    handler(member, request, bytes.length, (answer) => {
      if (isError(answer)) done(storeFailure(answer));
      else done(null, encode(rpc.response, answer));
    });
  };
}

/** The header is made before the lease is renewed, so that it is never newer than the renewal. */
function serveKeepAlive(member: StoreMember, call: ServerDuplexStream<Buffer, Buffer>): void {
  call.on('data', (bytes: Buffer) => {
    let id: bigint;
    try {
      id = decode(RPC.leaseKeepAlive.request, bytes)['id'] as bigint;
    } catch (error) {
      if (!(error instanceof ProtobufError)) throw error;
      call.emit('error', unmarshalFailure(error));
      return;
    }
    const answer = { header: header(member), id, ttl: 0 };
    answer.ttl = member.engine.lessor.renew(id, member.nowUs());
    call.write(encode(RPC.leaseKeepAlive.response, answer));
  });
  call.on('end', () => call.end());
  call.on('error', () => {});
}

function memberList(clientUrl: () => string): Handler {
  return (member, _wire, _sizeBytes, reply) => {
    const { memberId, name } = member.options;
    const urls = [clientUrl()];
    reply({ header: header(member), members: [{ id: memberId, name, peerUrls: urls, clientUrls: urls }] });
  };
}
