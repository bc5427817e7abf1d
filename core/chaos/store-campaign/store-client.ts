/** A scripted client of a store member for campaigns and tests: records what it gets. */

import type { Context } from '../../sim/context.ts';
import { OP_CONN_CLOSED } from '../../sim/ops.ts';
import type { Behaviour, Conn, Payload, Pid } from '../../sim/process.ts';
import {
  OP_STORE_ANSWERS_AND_EVENTS,
  OP_STORE_PROGRESS,
  OP_STORE_RESPONSE,
  OP_STORE_WATCH_CANCELED,
  OP_STORE_WATCH_CREATED,
  OP_STORE_WATCH_EVENTS,
  type StoreAnswersAndEvents,
  type StoreEvent,
  type StoreProgress,
  type StoreWatchCanceled,
  type StoreWatchEvents,
} from '../../store/client-interface.ts';

export class StoreClient implements Behaviour {
  readonly answers = new Map<number, Payload>();
  readonly answeredAt = new Map<number, number>();
  readonly events = new Map<number, StoreEvent[]>();
  /** Number of messages with events, and of batches in them. */
  messages = 0;
  readonly batchSizes: number[] = [];
  readonly created: number[] = [];
  readonly canceled: { readonly watchId: number; readonly compactRevision: number; readonly reason: string }[] = [];
  readonly progress: { readonly watchId: number; readonly revision: number }[] = [];
  closed = 0;
  /** Called with each message of a watch as it comes: its opcode, `a` and payload. */
  heard: ((op: number, a: number, payload: Payload) => void) | null = null;
  conn: Conn = -1;
  readonly #context: Context;
  readonly #server: Pid;
  #requests = 0;

  constructor(context: Context, server: Pid) {
    this.#context = context;
    this.#server = server;
  }

  start(): void {}

  /** Sends a request and returns its id. */
  ask(op: number, payload: Payload): number {
    const id = ++this.#requests;
    this.#send(op, id, payload);
    return id;
  }

  /** Sends a watch message with a watch id. */
  watch(op: number, watchId: number, payload: Payload | null): void {
    this.#send(op, watchId, payload);
  }

  #send(op: number, a: number, payload: Payload | null): void {
    if (this.conn < 0) this.conn = this.#context.connect(this.#server);
    this.#context.sendOn(this.conn, op, a, 0, payload);
  }

  receive(op: number, _from: Pid, a: number, _b: number, payload: Payload | null, conn: Conn): void {
    if (op === OP_CONN_CLOSED) {
      if (conn === this.conn) this.conn = -1;
      this.closed++;
    } else if (op === OP_STORE_RESPONSE) {
      this.#answered(a, payload as Payload);
    } else if (op === OP_STORE_ANSWERS_AND_EVENTS) {
      const { answers, events } = payload as StoreAnswersAndEvents;
      for (const { id, answer } of answers) this.#answered(id, answer);
      this.#hear(OP_STORE_WATCH_EVENTS, events.watchIds.length, events);
    } else this.#hear(op, a, payload as Payload);
  }

  #answered(id: number, answer: Payload): void {
    this.answers.set(id, answer);
    this.answeredAt.set(id, this.#context.now());
  }

  #hear(op: number, a: number, payload: Payload): void {
    this.heard?.(op, a, payload);
    if (op === OP_STORE_WATCH_EVENTS) this.#take(payload as StoreWatchEvents);
    else if (op === OP_STORE_WATCH_CREATED) this.created.push(a);
    else if (op === OP_STORE_WATCH_CANCELED) {
      const { compactRevision, reason } = payload as StoreWatchCanceled;
      this.canceled.push({ watchId: a, compactRevision, reason });
    } else if (op === OP_STORE_PROGRESS)
      this.progress.push({ watchId: a, revision: (payload as StoreProgress).revision });
  }

  #take(message: StoreWatchEvents): void {
    this.messages++;
    message.watchIds.forEach((watchId, i) => {
      const batch = message.batches[i]?.events ?? [];
      this.batchSizes.push(batch.length);
      this.events.set(watchId, [...(this.events.get(watchId) ?? []), ...batch]);
    });
  }
}
