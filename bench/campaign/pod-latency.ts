/**
 * How long pods take from creation to Ready, in virtual time, as the store's commits show it.
 *
 * Attached to a run as its observer. A pod that is deleted before it is Ready counts nowhere; a pod that loses readiness and
 * gets it back counts once.
 */
import type { Jury } from '../../core/chaos/jury.ts';
import type { RunObserver } from '../../core/chaos/run-plan.ts';
import type { Commit } from '../../core/chaos/world.ts';
import { isPodReady, type Pod } from '../../core/cluster/vocabulary.ts';

/** Listens to one run. */
export class PodLatency implements RunObserver {
  readonly #record: (latencyUs: number) => void;
  /** Creation time by store key id, of pods that are not Ready yet. */
  readonly #createdUs = new Map<number, number>();

  /** `record` gets each latency, µs. */
  constructor(record: (latencyUs: number) => void) {
    this.#record = record;
  }

  begin(_cluster: unknown, jury: Pick<Jury, 'onCommit'>): void {
    jury.onCommit.push((commit) => this.#commit(commit));
  }

  #commit(commit: Commit): void {
    if (commit.kind !== 'Pod') return;
    if (commit.object === null) {
      this.#createdUs.delete(commit.keyId);
      return;
    }
    if (commit.previous === null) this.#createdUs.set(commit.keyId, commit.timeUs);
    const createdUs = this.#createdUs.get(commit.keyId);
    if (createdUs === undefined || !isPodReady(commit.object as Pod)) return;
    this.#createdUs.delete(commit.keyId);
    this.#record(commit.timeUs - createdUs);
  }
}
