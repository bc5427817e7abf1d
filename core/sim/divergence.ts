/**
 * First divergence of two runs that should be equal.
 *
 * Both chains are compared by bisection (entries accumulate, so the first differing second is found in log steps); then both runs are
 * repeated with tracing on for that second only, and their events are compared one by one.
 */
import { firstDifference } from './checkpoint-chain.ts';
import { CHECKPOINT_PERIOD_US } from './limits.ts';
import type { Simulation } from './simulation.ts';
import { sameEvent, TraceBuffer, type TraceRecord } from './trace.ts';

/** Where two runs part. */
export interface Divergence {
  /** Virtual second (from 0) in which they differ first. */
  readonly second: number;
  /** The component that got the first different event. */
  readonly component: string;
  /** The first event that differs; null where one run has no further event. */
  readonly left: TraceRecord | null;
  readonly right: TraceRecord | null;
}

/** Builds a run from scratch, not yet started. */
export type Build = () => Simulation;

/**
 * Runs `left` and `right` to `untilUs` and returns where they differ first, or null if they are equal. Equal events with different
 * effects inside one component (for example other draws) show as a divergence of that component without events.
 */
export function findDivergence(left: Build, right: Build, untilUs: number): Divergence | null {
  const chains = [left, right].map((build) => {
    const run = build();
    run.run(untilUs);
    return run.chainWords();
  }) as [Int32Array, Int32Array];
  let second = firstDifference(chains[0], chains[1]);
  if (second < 0) {
    if (chains[0].length === chains[1].length) return null;
    second = Math.min(chains[0].length, chains[1].length) >> 1;
  }
  const traces = [left, right].map((build) => traceSecond(build, second, untilUs)) as [TracedSecond, TracedSecond];
  return compare(second, traces[0], traces[1]);
}

interface TracedSecond {
  readonly events: readonly TraceRecord[];
  readonly run: Simulation;
}

function traceSecond(build: Build, second: number, untilUs: number): TracedSecond {
  const run = build();
  const fromUs = second * CHECKPOINT_PERIOD_US;
  const endUs = Math.min(untilUs, fromUs + CHECKPOINT_PERIOD_US);
  const buffer = new TraceBuffer(fromUs, endUs);
  run.trace = buffer;
  run.run(endUs);
  return { events: buffer.events, run };
}

function compare(second: number, left: TracedSecond, right: TracedSecond): Divergence {
  const length = Math.max(left.events.length, right.events.length);
  for (let i = 0; i < length; i++) {
    const leftEvent = left.events[i] ?? null;
    const rightEvent = right.events[i] ?? null;
    if (leftEvent !== null && rightEvent !== null && sameEvent(leftEvent, rightEvent)) continue;
    return { second, component: (leftEvent ?? rightEvent)?.target ?? 'harness', left: leftEvent, right: rightEvent };
  }
  return { second, component: firstDifferentProcess(left.run, right.run), left: null, right: null };
}

function firstDifferentProcess(left: Simulation, right: Simulation): string {
  const count = Math.min(left.processes.count, right.processes.count);
  for (let pid = 0; pid < count; pid++) {
    const [leftLow, leftHigh] = left.digestOf(pid);
    const [rightLow, rightHigh] = right.digestOf(pid);
    if (leftLow !== rightLow || leftHigh !== rightHigh) return left.processes.names[pid] as string;
  }
  return 'harness';
}
