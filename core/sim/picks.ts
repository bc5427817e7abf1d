/**
 * Of what passes (transmissions over links, requests, attempts), the ones that a fault hits.
 *
 * Always: they are told by number, from 1, so that exactly the same can be hit again.
 */

/** Which are hit, and which were. */
export class Picks {
  /** How many have passed. */
  #passed = 0;
  /** Numbers of those that were hit, from 1. */
  readonly hit: number[] = [];
  readonly #only: ReadonlySet<number> | null;

  /** `only`: exactly these are hit, whatever is drawn. */
  constructor(only: readonly number[] | undefined) {
    this.#only = only === undefined ? null : new Set(only);
  }

  /** Whether it is said which ones, and no draw counts. */
  get isExact(): boolean {
    return this.#only !== null;
  }

  /** Takes the next one; true if it is hit. `drawn` = what the share says. */
  take(drawn: boolean): boolean {
    this.#passed++;
    const isHit = this.#only === null ? drawn : this.#only.has(this.#passed);
    if (isHit) this.hit.push(this.#passed);
    return isHit;
  }
}
