/**
 * Delivers events to watchers: one message a watcher and store batch; watchers of everything share one payload.
 *
 * Contract of a watch: every change after its position exactly once, in order of revision, until it ends; an end is
 * told.
 */
import { assert } from '../../base/assert.ts';
import type { Conn } from '../../sim/process.ts';
import { OP_WATCH_CLOSED, OP_WATCH_EVENTS, WatchEvent, WatchEvents } from '../../types/wire.ts';
import type { ApiCore } from '../core.ts';
import {
  BUG_PREDICATE_TWICE,
  BUG_SLEEPS_ON,
  COUNT_WATCH_EVENTS,
  COUNT_WATCH_PREDICATES,
  MARK_SLOW_WATCHER,
  POINT_BOOKMARK,
  POINT_DELIVERY,
  POINT_WATCH_END,
  POINT_WATCHER_SLOW,
} from '../declarations.ts';
import { BOOKMARK_BEFORE_END_US, BOOKMARK_PERIOD_US, WATCHES_MAX } from '../limits.ts';
import { isCached } from '../storage/key-names.ts';
import { NO_EVENTS, type TypeCache } from './type-cache.ts';
import { WatchDeadlines } from './watch-deadlines.ts';
import type { Watcher } from './watcher.ts';
import { WatcherIndex } from './watcher-index.ts';

/** Subject of the observation point for deliveries. */
export interface Delivery {
  readonly watcher: Watcher;
  readonly events: readonly WatchEvent[];
}

export class WatchHub {
  readonly #core: ApiCore;
  readonly #byConn = new WatcherIndex<Conn>('nextOfConn');
  readonly #deadlines = new WatchDeadlines();
  /** Caches with events of the batch under way. */
  readonly #touched: TypeCache[] = [];
  /** Called when the caches have got further. */
  onAdvance!: () => void;
  #count = 0;

  constructor(core: ApiCore) {
    this.#core = core;
  }

  /** Watches open. */
  get count(): number {
    return this.#count;
  }

  add(watcher: Watcher): void {
    assert(this.#count < WATCHES_MAX, 'API server: too many watches');
    this.#count++;
    const { watchers } = this.#core.cacheOf(watcher.type);
    watchers.wasteful = this.#core.ctx.bug(BUG_PREDICATE_TWICE);
    watchers.add(watcher);
    this.#core.sweep.by(this.#deadlines.add(watcher));
    this.#byConn.add(watcher.conn, watcher);
  }

  /** Ends the watch `id` of a connection without telling the client (it asked, or is gone). */
  cancel(conn: Conn, id: number): void {
    let watcher = this.#byConn.first(conn);
    while (watcher !== null && watcher.id !== id) watcher = watcher.nextOfConn;
    if (watcher !== null) this.#remove(watcher);
  }

  /** The client's connection is gone. */
  connectionClosed(conn: Conn): void {
    for (let watcher = this.#byConn.first(conn); watcher !== null; watcher = this.#byConn.first(conn)) {
      this.#remove(watcher);
    }
  }

  /** Ends a watch and tells the client. */
  end(watcher: Watcher): void {
    if (watcher.ended) return;
    this.#remove(watcher);
    this.#core.ctx.sendOn(watcher.conn, OP_WATCH_CLOSED, watcher.id, 0, null, this.#core.ctx.costs.watchDispatchUs);
  }

  /** Ends every watch: the caches are going to be read again. */
  endAll(): void {
    for (const conn of this.#byConn.keys()) {
      for (let watcher = this.#byConn.first(conn); watcher !== null; watcher = this.#byConn.first(conn)) {
        this.end(watcher);
      }
    }
  }

  /** Takes one event of `cache` in; delivered by `flush`. */
  offer(cache: TypeCache, event: WatchEvent): void {
    const { watchers } = cache;
    if (watchers.count === 0) return;
    if (!cache.touched) {
      cache.touched = true;
      this.#touched.push(cache);
    }
    if (watchers.always.length > 0) {
      if (cache.batch.length > 0) cache.batch.push(event);
      else cache.batch = [event];
    }
    watchers.offer(event);
  }

  /** Delivers what was offered. */
  flush(): void {
    for (let i = 0; i < this.#touched.length; i++) this.#flushCache(this.#touched[i] as TypeCache);
    while (this.#touched.length > 0) this.#touched.pop();
    if (this.#core.waiting.length > 0 && !this.#core.ctx.bug(BUG_SLEEPS_ON)) this.onAdvance();
  }

  /** Sends `events` to one watcher; false if it was too slow and has been closed. */
  deliver(watcher: Watcher, events: readonly WatchEvent[], payload = new WatchEvents(events)): boolean {
    const { ctx } = this.#core;
    if (ctx.intercept(POINT_WATCHER_SLOW, watcher) === false) {
      ctx.mark(MARK_SLOW_WATCHER);
      this.end(watcher);
      return false;
    }
    if (ctx.sim.observation.isObserved(POINT_DELIVERY))
      ctx.observe(POINT_DELIVERY, { watcher, events } satisfies Delivery);
    ctx.count(COUNT_WATCH_EVENTS, events.length);
    ctx.sendOn(watcher.conn, OP_WATCH_EVENTS, watcher.id, 0, payload, ctx.costs.watchDispatchUs);
    return true;
  }

  /**
   * Bookmarks that are due, and watches whose time is over. Run by the sweep; O(watchers due). Order: by the second in which they are
   * due, within it in the order in which that deadline was set.
   */
  sweep(nowUs: number): void {
    const { ctx, revision } = this.#core;
    const { watchDispatchUs } = ctx.costs;
    const due = this.#deadlines.take(nowUs);
    /** One bookmark a kind, shared by its watchers. */
    const bookmarks: (WatchEvents | undefined)[] = [];
    for (let i = 0; i < due.length; i++) {
      const watcher = due[i] as Watcher;
      if (watcher.ended) continue;
      if (watcher.endUs <= nowUs) {
        this.end(watcher);
        continue;
      }
      watcher.nextBookmarkUs = nextBookmark(nowUs, watcher.endUs);
      this.#deadlines.add(watcher);
      const { type } = watcher;
      const known = this.#core.cacheOf(type).revisionOf(revision);
      if (watcher.afterRevision > known || ctx.intercept(POINT_BOOKMARK, watcher) === false) continue;
      bookmarks[type.id] ??= new WatchEvents([WatchEvent.bookmark(type, known)]);
      ctx.sendOn(watcher.conn, OP_WATCH_EVENTS, watcher.id, 0, bookmarks[type.id] as WatchEvents, watchDispatchUs);
    }
    this.#core.sweep.by(Math.max(nowUs + 1, this.#deadlines.nextUs));
  }

  /** When the first watch wants a sweep, µs; infinity: none does. */
  get nextUs(): number {
    return this.#deadlines.nextUs;
  }

  #flushCache(cache: TypeCache): void {
    const { batch, watchers } = cache;
    cache.touched = false;
    this.#core.ctx.count(COUNT_WATCH_PREDICATES, watchers.evaluations - watchers.evaluationsCounted);
    watchers.evaluationsCounted = watchers.evaluations;
    if (batch.length > 0) {
      cache.batch = NO_EVENTS;
      const payload = new WatchEvents(batch);
      const first = (batch[0] as WatchEvent).revision;
      const always = watchers.always;
      for (let i = 0; i < always.length; i++) {
        const watcher = always[i] as Watcher;
        const kept =
          watcher.afterRevision < first ? this.deliver(watcher, batch, payload) : this.#deliverRest(watcher, batch);
        if (!kept) i--;
      }
    }
    const { dirty } = watchers;
    for (let i = 0; i < dirty.length; i++) {
      const watcher = dirty[i] as Watcher;
      const { pending } = watcher;
      watcher.pending = null;
      if (pending !== null && !watcher.ended) this.deliver(watcher, pending);
    }
    while (dirty.length > 0) dirty.pop();
  }

  /** For a watcher that has part of the batch already. */
  #deliverRest(watcher: Watcher, batch: readonly WatchEvent[]): boolean {
    const rest = batch.filter((event) => event.revision > watcher.afterRevision);
    return rest.length === 0 || this.deliver(watcher, rest);
  }

  #remove(watcher: Watcher): void {
    watcher.ended = true;
    this.#count--;
    this.#core.cacheOf(watcher.type).watchers.remove(watcher);
    this.#byConn.remove(watcher.conn, watcher);
    if (!isCached(watcher.type)) this.#core.store.direct.end(watcher);
    this.#core.ctx.observe(POINT_WATCH_END, watcher);
  }
}

/** When a watch gets its next bookmark: every minute, and shortly before its end. */
export function nextBookmark(nowUs: number, endUs: number): number {
  const regular = nowUs + BOOKMARK_PERIOD_US;
  const last = endUs - BOOKMARK_BEFORE_END_US;
  return last > nowUs && last < regular ? last : regular;
}
