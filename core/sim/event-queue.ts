/**
 * The event queue: a binary heap over typed arrays, keyed by (time, order).
 *
 * An event lives in a slot of columns; the heap holds copies of its key beside the slot number, so sifting touches few cache
 * lines. `order` packs the sender's process id and the sender's own sequence number into one double: there is no global
 * counter, so the order of events never depends on what other processes do. Each slot knows its place in the heap, so a
 * cancelled timer leaves at once. Cost: push and pop O(log n), no allocation unless the queue doubles.
 */
import { assert } from '../base/assert.ts';
import { growFloat64, growInt32 } from '../base/grow.ts';
import { PENDING_EVENTS_MAX, QUEUE_SLOTS_INITIAL } from './limits.ts';
import type { Payload } from './process.ts';

export class EventQueue {
  /** Columns by slot; read them after {@link pop} and before {@link free}. */
  op: Int32Array<ArrayBuffer>;
  target: Int32Array<ArrayBuffer>;
  from: Int32Array<ArrayBuffer>;
  conn: Int32Array<ArrayBuffer>;
  /** Incarnation the event is meant for; −1 = any. */
  incarnation: Int32Array<ArrayBuffer>;
  /** Event id of the cause, when tracing; else 0. */
  cause: Float64Array<ArrayBuffer>;
  a: Float64Array<ArrayBuffer>;
  b: Float64Array<ArrayBuffer>;
  payload: (Payload | null)[];

  #capacity: number;
  #size = 0;
  #times: Float64Array<ArrayBuffer>;
  #orders: Float64Array<ArrayBuffer>;
  #slots: Int32Array<ArrayBuffer>;
  #positions: Int32Array<ArrayBuffer>;
  #freeSlots: Int32Array<ArrayBuffer>;
  #freeCount = 0;

  constructor(capacity = QUEUE_SLOTS_INITIAL) {
    this.#capacity = capacity;
    this.op = new Int32Array(capacity);
    this.target = new Int32Array(capacity);
    this.from = new Int32Array(capacity);
    this.conn = new Int32Array(capacity);
    this.incarnation = new Int32Array(capacity);
    this.cause = new Float64Array(capacity);
    this.a = new Float64Array(capacity);
    this.b = new Float64Array(capacity);
    this.payload = new Array<Payload | null>(capacity).fill(null);
    this.#times = new Float64Array(capacity);
    this.#orders = new Float64Array(capacity);
    this.#slots = new Int32Array(capacity);
    this.#positions = new Int32Array(capacity);
    this.#freeSlots = new Int32Array(capacity);
    this.#releaseRange(0, capacity);
  }

  /** Number of pending events. */
  get size(): number {
    return this.#size;
  }

  /** Time of the earliest event, µs; the queue must not be empty. */
  peekTime(): number {
    return this.#times[0] as number;
  }

  /** Takes a free slot; the caller fills the columns and then calls {@link push}. */
  allocate(): number {
    if (this.#freeCount === 0) this.#grow();
    return this.#freeSlots[--this.#freeCount] as number;
  }

  /** Gives a slot back. Its payload is dropped. */
  free(slot: number): void {
    this.payload[slot] = null;
    this.#freeSlots[this.#freeCount++] = slot;
  }

  /** Puts an allocated slot into the heap. */
  push(slot: number, time: number, order: number): void {
    this.#siftUp(this.#size++, slot, time, order);
  }

  /** Removes and returns the slot of the earliest event; the caller frees it. */
  pop(): number {
    const slot = this.#slots[0] as number;
    this.#removeAt(0);
    return slot;
  }

  /** Removes the event in `slot` before its time and frees the slot. */
  cancel(slot: number): void {
    const at = this.#positions[slot] as number;
    assert(this.#slots[at] === slot, 'event queue: cancel of an event that is not pending');
    this.#removeAt(at);
    this.free(slot);
  }

  #removeAt(at: number): void {
    const last = --this.#size;
    this.#positions[this.#slots[at] as number] = -1;
    if (at === last) return;
    const slot = this.#slots[last] as number;
    const time = this.#times[last] as number;
    const order = this.#orders[last] as number;
    if (at > 0 && this.#before(time, order, (at - 1) >> 1)) this.#siftUp(at, slot, time, order);
    else this.#siftDown(at, slot, time, order);
  }

  #before(time: number, order: number, at: number): boolean {
    const other = this.#times[at] as number;
    return time < other || (time === other && order < (this.#orders[at] as number));
  }

  #siftUp(start: number, slot: number, time: number, order: number): void {
    const times = this.#times;
    const orders = this.#orders;
    const slots = this.#slots;
    const positions = this.#positions;
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = times[parent] as number;
      if (parentTime < time || (parentTime === time && (orders[parent] as number) < order)) break;
      const moved = slots[parent] as number;
      times[at] = parentTime;
      orders[at] = orders[parent] as number;
      slots[at] = moved;
      positions[moved] = at;
      at = parent;
    }
    times[at] = time;
    orders[at] = order;
    slots[at] = slot;
    positions[slot] = at;
  }

  #siftDown(start: number, slot: number, time: number, order: number): void {
    const times = this.#times;
    const orders = this.#orders;
    const slots = this.#slots;
    const positions = this.#positions;
    const size = this.#size;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      let childTime = times[child] as number;
      const right = child + 1;
      if (right < size) {
        const rightTime = times[right] as number;
        if (
          rightTime < childTime ||
          (rightTime === childTime && (orders[right] as number) < (orders[child] as number))
        ) {
          child = right;
          childTime = rightTime;
        }
      }
      if (time < childTime || (time === childTime && order < (orders[child] as number))) break;
      const moved = slots[child] as number;
      times[at] = childTime;
      orders[at] = orders[child] as number;
      slots[at] = moved;
      positions[moved] = at;
      at = child;
    }
    times[at] = time;
    orders[at] = order;
    slots[at] = slot;
    positions[slot] = at;
  }

  #releaseRange(start: number, end: number): void {
    for (let slot = end - 1; slot >= start; slot--) this.#freeSlots[this.#freeCount++] = slot;
  }

  #grow(): void {
    const old = this.#capacity;
    const capacity = old * 2;
    assert(capacity <= PENDING_EVENTS_MAX, `event queue: more than ${PENDING_EVENTS_MAX} pending events`);
    this.op = growInt32(this.op, capacity);
    this.target = growInt32(this.target, capacity);
    this.from = growInt32(this.from, capacity);
    this.conn = growInt32(this.conn, capacity);
    this.incarnation = growInt32(this.incarnation, capacity);
    this.cause = growFloat64(this.cause, capacity);
    this.a = growFloat64(this.a, capacity);
    this.b = growFloat64(this.b, capacity);
    for (let i = old; i < capacity; i++) this.payload.push(null);
    this.#times = growFloat64(this.#times, capacity);
    this.#orders = growFloat64(this.#orders, capacity);
    this.#slots = growInt32(this.#slots, capacity);
    this.#positions = growInt32(this.#positions, capacity);
    this.#freeSlots = growInt32(this.#freeSlots, capacity);
    this.#capacity = capacity;
    this.#releaseRange(old, capacity);
  }
}
