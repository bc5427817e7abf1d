/**
 * One Watch call: requests in, responses out, with the transport's back-pressure passed on to the store's bounded channel.
 */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { WatchCreateRequest, WatchEvent, WatchResponse } from '../../../core/store/v3/messages.ts';
import { WatchStream } from '../../../core/store/v3/watch-stream.ts';
import { decode, type Message, ProtobufError } from '../protobuf/decode.ts';
import { encode } from '../protobuf/encode.ts';
import { EVENT, WATCH_REQUEST, WATCH_RESPONSE } from './etcd-messages.ts';
import type { StoreMember } from './member.ts';
import { unmarshalFailure } from './status.ts';

/** A response above this is split for watchers that asked for fragments, bytes (max-request-bytes + 512 KiB). */
const FRAGMENT_BYTES = 1_572_864 + 524_288;

/** Serves `call` until either side ends it; `progressIntervalMs` is the period of progress notices. */
export function serveWatch(
  member: StoreMember,
  call: ServerDuplexStream<Buffer, Buffer>,
  progressIntervalMs: number,
): void {
  const { engine } = member;
  let blocked = false;
  let ended = false;
  let scheduled = false;
  const stream = new WatchStream(engine.watches, engine.kv, engine.compatibility, () => schedule());
  const send = (response: WatchResponse): void => {
    const { clusterId, memberId, raftTerm } = member.options;
    const full = { clusterId, memberId, revision: response.revision, raftTerm };
    if (!call.write(encode(WATCH_RESPONSE, { ...response, header: full }))) blocked = true;
  };
  const pump = (): void => {
    scheduled = false;
    while (!blocked && !ended) {
      const response = stream.take();
      if (response === undefined) return;
      if (stream.isFragmented(response.watchId)) sendFragments(response, send);
      else send(response);
    }
  };
  // Values before a change are looked up when it is sent, so sending follows the commit at once but outside of it.
  const schedule = (): void => {
    if (scheduled || blocked || ended) return;
    scheduled = true;
    setImmediate(pump);
  };
  const ticker = setInterval(() => stream.notifyProgress(), progressIntervalMs);
  const close = (): void => {
    if (ended) return;
    ended = true;
    clearInterval(ticker);
    stream.close();
  };
  call.on('drain', () => {
    blocked = false;
    pump();
  });
  call.on('data', (bytes: Buffer) => {
    let request: Message;
    try {
      request = decode(WATCH_REQUEST, bytes);
    } catch (error) {
      if (!(error instanceof ProtobufError)) throw error;
      close();
      call.emit('error', unmarshalFailure(error));
      return;
    }
    const response = handle(stream, request);
    if (response !== null) send(response);
    member.armSync();
  });
  call.on('end', () => {
    close();
    call.end();
  });
  call.on('cancelled', close);
  call.on('error', close);
}

function handle(stream: WatchStream, request: Message): WatchResponse | null {
  switch (request['op']) {
    case 'create':
      return stream.create(request['create'] as unknown as WatchCreateRequest);
    case 'cancel':
      return stream.cancel((request['cancel'] as Message)['watchId'] as bigint);
    case 'progress':
      return stream.requestProgress();
    default:
      return null;
  }
}

/** Splits between events; all parts but the last say so. */
function sendFragments(response: WatchResponse, send: (part: WatchResponse) => void): void {
  const sizes = response.events.map((event) => encode(EVENT, event).length + 6);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total < FRAGMENT_BYTES || response.events.length < 2) return send(response);
  let part: WatchEvent[] = [];
  let partBytes = 0;
  response.events.forEach((event, i) => {
    const size = sizes[i] as number;
    if (part.length > 0 && partBytes + size >= FRAGMENT_BYTES) {
      send({ ...response, events: part, fragment: true });
      part = [];
      partBytes = 0;
    }
    part.push(event);
    partBytes += size;
  });
  send({ ...response, events: part });
}
