/**
 * The bounded history of one kind: the last events in order of revision, from which watches resume.
 *
 * A ring that doubles while its oldest event is younger than 75 s, up to 102,400 events; then the oldest are
 * overwritten. A position before `floor` is gone (410). Source: Kubernetes 1.34, storage/cacher watch_cache.go.
 */
import type { WatchEvent } from '../../types/wire.ts';
import { WINDOW_AGE_US, WINDOW_SLOTS_MAX, WINDOW_SLOTS_MIN } from '../limits.ts';

export class WatchWindow {
  #slots: (WatchEvent | undefined)[] = new Array(4);
  #times: number[] = new Array(4).fill(0);
  #head = 0;
  #size = 0;
  #wrapped = false;
  readonly #slotsMax: number;
  readonly #slotsMin: number;
  /** Every event with a revision above this is still here. */
  floor: number;

  /** An empty history that starts after `floor` and keeps `slotsMax` events at most. */
  constructor(floor: number, slotsMax = WINDOW_SLOTS_MAX) {
    this.floor = floor;
    this.#slotsMax = slotsMax;
    this.#slotsMin = Math.min(WINDOW_SLOTS_MIN, slotsMax);
  }

  get size(): number {
    return this.#size;
  }

  /** Whether events have been overwritten. */
  get wrapped(): boolean {
    return this.#wrapped;
  }

  /** Takes in the next event; `nowUs` is this server's clock. */
  append(event: WatchEvent, nowUs: number): void {
    const capacity = this.#slots.length;
    if (this.#size === capacity) {
      const oldestIsYoung = nowUs - (this.#times[this.#head] as number) < WINDOW_AGE_US;
      if (capacity < this.#slotsMin || (oldestIsYoung && capacity < this.#slotsMax)) this.#grow();
      else this.#dropOldest();
    }
    const at = (this.#head + this.#size) % this.#slots.length;
    this.#slots[at] = event;
    this.#times[at] = nowUs;
    this.#size++;
  }

  /** The event at distance `index` from the oldest. */
  at(index: number): WatchEvent {
    return this.#slots[(this.#head + index) % this.#slots.length] as WatchEvent;
  }

  /** Distance of the first event with a revision above `revision`; `size` when there is none. */
  firstAfter(revision: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (this.at(mid).revision > revision) high = mid;
      else low = mid + 1;
    }
    return low;
  }

  #dropOldest(): void {
    this.floor = this.at(0).revision;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.#size--;
    this.#wrapped = true;
  }

  #grow(): void {
    const capacity = Math.min(this.#slots.length * 2, this.#slotsMax);
    const slots: (WatchEvent | undefined)[] = new Array(capacity);
    const times: number[] = new Array(capacity).fill(0);
    for (let i = 0; i < this.#size; i++) {
      slots[i] = this.at(i);
      times[i] = this.#times[(this.#head + i) % this.#slots.length] as number;
    }
    this.#slots = slots;
    this.#times = times;
    this.#head = 0;
  }
}
