/**
 * The watches of a member: creates and cancels them, feeds those that are behind, retries slow clients, tells progress; timers as etcd's
 * loops have them (3.6, server/storage/mvcc/watchable_store.go).
 */
import type { Context } from '../sim/context.ts';
import type { Conn, Payload } from '../sim/process.ts';
import { REASON_WATCH_DUPLICATE_ID, REASON_WATCH_EMPTY_RANGE } from './errors.ts';
import {
  BUG_COMPACTED_UNTOLD,
  BUG_FUTURE_EARLY,
  BUG_RESUME_SKIPS_EVENT,
  BUG_STAYS_BEHIND,
  MARK_FUTURE,
  MARK_REPLAY,
  MARK_REPLAY_AGAIN,
} from './member-names.ts';
import { OP_CATCH_UP, OP_PROGRESS_TICK, OP_UNBLOCK } from './member-timers.ts';
import type { Mvcc } from './mvcc.ts';
import {
  OP_STORE_PROGRESS_REQUEST,
  OP_STORE_WATCH,
  OP_STORE_WATCH_CANCEL,
  OP_STORE_WATCH_CANCELED,
  OP_STORE_WATCH_CREATED,
} from './ops.ts';
import { RANGE_TO_LAST_KEY, type StoreWatch } from './requests.ts';
import { StoreWatchCanceled, StoreWatchCreated } from './responses.ts';
import type { StreamLimits } from './stream-channel.ts';
import type { StoreEvent } from './value.ts';
import { WatchHub } from './watch-hub.ts';
import { WatchStreams } from './watch-streams.ts';

/** Period of the loop that feeds watchers that are behind, and of the retry of victims, µs. */
const CATCH_UP_PERIOD_US = 100_000;
const VICTIM_PERIOD_US = 10_000;
/** Progress notices, µs: Kubernetes distributions run etcd with 5 s. */
const PROGRESS_PERIOD_US = 5_000_000;

export class MemberWatches {
  readonly #context: Context;
  readonly #mvcc: Mvcc;
  readonly #hub: WatchHub;
  readonly #streams: WatchStreams;
  #catchUpArmed = false;
  #progressArmed = false;
  #unblockArmed = false;

  constructor(context: Context, mvcc: Mvcc, limits: StreamLimits) {
    this.#context = context;
    this.#mvcc = mvcc;
    this.#hub = new WatchHub(mvcc, context.bug(BUG_COMPACTED_UNTOLD));
    this.#streams = new WatchStreams(context, mvcc, this.#hub, limits);
  }

  /** Takes what concerns watches; false for anything else. */
  receive(op: number, a: number, payload: Payload | null, conn: Conn): boolean {
    switch (op) {
      case OP_STORE_WATCH:
        this.#watch(payload as StoreWatch, conn, a);
        return true;
      case OP_STORE_WATCH_CANCEL:
        this.#cancel(conn, a);
        return true;
      case OP_STORE_PROGRESS_REQUEST:
        this.#streams.answerProgress(conn);
        this.#armUnblock();
        return true;
      case OP_CATCH_UP:
        this.#catchUp();
        return true;
      case OP_PROGRESS_TICK:
        this.#progressTick();
        return true;
      case OP_UNBLOCK:
        this.#unblock();
        return true;
      default:
        return false;
    }
  }

  /** Takes in the next change of the store. */
  publish(event: StoreEvent): void {
    this.#hub.publish(event, this.#streams);
  }

  /** Keeps the answer to a write for the message with its events; false where the client takes them apart. Sent by {@link flush}. */
  hold(conn: Conn, id: number, answer: Payload): boolean {
    return this.#streams.hold(conn, id, answer);
  }

  /** Sends what was published. */
  flush(): void {
    this.#hub.flush(this.#streams);
    this.#streams.send();
    if (this.#streams.isBlocked) this.#armUnblock();
  }

  /** The store was replaced by a snapshot: watchers in step had everything before `revision`. */
  fallBehind(revision: number): void {
    this.#hub.fallBehind(revision);
    if (this.#hub.behindCount > 0) this.#armCatchUp(0);
  }

  /** Ends all watches of a connection that is gone. */
  drop(conn: Conn): void {
    this.#streams.drop(conn);
  }

  /** Ends every watch and says why. */
  cancelAll(reason: string): void {
    this.#streams.cancelAll(reason);
  }

  #watch(watch: StoreWatch, conn: Conn, watchId: number): void {
    const context = this.#context;
    const { revision } = this.#mvcc;
    const duplicate = this.#streams.find(conn, watchId) !== undefined;
    const empty = watch.keyId < 0 && watch.end !== RANGE_TO_LAST_KEY && watch.end <= watch.start;
    const refused = duplicate || empty;
    context.sendOn(conn, OP_STORE_WATCH_CREATED, refused ? -1 : watchId, 0, new StoreWatchCreated(revision));
    if (refused) {
      const reason = duplicate ? REASON_WATCH_DUPLICATE_ID : REASON_WATCH_EMPTY_RANGE;
      context.sendOn(conn, OP_STORE_WATCH_CANCELED, -1, watchId, new StoreWatchCanceled(0, reason));
      return;
    }
    this.#streams.file(
      conn,
      this.#hub.add(conn, watchId, watch, this.#startOf(watch.startRevision)),
      watch.joinsAnswers,
    );
    if (this.#hub.behindCount > 0 && !context.bug(BUG_STAYS_BEHIND))
      this.#armCatchUp(CATCH_UP_PERIOD_US - (context.now() % CATCH_UP_PERIOD_US));
    if (watch.progressNotify && !this.#progressArmed) {
      this.#progressArmed = true;
      context.setTimer(PROGRESS_PERIOD_US, OP_PROGRESS_TICK);
    }
  }

  /** The revision from which a watch gets events: as it was asked for, unless a bug is planted. */
  #startOf(startRevision: number): number {
    const { revision } = this.#mvcc;
    if (startRevision > 0 && startRevision <= revision) {
      return this.#context.bug(BUG_RESUME_SKIPS_EVENT) ? startRevision + 1 : startRevision;
    }
    if (startRevision <= revision + 1) return startRevision;
    this.#context.mark(MARK_FUTURE);
    return this.#context.bug(BUG_FUTURE_EARLY) ? 0 : startRevision;
  }

  #cancel(conn: Conn, watchId: number): void {
    if (!this.#streams.cancel(conn, watchId)) return;
    this.#context.sendOn(conn, OP_STORE_WATCH_CANCELED, watchId, 0, new StoreWatchCanceled(0, ''));
  }

  #armCatchUp(delayUs: number): void {
    if (this.#catchUpArmed) return;
    this.#catchUpArmed = true;
    this.#context.setTimer(delayUs, OP_CATCH_UP);
  }

  #catchUp(): void {
    this.#catchUpArmed = false;
    const before = this.#hub.behindCount;
    if (before === 0) return;
    this.#context.mark(MARK_REPLAY);
    const more = this.#hub.catchUp(this.#streams);
    this.#streams.send();
    this.#armUnblock();
    if (!more) return;
    this.#context.mark(MARK_REPLAY_AGAIN);
    this.#armCatchUp(this.#hub.behindCount < before ? this.#context.costs.storeTxnUs : CATCH_UP_PERIOD_US);
  }

  #armUnblock(): void {
    if (this.#unblockArmed || !this.#streams.isBlocked) return;
    this.#unblockArmed = true;
    this.#context.setTimer(VICTIM_PERIOD_US, OP_UNBLOCK);
  }

  #unblock(): void {
    this.#unblockArmed = false;
    this.#streams.unblock();
    if (this.#hub.behindCount > 0) this.#armCatchUp(CATCH_UP_PERIOD_US);
    this.#armUnblock();
  }

  #progressTick(): void {
    this.#progressArmed = this.#streams.notifyProgress();
    this.#armUnblock();
    if (this.#progressArmed) this.#context.setTimer(PROGRESS_PERIOD_US, OP_PROGRESS_TICK);
  }
}
