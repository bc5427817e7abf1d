/**
 * What a leader knows of one follower, and so what it may send it.
 *
 * Probe: the common log end is being looked for, one append a heartbeat. Replicate: appends are pipelined up to the window.
 * Snapshot: nothing is sent until the follower has it. Always holds: match < next. Rules: etcd-io/raft tracker (cdfbeed).
 */
import { assert } from '../base/assert.ts';
import { Inflights } from './inflights.ts';

export const PROGRESS_PROBE = 0;
export const PROGRESS_REPLICATE = 1;
export const PROGRESS_SNAPSHOT = 2;

const NAMES = ['StateProbe', 'StateReplicate', 'StateSnapshot'];

export class Progress {
  /** Last entry known to be durable there. */
  match: number;
  /** First entry not yet sent. */
  next: number;
  state = PROGRESS_PROBE;
  /** Highest commit index sent, as far as it can have arrived. */
  sentCommit = 0;
  /** Index of the snapshot on its way; 0 = none. */
  pendingSnapshot = 0;
  /** Heard of since the last check of the quorum. */
  recentActive = false;
  /** Appends wait for an answer (window full, or a probe is out). */
  appendsPaused = false;
  isLearner: boolean;
  readonly inflights: Inflights;

  constructor(match: number, next: number, isLearner: boolean, inflights: Inflights) {
    this.match = match;
    this.next = next;
    this.isLearner = isLearner;
    this.inflights = inflights;
  }

  /** A copy that shares the window, for a configuration change that may yet be refused. */
  copy(): Progress {
    const copy = new Progress(this.match, this.next, this.isLearner, this.inflights);
    copy.state = this.state;
    copy.sentCommit = this.sentCommit;
    copy.pendingSnapshot = this.pendingSnapshot;
    copy.recentActive = this.recentActive;
    copy.appendsPaused = this.appendsPaused;
    return copy;
  }

  #enter(state: number): void {
    this.appendsPaused = false;
    this.pendingSnapshot = 0;
    this.state = state;
    this.inflights.reset();
  }

  becomeProbe(): void {
    const pending = this.state === PROGRESS_SNAPSHOT ? this.pendingSnapshot : 0;
    this.#enter(PROGRESS_PROBE);
    this.next = Math.max(this.match, pending) + 1;
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
  }

  becomeReplicate(): void {
    this.#enter(PROGRESS_REPLICATE);
    this.next = this.match + 1;
  }

  becomeSnapshot(index: number): void {
    this.#enter(PROGRESS_SNAPSHOT);
    this.pendingSnapshot = index;
    this.next = index + 1;
    this.sentCommit = index;
  }

  /** An append with `count` entries of `bytes` was sent. */
  sentEntries(count: number, bytes: number): void {
    if (this.state === PROGRESS_REPLICATE) {
      if (count > 0) {
        this.next += count;
        this.inflights.add(this.next - 1, bytes);
      }
      this.appendsPaused = this.inflights.full;
      return;
    }
    assert(this.state === PROGRESS_PROBE, 'raft: an append was sent to a follower that waits for a snapshot');
    if (count > 0) this.appendsPaused = true;
  }

  /** Whether telling the follower that `index` is committed would be news to it. */
  canBumpCommit(index: number): boolean {
    return index > this.sentCommit && this.sentCommit < this.next - 1;
  }

  /** The follower has entry `index`; false if that was known. */
  maybeUpdate(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    this.appendsPaused = false;
    return true;
  }

  /** The follower refused an append after `rejected` and may match at `hint`; false if the answer is stale. */
  maybeDecrease(rejected: number, hint: number): boolean {
    if (this.state === PROGRESS_REPLICATE) {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
      this.sentCommit = Math.min(this.sentCommit, this.next - 1);
      return true;
    }
    if (this.next - 1 !== rejected) return false;
    this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
    this.appendsPaused = false;
    return true;
  }

  get paused(): boolean {
    return this.state === PROGRESS_SNAPSHOT || this.appendsPaused;
  }

  toString(): string {
    let text = `${NAMES[this.state]} match=${this.match} next=${this.next}`;
    if (this.isLearner) text += ' learner';
    if (this.paused) text += ' paused';
    if (this.pendingSnapshot > 0) text += ` pendingSnap=${this.pendingSnapshot}`;
    if (!this.recentActive) text += ' inactive';
    if (this.inflights.count > 0) text += ` inflight=${this.inflights.count}${this.inflights.full ? '[full]' : ''}`;
    return text;
  }
}

export { Inflights };
