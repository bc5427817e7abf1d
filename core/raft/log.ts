/**
 * The whole log: stable part, unstable end, and how far it is committed and applied.
 *
 * Always holds: applied ≤ applying ≤ committed ≤ last index; a committed entry never changes. Rules: etcd-io/raft log (cdfbeed).
 */
import { AssertionError, assert } from '../base/assert.ts';
import { type Entry, entriesBytes, fittingCount } from './entry.ts';
import type { RaftLogger } from './logger.ts';
import { NO_ENTRIES } from './message.ts';
import type { RaftSnapshot } from './snapshot.ts';
import { type Storage, UNKNOWN_TERM } from './storage.ts';
import { Unstable } from './unstable.ts';

/**
 * What a leader says contradicts what this member has committed, or it counts on entries that are not here: somebody's log was lost.
 * etcd's process panics then.
 */
export class LostLogError extends AssertionError {
  constructor(what: string) {
    super(`raft: ${what}`);
  }
}

export class RaftLog {
  readonly storage: Storage;
  readonly unstable: Unstable;
  committed: number;
  /** Up to here entries have been handed out for applying. */
  applying: number;
  applied: number;
  /** Most bytes handed out for applying and not acknowledged. */
  readonly maxApplyingBytes: number;
  #applyingBytes = 0;
  #applyingPaused = false;
  readonly #logger: RaftLogger | null;

  constructor(storage: Storage, logger: RaftLogger | null, maxApplyingBytes: number) {
    this.storage = storage;
    this.#logger = logger;
    this.maxApplyingBytes = maxApplyingBytes;
    this.unstable = new Unstable(storage.lastIndex() + 1, logger);
    this.committed = storage.firstIndex() - 1;
    this.applying = this.committed;
    this.applied = this.committed;
  }

  toString(): string {
    const { offset, offsetInProgress, entries } = this.unstable;
    return (
      `committed=${this.committed}, applied=${this.applied}, applying=${this.applying}, unstable.offset=${offset}, ` +
      `unstable.offsetInProgress=${offsetInProgress}, len(unstable.Entries)=${entries.length}`
    );
  }

  firstIndex(): number {
    const snapshot = this.unstable.snapshot;
    return snapshot === null ? this.storage.firstIndex() : snapshot.index + 1;
  }

  lastIndex(): number {
    const index = this.unstable.lastIndex();
    return index < 0 ? this.storage.lastIndex() : index;
  }

  /** Term of an entry; {@link UNKNOWN_TERM} where it is compacted or does not exist. */
  term(index: number): number {
    const term = this.unstable.term(index);
    if (term !== UNKNOWN_TERM) return term;
    if (index + 1 < this.firstIndex() || index > this.lastIndex()) return UNKNOWN_TERM;
    return this.storage.term(index);
  }

  /** Term of an entry; 0 where it is not known. */
  termOrZero(index: number): number {
    return Math.max(0, this.term(index));
  }

  lastTerm(): number {
    const term = this.term(this.lastIndex());
    assert(term !== UNKNOWN_TERM, 'raft: the last entry has no term');
    return term;
  }

  matchTerm(index: number, term: number): boolean {
    return this.term(index) === term;
  }

  /** Whether a log that ends so is at least as new as this one: only then may its owner get our vote. */
  isUpToDate(term: number, index: number): boolean {
    const ours = this.lastTerm();
    return term > ours || (term === ours && index >= this.lastIndex());
  }

  /** Appends a leader's entries after (prevIndex, prevTerm) and takes over its commit index; −1 if the logs do not match there. */
  maybeAppend(prevIndex: number, prevTerm: number, entries: readonly Entry[], committed: number): number {
    if (!this.matchTerm(prevIndex, prevTerm)) return -1;
    const last = prevIndex + entries.length;
    const conflict = this.#findConflict(entries);
    if (conflict !== 0) {
      if (conflict <= this.committed) throw new LostLogError(`entry ${conflict} conflicts with a committed one`);
      const skip = conflict - prevIndex - 1;
      this.append(skip === 0 ? entries : entries.slice(skip));
    }
    this.commitTo(Math.min(committed, last));
    return last;
  }

  /** Adds entries at the end, or over an uncommitted one. Returns the last index. */
  append(entries: readonly Entry[]): number {
    const first = entries[0];
    if (first === undefined) return this.lastIndex();
    assert(first.index > this.committed, 'raft: append before the committed index');
    this.unstable.truncateAndAppend(entries);
    return this.lastIndex();
  }

  /** Index of the first entry that is not here in the same term; 0 if all are. */
  #findConflict(entries: readonly Entry[]): number {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry;
      const held = this.term(entry.index);
      if (held === entry.term) continue;
      if (entry.index <= this.lastIndex()) {
        this.#logger?.info(
          `found conflict at index ${entry.index} [existing term: ${Math.max(0, held)}, conflicting term: ${entry.term}]`,
        );
      }
      return entry.index;
    }
    return 0;
  }

  /** The largest index ≤ `index` whose term is ≤ `term`: the logs cannot match beyond it. */
  findConflictByTerm(index: number, term: number): number {
    for (let at = index; at > 0; at--) {
      const held = this.term(at);
      if (held === UNKNOWN_TERM || held <= term) return at;
    }
    return 0;
  }

  /** Commits up to `index` if that entry is of `term`: a leader may count replicas only for its own term's entries. `anyTerm` is a bug switch. */
  maybeCommit(index: number, term: number, anyTerm: boolean): boolean {
    if (term === 0 || index <= this.committed) return false;
    if (!(anyTerm ? index <= this.lastIndex() : this.matchTerm(index, term))) return false;
    this.commitTo(index);
    return true;
  }

  commitTo(index: number): void {
    if (this.committed >= index) return;
    if (this.lastIndex() < index) {
      throw new LostLogError(
        `commit of ${index}, but the log ends at ${this.lastIndex()}: was it corrupted, cut or lost?`,
      );
    }
    this.committed = index;
  }

  /** The application has applied up to `index`; `bytes` of what was handed out are acknowledged. */
  appliedTo(index: number, bytes: number): void {
    if (index > this.committed || index < this.applied) {
      assert(false, `raft: applied ${index} is out of range [${this.applied}, ${this.committed}]`);
    }
    this.applied = index;
    this.applying = Math.max(this.applying, index);
    this.#applyingBytes = Math.max(0, this.#applyingBytes - bytes);
    this.#applyingPaused = this.#applyingBytes >= this.maxApplyingBytes;
  }

  /** Entries up to `index` are being applied. */
  acceptApplying(index: number, bytes: number, allowUnstable: boolean): void {
    assert(index <= this.committed, 'raft: entries handed out before they are committed');
    this.applying = index;
    this.#applyingBytes += bytes;
    this.#applyingPaused = this.#applyingBytes >= this.maxApplyingBytes || index < this.#maxAppliable(allowUnstable);
  }

  hasNextCommitted(allowUnstable: boolean): boolean {
    if (this.#applyingPaused || this.unstable.snapshot !== null) return false;
    return this.applying < this.#maxAppliable(allowUnstable);
  }

  /** What may be applied next. With asynchronous storage only what is durable here. */
  nextCommitted(allowUnstable: boolean): readonly Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return NO_ENTRIES;
    const limit = this.maxApplyingBytes - this.#applyingBytes;
    const entries = this.slice(this.applying + 1, this.#maxAppliable(allowUnstable) + 1, limit);
    assert(entries !== null, 'raft: entries compacted before they were applied');
    return entries;
  }

  #maxAppliable(allowUnstable: boolean): number {
    return allowUnstable ? this.committed : Math.min(this.committed, this.unstable.offset - 1);
  }

  snapshot(): RaftSnapshot | null {
    return this.unstable.snapshot ?? this.storage.snapshot();
  }

  restore(snapshot: RaftSnapshot): void {
    this.#logger?.info(`log [${this}] starts to restore snapshot [index: ${snapshot.index}, term: ${snapshot.term}]`);
    this.committed = snapshot.index;
    this.unstable.restore(snapshot);
  }

  /** Entries from `from` to the end, as far as they fit; null if `from` is compacted. */
  entries(from: number, maxBytes: number): readonly Entry[] | null {
    const last = this.lastIndex();
    return from > last ? NO_ENTRIES : this.slice(from, last + 1, maxBytes);
  }

  /** Entries in [from, to), as far as they fit, at least one; null if `from` is compacted. */
  slice(from: number, to: number, maxBytes: number): readonly Entry[] | null {
    if (from < this.firstIndex()) return null;
    if (from === to) return NO_ENTRIES;
    const offset = this.unstable.offset;
    if (from >= offset) return limited(this.unstable.slice(from, to), maxBytes);
    const cut = Math.min(to, offset);
    const stable = this.storage.entries(from, cut, maxBytes);
    if (stable === null || to <= offset || stable.length < cut - from) return stable;
    const bytes = maxBytes === Number.POSITIVE_INFINITY ? 0 : entriesBytes(stable);
    if (bytes >= maxBytes) return stable;
    const rest = limited(this.unstable.slice(offset, to), maxBytes - bytes);
    if (rest.length === 1 && bytes + entriesBytes(rest) > maxBytes) return stable;
    return [...stable, ...rest];
  }

  /** Whether an entry in (applied, committed] satisfies `test`. */
  someUnapplied(test: (entry: Entry) => boolean): boolean {
    for (let from = this.applied + 1; from <= this.committed; ) {
      const page = this.slice(from, this.committed + 1, this.maxApplyingBytes);
      assert(page !== null && page.length > 0, 'raft: unapplied entries are gone');
      if (page.some(test)) return true;
      from += page.length;
    }
    return false;
  }
}

function limited(entries: Entry[], maxBytes: number): Entry[] {
  const fitting = fittingCount(entries, maxBytes);
  if (fitting < entries.length) entries.length = fitting;
  return entries;
}
