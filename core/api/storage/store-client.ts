/**
 * One API server's line to the store: requests with their answers, the one watch that feeds all caches, dialling
 * again.
 *
 * Every request waits in a slot found by its number; a broken connection fails them all. After a break the watch goes
 * on from the last revision seen, or, if the store has compacted that, everything is read again and all watchers are
 * ended.
 */
import { assert } from '../../base/assert.ts';
import { mix } from '../../base/content-hash.ts';
import { drawInt32 } from '../../base/random.ts';
import { HoldBack } from '../../sim/hold-back.ts';
import type { Conn, Payload, Pid } from '../../sim/process.ts';
import {
  OP_STORE_ANSWERS_AND_EVENTS,
  OP_STORE_PROGRESS,
  OP_STORE_PROGRESS_REQUEST,
  OP_STORE_RANGE,
  OP_STORE_RESPONSE,
  OP_STORE_TXN,
  OP_STORE_WATCH,
  OP_STORE_WATCH_CANCELED,
  OP_STORE_WATCH_CREATED,
  OP_STORE_WATCH_EVENTS,
  type StoreAnswersAndEvents,
  StoreErrorResponse,
  type StoreEventBatch,
  type StoreProgress,
  StoreRange,
  StoreRangeResponse,
  StoreTxn,
  StoreWatch,
  type StoreWatchCanceled,
  StoreWatchEvents,
  type WriteAnswered,
} from '../../store/client-interface.ts';
import type { ApiCore } from '../core.ts';
import {
  MARK_RELISTED,
  MARK_STORE_LOST,
  POINT_CACHE_FEED,
  POINT_STORE_ANSWER,
  POINT_STORE_CALL,
  POINT_STORE_EVENTS,
  POINT_STORE_LIST,
  POINT_STORE_REFUSED,
  POINT_STORE_WATCH,
} from '../declarations.ts';
import { DIAL_BACKOFF_MAX_US, DIAL_BACKOFF_US, PROGRESS_REQUEST_US, STORE_CALLS_MAX } from '../limits.ts';
import { OP_API_DIAL_STORE, OP_API_FEED, OP_API_PROGRESS } from '../ops.ts';
import { applyChange, applyKeyValue } from './cache-feed.ts';
import { DirectWatches } from './direct-watches.ts';
import { REGISTRY_PREFIX, UNCACHED_PREFIX } from './key-names.ts';
import type { StoredObject } from './stored-object.ts';

/** Whoever waits for an answer of the store. */
export interface StoreCaller {
  onStoreAnswer(core: ApiCore, answer: Payload): void;
  /** The connection broke; `sent` false: the request never left. A write may have happened if it was sent. */
  onStoreLost(core: ApiCore, sent: boolean): void;
}

/** The one watch that feeds the caches: the real server has one a kind. */
const WATCH_ID = 1;
const DRAW_EVENTS_FIRST = 0xe7f125;

export class StoreClient implements StoreCaller {
  readonly #core: ApiCore;
  readonly #members: readonly Pid[];
  #conn: Conn = -1;
  #member = 0;
  #failures = 0;
  #callers: (StoreCaller | null)[] = new Array(64).fill(null);
  #sequence = 0;
  #pending = 0;
  #established = false;
  #progressWanted = false;
  /** Answers of the message under way that come after its events. */
  readonly #later: WriteAnswered[] = [];
  /** What a fault holds back of the watch. */
  readonly #lag: HoldBack<Payload>;
  /** Watches of kinds without a cache. */
  readonly direct: DirectWatches;
  /** Whether the caches are complete and fed. */
  ready = false;

  /** `members` in the order in which they are tried; it may grow. `first` is where this server starts. */
  constructor(core: ApiCore, members: readonly Pid[], first: number) {
    assert(members.length > 0, 'an API server needs a store member');
    this.#core = core;
    this.#members = members;
    this.#member = first % members.length;
    this.direct = new DirectWatches(core, WATCH_ID);
    const place = { point: POINT_CACHE_FEED, about: null, op: OP_API_FEED, index: 0 };
    this.#lag = new HoldBack(core.ctx, place, (payload) => this.#takeFeed(payload));
  }

  get connected(): boolean {
    return this.#conn >= 0;
  }

  /** Requests without an answer. */
  get pending(): number {
    return this.#pending;
  }

  /** Opens the connection and reads what is missing. */
  dial(): void {
    if (this.#conn >= 0) return;
    this.#established = false;
    this.#conn = this.#core.ctx.connect(this.#members[this.#member] as Pid);
    if (this.ready) this.#watch();
    else this.send(this, OP_STORE_RANGE, StoreRange.ofPrefix(REGISTRY_PREFIX), 0);
  }

  /** Puts `value` (null: deletes) if the key's mod revision is `expected`. */
  write(caller: StoreCaller, storeKey: number, expected: number, value: StoredObject | null, delayUs: number): void {
    this.send(caller, OP_STORE_TXN, new StoreTxn(storeKey, expected, value), delayUs);
  }

  /** Reads one key as it is now. */
  read(caller: StoreCaller, storeKey: number): void {
    this.send(caller, OP_STORE_RANGE, StoreRange.ofKey(storeKey), 0);
  }

  /** Reads a page of keys. */
  list(caller: StoreCaller, page: StoreRange): void {
    if (this.#conn >= 0) this.#core.ctx.observe(POINT_STORE_LIST, page.start);
    this.send(caller, OP_STORE_RANGE, page, 0);
  }

  /** Sends any request; without a connection the caller hears so at once. */
  send(caller: StoreCaller, op: number, payload: Payload, delayUs: number): void {
    if (this.#conn < 0) {
      caller.onStoreLost(this.#core, false);
      return;
    }
    const sequence = ++this.#sequence;
    if (this.#callers[sequence & (this.#callers.length - 1)] !== null) this.#grow(sequence);
    this.#callers[sequence & (this.#callers.length - 1)] = caller;
    this.#pending++;
    const { ctx } = this.#core;
    if (ctx.sim.observation.isObserved(POINT_STORE_CALL)) ctx.observe(POINT_STORE_CALL, { sequence, payload });
    ctx.sendOn(this.#conn, op, sequence, 0, payload, delayUs);
  }

  /** Sends what has no answer of its own; false without a connection. */
  sendAside(op: number, a: number, payload: Payload | null): boolean {
    return this.#core.ctx.sendOn(this.#conn, op, a, 0, payload);
  }

  /** Has the store tell how far the caches are, in a while: somebody waits for a revision that may have no change of a cached kind. */
  wantProgress(): void {
    if (this.#progressWanted) return;
    this.#progressWanted = true;
    this.#core.ctx.setTimer(PROGRESS_REQUEST_US, OP_API_PROGRESS);
  }

  /** The timer of {@link wantProgress}. */
  askProgress(): void {
    this.#progressWanted = false;
    if (this.#core.waiting.length === 0) return;
    this.sendAside(OP_STORE_PROGRESS_REQUEST, 0, null);
    this.wantProgress();
  }

  /** True if the message came from the store. */
  receive(op: number, a: number, payload: Payload | null, conn: Conn): boolean {
    if (conn !== this.#conn || conn < 0) return false;
    this.#established = true;
    switch (op) {
      case OP_STORE_RESPONSE:
        this.#answered(a, payload as Payload);
        return true;
      case OP_STORE_WATCH_EVENTS:
        this.#feed(payload as StoreWatchEvents);
        return true;
      case OP_STORE_PROGRESS:
        this.#feedCaches(payload as StoreProgress);
        return true;
      case OP_STORE_ANSWERS_AND_EVENTS:
        this.#both(payload as StoreAnswersAndEvents);
        return true;
      case OP_STORE_WATCH_CREATED:
        if (a !== WATCH_ID) return true;
        this.#failures = 0;
        this.ready = true;
        this.#core.hub.flush();
        return true;
      case OP_STORE_WATCH_CANCELED:
        if (a === WATCH_ID) this.#onCanceled(payload as StoreWatchCanceled);
        else this.direct.canceled(a, payload as StoreWatchCanceled);
        return true;
      default:
        return false;
    }
  }

  /**
   * Answers to writes and the events of their apply came together. Whether an answer or the events leave first is a toss-up, as between the goroutines
   * of a real server: of 393 creates in the recordings of Kubernetes 1.34.1 the creator's watch had 30 % before the answer, 39 % in the same ms, 31 % after.
   */
  #both({ answers, events }: StoreAnswersAndEvents): void {
    const conn = this.#conn;
    const later = this.#later;
    for (let i = 0; i < answers.length; i++) {
      const each = answers[i] as WriteAnswered;
      if (this.#comesAfterEvents(each.id)) later.push(each);
      else this.#answered(each.id, each.answer);
      if (this.#isOver(conn)) break;
    }
    if (!this.#isOver(conn)) this.#feed(events);
    for (let i = 0; i < later.length && !this.#isOver(conn); i++) {
      const { id, answer } = later[i] as WriteAnswered;
      this.#answered(id, answer);
    }
    while (later.length > 0) later.pop();
  }

  /** Whoever saw something may have crashed this server. */
  #isOver(conn: Conn): boolean {
    return !this.#core.ctx.alive || conn !== this.#conn;
  }

  #comesAfterEvents(id: number): boolean {
    const { seed, processes } = this.#core.ctx.sim;
    const nameHash = processes.nameHash[this.#core.ctx.pid] as number;
    return (drawInt32(seed, mix(nameHash, id), DRAW_EVENTS_FIRST) & 1) === 1;
  }

  /** Takes a message of the store's watches apart: what is for the caches, and what for watches of their own. */
  #feed(payload: StoreWatchEvents): void {
    const own = payload.only(WATCH_ID);
    if (own !== null) this.#feedCaches(own);
    if (own === payload) return;
    payload.watchIds.forEach((id, i) => {
      if (id !== WATCH_ID) this.direct.take(id, payload.batches[i] as StoreEventBatch);
    });
  }

  #feedCaches(payload: Payload): void {
    this.#core.ctx.observe(POINT_STORE_EVENTS, payload);
    this.#lag.take(payload);
  }

  /** True if the connection that ended was this one. */
  connectionClosed(conn: Conn): boolean {
    if (conn !== this.#conn || conn < 0) return false;
    this.#core.ctx.mark(MARK_STORE_LOST);
    this.#lag.clear();
    this.#conn = -1;
    if (!this.#established || this.#members.length > 1) this.#member = (this.#member + 1) % this.#members.length;
    const delayUs = Math.min(DIAL_BACKOFF_US * 2 ** Math.min(this.#failures, 16), DIAL_BACKOFF_MAX_US);
    this.#failures++;
    this.#core.ctx.setTimer(delayUs, OP_API_DIAL_STORE);
    this.direct.lost();
    this.#loseAll();
    return true;
  }

  onStoreAnswer(core: ApiCore, answer: Payload): void {
    if (!(answer instanceof StoreRangeResponse)) {
      this.#redial();
      return;
    }
    core.revision = answer.revision;
    for (const cache of core.caches) cache.reset(answer.revision);
    for (const keyValue of answer.keyValues) applyKeyValue(core, keyValue);
    this.#watch();
  }

  onStoreLost(): void {
    // The list is read again after dialling.
  }

  #watch(): void {
    const startRevision = this.#core.revision + 1;
    const watch = StoreWatch.ofPrefix(REGISTRY_PREFIX, { startRevision, joinsAnswers: true, except: UNCACHED_PREFIX });
    this.#core.ctx.observe(POINT_STORE_WATCH, watch);
    this.#core.ctx.sendOn(this.#conn, OP_STORE_WATCH, WATCH_ID, 0, watch);
  }

  /** The timer of what is held back. */
  releaseFeed(): void {
    this.#lag.release();
  }

  /** Takes in what the watch brought. */
  #takeFeed(payload: Payload): void {
    if (payload instanceof StoreWatchEvents) this.#onEvents(payload);
    else this.#advance((payload as StoreProgress).revision);
  }

  #onEvents(payload: StoreWatchEvents): void {
    const core = this.#core;
    for (const batch of payload.batches) {
      for (const event of batch.events) {
        if (event.revision > core.revision) applyChange(core, event);
      }
    }
    this.#advance(payload.revision);
  }

  #advance(revision: number): void {
    const core = this.#core;
    if (revision > core.revision) core.revision = revision;
    core.hub.flush();
  }

  #onCanceled(payload: StoreWatchCanceled): void {
    if (payload.compactRevision === 0) {
      this.#redial();
      return;
    }
    this.#core.ctx.mark(MARK_RELISTED);
    this.ready = false;
    this.#core.hub.endAll();
    this.send(this, OP_STORE_RANGE, StoreRange.ofPrefix(REGISTRY_PREFIX), 0);
  }

  /** Gives this connection up and tries the next member. */
  #redial(): void {
    const conn = this.#conn;
    this.#core.ctx.close(conn);
    this.connectionClosed(conn);
  }

  #answered(sequence: number, payload: Payload): void {
    const at = sequence & (this.#callers.length - 1);
    const caller = this.#callers[at] ?? null;
    if (caller === null) return;
    this.#callers[at] = null;
    this.#pending--;
    this.#showAnswer(sequence, payload);
    if (payload instanceof StoreErrorResponse) this.#core.ctx.observe(POINT_STORE_REFUSED, payload.error);
    caller.onStoreAnswer(this.#core, payload);
  }

  #showAnswer(sequence: number, answer: Payload | null): void {
    const { ctx } = this.#core;
    if (ctx.sim.observation.isObserved(POINT_STORE_ANSWER)) ctx.observe(POINT_STORE_ANSWER, { sequence, answer });
  }

  #loseAll(): void {
    const callers = this.#callers;
    this.#callers = new Array(callers.length).fill(null);
    this.#pending = 0;
    for (let i = 1; i <= callers.length; i++) {
      const caller = callers[(this.#sequence + i) & (callers.length - 1)] ?? null;
      if (caller === null) continue;
      this.#showAnswer(this.#sequence + i - callers.length, null);
      caller.onStoreLost(this.#core, true);
    }
  }

  /** Doubles the slots until the one of `sequence` is free; callers keep their numbers. */
  #grow(sequence: number): void {
    const old = this.#callers;
    const length = old.length * 2;
    assert(length <= STORE_CALLS_MAX, 'API server: too many requests wait for the store');
    const grown: (StoreCaller | null)[] = new Array(length).fill(null);
    for (let back = 1; back <= old.length; back++) {
      const number = sequence - back;
      if (number > 0) grown[number & (length - 1)] = old[number & (old.length - 1)] ?? null;
    }
    this.#callers = grown;
  }
}
