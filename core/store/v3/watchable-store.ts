/**
 * Watches as etcd keeps them (etcd 3.6, server/storage/mvcc/watchable_store.go): *synced* watchers get each change as it is made,
 * *unsynced* ones are fed from history in passes, *victims* hold a response that did not fit the channel of their stream.
 *
 * Always: what a watcher gets is in revision order, each matching change exactly once, a revision never split between responses; nothing
 * before its start revision. A full channel delays, it never drops. Pure: the owner calls {@link notify} after each transaction
 * and the two loops at their periods.
 */
import type { Kv } from './kv.ts';
import { EVENT_DELETE, EVENT_PUT, FILTER_NO_DELETE, FILTER_NO_PUT, type WatchEvent } from './messages.ts';
import type { WatchChannel } from './watch-channel.ts';
import { WatcherGroup } from './watcher-group.ts';

/** Most distinct revisions in one response from history (watchBatchMaxRevs). */
const BATCH_REVISIONS_MAX = 1_000;
/** Most unsynced watchers served in one pass (maxWatchersPerSync). */
const WATCHERS_PER_PASS = 512;
/** Period of the pass over unsynced watchers, µs (watchResyncPeriod). */
export const SYNC_PERIOD_US = 100_000;
/** Period of the retry of victims, µs. */
export const VICTIM_PERIOD_US = 10_000;

export class Watcher {
  readonly id: bigint;
  readonly key: string;
  readonly rangeEnd: string;
  readonly startRevision: number;
  readonly #noPut: boolean;
  readonly #noDelete: boolean;
  /** null once the watcher is canceled. */
  channel: WatchChannel | null;
  /** First revision it has not got. */
  minRevision: number;
  /** Ended because its start was compacted. */
  compacted = false;

  constructor(
    id: bigint,
    key: string,
    rangeEnd: string,
    startRevision: number,
    filters: readonly number[],
    channel: WatchChannel,
  ) {
    this.id = id;
    this.key = key;
    this.rangeEnd = rangeEnd;
    this.startRevision = startRevision;
    this.minRevision = startRevision;
    this.#noPut = filters.includes(FILTER_NO_PUT);
    this.#noDelete = filters.includes(FILTER_NO_DELETE);
    this.channel = channel;
  }

  /** Puts a response into the stream's channel; false when it is full. What is filtered out entirely needs no room. */
  send(revision: number, changes: readonly WatchEvent[]): boolean {
    let sent = changes;
    if (this.#noPut || this.#noDelete) {
      sent = changes.filter(({ type }) => (type === EVENT_PUT ? !this.#noPut : !this.#noDelete));
      if (sent.length === 0 && changes.length > 0) return true;
    }
    return this.channel?.offer({ watchId: this.id, revision, compactRevision: 0, changes: sent }) ?? true;
  }
}

/** What waits for one watcher: some revisions' changes, and the revision to go on from. */
interface Batch {
  readonly changes: WatchEvent[];
  revisions: number;
  /** First revision with more changes, 0 for none. */
  moreRevision: number;
}

export class WatchableStore {
  readonly #kv: Kv;
  readonly #synced = new WatcherGroup();
  readonly #unsynced = new WatcherGroup();
  #victims = new Map<Watcher, Batch>();

  constructor(kv: Kv) {
    this.#kv = kv;
  }

  get revision(): number {
    return this.#kv.mvcc.revision;
  }

  /** Watchers that wait for {@link syncWatchers}. */
  get unsyncedCount(): number {
    return this.#unsynced.size;
  }

  /** Watchers that wait for room in their channel. */
  get victimCount(): number {
    return this.#victims.size;
  }

  get syncedCount(): number {
    return this.#synced.size;
  }

  /** Adds a watcher: in step when its start is 0 or still to come, otherwise behind. */
  add(watcher: Watcher): void {
    const { startRevision } = watcher;
    if (startRevision === 0 || startRevision > this.revision) {
      watcher.minRevision = Math.max(this.revision + 1, startRevision);
      this.#synced.add(watcher);
    } else this.#unsynced.add(watcher);
  }

  cancel(watcher: Watcher): void {
    if (!this.#unsynced.delete(watcher) && !this.#synced.delete(watcher)) this.#victims.delete(watcher);
    watcher.channel = null;
  }

  /** Tells synced watchers of the transaction that made the history's records from `from` on. Called right after its commit. */
  notify(from: number): void {
    const { history } = this.#kv.mvcc;
    if (this.#synced.size === 0 || from === history.count) return;
    const batches = new Map<Watcher, Batch>();
    for (let index = from; index < history.count; index++) this.#collect(this.#synced, index, batches);
    for (const [watcher, batch] of batches) {
      if (!watcher.send(this.revision, batch.changes)) {
        this.#synced.delete(watcher);
        this.#victims.set(watcher, batch);
      }
      watcher.minRevision = this.revision + 1;
    }
  }

  #collect(group: WatcherGroup, index: number, batches: Map<Watcher, Batch>): void {
    const { history, keys } = this.#kv.mvcc;
    const revision = history.revision(index);
    let change: WatchEvent | null = null;
    group.forKey(keys.keyOf(history.keyId(index)), (watcher) => {
      if (revision < watcher.minRevision) return;
      change ??= this.#changeAt(index);
      const batch = batches.get(watcher);
      if (batch === undefined) batches.set(watcher, { changes: [change], revisions: 1, moreRevision: 0 });
      else addChange(batch, change, revision);
    });
  }

  /** The change at `index` of the history, one object for all watchers. A delete shows key and revision only. */
  #changeAt(index: number): WatchEvent {
    const { history, keys } = this.#kv.mvcc;
    if (history.isLive(index)) return { type: EVENT_PUT, kv: this.#kv.keyValueAt(index), prevKv: null };
    const key = keys.keyOf(history.keyId(index));
    const kv = { key, createRevision: 0, modRevision: history.revision(index), version: 0, value: null, lease: 0n };
    return { type: EVENT_DELETE, kv, prevKv: null };
  }

  /**
   * One pass over unsynced watchers: those whose start is compacted end, the others get what they lack, at most a batch each.
   * Returns how many are left.
   */
  syncWatchers(): number {
    if (this.#unsynced.size === 0) return 0;
    const compactRevision = this.#kv.mvcc.compactRevision;
    const chosen = this.#choose(compactRevision);
    for (const [watcher, batch] of this.#fromHistory(chosen)) {
      watcher.minRevision = Math.max(this.revision + 1, watcher.minRevision);
      if (batch === null) {
        this.#unsynced.delete(watcher);
        this.#synced.add(watcher);
        continue;
      }
      if (batch.moreRevision !== 0) watcher.minRevision = batch.moreRevision;
      if (!watcher.send(this.revision, batch.changes)) {
        this.#unsynced.delete(watcher);
        this.#victims.set(watcher, batch);
      } else if (batch.moreRevision === 0) {
        this.#unsynced.delete(watcher);
        this.#synced.add(watcher);
      }
    }
    return this.#unsynced.size;
  }

  /** The watchers of this pass; ends those that start below the compaction, as far as their channels have room. */
  #choose(compactRevision: number): WatcherGroup {
    const chosen = new WatcherGroup();
    let left = WATCHERS_PER_PASS;
    for (const watcher of [...this.#unsynced.all]) {
      if (left-- === 0) break;
      if (watcher.minRevision >= compactRevision) {
        chosen.add(watcher);
        continue;
      }
      const gone = watcher.channel?.offer({ watchId: watcher.id, revision: 0, compactRevision, changes: [] });
      if (gone !== true) continue;
      watcher.compacted = true;
      this.#unsynced.delete(watcher);
    }
    return chosen;
  }

  #fromHistory(group: WatcherGroup): Map<Watcher, Batch | null> {
    const { history } = this.#kv.mvcc;
    const batches = new Map<Watcher, Batch>();
    let from = Number.POSITIVE_INFINITY;
    for (const { minRevision } of group.all) from = Math.min(from, minRevision);
    for (let index = history.firstAtOrAfter(from); index < history.count; index++) {
      if (!history.isSwept(index)) this.#collect(group, index, batches);
    }
    const byWatcher = new Map<Watcher, Batch | null>();
    for (const watcher of group.all) byWatcher.set(watcher, batches.get(watcher) ?? null);
    return byWatcher;
  }

  /** Tries again to send what did not fit. Returns how many got through. */
  moveVictims(): number {
    const waiting = this.#victims;
    this.#victims = new Map();
    let moved = 0;
    for (const [watcher, batch] of waiting) {
      // The watcher has seen the store up to, but not including, minRevision.
      if (!watcher.send(watcher.minRevision - 1, batch.changes)) {
        this.#victims.set(watcher, batch);
        continue;
      }
      moved++;
      if (batch.moreRevision !== 0) watcher.minRevision = batch.moreRevision;
      if (watcher.minRevision <= this.revision) this.#unsynced.add(watcher);
      else this.#synced.add(watcher);
    }
    return moved;
  }

  /** After the whole store was replaced: nobody is in step until a pass over the new history says so. */
  restored(): void {
    for (const watcher of [...this.#synced.all]) {
      this.#synced.delete(watcher);
      this.#unsynced.add(watcher);
    }
  }

  /** Announces progress to `watchers` of one stream as `watchId`, if all are synced and started. */
  progress(watchers: Iterable<Watcher>, watchId: bigint): boolean {
    let first: Watcher | null = null;
    for (const watcher of watchers) {
      if (!this.#synced.all.has(watcher) || this.revision < watcher.startRevision) return false;
      first ??= watcher;
    }
    first?.channel?.offer({ watchId, revision: this.revision, compactRevision: 0, changes: [] });
    return true;
  }
}

function addChange(batch: Batch, change: WatchEvent, revision: number): void {
  if (batch.moreRevision !== 0) return;
  const last = (batch.changes.at(-1) as WatchEvent).kv.modRevision;
  if (revision > last && ++batch.revisions > BATCH_REVISIONS_MAX) batch.moreRevision = revision;
  else batch.changes.push(change);
}
