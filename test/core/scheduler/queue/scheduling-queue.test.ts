/** The scheduling queue alone: order, back-off, events, gates. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OrderedPods } from '../../../../core/scheduler/queue/ordered-pods.ts';
import { IN_FLIGHT, QueuedPod } from '../../../../core/scheduler/queue/queued-pod.ts';
import { SchedulingQueue } from '../../../../core/scheduler/queue/scheduling-queue.ts';
import type { Pod } from '../../../../core/types/pod.ts';
import { makePod } from '../objects.ts';

const SECOND = 1_000_000;
const FIT = 1 << 5;
const TAINTS = 1 << 2;

const pod = (name: string, priority = 0, gates: readonly string[] = []): Pod =>
  makePod(name, {}, { priority, schedulingGates: gates.map((gate) => ({ name: gate })) });

function take(queue: SchedulingQueue) {
  const queued = queue.pop();
  if (queued === undefined) throw new Error('a pod is ready');
  return queued;
}

describe('SchedulingQueue', () => {
  test('priority, then queue time, then arrival', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('late'), 0, 5);
    queue.add(2, pod('early'), 0, 3);
    queue.add(3, pod('same'), 0, 3);
    queue.add(4, pod('high', 9), 0, 9);
    expect([take(queue).id, take(queue).id, take(queue).id, take(queue).id]).toEqual([4, 2, 3, 1]);
    expect(queue.pop()).toBe(undefined);
  });

  test('an unschedulable pod sleeps until an event for its plugin, not another one', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p'), 0, 0);
    queue.addUnschedulable(take(queue), FIT, 0);
    expect(queue.waitedFor).toBe(FIT);
    queue.move(TAINTS, 9 * SECOND, () => true);
    queue.move(FIT, 9 * SECOND, () => false);
    expect([queue.ready, queue.backingOff]).toEqual([0, 0]);
    queue.move(FIT, 9 * SECOND, () => true);
    expect(queue.ready).toBe(1);
    expect(queue.waitedFor).toBe(0);
    expect(take(queue).attempts).toBe(2);
  });

  test('a change that matters gives an unschedulable pod another try, one of its status does not', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p'), 0, 0);
    queue.addUnschedulable(take(queue), FIT, 0);
    queue.update(1, pod('p'), false, 9 * SECOND);
    expect(queue.ready).toBe(0);
    queue.update(1, pod('p'), true, 9 * SECOND);
    expect(queue.ready).toBe(1);
  });

  test.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 8],
    [5, 10],
    [9, 10],
  ])('after %i failures the back-off is %i s and the rest of the second then', (failures, seconds) => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p'), 0, 0);
    for (let i = 1; i < failures; i++) {
      queue.addUnschedulable(take(queue), FIT, 0);
      queue.move(FIT, 1000 * SECOND, () => true);
    }
    queue.addUnschedulable(take(queue), FIT, 2000 * SECOND + 700_000);
    queue.move(FIT, 2000 * SECOND + 800_000, () => true);
    queue.add(2, pod('other', 5), 0, 0);
    queue.flushBackoff((2001 + seconds) * SECOND - 1);
    expect([take(queue).id, queue.backingOff]).toEqual([2, 1]);
    queue.flushBackoff((2001 + seconds) * SECOND);
    expect(queue.backingOff).toBe(0);
  });

  test('an event in the second in which the back-off ends comes too early to end it', () => {
    for (const [atUs, waiting] of [
      [2 * SECOND - 1, 1],
      [2 * SECOND, 0],
    ] as const) {
      const queue = new SchedulingQueue();
      queue.add(1, pod('p'), 0, 0);
      queue.addUnschedulable(take(queue), FIT, 700_000);
      queue.move(FIT, atUs, () => true);
      expect(queue.backingOff).toBe(waiting);
    }
  });

  test('an empty active queue takes from the back-off queue early, never after an error', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p'), 0, 0);
    queue.addUnschedulable(take(queue), FIT, 0);
    queue.move(FIT, 0, () => true);
    expect([queue.backingOff, queue.ready]).toEqual([1, 1]);
    queue.addError(take(queue), 0);
    expect([queue.backingOff, queue.ready]).toEqual([1, 0]);
    queue.flushBackoff(2 * SECOND);
    expect(take(queue).errorCount).toBe(1);
  });

  test('a pod that slept longer than its back-off is at once among the others, by its priority', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p', 9), 0, 0);
    queue.addUnschedulable(take(queue), FIT, 0);
    queue.add(2, pod('other'), 0, 1);
    queue.move(FIT, 100 * SECOND, () => true);
    expect([queue.backingOff, take(queue).id]).toEqual([0, 1]);
  });

  test('five minutes in the unschedulable pool are enough', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p'), 0, 0);
    queue.addUnschedulable(take(queue), FIT, 0);
    queue.flushUnschedulable(300 * SECOND);
    expect(queue.ready).toBe(0);
    queue.flushUnschedulable(330 * SECOND);
    expect(queue.ready).toBe(1);
  });

  test('gates: no event wakes the pod, the last gate does', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p', 0, ['a', 'b']), 0, 0);
    queue.move(-1, 0, () => true);
    expect([queue.ready, queue.backingOff]).toEqual([0, 0]);
    queue.update(1, pod('p', 0, ['b']), true, 1);
    queue.flushUnschedulable(999 * SECOND);
    expect(queue.ready).toBe(0);
    queue.update(1, pod('p'), true, 2);
    expect(take(queue).attempts).toBe(1);
  });

  test('a pod whose gate opens comes before those that were created after it', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('gated', 0, ['a']), 0, 0);
    queue.add(2, pod('later'), 0, 5);
    queue.update(1, pod('gated'), true, 9);
    expect([take(queue).id, take(queue).id]).toEqual([1, 2]);
  });

  test('what holds pods beside gates is asked again when it may be gone, and only of those concerned', () => {
    const held = new Set(['a', 'b']);
    const queue = new SchedulingQueue({}, ({ metadata }) => held.has(metadata.name));
    queue.add(1, pod('a'), 0, 0);
    queue.add(2, pod('b'), 0, 0);
    expect([queue.ready, queue.unschedulable]).toEqual([0, 2]);
    queue.openGate(1, 0);
    queue.openGates(() => true, 0);
    expect(queue.ready).toBe(0);
    held.clear();
    queue.openGates(({ metadata }) => metadata.name === 'b', 0);
    expect([queue.ready, queue.unschedulable]).toEqual([1, 1]);
    queue.openGate(1, 0);
    expect([queue.ready, queue.unschedulable]).toEqual([2, 0]);
  });

  test('a gated pod that is deleted stays away whatever opens', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p', 0, ['a']), 0, 0);
    const queued = queue.get(1) as QueuedPod;
    queue.delete(1);
    queued.pod = pod('p');
    queue.openGates(() => true, 0);
    expect([queue.size, queue.unschedulable, queue.ready]).toEqual([0, 0, 0]);
  });

  test('a new priority counts wherever the pod waits', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('active'), 0, 0);
    queue.add(2, pod('sleeps'), 0, 0);
    queue.add(3, pod('gated', 0, ['a']), 0, 0);
    queue.addUnschedulable(take(queue), FIT, 0);
    queue.update(2, pod('sleeps', 5), true, 0);
    queue.update(1, pod('active', 7), false, 0);
    queue.update(3, pod('gated', 9), true, 0);
    queue.move(FIT, 9 * SECOND, () => true);
    expect([take(queue).id, take(queue).id, take(queue).id]).toEqual([3, 1, 2]);
  });

  test('strictly: nobody leaves the back-off early, and it ends when it ends', () => {
    const queue = new SchedulingQueue({ popsEarly: false });
    queue.add(1, pod('p'), 0, 0);
    queue.addUnschedulable(take(queue), FIT, 700_000);
    queue.move(FIT, 700_000, () => true);
    expect([queue.ready, queue.pop(), queue.backingOff]).toEqual([0, undefined, 1]);
    queue.flushBackoff(SECOND);
    expect(queue.backingOff).toBe(1);
    queue.flushBackoff(1_700_000);
    expect(queue.backingOff).toBe(1);
    queue.flushBackoff(1_700_001);
    expect(take(queue).id).toBe(1);
  });

  test('a verdict ends the count of errors, and errors back off by their own count', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p'), 0, 0);
    for (const seconds of [1, 2, 4]) {
      queue.addError(take(queue), 0);
      queue.flushBackoff((seconds + 1) * SECOND - 1);
      expect(queue.ready).toBe(0);
      queue.flushBackoff((seconds + 1) * SECOND);
    }
    queue.addUnschedulable(take(queue), FIT, 0);
    queue.move(FIT, 9 * SECOND, () => true);
    queue.addError(take(queue), 10 * SECOND);
    queue.flushBackoff(12 * SECOND);
    expect(queue.ready).toBe(1);
  });

  test('a pod whose preemption runs sleeps through everything, and wakes by what comes afterwards', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p'), 0, 0);
    const queued = take(queue);
    queue.addUnschedulable(queued, FIT, 0);
    queued.preempting = true;
    queue.move(FIT, 9 * SECOND, () => true);
    queue.update(1, pod('p'), true, 9 * SECOND);
    queue.flushUnschedulable(999 * SECOND);
    expect([queue.ready, queue.backingOff, queue.take(1)]).toEqual([0, 0, undefined]);
    queued.preempting = false;
    expect(queue.ready).toBe(0);
    queue.move(FIT, 999 * SECOND, () => true);
    expect(queue.ready).toBe(1);
  });

  test('a pod that is activated goes before its back-off ends, whatever kind it is; one that is gated does not', () => {
    const queue = new SchedulingQueue({ popsEarly: false });
    for (const id of [1, 2, 3]) queue.add(id, pod(`p${id}`), 0, id);
    queue.add(4, pod('gated', 0, ['a']), 0, 4);
    const [asleep, backingOff, failed] = [take(queue), take(queue), take(queue)];
    queue.addUnschedulable(asleep, FIT, 5);
    queue.addUnschedulable(backingOff, TAINTS, 6);
    queue.move(TAINTS, 7, () => true);
    queue.addError(failed, 8);
    for (const id of [1, 2, 3, 4]) queue.activate(queue.get(id) as QueuedPod);
    expect([queue.ready, queue.backingOff, queue.unschedulable]).toEqual([3, 0, 1]);
    expect([take(queue).id, take(queue).id, take(queue).id]).toEqual([1, 2, 3]);
  });

  test('a pod that lacks something when it wakes waits for that first', () => {
    const held = new Set<string>();
    const queue = new SchedulingQueue({}, ({ metadata }) => held.has(metadata.name));
    queue.add(1, pod('p'), 0, 0);
    queue.addUnschedulable(take(queue), FIT, 0);
    held.add('p');
    queue.move(FIT, 9 * SECOND, () => true);
    expect([queue.ready, queue.waitedFor]).toEqual([0, 0]);
    held.clear();
    queue.openGate(1, 9 * SECOND);
    expect(queue.ready).toBe(1);
  });

  // Kubernetes 1.34.1, scheduling_queue.go moveToBackoffQ, moveToActiveQ.
  test('a pod that nobody takes out early backs off whatever it lacks, and waits for that afterwards', () => {
    const held = new Set<string>();
    const queue = new SchedulingQueue({ popsEarly: false }, ({ metadata }) => held.has(metadata.name));
    queue.add(1, pod('p'), 0, 0);
    const queued = take(queue);
    held.add('p');
    queue.addError(queued, 0);
    expect([queue.backingOff, queue.unschedulable]).toEqual([1, 0]);
    queue.flushBackoff(2 * SECOND);
    expect([queue.ready, queue.backingOff, queue.unschedulable]).toEqual([0, 0, 1]);
  });

  // Kubernetes 1.34.1, scheduling_queue.go moveToBackoffQ, moveToActiveQ, requeuePodWithQueueingStrategy.
  test('a pod that lacks something after an error, or when it is activated, waits for that, and backs off all the same', () => {
    const held = new Set(['p']);
    const queue = new SchedulingQueue({}, ({ metadata }) => held.has(metadata.name));
    const asked = () => [queue.unschedulable, queue.backingOff, queue.get(1)?.backoffEndUs];
    held.clear();
    queue.add(1, pod('p'), 0, 0);
    const queued = take(queue);
    held.add('p');
    queue.addError(queued, SECOND);
    expect([queue.unschedulable, queue.backingOff]).toEqual([1, 0]);
    held.clear();
    queue.openGate(1, SECOND + 5);
    expect(asked()).toEqual([0, 1, 2 * SECOND]);
    queue.addUnschedulable(take(queue), FIT, 3 * SECOND);
    held.add('p');
    queue.activate(queued);
    expect([queue.ready, queue.unschedulable, queue.waitedFor]).toEqual([0, 1, 0]);
    held.clear();
    queue.openGate(1, 3 * SECOND + 5);
    expect(asked()).toEqual([0, 1, 4 * SECOND]);
  });

  test('a group takes its pods from wherever they wait, but not from a gate, an error or a cycle', () => {
    const queue = new SchedulingQueue();
    for (const id of [1, 2, 3, 4]) queue.add(id, pod(`p${id}`), 0, id);
    queue.add(5, pod('gated', 0, ['a']), 0, 5);
    queue.addUnschedulable(take(queue), FIT, 0);
    queue.addUnschedulable(take(queue), TAINTS, 0);
    queue.move(TAINTS, 0, () => true);
    queue.addError(take(queue), 0);
    const taken = [1, 2, 3, 4, 5, 6].filter((id) => queue.take(id) !== undefined);
    expect(taken).toEqual([1, 2, 4]);
    expect([queue.take(1), queue.get(4)?.where, queue.get(4)?.attempts]).toEqual([undefined, IN_FLIGHT, 1]);
    expect([queue.ready, queue.backingOff, queue.waitedFor]).toEqual([0, 1, 0]);
    queue.delete(3);
    expect([queue.backingOff, queue.size]).toEqual([0, 4]);
  });

  test('a pod deleted in flight does not come back', () => {
    const queue = new SchedulingQueue();
    queue.add(1, pod('p'), 0, 0);
    const queued = take(queue);
    expect(queued.where).toBe(IN_FLIGHT);
    queue.delete(1);
    queue.addError(queued, 0);
    queue.addUnschedulable(queued, FIT, 0);
    expect([queue.size, queue.backingOff, queue.unschedulable]).toEqual([0, 0, 0]);
  });

  test('no pod is lost and none comes twice over random histories', () => {
    const step = fc.tuple(
      fc.constantFrom('add', 'delete', 'fail', 'error', 'event', 'flush', 'update'),
      fc.nat(12),
      fc.nat(3),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const queue = new SchedulingQueue();
        const alive = new Set<number>();
        let nowUs = 0;
        for (const [kind, id, priority] of steps) {
          nowUs += 400_000;
          if (kind === 'add' && !alive.has(id)) queue.add(id, pod(`p${id}`, priority), 0, nowUs);
          if (kind === 'add') alive.add(id);
          if (kind === 'delete') queue.delete(id);
          if (kind === 'delete') alive.delete(id);
          if (kind === 'update') queue.update(id, pod(`p${id}`, priority), true, nowUs);
          if (kind === 'event') queue.move(FIT, nowUs, (queued) => queued.id % 2 === priority % 2);
          if (kind === 'flush') queue.flushBackoff(nowUs);
          const queued = kind === 'fail' || kind === 'error' ? queue.pop() : undefined;
          if (queued !== undefined && kind === 'fail') queue.addUnschedulable(queued, FIT, nowUs);
          if (queued !== undefined && kind === 'error') queue.addError(queued, nowUs);
        }
        queue.move(FIT, nowUs, () => true);
        queue.flushBackoff(nowUs + 60 * SECOND);
        const seen: number[] = [];
        for (let queued = queue.pop(); queued !== undefined; queued = queue.pop()) seen.push(queued.id);
        expect(seen.sort((a, b) => a - b)).toEqual([...alive].sort((a, b) => a - b));
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

test('a pod heap gives what a sorted list gives, whatever comes in order and whatever leaves', () => {
  const step = fc.tuple(fc.constantFrom('push', 'push', 'late', 'pop', 'remove'), fc.nat(40));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const heap = new OrderedPods((a, b) => a.queuedAtUs < b.queuedAtUs);
      const sorted: QueuedPod[] = [];
      steps.forEach(([kind, number], i) => {
        if (kind === 'push' || kind === 'late') {
          // Distinct keys: most come after all others, some between them.
          const queued = new QueuedPod(i, pod('p'), 0, kind === 'push' ? 1000 * i : 1000 * number + i, i);
          heap.push(queued);
          sorted.push(queued);
          sorted.sort((a, b) => a.queuedAtUs - b.queuedAtUs);
        } else {
          const wanted = kind === 'pop' ? sorted[0] : sorted[number % Math.max(1, sorted.length)];
          if (kind === 'pop') expect(heap.pop()).toBe(wanted);
          else if (wanted !== undefined) heap.remove(wanted);
          if (wanted === undefined) return;
          sorted.splice(sorted.indexOf(wanted), 1);
          expect(heap.has(wanted)).toBe(false);
        }
        expect([heap.size, heap.peek()]).toEqual([sorted.length, sorted[0]]);
        expect(sorted.every((queued) => heap.has(queued))).toBe(true);
      });
    }),
    { numRuns: 100, seed: 11 },
  );
  const long = new OrderedPods((a, b) => a.queuedAtUs < b.queuedAtUs);
  for (let i = 0; i < 10_000; i++) {
    long.push(new QueuedPod(i, pod('p'), 0, i, i));
    if (i % 3 > 0) expect(long.pop()?.id).toBe(i - long.size);
  }
});
