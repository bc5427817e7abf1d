/**
 * The watches of a member by connection: gathers what a commit has for each connection and sends it as one message.
 */
import type { Context } from '../sim/context.ts';
import type { Conn } from '../sim/process.ts';
import { defineMark } from '../sim/registry.ts';
import type { Mvcc } from './mvcc.ts';
import { OP_STORE_PROGRESS, OP_STORE_WATCH_CANCELED, OP_STORE_WATCH_EVENTS } from './ops.ts';
import { type StoreEventBatch, StoreProgress, StoreWatchCanceled, StoreWatchEvents } from './responses.ts';
import type { Watcher } from './watch-group.ts';
import type { WatchHub, WatchSink } from './watch-hub.ts';

const MARK_COMPACTED = defineMark(
  'store-watch-compacted',
  'a watch was ended because its start revision was compacted',
);

/** What a stream holds while it has nothing to send; nobody may push to them. */
const NO_IDS: number[] = [];
const NO_BATCHES: StoreEventBatch[] = [];

class Stream {
  readonly conn: Conn;
  readonly watchers = new Map<number, Watcher>();
  watchIds: number[] = NO_IDS;
  batches: StoreEventBatch[] = NO_BATCHES;

  constructor(conn: Conn) {
    this.conn = conn;
  }
}

export class WatchStreams implements WatchSink {
  readonly #context: Context;
  readonly #mvcc: Mvcc;
  readonly #hub: WatchHub;
  readonly #streams = new Map<Conn, Stream>();
  readonly #dirty: Stream[] = [];

  constructor(context: Context, mvcc: Mvcc, hub: WatchHub) {
    this.#context = context;
    this.#mvcc = mvcc;
    this.#hub = hub;
  }

  /** The watch `watchId` of a connection, if it exists. */
  find(conn: Conn, watchId: number): Watcher | undefined {
    return this.#streams.get(conn)?.watchers.get(watchId);
  }

  /** Files a new watcher under its connection. */
  file(conn: Conn, watcher: Watcher): void {
    let stream = this.#streams.get(conn);
    if (stream === undefined) {
      stream = new Stream(conn);
      this.#streams.set(conn, stream);
    }
    stream.watchers.set(watcher.watchId, watcher);
  }

  /** Ends one watch; false if there is none of that id. */
  cancel(conn: Conn, watchId: number): boolean {
    const stream = this.#streams.get(conn);
    const watcher = stream?.watchers.get(watchId);
    if (stream === undefined || watcher === undefined) return false;
    stream.watchers.delete(watchId);
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
  }

  /** Ends all watches of a connection that is gone. */
  drop(conn: Conn): void {
    const stream = this.#streams.get(conn);
    if (stream === undefined) return;
    this.#streams.delete(conn);
    for (const watcher of stream.watchers.values()) this.#hub.remove(watcher);
  }

  deliver(watchers: readonly Watcher[], batch: StoreEventBatch): void {
    for (let i = 0; i < watchers.length; i++) {
      const watcher = watchers[i] as Watcher;
      const stream = this.#streams.get(watcher.owner) as Stream;
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

  compacted(watcher: Watcher): void {
    this.#context.mark(MARK_COMPACTED);
    this.#streams.get(watcher.owner)?.watchers.delete(watcher.watchId);
    const answer = new StoreWatchCanceled(this.#mvcc.compactRevision, '');
    this.#context.sendOn(watcher.owner, OP_STORE_WATCH_CANCELED, watcher.watchId, 0, answer);
  }

  /** Sends what {@link deliver} gathered: one message a connection. */
  send(): void {
    const dirty = this.#dirty;
    for (let i = 0; i < dirty.length; i++) {
      const stream = dirty[i] as Stream;
      const message = new StoreWatchEvents(this.#mvcc.revision, stream.watchIds, stream.batches);
      this.#context.sendOn(stream.conn, OP_STORE_WATCH_EVENTS, stream.watchIds.length, 0, message);
      stream.watchIds = NO_IDS;
      stream.batches = NO_BATCHES;
    }
    while (dirty.length > 0) dirty.pop();
  }

  /** Periodic progress notices. Returns whether any watch wants them. */
  notifyProgress(): boolean {
    const progress = new StoreProgress(this.#mvcc.revision);
    let wanted = false;
    for (const stream of this.#streams.values()) {
      for (const watcher of stream.watchers.values()) wanted = wanted || watcher.progressNotify;
      this.#hub.progress(stream.watchers.values(), (watcher) => {
        this.#context.sendOn(stream.conn, OP_STORE_PROGRESS, watcher.watchId, 0, progress);
      });
    }
    return wanted;
  }

  /** Answers a progress request, or stays silent while a watch of the connection is not in step. */
  answerProgress(conn: Conn): void {
    const stream = this.#streams.get(conn);
    if (stream === undefined) return;
    for (const watcher of stream.watchers.values()) if (!watcher.inStep) return;
    this.#context.sendOn(conn, OP_STORE_PROGRESS, -1, 0, new StoreProgress(this.#mvcc.revision));
  }
}
