/**
 * Pods that wait for room, and in which order they are tried when some comes free.
 *
 * `fifo`: first come, first served. `priority`: the more important first. `srtf`: the shortest time left to run first, as in Tetris
 * (SIGCOMM'14). `drf`: the tenant with the smallest dominant share first, looked at anew after each placement (dominant resource
 * fairness, NSDI'11). Equal ones in order of arrival; a pod that comes back keeps its place. Nobody blocks the ones behind.
 */

export const QUEUE_ORDERS = ['fifo', 'priority', 'srtf', 'drf'] as const;
export type QueueOrder = (typeof QUEUE_ORDERS)[number];

/** What may stand behind a policy's name and a plus. */
export const QUEUE_CHOICES: readonly { readonly name: QueueOrder | 'gang'; readonly about: string }[] = [
  { name: 'fifo', about: 'waiting pods in order of arrival' },
  { name: 'priority', about: 'waiting pods by priority' },
  { name: 'srtf', about: 'waiting pods with the shortest time left to run first' },
  { name: 'drf', about: 'waiting pods of the namespace with the smallest dominant share first' },
  { name: 'gang', about: 'pods of a group get their nodes all at once or not at all' },
];

/** What the orders look at; pods are numbers in order of arrival. */
export interface QueueFacts {
  priorityOf(pod: number): number;
  runUsOf(pod: number): number;
  tenantOf(pod: number): number;
  /** Dominant share of a tenant now, 0 … 1. */
  shareOf(tenant: number): number;
}

/** The waiting pods of one run. */
export class WaitingQueue {
  #order: QueueOrder;
  readonly #facts: QueueFacts;
  /** In order; for `drf` in order of arrival. */
  #pods: number[] = [];
  readonly #waiting = new Set<number>();

  constructor(order: QueueOrder, facts: QueueFacts) {
    this.#order = order;
    this.#facts = facts;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Tries the waiting pods in another order from now on. */
  reorder(order: QueueOrder): void {
    if (order === this.#order) return;
    const pods = this.all();
    this.#order = order;
    this.#pods = [];
    this.#waiting.clear();
    for (const pod of [...pods].sort((a, b) => a - b)) this.add(pod);
  }

  /** All waiting pods; in queue order but for `drf`, whose order depends on what is placed. */
  all(): readonly number[] {
    return this.#pods.filter((pod) => this.#waiting.has(pod));
  }

  has(pod: number): boolean {
    return this.#waiting.has(pod);
  }

  add(pod: number): void {
    if (this.#waiting.has(pod)) return;
    this.#waiting.add(pod);
    let low = 0;
    let high = this.#pods.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#before(this.#pods[middle] as number, pod)) low = middle + 1;
      else high = middle;
    }
    this.#pods.splice(low, 0, pod);
  }

  /** A pod waits no longer. */
  delete(pod: number): void {
    this.#waiting.delete(pod);
  }

  /** Tries every waiting pod once in order; `place` deletes those that it places, also others than the one it was asked for. */
  drain(place: (pod: number) => void): void {
    if (this.#order === 'drf') this.#drainFairly(place);
    else for (const pod of [...this.#pods]) if (this.#waiting.has(pod)) place(pod);
    this.#pods = this.#pods.filter((pod) => this.#waiting.has(pod));
  }

  #drainFairly(place: (pod: number) => void): void {
    const lists = new Map<number, number[]>();
    for (const pod of this.#pods) {
      if (!this.#waiting.has(pod)) continue;
      const tenant = this.#facts.tenantOf(pod);
      const list = lists.get(tenant);
      if (list === undefined) lists.set(tenant, [pod]);
      else list.push(pod);
    }
    const tenants = [...lists].map(([tenant, pods]) => ({ tenant, pods, next: 0 }));
    for (;;) {
      let poorest: (typeof tenants)[number] | undefined;
      for (const each of tenants) {
        if (each.next === each.pods.length) continue;
        if (poorest === undefined || this.#facts.shareOf(each.tenant) < this.#facts.shareOf(poorest.tenant)) {
          poorest = each;
        }
      }
      if (poorest === undefined) return;
      const pod = poorest.pods[poorest.next++] as number;
      if (this.#waiting.has(pod)) place(pod);
    }
  }

  #before(a: number, b: number): boolean {
    const difference =
      this.#order === 'priority'
        ? this.#facts.priorityOf(b) - this.#facts.priorityOf(a)
        : this.#order === 'srtf'
          ? this.#facts.runUsOf(a) - this.#facts.runUsOf(b)
          : 0;
    return difference < 0 || (difference === 0 && a < b);
  }
}
