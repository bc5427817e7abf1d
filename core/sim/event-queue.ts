/**
 * The event queue: a binary heap over typed arrays, keyed by (time, order).
 *
 * An event lies in a slot: its integers are one record of words, so that writing and reading it touches one or two cache lines. The heap
 * holds copies of the keys beside the slot numbers, so that sifting does not look at records. `order` packs the sender's process id and the
 * sender's own sequence number into one double: there is no global counter, so the order of events never depends on what other processes do.
 * Each record knows its place in the heap, so a cancelled timer leaves at once. Cost: push and pop O(log n), no allocation unless the queue
 * doubles.
 */
import { assert } from '../base/assert.ts';
import { growFloat64, growInt32 } from '../base/grow.ts';
import { PENDING_EVENTS_MAX, QUEUE_SLOTS_INITIAL } from './limits.ts';
import type { Payload } from './process.ts';

/** Words of a record: 2^WORDS_SHIFT of them, in this order. */
const WORDS_SHIFT = 3;
const TARGET = 1;
const FROM = 2;
const CONN = 3;
const INCARNATION = 4;
/** Place in the heap; −1 outside of it. */
const POSITION = 5;
/** How often the slot has been used: tells a timer's handle from that of an event before it. */
const GENERATION = 6;
/** Of a free slot: the next free one, −1 for none. */
const NEXT_FREE = 7;

/** A timer's handle is slot + generation · this. */
const HANDLE_SLOTS = PENDING_EVENTS_MAX;

export class EventQueue {
  #capacity: number;
  #size = 0;
  #words: Int32Array<ArrayBuffer>;
  /** `a` and `b` by slot. */
  #arguments: Float64Array<ArrayBuffer>;
  readonly #payloads: (Payload | null)[];
  /** Time and order by place in the heap, and the slot there. */
  #keys: Float64Array<ArrayBuffer>;
  #slots: Int32Array<ArrayBuffer>;
  #firstFree = -1;

  constructor(capacity = QUEUE_SLOTS_INITIAL) {
    this.#capacity = capacity;
    this.#words = new Int32Array(capacity << WORDS_SHIFT);
    this.#arguments = new Float64Array(capacity * 2);
    this.#payloads = new Array<Payload | null>(capacity).fill(null);
    this.#keys = new Float64Array(capacity * 2);
    this.#slots = new Int32Array(capacity);
    this.#releaseRange(0, capacity);
  }

  /** Number of pending events. */
  get size(): number {
    return this.#size;
  }

  /** Time of the earliest event, µs; the queue must not be empty. */
  peekTime(): number {
    return this.#keys[0] as number;
  }

  /** Takes a free slot; the caller fills it with {@link write} and then calls {@link push}. */
  allocate(): number {
    if (this.#firstFree < 0) this.#grow();
    const slot = this.#firstFree;
    this.#firstFree = this.#words[(slot << WORDS_SHIFT) + NEXT_FREE] as number;
    return slot;
  }

  /** Says what the event in an allocated slot is. */
  write(
    slot: number,
    op: number,
    target: number,
    from: number,
    conn: number,
    incarnation: number,
    a: number,
    b: number,
    payload: Payload | null,
  ): void {
    const words = this.#words;
    const at = slot << WORDS_SHIFT;
    words[at] = op;
    words[at + TARGET] = target;
    words[at + FROM] = from;
    words[at + CONN] = conn;
    words[at + INCARNATION] = incarnation;
    const numbers = this.#arguments;
    numbers[slot * 2] = a;
    numbers[slot * 2 + 1] = b;
    this.#payloads[slot] = payload;
  }

  // What the event in a slot is: to be read before {@link free}.

  op(slot: number): number {
    return this.#words[slot << WORDS_SHIFT] as number;
  }

  target(slot: number): number {
    return this.#words[(slot << WORDS_SHIFT) + TARGET] as number;
  }

  from(slot: number): number {
    return this.#words[(slot << WORDS_SHIFT) + FROM] as number;
  }

  conn(slot: number): number {
    return this.#words[(slot << WORDS_SHIFT) + CONN] as number;
  }

  /** Incarnation the event is meant for; −1 = any. */
  incarnation(slot: number): number {
    return this.#words[(slot << WORDS_SHIFT) + INCARNATION] as number;
  }

  a(slot: number): number {
    return this.#arguments[slot * 2] as number;
  }

  b(slot: number): number {
    return this.#arguments[slot * 2 + 1] as number;
  }

  payload(slot: number): Payload | null {
    return this.#payloads[slot] as Payload | null;
  }

  /** Gives a slot back. Its payload is dropped. */
  free(slot: number): void {
    this.#payloads[slot] = null;
    this.#words[(slot << WORDS_SHIFT) + NEXT_FREE] = this.#firstFree;
    this.#firstFree = slot;
  }

  /** Puts an allocated slot into the heap. */
  push(slot: number, time: number, order: number): void {
    this.#siftUp(this.#size++, slot, time, order);
  }

  /** The handle of the event in a slot: no other event ever has it. */
  handleOf(slot: number): number {
    return slot + (this.#words[(slot << WORDS_SHIFT) + GENERATION] as number) * HANDLE_SLOTS;
  }

  /** Removes and returns the slot of the earliest event; the caller frees it. */
  pop(): number {
    const slot = this.#slots[0] as number;
    this.#removeAt(0, slot);
    return slot;
  }

  /** Removes the event with this handle before its time and frees its slot; false if it has left the queue. */
  cancel(handle: number): boolean {
    const generation = Math.floor(handle / HANDLE_SLOTS);
    const slot = handle - generation * HANDLE_SLOTS;
    const record = slot << WORDS_SHIFT;
    if (this.#words[record + GENERATION] !== generation) return false;
    const at = this.#words[record + POSITION] as number;
    assert(this.#slots[at] === slot, 'event queue: cancel of an event that is not pending');
    this.#removeAt(at, slot);
    this.free(slot);
    return true;
  }

  #removeAt(at: number, gone: number): void {
    const last = --this.#size;
    const words = this.#words;
    const record = gone << WORDS_SHIFT;
    words[record + POSITION] = -1;
    words[record + GENERATION] = (words[record + GENERATION] as number) + 1;
    if (at === last) return;
    const slot = this.#slots[last] as number;
    const time = this.#keys[last * 2] as number;
    const order = this.#keys[last * 2 + 1] as number;
    if (at > 0 && this.#before(time, order, (at - 1) >> 1)) this.#siftUp(at, slot, time, order);
    else this.#siftDown(at, slot, time, order);
  }

  #before(time: number, order: number, at: number): boolean {
    const other = this.#keys[at * 2] as number;
    return time < other || (time === other && order < (this.#keys[at * 2 + 1] as number));
  }

  #siftUp(start: number, slot: number, time: number, order: number): void {
    const keys = this.#keys;
    const slots = this.#slots;
    const words = this.#words;
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = keys[parent * 2] as number;
      const parentOrder = keys[parent * 2 + 1] as number;
      if (parentTime < time || (parentTime === time && parentOrder < order)) break;
      const moved = slots[parent] as number;
      keys[at * 2] = parentTime;
      keys[at * 2 + 1] = parentOrder;
      slots[at] = moved;
      words[(moved << WORDS_SHIFT) + POSITION] = at;
      at = parent;
    }
    keys[at * 2] = time;
    keys[at * 2 + 1] = order;
    slots[at] = slot;
    words[(slot << WORDS_SHIFT) + POSITION] = at;
  }

  #siftDown(start: number, slot: number, time: number, order: number): void {
    const keys = this.#keys;
    const slots = this.#slots;
    const words = this.#words;
    const size = this.#size;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      let childTime = keys[child * 2] as number;
      let childOrder = keys[child * 2 + 1] as number;
      const right = child + 1;
      if (right < size) {
        const rightTime = keys[right * 2] as number;
        const rightOrder = keys[right * 2 + 1] as number;
        if (rightTime < childTime || (rightTime === childTime && rightOrder < childOrder)) {
          child = right;
          childTime = rightTime;
          childOrder = rightOrder;
        }
      }
      if (time < childTime || (time === childTime && order < childOrder)) break;
      const moved = slots[child] as number;
      keys[at * 2] = childTime;
      keys[at * 2 + 1] = childOrder;
      slots[at] = moved;
      words[(moved << WORDS_SHIFT) + POSITION] = at;
      at = child;
    }
    keys[at * 2] = time;
    keys[at * 2 + 1] = order;
    slots[at] = slot;
    words[(slot << WORDS_SHIFT) + POSITION] = at;
  }

  /** The slots [start, end) are free, the first of them to be taken first. */
  #releaseRange(start: number, end: number): void {
    for (let slot = end - 1; slot >= start; slot--) {
      this.#words[(slot << WORDS_SHIFT) + NEXT_FREE] = this.#firstFree;
      this.#firstFree = slot;
    }
  }

  #grow(): void {
    const old = this.#capacity;
    const capacity = old * 2;
    assert(capacity <= PENDING_EVENTS_MAX, `event queue: more than ${PENDING_EVENTS_MAX} pending events`);
    this.#words = growInt32(this.#words, capacity << WORDS_SHIFT);
    this.#arguments = growFloat64(this.#arguments, capacity * 2);
    for (let i = old; i < capacity; i++) this.#payloads.push(null);
    this.#keys = growFloat64(this.#keys, capacity * 2);
    this.#slots = growInt32(this.#slots, capacity);
    this.#capacity = capacity;
    this.#releaseRange(old, capacity);
  }
}
