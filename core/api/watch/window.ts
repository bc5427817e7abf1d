/**
 * The bounded history of one kind: the last events in order of revision, from which watches resume.
 *
 * Its capacity doubles while its oldest event is younger than 75 s, up to 102,400 events; then the oldest are
 * dropped. A position before `floor` is gone (410). Source: Kubernetes 1.34, storage/cacher watch_cache.go. The events lie in blocks, so
 * that there is room for what there is and not for the capacity: 16 bytes an event.
 */
import type { WatchEvent } from '../../types/wire.ts';
import { WINDOW_AGE_US, WINDOW_SLOTS_MAX, WINDOW_SLOTS_MIN } from '../limits.ts';

/** Events of a block. */
const BLOCK_SHIFT = 10;
const BLOCK = 1 << BLOCK_SHIFT;
const MASK = BLOCK - 1;
const MICROSECONDS = 1000;

interface Block {
  readonly events: (WatchEvent | undefined)[];
  /** When each came, ms by the server's clock, modulo 2^32 (as int32). */
  readonly times: number[];
}

export class WatchWindow {
  readonly #blocks: Block[] = [];
  /** Position of the oldest event in the first block. */
  #head = 0;
  #size = 0;
  #capacity = 4;
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
    const nowMs = Math.floor(nowUs / MICROSECONDS) | 0;
    if (this.#size === this.#capacity) this.#makeRoom(nowMs);
    const at = this.#head + this.#size;
    if (at >>> BLOCK_SHIFT === this.#blocks.length) this.#addBlock();
    const block = this.#blocks[at >>> BLOCK_SHIFT] as Block;
    const position = at & MASK;
    block.events[position] = event;
    block.times[position] = nowMs;
    this.#size++;
  }

  /** The event at distance `index` from the oldest. */
  at(index: number): WatchEvent {
    const at = this.#head + index;
    return (this.#blocks[at >>> BLOCK_SHIFT] as Block).events[at & MASK] as WatchEvent;
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

  #makeRoom(nowMs: number): void {
    const ageMs = (nowMs - ((this.#blocks[0] as Block).times[this.#head] as number)) >>> 0;
    const oldestIsYoung = ageMs < WINDOW_AGE_US / MICROSECONDS;
    const mayGrow = this.#capacity < this.#slotsMin || (oldestIsYoung && this.#capacity < this.#slotsMax);
    if (mayGrow) this.#capacity = Math.min(this.#capacity * 2, this.#slotsMax);
    else this.#dropOldest();
  }

  #dropOldest(): void {
    this.floor = this.at(0).revision;
    (this.#blocks[0] as Block).events[this.#head] = undefined;
    this.#head++;
    this.#size--;
    this.#wrapped = true;
    if (this.#head < BLOCK) return;
    this.#blocks.shift();
    this.#head = 0;
  }

  /**
   * The first block of a kind starts small, for most kinds change little; the others are filled, and have room for no more. The times are plain
   * numbers in both: V8 writes through its slow path where typed arrays and others meet at one place.
   */
  #addBlock(): void {
    const room = this.#blocks.length === 0 ? 0 : BLOCK;
    this.#blocks.push({ events: new Array(room), times: new Array(room) });
  }
}
