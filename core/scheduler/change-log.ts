/**
 * The last changes of the node table, so that a cache can catch up with what changed instead of everything.
 *
 * A ring of touched slots, and of their positions in the search order, with running numbers. Positions are good for readers
 * that have seen the order they were logged under; others rebuild. So do readers that fell behind by more than the ring.
 * Cost: three array writes a touch.
 */

import { growInt32 } from '../base/grow.ts';

/** Entries kept; a power of two. */
export const CHANGE_LOG_SIZE = 1 << 14;
/** Entry `e` is at index `e & CHANGE_LOG_MASK`. */
export const CHANGE_LOG_MASK = CHANGE_LOG_SIZE - 1;

/** Room at first: most clusters are small, and a scheduler is made at each start of its process. */
const FIRST_SIZE = 256;

/** Ring of touched node slots. */
export class ChangeLog {
  /** Number of the next entry; entries `head − CHANGE_LOG_SIZE … head − 1` can be read. */
  head = 0;
  slots = new Int32Array(FIRST_SIZE);
  positions = new Int32Array(FIRST_SIZE);
  /** By slot: number of its last entry, by which a reader passes over the earlier ones. */
  lastEntries = new Int32Array(FIRST_SIZE);

  /** Records a change of a slot at a position. */
  touch(slot: number, position: number): void {
    const at = this.head & CHANGE_LOG_MASK;
    if (at >= this.slots.length) this.#grow();
    if (slot >= this.lastEntries.length) this.lastEntries = growInt32(this.lastEntries, (slot + 1) * 2);
    this.slots[at] = slot;
    this.positions[at] = position;
    this.lastEntries[slot] = this.head++;
  }

  /** Only before the ring is full: up to then entry `e` is at index `e`. */
  #grow(): void {
    this.slots = growInt32(this.slots, this.slots.length * 2);
    this.positions = growInt32(this.positions, this.positions.length * 2);
  }
}
