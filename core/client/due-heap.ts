/**
 * Integer ids by due time: a binary heap over plain arrays, equal times in order of insertion. O(log n), no allocation per entry
 * once grown.
 */

export class DueHeap {
  readonly #due: number[] = [];
  readonly #order: number[] = [];
  readonly #ids: number[] = [];
  #inserted = 0;

  get size(): number {
    return this.#ids.length;
  }

  /** Due time of the earliest entry; Infinity when empty. */
  get dueUs(): number {
    return this.#due[0] ?? Number.POSITIVE_INFINITY;
  }

  push(id: number, dueUs: number): void {
    let at = this.#ids.length;
    const order = this.#inserted++;
    this.#ids.push(id);
    this.#due.push(dueUs);
    this.#order.push(order);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(dueUs, order, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#set(at, id, dueUs, order);
  }

  /** Removes the earliest entry; the answer is its id, −1 when empty. */
  pop(): number {
    const top = this.#ids[0];
    if (top === undefined) return -1;
    const id = this.#ids.pop() as number;
    const dueUs = this.#due.pop() as number;
    const order = this.#order.pop() as number;
    const size = this.#ids.length;
    if (size > 0) this.#sink(id, dueUs, order, size);
    return top;
  }

  #sink(id: number, dueUs: number, order: number, size: number): void {
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size && this.#before(this.#due[right] as number, this.#order[right] as number, child)) child = right;
      if (this.#before(dueUs, order, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#set(at, id, dueUs, order);
  }

  #before(dueUs: number, order: number, other: number): boolean {
    const otherDue = this.#due[other] as number;
    return dueUs < otherDue || (dueUs === otherDue && order < (this.#order[other] as number));
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#ids[from] as number, this.#due[from] as number, this.#order[from] as number);
  }

  #set(at: number, id: number, dueUs: number, order: number): void {
    this.#ids[at] = id;
    this.#due[at] = dueUs;
    this.#order[at] = order;
  }
}
