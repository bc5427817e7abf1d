/**
 * Availability of one workload over virtual time: how low the number of Ready pods went, how long none was, when all were back.
 *
 * Fed with the number at each instant at which it changes; the number holds until the next one. Times are µs.
 */
export class Availability {
  /** Fewest Ready at any instant, and the highest floor that held while they were. */
  lowest: number;
  floorAtLowest: number;
  /** Sum of the times below the floor. */
  belowFloorUs = 0;
  /** Longest stretch with none Ready. */
  longestNoneUs = 0;
  /** The floor that was missed furthest, and how many were Ready then; null = none was missed. */
  missed: { readonly floor: number; readonly ready: number } | null = null;
  readonly #wanted: number;
  readonly #beganUs: number;
  #floor: number;
  #ready: number;
  #sinceUs: number;
  #noneSinceUs = -1;
  #wasLess: boolean;
  #backUs: number;

  /** From `nowUs` on, with `ready` pods; all are back when `wanted` are. */
  constructor(nowUs: number, ready: number, wanted: number, floor: number) {
    this.#beganUs = nowUs;
    this.#sinceUs = nowUs;
    this.#ready = ready;
    this.#wanted = wanted;
    this.#floor = floor;
    this.#wasLess = ready < wanted;
    this.#backUs = nowUs;
    this.lowest = ready;
    this.floorAtLowest = floor;
    this.#compare();
    if (ready === 0) this.#noneSinceUs = nowUs;
  }

  /** The floor that holds now. */
  get floor(): number {
    return this.#floor;
  }

  /** The number from `nowUs` on. */
  set(nowUs: number, ready: number): void {
    this.#advance(nowUs);
    if (ready === 0 && this.#ready !== 0) this.#noneSinceUs = nowUs;
    if (ready >= this.#wanted && this.#ready < this.#wanted) this.#backUs = nowUs;
    if (ready < this.#wanted) this.#wasLess = true;
    this.#ready = ready;
    this.#compare();
  }

  /** Another floor from `nowUs` on: the next node is drained. */
  setFloor(nowUs: number, floor: number): void {
    this.#advance(nowUs);
    this.#floor = floor;
    this.#compare();
  }

  /** Ends at `nowUs`; returns the time from the beginning until all were back for good: 0 = never less, −1 = not back. */
  finish(nowUs: number): number {
    this.#advance(nowUs);
    if (this.#ready < this.#wanted) return -1;
    return this.#wasLess ? this.#backUs - this.#beganUs : 0;
  }

  #compare(): void {
    const [floor, ready] = [this.#floor, this.#ready];
    if (ready < this.lowest || (ready === this.lowest && floor > this.floorAtLowest)) {
      this.lowest = ready;
      this.floorAtLowest = floor;
    }
    const known = this.missed === null ? 0 : this.missed.floor - this.missed.ready;
    const isFewer = this.missed !== null && floor - ready === known && ready < this.missed.ready;
    if (floor - ready > known || isFewer) this.missed = { floor, ready };
  }

  #advance(nowUs: number): void {
    if (this.#ready < this.#floor) this.belowFloorUs += nowUs - this.#sinceUs;
    if (this.#ready === 0) this.longestNoneUs = Math.max(this.longestNoneUs, nowUs - this.#noneSinceUs);
    this.#sinceUs = nowUs;
  }
}
