/**
 * Spares a costly liveness check that held and can hardly have changed: no work was committed since, and it is not long ago.
 */
import type { Judge } from './predicate.ts';

/** A check that held is repeated after so long even without commits, µs. */
const REPEAT_US = 30_000_000;

export class Settled {
  readonly #judge: Judge;
  #heldUs = Number.NEGATIVE_INFINITY;
  #workCount = -1;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** true while the last check need not be repeated. */
  get holds(): boolean {
    const { sim, world } = this.#judge;
    return world.workCount === this.#workCount && sim.now - this.#heldUs < REPEAT_US;
  }

  /** The check has just been made and held. */
  held(): void {
    this.#heldUs = this.#judge.sim.now;
    this.#workCount = this.#judge.world.workCount;
  }
}
