/**
 * The last changes of the node table, so that a cache can catch up with what changed instead of everything.
 *
 * A ring of touched slots, and of their positions in the search order, with running numbers. Positions are good for readers
 * that have seen the order they were logged under; others rebuild. So do readers that fell behind by more than the ring.
 * Cost: two array writes a touch.
 */

import { growInt32 } from '../../base/grow.ts';

/** Entries kept at most; a power of two. */
const CHANGE_LOG_SIZE = 1 << 14;

/** Room at first: most clusters are small, and a scheduler is made at each start of its process. */
const FIRST_SIZE = 256;

/** Ring of touched node slots. */
export class ChangeLog {
  /** Entries kept. */
  readonly size: number;
  /** Entry `e` is at index `e & mask`. */
  readonly mask: number;
  /** Number of the next entry; entries `head − size … head − 1` can be read. */
  head = 0;
  slots = new Int32Array(FIRST_SIZE);
  positions = new Int32Array(FIRST_SIZE);

  /** `size`: a power of two. */
  constructor(size = CHANGE_LOG_SIZE) {
    this.size = size;
    this.mask = size - 1;
  }

  /** Records a change of a slot at a position. */
  touch(slot: number, position: number): void {
    const at = this.head & this.mask;
    if (at >= this.slots.length) this.#grow();
    this.slots[at] = slot;
    this.positions[at] = position;
    this.head++;
  }

  /** Only before the ring is full: up to then entry `e` is at index `e`. */
  #grow(): void {
    this.slots = growInt32(this.slots, this.slots.length * 2);
    this.positions = growInt32(this.positions, this.positions.length * 2);
  }
}
