/**
 * gRPC calls over HTTP/2 without encryption (gRPC over HTTP/2; Node's own HTTP/2): bytes of a message in, bytes out.
 *
 * Always: whatever a peer sends ends its own call or its own connection with gRPC's words for it, and never the server. A call that the peer
 * has given up is answered by nothing.
 */
import { createServer, type Http2Server, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { MessageReader } from './message-frames.ts';
import {
  GRPC_INTERNAL,
  GRPC_INVALID_ARGUMENT,
  GRPC_OK,
  GRPC_UNIMPLEMENTED,
  GRPC_UNKNOWN,
  GrpcStatus,
  statusFields,
} from './status.ts';

/** What a client may send before it is read: of one call, and of one connection, bytes. */
const CALL_WINDOW_BYTES = 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
/** Above this new calls of a connection are refused until what it waits for is sent, MB. */
const SESSION_MEMORY_MB = 1024;

/** The end of a call's answer: a framed message, or its refusal. */
export type Reply = (answer: Buffer | GrpcStatus) => void;

/** A call with one request and one answer. */
export type UnaryMethod = (request: Buffer, reply: Reply) => void;

/** What happens to a call of many messages. */
export interface StreamHandlers {
  /** Messages that came together. Their memory is only good for the call. */
  messages(batch: readonly Buffer[]): void;
  /** The client has sent its last message. */
  ended?(): void;
  /** After {@link StreamCall.send} said no: there is room again. */
  drained?(): void;
  /** The call is over, whoever ended it. */
  closed?(): void;
}

/** A call of many messages. */
export type StreamMethod = (call: StreamCall) => StreamHandlers;

/** Methods by path. */
export interface GrpcMethods {
  readonly unary: ReadonlyMap<string, UnaryMethod>;
  readonly streaming: ReadonlyMap<string, StreamMethod>;
  /** Longest message taken, bytes. */
  readonly maxRequestBytes: number;
}

const OK_HEADERS = { ':status': 200, 'content-type': 'application/grpc' };
const WITH_TRAILERS = { waitForTrailers: true, sendDate: false };
const WITHOUT_BODY = { endStream: true, sendDate: false };
const OK = new GrpcStatus(GRPC_OK, '');
const OK_TRAILERS = statusFields(OK);

function sendOkTrailers(this: ServerHttp2Stream): void {
  this.sendTrailers(OK_TRAILERS);
}

/** Ends a call that has not been answered. What the client still sends is not read. */
function refuse(stream: ServerHttp2Stream, status: GrpcStatus, httpStatus = 200): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ...OK_HEADERS, ':status': httpStatus, ...statusFields(status) }, WITHOUT_BODY);
  stream.resume();
}

function answer(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond(OK_HEADERS, WITH_TRAILERS);
  stream.once('wantTrailers', sendOkTrailers);
  stream.end(message);
}

/** The server's side of a call of many messages. */
export class StreamCall {
  readonly #stream: ServerHttp2Stream;
  #status = OK;
  #isEnded = false;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Sends framed messages; false when the peer is slow: then wait for `drained`. */
  send(framed: Buffer): boolean {
    const stream = this.#stream;
    if (this.#isEnded || stream.destroyed || stream.closed) return true;
    this.#respond();
    return stream.write(framed);
  }

  /** Ends the call; once. */
  end(status: GrpcStatus = OK): void {
    const stream = this.#stream;
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (stream.destroyed || stream.closed) return;
    this.#status = status;
    if (!stream.headersSent && status.code !== GRPC_OK) return refuse(stream, status);
    this.#respond();
    stream.end();
  }

  #respond(): void {
    if (this.#stream.headersSent) return;
    this.#stream.respond(OK_HEADERS, WITH_TRAILERS);
    this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(statusFields(this.#status)));
  }
}

function serveUnary(stream: ServerHttp2Stream, method: UnaryMethod, reader: MessageReader): void {
  let isTaken = false;
  const reply: Reply = (result) => {
    if (result instanceof GrpcStatus) refuse(stream, result);
    else answer(stream, result);
  };
  stream.on('data', (piece: Buffer) => {
    if (isTaken) return;
    const refusal = reader.push(piece, (request) => {
      if (isTaken) return;
      isTaken = true;
      method(request, reply);
    });
    if (refusal === null || isTaken) return;
    isTaken = true;
    refuse(stream, refusal);
  });
  stream.once('end', () => {
    if (!isTaken) refuse(stream, new GrpcStatus(GRPC_UNKNOWN, reader.missing));
  });
}

function serveStream(stream: ServerHttp2Stream, method: StreamMethod, reader: MessageReader): void {
  const call = new StreamCall(stream);
  const handlers = method(call);
  stream.on('data', (piece: Buffer) => {
    if (call.isEnded) return;
    const batch: Buffer[] = [];
    const refusal = reader.push(piece, (message) => batch.push(message));
    if (batch.length > 0) handlers.messages(batch);
    if (refusal !== null) call.end(refusal);
  });
  stream.once('end', () => {
    if (call.isEnded) return;
    if (reader.missing !== 'EOF') call.end(new GrpcStatus(GRPC_INTERNAL, reader.missing));
    else handlers.ended?.();
  });
  stream.on('drain', () => handlers.drained?.());
  stream.once('close', () => handlers.closed?.());
}

/** In the words of grpc-go. */
function unknownMethod(path: string, methods: GrpcMethods): GrpcStatus {
  const [, service = '', method = ''] = /^\/(.+)\/([^/]*)$/.exec(path) ?? [];
  if (service === '') return new GrpcStatus(GRPC_UNIMPLEMENTED, `malformed method name: ${JSON.stringify(path)}`);
  const isKnown = [...methods.unary.keys(), ...methods.streaming.keys()].some((each) =>
    each.startsWith(`/${service}/`),
  );
  const details = isKnown ? `unknown method ${method} for service ${service}` : `unknown service ${service}`;
  return new GrpcStatus(GRPC_UNIMPLEMENTED, details);
}

function accept(stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>, methods: GrpcMethods): void {
  // A connection that breaks off ends its calls with an error each: 'close' says all there is to know.
  stream.on('error', () => {});
  const path = String(headers[':path']);
  const unary = methods.unary.get(path);
  const streaming = unary === undefined ? methods.streaming.get(path) : undefined;
  const contentType = String(headers['content-type'] ?? '');
  if (headers[':method'] !== 'POST') {
    const details = `Received a HEADERS frame with :method ${JSON.stringify(headers[':method'])} which should be POST`;
    return refuse(stream, new GrpcStatus(GRPC_INTERNAL, details), 405);
  }
  if (!contentType.startsWith('application/grpc')) {
    const details = `invalid gRPC request content-type ${JSON.stringify(contentType)}`;
    return refuse(stream, new GrpcStatus(GRPC_INVALID_ARGUMENT, details), 415);
  }
  const reader = new MessageReader(methods.maxRequestBytes, String(headers['grpc-encoding'] ?? ''));
  if (unary !== undefined) serveUnary(stream, unary, reader);
  else if (streaming !== undefined) serveStream(stream, streaming, reader);
  else refuse(stream, unknownMethod(path, methods));
}

/** A server that takes calls. */
export interface GrpcServer {
  readonly port: number;
  /** Ends all calls and connections. */
  close(): Promise<void>;
}

/** Listens on `host`:`port`; port 0 takes any. @throws Error when the address cannot be bound. */
export async function serveGrpc(host: string, port: number, methods: GrpcMethods): Promise<GrpcServer> {
  const sessions = new Set<Http2Session>();
  const server: Http2Server = createServer({
    maxSessionMemory: SESSION_MEMORY_MB,
    settings: { initialWindowSize: CALL_WINDOW_BYTES },
  });
  server.on('connection', (socket: Socket) => socket.setNoDelay().setKeepAlive(true));
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
  });
  server.on('sessionError', () => {});
  server.on('stream', (stream, headers) => accept(stream, headers, methods));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  };
}
