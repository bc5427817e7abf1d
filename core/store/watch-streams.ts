/**
 * The watches of a member by connection: gathers what a commit has for each connection and sends it as one message.
 *
 * Watches whose events do not fit the channel of a slow client become *victims*: they leave their group with what they could not send, and come
 * back when it fits (etcd 3.6, watchable_store.go). Always: a full channel delays, it never loses an event.
 */
import type { Context } from '../sim/context.ts';
import type { Conn, Payload } from '../sim/process.ts';
import { defineMark } from '../sim/registry.ts';
import { BUG_DROP_VICTIMS, BUG_PROGRESS_ELIDED, BUG_PROGRESS_OVERTAKES, MARK_VICTIM } from './member-names.ts';
import type { Mvcc } from './mvcc.ts';
import {
  OP_STORE_ANSWERS_AND_EVENTS,
  OP_STORE_PROGRESS,
  OP_STORE_RESPONSE,
  OP_STORE_WATCH_CANCELED,
  OP_STORE_WATCH_EVENTS,
} from './ops.ts';
import {
  StoreAnswersAndEvents,
  StoreEventBatch,
  StoreProgress,
  StoreWatchCanceled,
  StoreWatchEvents,
  type WriteAnswered,
} from './responses.ts';
import { StreamChannel, type StreamLimits } from './stream-channel.ts';
import type { Watcher } from './watch-group.ts';
import type { WatchHub, WatchSink } from './watch-hub.ts';

const MARK_COMPACTED = defineMark(
  'store-watch-compacted',
  'a watch was ended because its start revision was compacted',
);

/** What a stream holds while it has nothing to send; nobody may push to them. */
const NO_IDS: number[] = [];
const NO_BATCHES: StoreEventBatch[] = [];
const NO_ANSWERS: WriteAnswered[] = [];

class Stream {
  readonly conn: Conn;
  readonly channel: StreamChannel;
  readonly watchers = new Map<number, Watcher>();
  /** A watch takes answers together with its events. */
  joinsAnswers = false;
  /** Answers that wait for the events of their apply. */
  answers: WriteAnswered[] = NO_ANSWERS;
  watchIds: number[] = NO_IDS;
  batches: StoreEventBatch[] = NO_BATCHES;
  /** What watches that are behind have got with these batches, and no more: a revision; Infinity where all are in step. */
  upTo = Number.POSITIVE_INFINITY;
  /** Watches that are out of step, with the events that did not fit. */
  readonly victims = new Map<Watcher, StoreEventBatch>();

  constructor(channel: StreamChannel) {
    this.conn = channel.conn;
    this.channel = channel;
  }
}

export class WatchStreams implements WatchSink {
  readonly #context: Context;
  readonly #mvcc: Mvcc;
  readonly #hub: WatchHub;
  readonly #limits: StreamLimits;
  readonly #streams = new Map<Conn, Stream>();
  readonly #dirty: Stream[] = [];
  /** Streams whose client does not read fast enough. */
  readonly #blocked = new Set<Stream>();
  /** Streams with answers that wait. */
  readonly #answered: Stream[] = [];

  constructor(context: Context, mvcc: Mvcc, hub: WatchHub, limits: StreamLimits) {
    this.#context = context;
    this.#mvcc = mvcc;
    this.#hub = hub;
    this.#limits = limits;
  }

  /** Whether some client does not read fast enough: {@link unblock} must be called now and then. */
  get isBlocked(): boolean {
    return this.#blocked.size > 0;
  }

  /** The watch `watchId` of a connection, if it exists. */
  find(conn: Conn, watchId: number): Watcher | undefined {
    return this.#streams.get(conn)?.watchers.get(watchId);
  }

  /** Files a new watcher under its connection. */
  file(conn: Conn, watcher: Watcher, joinsAnswers: boolean): void {
    let stream = this.#streams.get(conn);
    if (stream === undefined) {
      stream = new Stream(new StreamChannel(this.#context, conn, this.#limits));
      this.#streams.set(conn, stream);
    }
    stream.watchers.set(watcher.watchId, watcher);
    if (joinsAnswers) stream.joinsAnswers = true;
  }

  /** Keeps an answer for the message with the events of its apply, which {@link send} sends; false where the client takes them apart. */
  hold(conn: Conn, id: number, answer: Payload): boolean {
    const stream = this.#streams.get(conn);
    if (stream === undefined || !stream.joinsAnswers || !stream.channel.isOpen) return false;
    if (stream.answers.length > 0) stream.answers.push({ id, answer });
    else {
      stream.answers = [{ id, answer }];
      this.#answered.push(stream);
    }
    return true;
  }

  /** Sends the answers that are left: their apply had no events for their connection. */
  #sendAnswers(): void {
    const streams = this.#answered;
    for (let i = 0; i < streams.length; i++) {
      const { conn, answers } = streams[i] as Stream;
      for (let j = 0; j < answers.length; j++) {
        const { id, answer } = answers[j] as WriteAnswered;
        this.#context.sendOn(conn, OP_STORE_RESPONSE, id, 0, answer);
      }
      (streams[i] as Stream).answers = NO_ANSWERS;
    }
    while (streams.length > 0) streams.pop();
  }

  /** Ends one watch; false if there is none of that id. Its client gets nothing of it any more. */
  cancel(conn: Conn, watchId: number): boolean {
    const stream = this.#streams.get(conn);
    const watcher = stream?.watchers.get(watchId);
    if (stream === undefined || watcher === undefined) return false;
    stream.watchers.delete(watchId);
    stream.victims.delete(watcher);
    if (stream.channel.isBlocked) stream.channel.forget(watchId);
    this.#hub.remove(watcher);
    return true;
  }

  /** Ends every watch and says why. */
  cancelAll(reason: string): void {
    const canceled = new StoreWatchCanceled(0, reason);
    for (const [conn, { watchers }] of this.#streams) {
      for (const watcher of watchers.values()) {
        this.#hub.remove(watcher);
        this.#context.sendOn(conn, OP_STORE_WATCH_CANCELED, watcher.watchId, 0, canceled);
      }
    }
    this.#streams.clear();
    this.#blocked.clear();
  }

  /** Ends all watches of a connection that is gone. */
  drop(conn: Conn): void {
    const stream = this.#streams.get(conn);
    if (stream === undefined) return;
    this.#streams.delete(conn);
    this.#blocked.delete(stream);
    for (const watcher of stream.watchers.values()) this.#hub.remove(watcher);
  }

  deliver(watchers: readonly Watcher[], batch: StoreEventBatch): void {
    for (let i = 0; i < watchers.length; i++) {
      const watcher = watchers[i] as Watcher;
      const stream = this.#streams.get(watcher.owner) as Stream;
      if (!watcher.inStep) stream.upTo = Math.min(stream.upTo, watcher.nextRevision - 1);
      if (stream.watchIds.length > 0) {
        stream.watchIds.push(watcher.watchId);
        stream.batches.push(batch);
        continue;
      }
      // A connection has mostly one watch: literals have no room to spare.
      stream.watchIds = [watcher.watchId];
      stream.batches = [batch];
      this.#dirty.push(stream);
    }
  }

  compacted(watcher: Watcher): boolean {
    const stream = this.#streams.get(watcher.owner) as Stream;
    const answer = new StoreWatchCanceled(this.#mvcc.compactRevision, '');
    if (!this.#offer(stream, OP_STORE_WATCH_CANCELED, watcher.watchId, answer, 1)) return false;
    this.#context.mark(MARK_COMPACTED);
    stream.watchers.delete(watcher.watchId);
    return true;
  }

  /** Sends what {@link deliver} gathered and {@link hold} keeps: one message a connection that has events. */
  send(): void {
    const dirty = this.#dirty;
    for (let i = 0; i < dirty.length; i++) {
      const stream = dirty[i] as Stream;
      const { watchIds, batches } = stream;
      stream.watchIds = NO_IDS;
      stream.batches = NO_BATCHES;
      const message = new StoreWatchEvents(Math.min(this.#mvcc.revision, stream.upTo), watchIds, batches);
      stream.upTo = Number.POSITIVE_INFINITY;
      const { length } = watchIds;
      const { answers } = stream;
      if (answers.length > 0) {
        stream.answers = NO_ANSWERS;
        const both = new StoreAnswersAndEvents(answers, message);
        this.#context.sendOn(stream.conn, OP_STORE_ANSWERS_AND_EVENTS, (answers[0] as WriteAnswered).id, 0, both);
      } else if (!this.#offer(stream, OP_STORE_WATCH_EVENTS, length, message, length))
        this.#suspend(stream, watchIds, batches);
    }
    while (dirty.length > 0) dirty.pop();
    this.#sendAnswers();
  }

  /** Sends a message, or lets it wait; false where there is no room. */
  #offer(stream: Stream, op: number, a: number, payload: Payload, responses: number): boolean {
    const fits = stream.channel.offer(op, a, payload, responses);
    if (stream.channel.isBlocked) this.#blocked.add(stream);
    return fits;
  }

  #suspend(stream: Stream, watchIds: readonly number[], batches: readonly StoreEventBatch[]): void {
    this.#context.mark(MARK_VICTIM);
    if (this.#context.bug(BUG_DROP_VICTIMS)) return;
    for (let i = 0; i < watchIds.length; i++) {
      const watcher = stream.watchers.get(watchIds[i] as number) as Watcher;
      const batch = batches[i] as StoreEventBatch;
      this.#hub.suspend(watcher);
      // One message has several batches for a watch where another watch was let in between two changes.
      const before = stream.victims.get(watcher);
      stream.victims.set(
        watcher,
        before === undefined ? batch : new StoreEventBatch([...before.events, ...batch.events]),
      );
    }
  }

  /** Sends what clients have made room for; victims whose events fit go on with the others, or catch up first. */
  unblock(): void {
    for (const stream of this.#blocked) {
      stream.channel.drain();
      for (const [watcher, batch] of stream.victims) {
        if (!this.#offerVictim(stream, watcher, batch)) break;
        stream.victims.delete(watcher);
        this.#hub.goOn(watcher);
      }
      if (!stream.channel.isBlocked && stream.victims.size === 0) this.#blocked.delete(stream);
    }
  }

  #offerVictim(stream: Stream, watcher: Watcher, batch: StoreEventBatch): boolean {
    // The watcher has seen the store up to, but not including, its next revision.
    const message = new StoreWatchEvents(watcher.nextRevision - 1, [watcher.watchId], [batch]);
    return this.#offer(stream, OP_STORE_WATCH_EVENTS, 1, message, 1);
  }

  /** Periodic progress notices. Returns whether any watch wants them. */
  notifyProgress(): boolean {
    const progress = new StoreProgress(this.#mvcc.revision);
    const staysQuiet = this.#context.bug(BUG_PROGRESS_ELIDED);
    let wanted = false;
    for (const stream of this.#streams.values()) {
      for (const watcher of stream.watchers.values()) wanted = wanted || watcher.progressNotify;
      this.#hub.progress(stream.watchers.values(), staysQuiet, (watcher) => {
        this.#progress(stream, watcher.watchId, progress);
      });
    }
    return wanted;
  }

  /** Answers a progress request, or stays silent while a watch of the connection is not in step. */
  answerProgress(conn: Conn): void {
    const stream = this.#streams.get(conn);
    if (stream === undefined) return;
    for (const watcher of stream.watchers.values()) if (!watcher.inStep) return;
    this.#progress(stream, -1, new StoreProgress(this.#mvcc.revision));
  }

  /** Behind what the stream has waiting; a notice that does not fit is left out. */
  #progress(stream: Stream, watchId: number, progress: StoreProgress): void {
    if (this.#context.bug(BUG_PROGRESS_OVERTAKES)) {
      this.#context.sendOn(stream.conn, OP_STORE_PROGRESS, watchId, 0, progress);
    } else this.#offer(stream, OP_STORE_PROGRESS, watchId, progress, 1);
  }
}
