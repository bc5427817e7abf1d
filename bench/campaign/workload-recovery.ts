/**
 * How long workloads were short of Ready pods, in virtual time: from losing the last one they could spare to having all again.
 *
 * The way up after creation does not count, nor does a shortfall that was never made up (the run has failed then).
 */
import type { Jury } from '../../core/chaos/jury.ts';
import type { RunObserver } from '../../core/chaos/run-plan.ts';
import type { Commit } from '../../core/chaos/world.ts';
import { isWorkload, readinessOf } from './workload-readiness.ts';

const COMPLETE = -1;

/** Listens to one run. */
export class WorkloadRecovery implements RunObserver {
  readonly #record: (shortUs: number) => void;
  /** By store key id, of workloads that were complete once: since when they are short, or COMPLETE. */
  readonly #shortSinceUs = new Map<number, number>();

  /** `record` gets the length of each shortfall, µs. */
  constructor(record: (shortUs: number) => void) {
    this.#record = record;
  }

  begin(_cluster: unknown, jury: Pick<Jury, 'onCommit'>): void {
    jury.onCommit.push((commit) => this.#commit(commit));
  }

  #commit(commit: Commit): void {
    if (!isWorkload(commit)) return;
    const readiness = readinessOf(commit.object);
    if (readiness === null) {
      this.#shortSinceUs.delete(commit.keyId);
      return;
    }
    const complete = readiness.ready >= readiness.wanted;
    const sinceUs = this.#shortSinceUs.get(commit.keyId);
    if (sinceUs === undefined) {
      if (complete && readiness.wanted > 0) this.#shortSinceUs.set(commit.keyId, COMPLETE);
    } else if (complete && sinceUs !== COMPLETE) {
      this.#shortSinceUs.set(commit.keyId, COMPLETE);
      this.#record(commit.timeUs - sinceUs);
    } else if (!complete && sinceUs === COMPLETE) this.#shortSinceUs.set(commit.keyId, commit.timeUs);
  }
}
