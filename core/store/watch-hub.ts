/**
 * All watches of one member, after etcd 3.6's watchableStore: watchers in step get a commit's events as it is published, watchers that
 * start in the past are fed from history at most {@link CATCH_UP_REVISIONS} revisions at a time until they are in step, watchers that start in the
 * future stay silent until their revision.
 *
 * Always holds: what a watcher gets is in revision order, without gap or repetition, and a revision is never split. Cost of a change:
 * one array look-up for the set of groups that cover its key and one push a group, whatever the number of watchers.
 */
import type { Mvcc } from './mvcc.ts';
import type { StoreWatch } from './requests.ts';
import { StoreEventBatch } from './responses.ts';
import type { StoreEvent } from './value.ts';
import { NOTHING, Watcher, WatchGroup } from './watch-group.ts';

/** Most distinct revisions one catch-up batch carries (etcd's watchBatchMaxRevs). */
const CATCH_UP_REVISIONS = 1_000;
/** Most watchers one catch-up pass looks at (etcd's maxWatchersPerSync). */
export const CATCH_UP_WATCHERS = 512;

/** In the table of directories: a range begins or ends between its keys. */
const DIVIDED = 0;

/** Takes what the hub delivers. Batches and watcher lists must be used at once or copied. */
export interface WatchSink {
  /** `batch` is for every one of `watchers`. */
  deliver(watchers: readonly Watcher[], batch: StoreEventBatch): void;
  /** The watcher's next revision is compacted. True: its client is being told, and the hub drops it; false: not now. */
  compacted(watcher: Watcher): boolean;
}

/** Whether two lists in one order have the same members. */
function isSameList<T>(left: readonly T[], right: readonly T[]): boolean {
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

export class WatchHub {
  readonly #mvcc: Mvcc;
  readonly #rangeGroups: WatchGroup[] = [];
  readonly #keyGroups = new Map<number, WatchGroup>();
  readonly #dirty: WatchGroup[] = [];
  #behind: Watcher[] = [];
  #future: Watcher[] = [];
  /** By key id: 1 + index into {@link #sets}; 0 = not known yet. */
  #setOfKey = new Int32Array(256);
  #sets: (readonly WatchGroup[])[] = [];
  /** By directory of keys: the same, where it holds for all its keys; {@link DIVIDED} where it does not. */
  readonly #setOfDirectory = new Map<number, number>();

  readonly #forgetsUntold: boolean;

  /** `forgetsUntold` is a bug switch: a watcher that cannot be told now that it is compacted passes for one in step. */
  constructor(mvcc: Mvcc, forgetsUntold = false) {
    this.#mvcc = mvcc;
    this.#forgetsUntold = forgetsUntold;
  }

  /** Watchers that wait for {@link catchUp}. */
  get behindCount(): number {
    return this.#behind.length;
  }

  /**
   * Adds a watcher from `startRevision` on (≤ 0: from the next change). Nothing may be pending (call {@link flush} first). A start in the
   * past, compacted or not, is dealt with by the next {@link catchUp}.
   */
  add(owner: number, watchId: number, watch: StoreWatch, startRevision = watch.startRevision): Watcher {
    const group = this.#groupFor(watch);
    group.memberCount++;
    const next = this.#mvcc.revision + 1;
    const start = startRevision <= 0 ? next : startRevision;
    const watcher = new Watcher(owner, watchId, group, start, watch.progressNotify);
    if (start === next) this.#join(watcher);
    else if (start > next) this.#future.push(watcher);
    else this.#behind.push(watcher);
    return watcher;
  }

  /** Takes a watcher out for a time: what it has not got from here on is found by {@link goOn}. */
  suspend(watcher: Watcher): void {
    if (watcher.inStep) watcher.nextRevision = this.#mvcc.revision + 1;
    this.#takeOut(watcher);
    watcher.inStep = false;
  }

  /** Lets a suspended watcher in again, behind the others if something happened meanwhile. */
  goOn(watcher: Watcher): void {
    if (watcher.nextRevision > this.#mvcc.revision) this.#join(watcher);
    else this.#behind.push(watcher);
  }

  /** Ends a watch. */
  remove(watcher: Watcher): void {
    this.#takeOut(watcher);
    this.#leave(watcher);
  }

  #takeOut(watcher: Watcher): void {
    const without = (list: Watcher[]): Watcher[] => list.filter((other) => other !== watcher);
    const group = watcher.group;
    if (watcher.inStep) group.watchers = without(group.watchers);
    else {
      this.#behind = without(this.#behind);
      this.#future = without(this.#future);
    }
  }

  #leave(watcher: Watcher): void {
    const group = watcher.group;
    group.memberCount--;
    if (group.memberCount > 0) return;
    if (group.keyId >= 0) this.#keyGroups.delete(group.keyId);
    else {
      this.#rangeGroups.splice(this.#rangeGroups.indexOf(group), 1);
      this.#forgetSets();
    }
  }

  #join(watcher: Watcher): void {
    watcher.inStep = true;
    watcher.progressSeen = watcher.group.lastEventRevision;
    watcher.group.watchers.push(watcher);
  }

  #groupFor(watch: StoreWatch): WatchGroup {
    if (watch.keyId >= 0) {
      let group = this.#keyGroups.get(watch.keyId);
      if (group === undefined) {
        group = new WatchGroup(watch.keyId, '', '', '');
        this.#keyGroups.set(watch.keyId, group);
      }
      return group;
    }
    const { start, end, except } = watch;
    let group = this.#rangeGroups.find(
      (other) => other.start === start && other.end === end && other.except === except,
    );
    if (group === undefined) {
      group = new WatchGroup(-1, start, end, except);
      this.#rangeGroups.push(group);
      this.#forgetSets();
    }
    return group;
  }

  #forgetSets(): void {
    this.#setOfKey.fill(0);
    this.#setOfDirectory.clear();
    this.#sets = [];
  }

  /** Whether anybody in step watches the key: lets the caller skip making an event. */
  isWatched(keyId: number): boolean {
    return this.#setFor(keyId).length > 0 || (this.#keyGroups.size > 0 && this.#keyGroups.has(keyId));
  }

  #setFor(keyId: number): readonly WatchGroup[] {
    if (keyId >= this.#setOfKey.length) {
      const grown = new Int32Array(Math.max(keyId + 1, this.#setOfKey.length * 2));
      grown.set(this.#setOfKey);
      this.#setOfKey = grown;
    }
    const known = this.#setOfKey[keyId] as number;
    return known !== 0 ? (this.#sets[known - 1] as readonly WatchGroup[]) : this.#findSet(keyId);
  }

  /** Most keys lie in a directory that every range has whole or not at all: then their strings need not be built. */
  #findSet(keyId: number): readonly WatchGroup[] {
    const { keys } = this.#mvcc;
    const directory = keys.directoryOf(keyId);
    let index = this.#setOfDirectory.get(directory) ?? this.#findSetOfDirectory(directory);
    if (index === DIVIDED) {
      const key = keys.keyOf(keyId);
      index = this.#indexOf(this.#rangeGroups.filter((group) => group.covers(keyId, key)));
    }
    this.#setOfKey[keyId] = index;
    return this.#sets[index - 1] as readonly WatchGroup[];
  }

  #findSetOfDirectory(directory: number): number {
    const path = this.#mvcc.keys.pathOf(directory);
    const isWhole = this.#rangeGroups.every((group) => group.takesWhole(path));
    const index = isWhole ? this.#indexOf(this.#rangeGroups.filter((group) => group.hasInRange(path))) : DIVIDED;
    this.#setOfDirectory.set(directory, index);
    return index;
  }

  /** 1 + index of a set of groups: there are few distinct ones, however many keys. */
  #indexOf(set: readonly WatchGroup[]): number {
    const index = this.#sets.findIndex((known) => isSameList(known, set));
    return index < 0 ? this.#sets.push(set) : index + 1;
  }

  /** Takes in the next change of the store, in order of revision and sub-revision. */
  publish(event: StoreEvent, sink: WatchSink): void {
    if (this.#future.length > 0) this.#admitFuture(event.revision, sink);
    const set = this.#setFor(event.keyId);
    for (let i = 0; i < set.length; i++) this.#pend(set[i] as WatchGroup, event);
    if (this.#keyGroups.size > 0) {
      const group = this.#keyGroups.get(event.keyId);
      if (group !== undefined) this.#pend(group, event);
    }
  }

  #pend(group: WatchGroup, event: StoreEvent): void {
    if (group.watchers.length === 0) return;
    group.lastEventRevision = event.revision;
    if (group.pending.length > 0) {
      group.pending.push(event);
      return;
    }
    // Most commits have one event: a literal has no room to spare, what a push makes has for sixteen.
    group.pending = [event];
    this.#dirty.push(group);
  }

  /** Lets in watchers whose start has come; what is pending is not for them and goes out first. */
  #admitFuture(revision: number, sink: WatchSink): void {
    if (!this.#future.some((watcher) => watcher.nextRevision <= revision)) return;
    this.flush(sink);
    const waiting: Watcher[] = [];
    for (const watcher of this.#future) {
      if (watcher.nextRevision <= revision) this.#join(watcher);
      else waiting.push(watcher);
    }
    this.#future = waiting;
  }

  /** Delivers what was published since the last flush: one batch a group. */
  flush(sink: WatchSink): void {
    const dirty = this.#dirty;
    for (let i = 0; i < dirty.length; i++) {
      const group = dirty[i] as WatchGroup;
      const batch = new StoreEventBatch(group.pending);
      group.pending = NOTHING;
      sink.deliver(group.watchers, batch);
    }
    while (dirty.length > 0) dirty.pop();
  }

  /**
   * One pass over watchers that are behind: each gets its next batch from history, or joins its group when it has everything.
   * Nothing may be pending. Returns whether some are still behind.
   */
  catchUp(sink: WatchSink): boolean {
    const pass = this.#behind.slice(0, CATCH_UP_WATCHERS);
    const rest = this.#behind.slice(CATCH_UP_WATCHERS);
    this.#behind = [];
    const replay = new Replay(this.#mvcc);
    const still: Watcher[] = [];
    for (const watcher of pass) {
      if (watcher.nextRevision < this.#mvcc.compactRevision) {
        if (sink.compacted(watcher)) this.#leave(watcher);
        else if (this.#forgetsUntold) this.#join(watcher);
        else still.push(watcher);
        continue;
      }
      const next = replay.read(watcher.group, watcher.nextRevision);
      watcher.nextRevision = next;
      if (replay.batch !== null) sink.deliver([watcher], replay.batch);
      if (next > this.#mvcc.revision) this.#join(watcher);
      else still.push(watcher);
    }
    this.#behind = rest.concat(still, this.#behind);
    return this.#behind.length > 0;
  }

  /** The store was replaced by a snapshot: watchers that had everything before `revision` are fed the rest from history. */
  fallBehind(revision: number): void {
    const groups = [...this.#rangeGroups, ...this.#keyGroups.values()];
    for (const group of groups) {
      for (const watcher of group.watchers) {
        watcher.inStep = false;
        watcher.nextRevision = revision;
        this.#behind.push(watcher);
      }
      group.watchers = [];
      group.pending = [];
    }
    this.#dirty.length = 0;
    const next = this.#mvcc.revision + 1;
    for (const watcher of this.#future) if (watcher.nextRevision < next) this.#behind.push(watcher);
    this.#future = this.#future.filter((watcher) => watcher.nextRevision >= next);
  }

  /**
   * Calls `notify` for each watcher in step that asked for progress and has had no event since the last call. `staysQuiet` is a bug switch:
   * after its first event a watcher hears of no progress any more.
   */
  progress(watchers: Iterable<Watcher>, staysQuiet: boolean, notify: (watcher: Watcher) => void): void {
    for (const watcher of watchers) {
      if (!watcher.progressNotify || !watcher.inStep) continue;
      const last = watcher.group.lastEventRevision;
      if (last <= watcher.progressSeen) notify(watcher);
      else if (!staysQuiet) watcher.progressSeen = last;
    }
  }
}

/** Reads batches from history for one catch-up pass; watchers with the same range and position share batches, all share events. */
class Replay {
  readonly #mvcc: Mvcc;
  readonly #events = new Map<number, StoreEvent>();
  #group: WatchGroup | null = null;
  #from = -1;
  #next = -1;
  /** What the last {@link read} found, null for nothing. */
  batch: StoreEventBatch | null = null;

  constructor(mvcc: Mvcc) {
    this.#mvcc = mvcc;
  }

  /** Reads for `group` from revision `from`; returns the first revision not covered by {@link batch}. */
  read(group: WatchGroup, from: number): number {
    if (group === this.#group && from === this.#from) return this.#next;
    const { history, keys } = this.#mvcc;
    const events: StoreEvent[] = [];
    let revisions = 0;
    let last = -1;
    let next = this.#mvcc.revision + 1;
    for (let index = history.firstAtOrAfter(from); index < history.count; index++) {
      if (history.isSwept(index)) continue;
      const keyId = history.keyId(index);
      if (!group.covers(keyId, keys.keyOf(keyId))) continue;
      const revision = history.revision(index);
      if (revision !== last) {
        if (revisions === CATCH_UP_REVISIONS) {
          next = revision;
          break;
        }
        revisions++;
        last = revision;
      }
      events.push(this.#eventAt(index));
    }
    this.batch = events.length > 0 ? new StoreEventBatch(events) : null;
    this.#group = group;
    this.#from = from;
    this.#next = next;
    return next;
  }

  #eventAt(index: number): StoreEvent {
    let event = this.#events.get(index);
    if (event === undefined) {
      event = this.#mvcc.eventAt(index);
      this.#events.set(index, event);
    }
    return event;
  }
}
