/**
 * Watchers of one and the same range: a cohort. They share the events of a commit as one batch object, so a change costs
 * once a group, not once a watcher.
 */
import { RANGE_TO_LAST_KEY } from './requests.ts';
import type { StoreEvent } from './value.ts';

/** One watch of one client. */
export class Watcher {
  /** Whom it belongs to: the hub's user gives it meaning (a connection). */
  readonly owner: number;
  readonly watchId: number;
  readonly group: WatchGroup;
  readonly progressNotify: boolean;
  /** While behind or waiting for the future: the first revision it has not got yet. Meaningless once in step. */
  nextRevision: number;
  /** In step with the store: a member of its group's list. */
  inStep = false;
  /** The group's {@link WatchGroup.lastEventRevision} when progress was last considered. */
  progressSeen = 0;

  constructor(owner: number, watchId: number, group: WatchGroup, nextRevision: number, progressNotify: boolean) {
    this.owner = owner;
    this.watchId = watchId;
    this.group = group;
    this.nextRevision = nextRevision;
    this.progressNotify = progressNotify;
  }
}

/** The pending list of a group without events; nobody may push to it. */
export const NOTHING: StoreEvent[] = [];

/** Whether a bound lies between keys of a directory. */
function isInside(bound: string, path: string): boolean {
  return bound.length > path.length && bound.startsWith(path);
}

/** A range and its watchers. */
export class WatchGroup {
  /** ≥ 0: one key. */
  readonly keyId: number;
  readonly start: string;
  readonly end: string;
  /** Keys with this prefix are left out; '' for none. */
  readonly except: string;
  /** Watchers in step, in order of joining. */
  watchers: Watcher[] = [];
  /** All watchers, those behind and waiting included. */
  memberCount = 0;
  /** Events of the present commit for the watchers in step. */
  pending: StoreEvent[] = NOTHING;
  lastEventRevision = 0;

  constructor(keyId: number, start: string, end: string, except: string) {
    this.keyId = keyId;
    this.start = start;
    this.end = end;
    this.except = except;
  }

  /** Whether the range covers a key. */
  covers(keyId: number, key: string): boolean {
    return this.keyId >= 0 ? keyId === this.keyId : this.hasInRange(key);
  }

  /** Whether it covers all keys of a directory or none: {@link hasInRange} then says of its path which. */
  takesWhole(path: string): boolean {
    return !isInside(this.start, path) && !isInside(this.end, path) && !isInside(this.except, path);
  }

  /** Whether a key, or the path of a directory that it {@link takesWhole}, lies in the range. */
  hasInRange(key: string): boolean {
    if (key < this.start || (this.end !== RANGE_TO_LAST_KEY && key >= this.end)) return false;
    return this.except === '' || !key.startsWith(this.except);
  }
}
