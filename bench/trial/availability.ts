/**
 * Availability of one workload over virtual time: how low the number of Ready pods went, how long none was, when all were back.
 *
 * Fed with the number at each instant at which it changes; the number holds until the next one. Times are µs.
 */
export class Availability {
  /** Fewest Ready at any instant. */
  lowest: number;
  /** Sum of the times below the floor. */
  belowFloorUs = 0;
  /** Longest stretch with none Ready. */
  longestNoneUs = 0;
  /** The floor that was broken furthest, and what stood there then. */
  worstFloor: number;
  worstReady: number;
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
    this.worstFloor = floor;
    this.worstReady = ready;
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
    this.lowest = Math.min(this.lowest, ready);
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
    const missing = this.#floor - this.#ready - (this.worstFloor - this.worstReady);
    if (missing > 0 || (missing === 0 && this.#ready < this.worstReady)) {
      this.worstFloor = this.#floor;
      this.worstReady = this.#ready;
    }
  }

  #advance(nowUs: number): void {
    if (this.#ready < this.#floor) this.belowFloorUs += nowUs - this.#sinceUs;
    if (this.#ready === 0) this.longestNoneUs = Math.max(this.longestNoneUs, nowUs - this.#noneSinceUs);
    this.#sinceUs = nowUs;
  }
}
