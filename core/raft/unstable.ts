/**
 * The end of the log that is not durable yet: entries, perhaps after a snapshot that is being installed.
 *
 * Always holds: entry `i` is `entries[i − offset]`; what lies before `offsetInProgress` has been handed to storage and not been
 * acknowledged. Rules: etcd-io/raft log_unstable (cdfbeed).
 */
import { assert } from '../base/assert.ts';
import type { Entry } from './entry.ts';
import type { RaftLogger } from './logger.ts';
import { NO_ENTRIES } from './message.ts';
import type { RaftSnapshot } from './snapshot.ts';
import { UNKNOWN_TERM } from './storage.ts';

export class Unstable {
  /** The snapshot being installed, or null. */
  snapshot: RaftSnapshot | null = null;
  entries: Entry[] = [];
  offset: number;
  snapshotInProgress = false;
  offsetInProgress: number;
  readonly #logger: RaftLogger | null;

  constructor(offset: number, logger: RaftLogger | null) {
    this.offset = offset;
    this.offsetInProgress = offset;
    this.#logger = logger;
  }

  /** Last index held here, or −1. */
  lastIndex(): number {
    if (this.entries.length > 0) return this.offset + this.entries.length - 1;
    return this.snapshot === null ? -1 : this.snapshot.index;
  }

  /** Term of an entry held here, else {@link UNKNOWN_TERM}. */
  term(index: number): number {
    // A negative place would be looked up as a name.
    const at = index - this.offset;
    if (at >= 0 && at < this.entries.length) return (this.entries[at] as Entry).term;
    return this.snapshot !== null && this.snapshot.index === index ? this.snapshot.term : UNKNOWN_TERM;
  }

  /** Entries not yet handed to storage. */
  nextEntries(): readonly Entry[] {
    const handed = this.offsetInProgress - this.offset;
    return handed === this.entries.length ? NO_ENTRIES : this.entries.slice(handed);
  }

  get hasNextEntries(): boolean {
    return this.offsetInProgress - this.offset < this.entries.length;
  }

  /** The snapshot, unless storage has it already. */
  nextSnapshot(): RaftSnapshot | null {
    return this.snapshotInProgress ? null : this.snapshot;
  }

  /** Everything here has been handed to storage. */
  acceptInProgress(): void {
    this.offsetInProgress = this.offset + this.entries.length;
    if (this.snapshot !== null) this.snapshotInProgress = true;
  }

  /** Storage has everything up to this entry, if it is still the one that was written: terms tell. */
  stableTo(index: number, term: number): void {
    const held = this.term(index);
    if (held === UNKNOWN_TERM) {
      this.#logger?.info(`entry at index ${index} missing from unstable log; ignoring`);
      return;
    }
    if (index < this.offset) {
      this.#logger?.info(`entry at index ${index} matched unstable snapshot; ignoring`);
      return;
    }
    if (held !== term) {
      this.#logger?.info(
        `entry at (index,term)=(${index},${term}) mismatched with entry at (${index},${held}) in unstable log; ignoring`,
      );
      return;
    }
    const count = index + 1 - this.offset;
    this.entries = count === this.entries.length ? [] : this.entries.slice(count);
    this.offset = index + 1;
    this.offsetInProgress = Math.max(this.offsetInProgress, this.offset);
  }

  /** Storage has the snapshot. */
  stableSnapTo(index: number): void {
    if (this.snapshot?.index === index) this.snapshot = null;
  }

  /** Starts over from a snapshot. */
  restore(snapshot: RaftSnapshot): void {
    this.offset = snapshot.index + 1;
    this.offsetInProgress = this.offset;
    this.entries = [];
    this.snapshot = snapshot;
    this.snapshotInProgress = false;
  }

  /** Adds entries; those at or after the first of them are replaced. */
  truncateAndAppend(entries: readonly Entry[]): void {
    const from = (entries[0] as Entry).index;
    const end = this.offset + this.entries.length;
    if (from < end) {
      if (from <= this.offset) {
        this.#logger?.info(`replace the unstable entries from index ${from}`);
        this.entries = [];
        this.offset = from;
        this.offsetInProgress = from;
      } else {
        this.#logger?.info(`truncate the unstable entries before index ${from}`);
        this.entries = this.entries.slice(0, from - this.offset);
        this.offsetInProgress = Math.min(this.offsetInProgress, from);
      }
    } else assert(from === end, 'raft: gap in the unstable log');
    for (let i = 0; i < entries.length; i++) this.entries.push(entries[i] as Entry);
  }

  /** Entries in [from, to). */
  slice(from: number, to: number): Entry[] {
    assert(
      from <= to && from >= this.offset && to <= this.offset + this.entries.length,
      'raft: unstable entries out of bounds',
    );
    return this.entries.slice(from - this.offset, to - this.offset);
  }
}
