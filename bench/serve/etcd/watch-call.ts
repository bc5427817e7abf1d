/**
 * One Watch call: requests in, responses out, with the transport's back-pressure passed on to the store's bounded channel.
 *
 * Always: an event is encoded once for all watchers that get it as it is, and responses that wait together are sent together.
 */
import type { WatchCreateRequest, WatchEvent, WatchResponse } from '../../../core/store/v3/messages.ts';
import { WatchStream } from '../../../core/store/v3/watch-stream.ts';
import { encodeFramed } from '../grpc/message-frames.ts';
import type { StreamCall, StreamHandlers } from '../grpc/server.ts';
import { decode, type Message, ProtobufError } from '../protobuf/decode.ts';
import { encode } from '../protobuf/encode.ts';
import { EVENT, WATCH_REQUEST, WATCH_RESPONSE_OF_ENCODED } from './etcd-messages.ts';
import type { StoreMember } from './member.ts';
import { streamUnmarshalFailure } from './status.ts';

/** A response above this is split for watchers that asked for fragments, bytes (max-request-bytes + 512 KiB). */
const FRAGMENT_BYTES = 1_572_864 + 524_288;
/** Responses are collected until they are this long together, bytes. */
const SENT_TOGETHER_BYTES = 64 * 1024;

/** Serves `call` until either side ends it; `progressIntervalMs` is the period of progress notices. */
export function serveWatch(member: StoreMember, call: StreamCall, progressIntervalMs: number): StreamHandlers {
  const { engine } = member;
  let blocked = false;
  let ended = false;
  let scheduled = false;
  const stream = new WatchStream(engine.watches, engine.kv, engine.compatibility, () => schedule());
  const sender = new ResponseSender(member, call);
  const pump = (): void => {
    scheduled = false;
    while (!blocked && !ended) {
      const response = stream.take();
      if (response !== undefined) {
        if (stream.isFragmented(response.watchId)) addFragments(response, sender);
        else sender.add(response);
      }
      if (response === undefined || sender.sizeBytes >= SENT_TOGETHER_BYTES) blocked = !sender.flush();
      if (response === undefined) return;
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
  return {
    messages(batch) {
      try {
        for (const bytes of batch) {
          const response = handle(stream, decode(WATCH_REQUEST, bytes));
          if (response !== null) sender.add(response);
        }
      } catch (error) {
        if (!(error instanceof ProtobufError)) throw error;
        close();
        call.end(streamUnmarshalFailure(error));
        return;
      }
      if (!sender.flush()) blocked = true;
      member.armSync();
    },
    drained() {
      blocked = false;
      pump();
    },
    // A client that has sent its last request goes on watching, as with etcd.
    closed: close,
  };
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

/** Events that many watchers get. */
const ENCODED = new WeakMap<WatchEvent, Buffer>();

function encodedEvent(event: WatchEvent): Buffer {
  let bytes = ENCODED.get(event);
  if (bytes === undefined) {
    bytes = encode(EVENT, event);
    ENCODED.set(event, bytes);
  }
  return bytes;
}

/** Collects responses and sends them together. */
class ResponseSender {
  /** Length of what is collected. */
  sizeBytes = 0;
  readonly #member: StoreMember;
  readonly #call: StreamCall;
  #framed: Buffer[] = [];

  constructor(member: StoreMember, call: StreamCall) {
    this.#member = member;
    this.#call = call;
  }

  add(response: WatchResponse): void {
    const { clusterId, memberId, raftTerm } = this.#member.options;
    const header = { clusterId, memberId, revision: response.revision, raftTerm };
    const events = response.events.map(encodedEvent);
    const framed = encodeFramed(WATCH_RESPONSE_OF_ENCODED, { ...response, events, header });
    this.#framed.push(framed);
    this.sizeBytes += framed.length;
  }

  /** Sends; false when the peer is slow. */
  flush(): boolean {
    const framed = this.#framed;
    if (framed.length === 0) return true;
    this.#framed = [];
    this.sizeBytes = 0;
    return this.#call.send(framed.length === 1 ? (framed[0] as Buffer) : Buffer.concat(framed));
  }
}

/** Splits between events; all parts but the last say so. */
function addFragments(response: WatchResponse, sender: ResponseSender): void {
  const sizes = response.events.map((event) => encodedEvent(event).length + 6);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total < FRAGMENT_BYTES || response.events.length < 2) return sender.add(response);
  let part: WatchEvent[] = [];
  let partBytes = 0;
  response.events.forEach((event, i) => {
    const size = sizes[i] as number;
    if (part.length > 0 && partBytes + size >= FRAGMENT_BYTES) {
      sender.add({ ...response, events: part, fragment: true });
      part = [];
      partBytes = 0;
    }
    part.push(event);
    partBytes += size;
  });
  sender.add({ ...response, events: part });
}
