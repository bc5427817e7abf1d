/**
 * The search for a linearization: Wing and Gong's algorithm with Lowe's memory of configurations (Testing for linearizability,
 * 2017). It takes the earliest call whose answer fits the state, lifts it out of the history and goes on from the front; at a
 * return whose call is still there, no order can work and it steps back.
 *
 * Always: *linearizable* and *illegal* are proofs; without an answer after the steps it was given, a search can be continued. An operation
 * with an unknown outcome has no return, so nothing forces it in; the search is done when all that returned have been placed.
 */
import { mix } from '../../base/content-hash.ts';
import { NEVER_RETURNED, type Operation, orderEntries, type Partition, type SequentialModel } from './history.ts';
import { SeenConfigurations } from './seen-configurations.ts';

export type SearchState = 'running' | 'linearizable' | 'illegal';

/** Most configurations remembered, so that a hopeless history ends as unknown before memory does. */
const CONFIGURATIONS_MAX = 4_000_000;

export class LinearizationSearch<Input, Output> {
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #model: SequentialModel<Input, Output>;
  /** Doubly linked list over nodes: node e + 1 is entry e; node 0 is the head. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #set: Int32Array;
  readonly #seen: SeenConfigurations;
  readonly #stackNodes: Int32Array;
  readonly #stackStates: Int32Array;
  #depth = 0;
  #state: number;
  #at: number;
  /** Operations that returned and are not placed yet. */
  #required = 0;
  #setHash = 0;
  #outcome: SearchState = 'running';
  #steps = 0;
  #deepest: readonly number[] = [];

  /** `initial` replaces the model's own initial state. */
  constructor(partition: Partition<Input, Output>, initial: number = partition.model.initial) {
    const { operations, model } = partition;
    this.#operations = operations;
    this.#model = model;
    this.#next = new Int32Array(2 * operations.length + 1).fill(-1);
    this.#previous = new Int32Array(2 * operations.length + 1).fill(-1);
    let last = 0;
    for (const entry of orderEntries(operations)) {
      this.#next[last] = entry + 1;
      this.#previous[entry + 1] = last;
      last = entry + 1;
    }
    const words = (operations.length + 31) >> 5;
    this.#set = new Int32Array(words);
    this.#seen = new SeenConfigurations(words);
    this.#stackNodes = new Int32Array(operations.length);
    this.#stackStates = new Int32Array(operations.length);
    for (const { returnAt } of operations) if (returnAt !== NEVER_RETURNED) this.#required++;
    this.#state = initial;
    this.#at = this.#next[0] as number;
  }

  /** Number of model steps so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Operations of the longest order found so far, in that order. */
  get deepest(): readonly number[] {
    return this.#outcome === 'linearizable' ? this.#order() : this.#deepest;
  }

  /** Goes on for at most `steps` steps. */
  run(steps: number): SearchState {
    const end = this.#steps + steps;
    while (this.#outcome === 'running' && this.#steps < end) {
      if (this.#required === 0) this.#outcome = 'linearizable';
      else if (this.#seen.count >= CONFIGURATIONS_MAX) return 'running';
      else this.#stepOnce();
    }
    return this.#outcome;
  }

  #stepOnce(): void {
    const at = this.#at;
    this.#steps++;
    if (at < 0 || (at & 1) === 0) {
      this.#stepBack();
      return;
    }
    const index = (at - 1) >> 1;
    const after = this.#model.step(this.#state, this.#operations[index] as Operation<Input, Output>);
    if (after < 0 || !this.#enter(index, after)) {
      this.#at = this.#next[at] as number;
      return;
    }
    this.#stackNodes[this.#depth] = at;
    this.#stackStates[this.#depth++] = this.#state;
    this.#state = after;
    this.#lift(at);
    this.#at = this.#next[0] as number;
  }

  /** Marks operation `index` as placed, unless the configuration has been met. */
  #enter(index: number, state: number): boolean {
    const flipped = this.#setHash ^ mix(0x6c696e, index);
    this.#set[index >> 5] = (this.#set[index >> 5] as number) | (1 << (index & 31));
    if (this.#seen.add(this.#set, state, mix(flipped, state))) {
      this.#setHash = flipped;
      if (this.#returned(index)) this.#required--;
      return true;
    }
    this.#set[index >> 5] = (this.#set[index >> 5] as number) & ~(1 << (index & 31));
    return false;
  }

  #stepBack(): void {
    if (this.#depth > this.#deepest.length) this.#deepest = this.#order();
    if (this.#depth === 0) {
      this.#outcome = 'illegal';
      return;
    }
    const at = this.#stackNodes[--this.#depth] as number;
    const index = (at - 1) >> 1;
    this.#state = this.#stackStates[this.#depth] as number;
    this.#set[index >> 5] = (this.#set[index >> 5] as number) & ~(1 << (index & 31));
    this.#setHash ^= mix(0x6c696e, index);
    if (this.#returned(index)) this.#required++;
    this.#unlift(at);
    this.#at = this.#next[at] as number;
  }

  #order(): number[] {
    return Array.from(this.#stackNodes.subarray(0, this.#depth), (node) => (node - 1) >> 1);
  }

  #returned(index: number): boolean {
    return (this.#previous[2 * index + 2] as number) >= 0;
  }

  #lift(call: number): void {
    this.#unlink(call);
    if ((this.#previous[call + 1] as number) >= 0) this.#unlink(call + 1);
  }

  #unlink(node: number): void {
    const before = this.#previous[node] as number;
    const after = this.#next[node] as number;
    this.#next[before] = after;
    if (after >= 0) this.#previous[after] = before;
  }

  #unlift(call: number): void {
    if ((this.#previous[call + 1] as number) >= 0) this.#relink(call + 1);
    this.#relink(call);
  }

  #relink(node: number): void {
    const before = this.#previous[node] as number;
    const after = this.#next[node] as number;
    this.#next[before] = node;
    if (after >= 0) this.#previous[after] = node;
  }
}
