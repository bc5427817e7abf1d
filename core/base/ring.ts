/**
 * First-in first-out queue over one array that grows by doubling up to a named limit.
 *
 * Push and shift are O(1) without allocation once the array has its size.
 */
import { assert } from './assert.ts';

/** A FIFO of `T`; `limit` is the most entries it may hold, `name` what the assertion calls it. */
export class Ring<T> {
  #slots: (T | undefined)[] = new Array(8);
  #head = 0;
  #size = 0;
  readonly #limit: number;
  readonly #name: string;

  constructor(name: string, limit: number) {
    this.#name = name;
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends `value`; more than `limit` entries are a bug. */
  push(value: T): void {
    if (this.#size >= this.#limit) assert(false, `${this.#name}: more than ${this.#limit} entries`);
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = value;
    this.#size++;
  }

  /** Removes and returns the oldest entry, or undefined when empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const value = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    return value;
  }

  /** The entry at distance `index` from the oldest. */
  at(index: number): T | undefined {
    return index < this.#size ? this.#slots[(this.#head + index) & (this.#slots.length - 1)] : undefined;
  }

  clear(): void {
    this.#slots = new Array(8);
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const grown: (T | undefined)[] = new Array(this.#slots.length * 2);
    for (let i = 0; i < this.#size; i++) grown[i] = this.at(i);
    this.#slots = grown;
    this.#head = 0;
  }
}
