/**
 * A share of what passes, decided draw by draw, or exactly those that are named; and which ones were hit.
 */
import { drawUint32, type Seed } from '../../base/random.ts';
import { Picks } from '../../sim/picks.ts';

/** Which ones are meant, counted from 1 since the fault began. */
export interface Share {
  /** Default 100. */
  readonly percent?: number | undefined;
  /** Exactly these instead of the share. */
  readonly only?: readonly number[] | undefined;
}

export class ShareDraws {
  readonly #picks: Picks;
  readonly #percent: number;
  readonly #seed: Seed;
  readonly #purpose: number;
  #met = 0;

  constructor({ percent = 100, only }: Share, seed: Seed, purpose: number) {
    this.#picks = new Picks(only);
    this.#percent = percent;
    this.#seed = seed;
    this.#purpose = purpose;
  }

  /** Numbers of those that were hit. */
  get hit(): readonly number[] {
    return this.#picks.hit;
  }

  /** Takes the next one; true if it is hit. */
  next(): boolean {
    this.#met++;
    const isAll = this.#percent >= 100;
    return this.#picks.take(isAll || drawUint32(this.#seed, this.#met, this.#purpose) % 10_000 < this.#percent * 100);
  }
}
