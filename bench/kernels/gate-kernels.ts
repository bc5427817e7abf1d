/**
 * Kernels whose host time the gate compares between two builds.
 *
 * Each does the same work for the same count however often it has run before, so that bursts can be compared; `digest` runs it
 * once on fresh state and says what came out, so that a build that does something else is not called faster. Small: a burst
 * of some milliseconds, since long ones vary more.
 */
import { Sfc32 } from '../../core/base/random.ts';
import { SchedulingCore } from '../../core/scheduler/choice/scheduling-core.ts';
import { EventQueue } from '../../core/sim/event-queue.ts';
import { smallRunDigests } from './end-to-end-kernel.ts';
import { ALL_NODES, kernelNode, kernelPod } from './scheduler/workload.ts';
import { roundTrips } from './sim-kernel.ts';
import { mvccPut, mvccRange, watchFanOut } from './store-kernel.ts';

/** One kernel of the gate. */
export interface GateKernel {
  readonly name: string;
  /** Builds the state; the closure does `count` operations and returns a number that depends on what came out. */
  readonly make: () => (count: number) => number;
  /** Operations for the digest. */
  readonly digestCount: number;
}

/** The noise sensor: arithmetic that no change of this project touches. */
export const SENSOR = 'sensor';

/** All kernels, the sensor last. */
export const GATE_KERNELS: readonly GateKernel[] = [
  { name: 'event-queue', make: eventQueue, digestCount: 20_000 },
  { name: 'message-round-trip', make: () => counted(roundTrips(100)), digestCount: 2_000 },
  { name: 'mvcc-put', make: () => counted(mvccPut(2_000)), digestCount: 5_000 },
  { name: 'mvcc-range', make: () => counted(mvccRange()), digestCount: 20 },
  { name: 'watch-fan-out', make: () => counted(watchFanOut(200, false)), digestCount: 20_000 },
  { name: 'scheduling', make: scheduling, digestCount: 1_000 },
  { name: 'small-run', make: () => (count) => smallRunDigests(count, 1), digestCount: 2 },
  { name: SENSOR, make: sensor, digestCount: 1_000 },
];

function counted(run: (count: number) => void): (count: number) => number {
  return (count) => {
    run(count);
    return count;
  };
}

/** Hold model over 10,000 pending events; the result depends on every time that was popped. */
function eventQueue(): (count: number) => number {
  const queue = new EventQueue();
  const random = new Sfc32(1, 2, 3);
  let sequence = 0;
  for (let i = 0; i < 10_000; i++) queue.push(queue.allocate(), random.below(1_000_000), sequence++);
  return (count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const time = queue.peekTime();
      sum = (Math.imul(sum, 31) + time) | 0;
      queue.free(queue.pop());
      queue.push(queue.allocate(), time + 1 + (random.nextUint32() & 0xfffff), sequence++);
    }
    return sum;
  };
}

/** Chooses and assumes `count` pods of 50 shapes on 500 nodes, then takes all of them off again. */
function scheduling(): (count: number) => number {
  const core = new SchedulingCore([ALL_NODES], new Sfc32(1, 2, 3));
  for (let i = 0; i < 500; i++) core.putNode(kernelNode(i));
  const random = new Sfc32(4, 5, 6);
  const requests = Array.from({ length: 50 }, (_, i) => ({
    podClass: core.classOf(kernelPod(i, random)),
    nodeName: '',
  }));
  const out = { slot: -1, feasible: 0, examined: 0 };
  return (count) => {
    const rows: number[] = [];
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const request = requests[i % requests.length] as (typeof requests)[number];
      core.select(request, 0, out);
      sum = (Math.imul(sum, 31) + out.slot) | 0;
      if (out.slot >= 0) rows.push(core.assume(out.slot, request.podClass));
    }
    for (const row of rows) core.removePod(row);
    return sum;
  };
}

function sensor(): (count: number) => number {
  return (count) => {
    let sum = 1;
    for (let i = 0; i < count * 1_000; i++) sum = (Math.imul(sum, 1_664_525) + 1_013_904_223) | 0;
    return sum;
  };
}
