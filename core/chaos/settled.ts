/**
 * Spares a costly liveness check that held and can hardly have changed: no work was committed since, and it is not long ago.
 */
import type { Judge } from './predicate.ts';

/** A check that held is repeated after so long even without commits, µs: it may go by heartbeats, by time or by what is true in processes. */
const REPEAT_US = 30_000_000;
/** For a check of nothing but what work has committed: without work it need never be repeated. */
export const UNTIL_WORK = Number.POSITIVE_INFINITY;

export class Settled {
  readonly #judge: Judge;
  readonly #repeatUs: number;
  #heldUs = Number.NEGATIVE_INFINITY;
  #workCount = -1;

  constructor(judge: Judge, repeatUs: number = REPEAT_US) {
    this.#judge = judge;
    this.#repeatUs = repeatUs;
  }

  /** true while the last check need not be repeated. */
  get holds(): boolean {
    const { sim, world } = this.#judge;
    return world.workCount === this.#workCount && sim.now - this.#heldUs < this.#repeatUs;
  }

  /** The check has just been made and held. */
  held(): void {
    this.#heldUs = this.#judge.sim.now;
    this.#workCount = this.#judge.world.workCount;
  }
}
