/**
 * Queued pods in order, each of which can be removed: a line of those that came in order, and a binary heap of the others.
 *
 * Nearly every pod comes after all that wait, so most pods stand in the line, where nothing has to be moved. Cost: O(1) an operation in the line,
 * O(log n) in the heap.
 */
import { assert } from '../../base/assert.ts';
import type { QueuedPod } from './queued-pod.ts';

/** `heapIndex` of a pod that is in neither; those of the line count down from the next. */
const NOWHERE = -1;
const FIRST_OF_LINE = -2;
/** Left places at the line's head from which on they are given back. */
const MANY_LEFT = 1024;

/** Queued pods, the first by `before` at the front. */
export class OrderedPods {
  readonly #heap: QueuedPod[] = [];
  readonly #line: (QueuedPod | undefined)[] = [];
  /** Places given back so far, first place that may be taken, and pods in the line. */
  #given = 0;
  #head = 0;
  #inLine = 0;
  readonly #before: (a: QueuedPod, b: QueuedPod) => boolean;

  constructor(before: (a: QueuedPod, b: QueuedPod) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#heap.length + this.#inLine;
  }

  /** Whether a pod is in here. */
  has(pod: QueuedPod): boolean {
    const index = pod.heapIndex;
    return index >= 0 ? this.#heap[index] === pod : index !== NOWHERE && this.#line[this.#placeOf(pod)] === pod;
  }

  /** The first pod, or undefined. */
  peek(): QueuedPod | undefined {
    const first = this.#heap[0];
    if (this.#inLine === 0) return first;
    while (this.#line[this.#head] === undefined) this.#head++;
    const next = this.#line[this.#head] as QueuedPod;
    return first !== undefined && this.#before(first, next) ? first : next;
  }

  push(pod: QueuedPod): void {
    const line = this.#line;
    while (line.length > this.#head && line[line.length - 1] === undefined) line.pop();
    const last = line.length > this.#head ? line[line.length - 1] : undefined;
    if (last === undefined || !this.#before(pod, last)) {
      pod.heapIndex = FIRST_OF_LINE - (this.#given + line.length);
      line.push(pod);
      this.#inLine++;
      return;
    }
    this.#heap.push(pod);
    this.#up(this.#heap.length - 1, pod);
  }

  /** Takes the first pod out. */
  pop(): QueuedPod | undefined {
    const first = this.peek();
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes a pod out that is in here. */
  remove(pod: QueuedPod): void {
    assert(this.has(pod), 'pod heap: the pod is in it');
    const index = pod.heapIndex;
    if (index < 0) this.#leaveLine(pod);
    else this.#leaveHeap(index, pod);
    pod.heapIndex = NOWHERE;
  }

  #placeOf({ heapIndex }: QueuedPod): number {
    return FIRST_OF_LINE - heapIndex - this.#given;
  }

  #leaveLine(pod: QueuedPod): void {
    this.#line[this.#placeOf(pod)] = undefined;
    this.#inLine--;
    if (this.#inLine === 0) this.#head = this.#line.length;
    if (this.#head < MANY_LEFT || 2 * this.#head < this.#line.length) return;
    this.#line.splice(0, this.#head);
    this.#given += this.#head;
    this.#head = 0;
  }

  #leaveHeap(index: number, pod: QueuedPod): void {
    const last = this.#heap.pop() as QueuedPod;
    if (last === pod) return;
    this.#down(index, last);
    this.#up(last.heapIndex, last);
  }

  #up(index: number, pod: QueuedPod): void {
    const pods = this.#heap;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const other = pods[parent] as QueuedPod;
      if (!this.#before(pod, other)) break;
      pods[index] = other;
      other.heapIndex = index;
      index = parent;
    }
    pods[index] = pod;
    pod.heapIndex = index;
  }

  #down(index: number, pod: QueuedPod): void {
    const pods = this.#heap;
    const count = pods.length;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#before(pods[child + 1] as QueuedPod, pods[child] as QueuedPod)) child++;
      const other = pods[child] as QueuedPod;
      if (!this.#before(other, pod)) break;
      pods[index] = other;
      other.heapIndex = index;
      index = child;
    }
    pods[index] = pod;
    pod.heapIndex = index;
  }
}
