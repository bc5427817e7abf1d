/**
 * Counts which recordings were replayed, and tells why others were not: a line a reason.
 */
export class ReplayCounts {
  readonly #left = new Map<string, number>();
  #first = 0;
  #later = 0;
  #otherwise = 0;
  #pauses = 0;

  /** A recording that cannot be replayed. */
  left(why: string): void {
    this.#left.set(why, (this.#left.get(why) ?? 0) + 1);
  }

  /** A replay went as recorded with that seed, or with none; that many of its pauses took as long as recorded. */
  took(seed: number | null, pauses: number): void {
    this.#pauses += pauses;
    if (seed === null) this.#otherwise++;
    else if (seed === 1) this.#first++;
    else this.#later++;
  }

  /** The counts for people; '' where there was nothing to replay. */
  text(): string {
    const count = this.#first + this.#later + this.#otherwise;
    const lines = [...this.#left].map(([why, files]) => `not replayed, only judged: ${files} with ${why}\n`);
    if (count === 0) return lines.join('');
    const other = this.#otherwise === 0 ? '' : `, ${this.#otherwise} otherwise`;
    const as = `${this.#first} went as recorded with seed 1, ${this.#later} with another seed${other}`;
    const times = `; ${this.#pauses} pauses on which two recorded runs agree took as long`;
    return `replayed: ${count} recordings, ${as}${times}\n${lines.join('')}`;
  }
}
