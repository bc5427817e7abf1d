/**
 * The stable part of the log as Raft reads it: what has been written and not compacted.
 *
 * {@link MemoryStorage} keeps it in memory; whoever owns it makes it durable first. Always holds: entries are without gaps from
 * {@link Storage.firstIndex} on; the term of the entry just before is kept for matching.
 */
import { assert } from '../base/assert.ts';
import { type Entry, fittingCount } from './entry.ts';
import { type ConfState, EMPTY_HARD_STATE, EMPTY_SNAPSHOT, type HardState, type RaftSnapshot } from './snapshot.ts';

/** A term that is not known: the entry is compacted or does not exist. */
export const UNKNOWN_TERM = -1;

export interface Storage {
  initialState(): { readonly hardState: HardState; readonly confState: ConfState };
  /** Entries in [from, to), as many from the first as fit into `maxBytes`, at least one; null if `from` is compacted. */
  entries(from: number, to: number, maxBytes: number): readonly Entry[] | null;
  /** Term of an entry from `firstIndex − 1` to `lastIndex`, else {@link UNKNOWN_TERM}. */
  term(index: number): number;
  firstIndex(): number;
  lastIndex(): number;
  /** The newest snapshot; null if it is not available just now. */
  snapshot(): RaftSnapshot | null;
}

/** Dead entries before the array is cut. */
const SLACK = 4_096;

export class MemoryStorage implements Storage {
  hardState: HardState = EMPTY_HARD_STATE;
  #snapshot: RaftSnapshot = EMPTY_SNAPSHOT;
  /** Entry `i` of the log is `#entries[i − #offset]`; those below `#first` are compacted. */
  #entries: Entry[] = [];
  #offset = 1;
  #first = 1;
  #termBefore = 0;

  initialState(): { readonly hardState: HardState; readonly confState: ConfState } {
    return { hardState: this.hardState, confState: this.#snapshot.confState };
  }

  firstIndex(): number {
    return this.#first;
  }

  lastIndex(): number {
    return this.#offset + this.#entries.length - 1;
  }

  term(index: number): number {
    if (index === this.#first - 1) return this.#termBefore;
    if (index < this.#first) return UNKNOWN_TERM;
    return this.#entries[index - this.#offset]?.term ?? UNKNOWN_TERM;
  }

  entries(from: number, to: number, maxBytes: number): readonly Entry[] | null {
    if (from < this.#first) return null;
    assert(to <= this.lastIndex() + 1, 'raft storage: entries beyond the last one asked');
    const found = this.#entries.slice(from - this.#offset, to - this.#offset);
    const fitting = fittingCount(found, maxBytes);
    if (fitting < found.length) found.length = fitting;
    return found;
  }

  snapshot(): RaftSnapshot | null {
    return this.#snapshot;
  }

  /** Index of the newest snapshot. */
  get snapshotIndex(): number {
    return this.#snapshot.index;
  }

  /** Replaces everything by a snapshot; false if it is not newer. */
  applySnapshot(snapshot: RaftSnapshot): boolean {
    if (this.#snapshot.index !== 0 && this.#snapshot.index >= snapshot.index) return false;
    this.#snapshot = snapshot;
    this.#entries = [];
    this.#first = snapshot.index + 1;
    this.#offset = this.#first;
    this.#termBefore = snapshot.term;
    return true;
  }

  /** Notes a snapshot made from applied entries; the log stays. */
  createSnapshot(snapshot: RaftSnapshot): void {
    if (snapshot.index > this.#snapshot.index) this.#snapshot = snapshot;
  }

  /** Drops entries up to and with `index`; false if they are gone already. */
  compact(index: number): boolean {
    if (index < this.#first) return false;
    assert(index <= this.lastIndex(), 'raft storage: compaction beyond the last entry');
    this.#termBefore = (this.#entries[index - this.#offset] as Entry).term;
    this.#first = index + 1;
    const dead = this.#first - this.#offset;
    if (dead >= SLACK || dead === this.#entries.length) {
      this.#entries.splice(0, dead);
      this.#offset = this.#first;
    }
    return true;
  }

  /** Adds entries; those at or after the first of them are replaced. */
  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const first = (entries[0] as Entry).index;
    const skip = Math.max(0, this.#first - first);
    if (skip >= entries.length) return;
    const at = first + skip - this.#offset;
    assert(at <= this.#entries.length, 'raft storage: gap before the first entry appended');
    if (at < this.#entries.length) this.#entries.length = at;
    for (let i = skip; i < entries.length; i++) this.#entries.push(entries[i] as Entry);
  }
}
