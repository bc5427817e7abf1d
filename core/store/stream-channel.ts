/**
 * What one client's watches send, in order: straight to the connection while the client reads, into a channel of bounded length while it does
 * not (etcd's channel of 128 responses a stream, behind the window of the connection).
 */
import type { Context } from '../sim/context.ts';
import type { Conn, Payload } from '../sim/process.ts';
import { StoreWatchEvents } from './responses.ts';

/** Responses a stream may have waiting (etcd's chanBufLen). */
const CHANNEL_RESPONSES = 128;
/** Unread messages that a connection takes before it blocks: about 1 MiB of events of 1 KiB, what HTTP/2 grants in flight (uncalibrated). */
const WINDOW_MESSAGES = 1_024;

/** Sizes of streams, smaller in campaigns. */
export interface StreamLimits {
  readonly windowMessages?: number;
  readonly channelResponses?: number;
}

interface Waiting {
  readonly op: number;
  readonly a: number;
  readonly payload: Payload;
  readonly responses: number;
}

export class StreamChannel {
  readonly conn: Conn;
  readonly #context: Context;
  readonly #window: number;
  readonly #capacity: number;
  #waiting: Waiting[] = [];
  #responses = 0;

  constructor(context: Context, conn: Conn, limits: StreamLimits) {
    this.#context = context;
    this.conn = conn;
    this.#window = limits.windowMessages ?? WINDOW_MESSAGES;
    this.#capacity = limits.channelResponses ?? CHANNEL_RESPONSES;
  }

  /** Whether something waits for the client to read. */
  get isBlocked(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether a message would go straight to the connection. */
  get isOpen(): boolean {
    return this.#waiting.length === 0 && this.#context.unread(this.conn) < this.#window;
  }

  /** Sends a message that counts for `responses`, or lets it wait; false when there is no room. */
  offer(op: number, a: number, payload: Payload, responses: number): boolean {
    if (this.isOpen) {
      this.#context.sendOn(this.conn, op, a, 0, payload);
      return true;
    }
    if (this.#responses + responses > this.#capacity && this.#responses > 0) return false;
    this.#waiting.push({ op, a, payload, responses });
    this.#responses += responses;
    return true;
  }

  /** Drops what waits for a watch that has ended. */
  forget(watchId: number): void {
    this.#waiting = this.#waiting.flatMap((waiting) => {
      if (!(waiting.payload instanceof StoreWatchEvents)) return waiting.a === watchId ? [] : [waiting];
      const payload = waiting.payload.without(watchId);
      const responses = payload.watchIds.length;
      return responses === 0 ? [] : [{ ...waiting, a: responses, payload, responses }];
    });
    this.#responses = this.#waiting.reduce((sum, { responses }) => sum + responses, 0);
  }

  /** Sends what waits, as far as the client has read. */
  drain(): void {
    let sent = 0;
    while (sent < this.#waiting.length && this.#context.unread(this.conn) < this.#window) {
      const { op, a, payload, responses } = this.#waiting[sent++] as Waiting;
      this.#responses -= responses;
      this.#context.sendOn(this.conn, op, a, 0, payload);
    }
    if (sent > 0) this.#waiting.splice(0, sent);
  }
}
