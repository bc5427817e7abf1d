/** Binary heap of queued pods that knows where each pod is, so that any can be removed. Cost: O(log n) an operation. */
import { assert } from '../base/assert.ts';
import type { QueuedPod } from './queued-pod.ts';

/** Pods ordered by `before`. */
export class PodHeap {
  readonly #pods: QueuedPod[] = [];
  readonly #before: (a: QueuedPod, b: QueuedPod) => boolean;

  constructor(before: (a: QueuedPod, b: QueuedPod) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#pods.length;
  }

  /** Whether a pod is in this heap. */
  has(pod: QueuedPod): boolean {
    return this.#pods[pod.heapIndex] === pod;
  }

  /** The first pod, or undefined. */
  peek(): QueuedPod | undefined {
    return this.#pods[0];
  }

  push(pod: QueuedPod): void {
    this.#pods.push(pod);
    this.#up(this.#pods.length - 1, pod);
  }

  /** Takes the first pod out. */
  pop(): QueuedPod | undefined {
    const first = this.#pods[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes a pod out that is in this heap. */
  remove(pod: QueuedPod): void {
    const index = pod.heapIndex;
    assert(this.#pods[index] === pod, 'pod heap: the pod is in it');
    const last = this.#pods.pop() as QueuedPod;
    pod.heapIndex = -1;
    if (last === pod) return;
    this.#down(index, last);
    this.#up(last.heapIndex, last);
  }

  #up(index: number, pod: QueuedPod): void {
    const pods = this.#pods;
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
    const pods = this.#pods;
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
