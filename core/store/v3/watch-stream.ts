/**
 * One watch stream of a client: creates, cancels and numbers its watchers and turns what the store sends into responses
 * (etcd 3.6, server/etcdserver/api/v3rpc/watch.go and storage/mvcc/watcher.go).
 *
 * Always: a watcher's `created` response comes before its events; a watcher that a compaction ended keeps its id until the client
 * cancels it, and until then the stream gets no answer to progress requests, as in etcd.
 */
import { ERROR_COMPACTED, REASON_WATCH_DUPLICATE_ID, REASON_WATCH_EMPTY_RANGE } from '../errors.ts';
import type { Compatibility } from './compatibility.ts';
import { isError, type Kv } from './kv.ts';
import {
  EVENT_PUT,
  type RangeRequest,
  type WatchCreateRequest,
  type WatchEvent,
  type WatchResponse,
} from './messages.ts';
import { type PendingResponse, WatchChannel } from './watch-channel.ts';
import { type WatchableStore, Watcher } from './watchable-store.ts';

/** Id in responses that concern no watcher, or all. */
const NO_WATCH = -1n;

const NO_EVENTS: readonly WatchEvent[] = [];

interface Flags {
  readonly prevKv: boolean;
  readonly fragment: boolean;
  readonly progressNotify: boolean;
  /** A change was sent since the last notice, so the next is skipped. */
  heard: boolean;
}

export class WatchStream {
  readonly channel: WatchChannel;
  readonly #store: WatchableStore;
  readonly #kv: Kv;
  readonly #compatibility: Compatibility;
  readonly #watchers = new Map<bigint, Watcher>();
  readonly #flags = new Map<bigint, Flags>();
  #nextId = 0n;

  /** `filled`: see {@link WatchChannel}. */
  constructor(store: WatchableStore, kv: Kv, compatibility: Compatibility, filled?: () => void) {
    this.#compatibility = compatibility;
    this.#store = store;
    this.#kv = kv;
    this.channel = new WatchChannel(filled);
  }

  get watcherCount(): number {
    return this.#watchers.size;
  }

  /** Creates a watcher and returns the response to send at once. */
  create(request: WatchCreateRequest): WatchResponse {
    const key = request.key === '' ? '\0' : request.key;
    if (request.startRevision < 0 && this.#compatibility.refusesNegativeStart) {
      return this.#refused(ERROR_COMPACTED.message);
    }
    if (request.rangeEnd !== '' && request.rangeEnd !== '\0' && key >= request.rangeEnd) {
      return this.#refused(REASON_WATCH_EMPTY_RANGE);
    }
    if (request.watchId !== 0n && this.#watchers.has(request.watchId)) return this.#refused(REASON_WATCH_DUPLICATE_ID);
    const id = request.watchId === 0n ? this.#freeId() : request.watchId;
    const watcher = new Watcher(id, key, request.rangeEnd, request.startRevision, request.filters, this.channel);
    this.#watchers.set(id, watcher);
    const { prevKv, fragment, progressNotify } = request;
    this.#flags.set(id, { prevKv, fragment, progressNotify, heard: false });
    this.#store.add(watcher);
    return this.#control(id, true, false, '');
  }

  #freeId(): bigint {
    while (this.#watchers.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }

  #refused(reason: string): WatchResponse {
    return this.#control(NO_WATCH, true, true, reason);
  }

  #control(watchId: bigint, created: boolean, canceled: boolean, cancelReason: string): WatchResponse {
    const revision = this.#store.revision;
    const events = NO_EVENTS;
    return { revision, watchId, created, canceled, compactRevision: 0, cancelReason, fragment: false, events };
  }

  /** Ends a watcher and returns the response, or null for an id that is not there: etcd stays silent. */
  cancel(watchId: bigint): WatchResponse | null {
    const watcher = this.#watchers.get(watchId);
    if (watcher === undefined) return null;
    this.#store.cancel(watcher);
    this.#watchers.delete(watchId);
    this.#flags.delete(watchId);
    return this.#control(watchId, false, true, '');
  }

  /**
   * Asks for a notice for the whole stream; it comes through the channel, or not at all when somebody is behind. Old versions answer at once:
   * then the response is returned.
   */
  requestProgress(): WatchResponse | null {
    if (!this.#compatibility.progressInOrder) return this.#control(NO_WATCH, false, false, '');
    this.#store.progress(this.#watchers.values(), NO_WATCH);
    return null;
  }

  /** Periodic notices for the watchers that asked for them and have heard nothing since the last. */
  notifyProgress(): void {
    for (const [id, flags] of this.#flags) {
      if (!flags.progressNotify) continue;
      const watcher = this.#watchers.get(id) as Watcher;
      if (!flags.heard) this.#store.progress([watcher], id);
      flags.heard = false;
    }
  }

  /** Whether a watcher may get its responses in fragments. */
  isFragmented(watchId: bigint): boolean {
    return this.#flags.get(watchId)?.fragment === true;
  }

  /** The next response, or undefined. Values before a change are looked up now, and missing when compacted meanwhile. */
  take(): WatchResponse | undefined {
    const pending = this.channel.take();
    return pending === undefined ? undefined : this.#respond(pending);
  }

  #respond(pending: PendingResponse): WatchResponse {
    const { revision, watchId, compactRevision, changes } = pending;
    const flags = this.#flags.get(watchId);
    const prevKv = flags?.prevKv === true;
    if (flags !== undefined && changes.length > 0) flags.heard = true;
    const events = prevKv ? changes.map((change) => this.#withBefore(change)) : changes;
    const canceled = compactRevision !== 0;
    return { revision, watchId, created: false, canceled, compactRevision, cancelReason: '', fragment: false, events };
  }

  #withBefore(change: WatchEvent): WatchEvent {
    const { type, kv } = change;
    if (type === EVENT_PUT && kv.createRevision === kv.modRevision) return change;
    const found = this.#kv.range({ ...ONE_KEY, key: kv.key, revision: kv.modRevision - 1 });
    return { type, kv, prevKv: isError(found) ? null : (found.kvs[0] ?? null) };
  }

  /** Ends all watchers: the stream is gone. */
  close(): void {
    for (const watcher of this.#watchers.values()) this.#store.cancel(watcher);
    this.#watchers.clear();
    this.#flags.clear();
  }
}

const ONE_KEY: RangeRequest = {
  key: '',
  rangeEnd: '',
  limit: 0,
  revision: 0,
  sortOrder: 0,
  sortTarget: 0,
  serializable: true,
  keysOnly: false,
  countOnly: false,
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
};
