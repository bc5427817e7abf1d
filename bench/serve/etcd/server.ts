/**
 * etcd's v3 interface over gRPC in front of one store member.
 *
 * Always: a malformed or refused request fails its call with etcd's code and text and nothing else; the connection stays usable.
 */
import { isError } from '../../../core/store/v3/kv.ts';
import { encodeFramed } from '../grpc/message-frames.ts';
import {
  type StreamCall,
  type StreamHandlers,
  type StreamMethod,
  serveGrpc,
  type UnaryMethod,
} from '../grpc/server.ts';
import { decode, type Message, ProtobufError } from '../protobuf/decode.ts';
import { type Handler, header, UNARY_HANDLERS } from './kv-handlers.ts';
import type { StoreMember } from './member.ts';
import { pathOf, RPC, type Rpc } from './services.ts';
import { serveSnapshot } from './snapshot-call.ts';
import { storeFailure, streamUnmarshalFailure, unmarshalFailure } from './status.ts';
import { serveWatch } from './watch-call.ts';

/** Largest request received, bytes (max-request-bytes + 512 KiB). */
const MAX_RECEIVE_BYTES = 1_572_864 + 524_288;
/** Period of progress notices, ms. */
const PROGRESS_INTERVAL_MS = 600_000;

export interface EtcdServerOptions {
  /** host:port; port 0 takes any. */
  readonly listen: string;
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
  const colon = options.listen.lastIndexOf(':');
  const host = options.listen.slice(0, colon);
  const address = { url: '' };
  const unary = new Map<string, UnaryMethod>();
  for (const [name, handler] of Object.entries(UNARY_HANDLERS)) {
    const rpc = RPC[name as keyof typeof UNARY_HANDLERS];
    unary.set(pathOf(rpc), unaryMethod(member, rpc, handler));
  }
  const members = memberList(() => address.url);
  unary.set(pathOf(RPC.memberList), unaryMethod(member, RPC.memberList, members));
  const progressIntervalMs = options.progressIntervalMs ?? PROGRESS_INTERVAL_MS;
  const streaming = new Map<string, StreamMethod>([
    [pathOf(RPC.watch), (call) => serveWatch(member, call, progressIntervalMs)],
    [pathOf(RPC.leaseKeepAlive), (call) => serveKeepAlive(member, call)],
    [pathOf(RPC.snapshot), (call) => serveSnapshot(member, call)],
  ]);
  const methods = { unary, streaming, maxRequestBytes: MAX_RECEIVE_BYTES };
  const server = await serveGrpc(host, Number(options.listen.slice(colon + 1)), methods);
  address.url = `http://${host}:${server.port}`;
  return {
    host,
    port: server.port,
    close: async () => {
      await server.close();
      await member.close();
    },
  };
}

function unaryMethod(member: StoreMember, rpc: Rpc, handler: Handler): UnaryMethod {
  return (bytes, reply) => {
    let request: Message;
    try {
      request = decode(rpc.request, bytes);
    } catch (error) {
      if (!(error instanceof ProtobufError)) throw error;
      return reply(unmarshalFailure(error));
    }
    handler(member, request, bytes.length, (answer) => {
      reply(isError(answer) ? storeFailure(answer) : encodeFramed(rpc.response, answer));
    });
  };
}

/** The header is made before the lease is renewed, so that it is never newer than the renewal. */
function serveKeepAlive(member: StoreMember, call: StreamCall): StreamHandlers {
  const renew = (bytes: Buffer): void => {
    const id = decode(RPC.leaseKeepAlive.request, bytes)['id'] as bigint;
    const answer = { header: header(member), id, ttl: 0 };
    answer.ttl = member.engine.lessor.renew(id, member.nowUs());
    call.send(encodeFramed(RPC.leaseKeepAlive.response, answer));
  };
  return {
    messages(batch) {
      try {
        batch.forEach(renew);
      } catch (error) {
        if (!(error instanceof ProtobufError)) throw error;
        call.end(streamUnmarshalFailure(error));
      }
    },
    ended: () => call.end(),
  };
}

function memberList(clientUrl: () => string): Handler {
  return (member, _wire, _sizeBytes, reply) => {
    const { memberId, name } = member.options;
    const urls = [clientUrl()];
    reply({ header: header(member), members: [{ id: memberId, name, peerUrls: urls, clientUrls: urls }] });
  };
}
